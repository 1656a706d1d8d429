"""Captions beside a video: what players read, whatever the texts hold."""

import pytest

from nightreel.captions import Cue, cues_of, srt, vtt

_DRAFT = {
    "t": [
        {"tt": 0, "sg": [{"d": 9000, "m": {"asset": "a"}}]},
        {
            "tt": 7,
            "sg": [
                {"s": 4000, "d": 2500, "m": {"text": "Fired <twice> & glazed", "role": "caption"}},
                {"s": 0, "d": 9000, "m": {"text": "Mug", "role": "title"}},
                {"s": 500, "d": 3000, "m": {"text": "Thrown\n\nby hand --> slowly", "role": "caption"}},
            ],
        },
    ]
}


def test_captions_of_a_draft_become_srt() -> None:
    """Numbered, in order, commas before milliseconds; no empty line and no arrow within a text."""
    assert srt(cues_of(_DRAFT)) == (
        "1\n00:00:00,500 --> 00:00:03,500\nThrown\nby hand → slowly\n\n"
        "2\n00:00:04,000 --> 00:00:06,500\nFired <twice> & glazed\n"
    )


def test_captions_of_a_draft_become_webvtt() -> None:
    """With its signature, the language, and marks escaped."""
    told = vtt(cues_of(_DRAFT), "en")
    assert told.startswith("WEBVTT\nLanguage: en\n\n00:00:00.500 --> 00:00:03.500\nThrown\n")
    assert "Fired &lt;twice&gt; &amp; glazed" in told


def test_times_are_told_in_hours() -> None:
    """To the millisecond, however late a cue comes."""
    assert srt([Cue(start=3_723_004, end=3_724_000, text="late")]).startswith("1\n01:02:03,004 -->")


@pytest.mark.parametrize("draft", [{}, {"t": None}, {"t": [1, {"tt": 7, "sg": [None, {"m": 3}, {"s": "x"}]}]}])
def test_a_draft_that_makes_no_sense_has_no_captions(draft: dict[str, object]) -> None:
    """Whatever a service answers, nothing breaks."""
    assert cues_of(draft) == ()
    assert srt(()) == ""
    assert vtt(()) == "WEBVTT\n"
