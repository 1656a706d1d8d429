"""Cuts on beats: the video is as long as asked, no shot is too short, and each cut falls on an onset."""

from collections.abc import Mapping
from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightreel.studio.agent.cutting import Cut, Photo, build
from nightreel.studio.audio import RATE, soundtrack
from nightreel.studio.audio.cuts import accents_of_beats, on_accents
from nightreel.studio.audio.moods import MOODS
from nightreel.studio.audio.onsets import onsets
from nightreel.studio.draft import Draft
from nightreel.studio.render.plan import plan_frames


def _cut(mood: str, seconds: float, count: int, seed: int) -> Draft:
    photos = tuple(Photo(asset=str(number)) for number in range(count))
    return build(Cut(photos=photos, seconds=seconds, music=mood, seed=seed))


@settings(max_examples=40, deadline=None)
@given(
    mood=st.sampled_from(sorted(MOODS)),
    seconds=st.floats(1, 180),
    count=st.integers(1, 40),
    seed=st.integers(0, 2**31),
)
def test_the_duration_asked_for_is_kept_whatever_the_music(mood: str, seconds: float, count: int, seed: int) -> None:
    """Shots are contiguous, sum up to the length to the millisecond, and none is a flicker among long ones."""
    draft = _cut(mood, seconds, count, seed)
    shots = [segment.d for segment in draft.video]
    even = draft.d / count
    assert sum(shots) == draft.d == round(seconds * 1000)
    assert [segment.s for segment in draft.video] == [0, *accumulate(shots[:-1])]
    assert min(shots) >= min(400, int(even))
    assert min(shots) >= 0.35 * even - 1
    assert max(shots) <= 1.6 * 2.2 * even + 1
    assert draft == _cut(mood, seconds, count, seed)


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize(("seconds", "count"), [(15, 5), (9, 6)])
def test_every_cut_is_heard(mood: str, seconds: int, count: int) -> None:
    """Within 20 ms of each cut, as the frames show it, a detector hears an onset in the finished sound."""
    draft = _cut(mood, seconds, count, 11)
    heard = np.array(onsets(soundtrack(draft, seconds).mean(axis=1)))
    shots = plan_frames(draft).shots
    cuts = np.array([shot.first / 30 for shot in shots[1:]])
    assert len(cuts) == count - 1
    assert np.abs(heard[:, None] - cuts).min(axis=0).max() < 0.020


def test_of_two_places_the_stronger_one_is_cut_on() -> None:
    """Shots of 2.1 s are cut at each bar of two seconds, though beats are nearer to even lengths."""
    accents = {at: 1.0 if at % 2_000 == 0 else 0.2 for at in range(500, 14_000, 500)}
    assert on_accents([2_100] * 5, [None] * 5, accents) == [2_000, 2_000, 2_000, 2_000, 2_500]


@given(
    st.lists(st.tuples(st.integers(300, 6_000), st.none() | st.integers(0, 2_000)), min_size=1, max_size=12),
    st.dictionaries(st.integers(1, 40_000), st.floats(0.01, 1), max_size=80),
)
def test_any_accents_give_a_row_that_fills_the_video(
    shots: list[tuple[int, int | None]], accents: Mapping[int, float]
) -> None:
    """Cuts are all on accents or all as wanted; a clip is never shown for longer than it lasts."""
    wanted = [length for length, _ in shots]
    longest = [None if more is None else length + more for length, more in shots]
    row = on_accents(wanted, longest, accents)
    assert sum(row) == sum(wanted)
    assert all(most is None or length <= most for length, most in zip(row, longest, strict=True))
    assert row == wanted or all(end in accents for end in list(accumulate(row))[:-1])


def test_without_accents_or_with_too_few_the_lengths_are_as_wanted() -> None:
    """Nothing is bent out of shape for a beat that is not there."""
    assert on_accents([1_000, 1_000, 1_000], [None] * 3, {}) == [1_000, 1_000, 1_000]
    assert on_accents([1_000, 1_000, 1_000], [None] * 3, {40: 1.0, 2_990: 1.0}) == [1_000, 1_000, 1_000]
    assert on_accents([150] * 4, [None] * 4, dict.fromkeys(range(500, 900, 500), 1.0)) == [150] * 4


def test_a_clip_keeps_to_its_own_length() -> None:
    """A clip of a second and a half is cut on a beat before its end."""
    draft = build(Cut(photos=(Photo(asset="a"), Photo(asset="b", seconds=1.5), Photo(asset="c")), seconds=9, seed=3))
    assert draft.video[1].d <= 1_500


def test_a_files_beats_are_accents_from_its_start_on_and_over_again() -> None:
    """Every fourth is the strongest; what is before the start is not heard; a short file's bars come again."""
    beats = list(range(100, 8_200, 500))
    long = accents_of_beats(beats, 60.0, 1_000, 6_000)
    assert list(long) == list(range(100, 6_000, 500))
    assert [at for at, weight in long.items() if weight == 1] == [1_100, 3_100, 5_100]
    short = accents_of_beats(beats, 8.4, 0, 20_000)
    assert all(other - one == 500 for one, other in pairwise(short))
    assert [at for at, weight in short.items() if weight == 1] == list(range(100, 20_000, 2_000))


def test_onsets_of_clicks_are_found_to_the_window() -> None:
    """Each click is found once, within 6 ms, and silence has none."""
    sound = np.zeros(4 * RATE, np.float32)
    places = [0.5, 1.013, 1.7, 2.9, 3.25]
    tone = np.sin(np.arange(2_400) / 12) * np.exp(-np.arange(2_400) / 500)
    for place in places:
        sound[round(place * RATE) : round(place * RATE) + 2_400] += tone.astype(np.float32)
    assert onsets(sound) == pytest.approx(places, abs=0.006)
    assert onsets(np.zeros(RATE, np.float32)) == ()
