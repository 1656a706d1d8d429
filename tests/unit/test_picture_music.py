"""The music: as long as asked, as loud as platforms want, without clicks, and the same each time."""

import numpy as np
import pytest

from nightreel.studio.audio import RATE, soundtrack
from nightreel.studio.audio.loudness import loudness
from nightreel.studio.audio.moods import MOODS, mood_named
from nightreel.studio.audio.score import form_of, play
from nightreel.studio.draft import Draft, read_draft


def _draft(mood: str, seconds: float, volume: float = 0.35) -> Draft:
    milliseconds = round(seconds * 1000)
    segment = {"d": milliseconds, "m": {"mood": mood, "seed": 4, "volume": volume}}
    return read_draft({"d": milliseconds, "t": [{"tt": 1, "sg": [segment]}]})


@pytest.mark.parametrize("mood", MOODS)
def test_each_mood_is_a_piece_of_the_asked_length_at_broadcast_loudness(mood: str) -> None:
    """-14 LUFS within half a unit, no sample over -1.5 dBFS, silent at both ends, never a hole within."""
    sound = soundtrack(_draft(mood, 8), 8.0)
    assert sound.shape == (8 * RATE, 2)
    assert abs(loudness(sound) + 14) < 0.5
    assert np.abs(sound).max() <= 10 ** (-1.5 / 20)
    assert np.abs(sound[[0, -1]]).max() < 1e-3
    seconds = np.sqrt(np.square(sound).reshape(8, -1).mean(axis=1))
    assert seconds.min() > 1e-3


def test_a_lower_volume_is_quieter_and_none_is_silence() -> None:
    """The draft's volume counts below its usual 0.35."""
    assert loudness(soundtrack(_draft("lo-fi", 4, 0.175), 4.0)) == pytest.approx(-20, abs=0.5)
    assert not soundtrack(_draft("lo-fi", 4, 0.0), 4.0).any()


def test_loudness_is_that_of_the_standard() -> None:
    """BS.1770: a stereo 997 Hz sine at -23 dBFS measures -23 LUFS."""
    time = np.arange(4 * RATE) / RATE
    tone = (10 ** (-23 / 20) * np.sin(2 * np.pi * 997 * time)).astype(np.float32)
    assert loudness(np.stack([tone, tone], axis=1)) == pytest.approx(-23.0, abs=0.1)


def test_the_last_chord_falls_on_a_bar_before_the_end() -> None:
    """Tempo is chosen within the mood so that the piece ends with the picture."""
    for mood in MOODS.values():
        form = form_of(mood, 15.0)
        assert 0.8 <= 15.0 - form.last_chord <= 4.0
        slow, fast = mood.tempo
        assert slow - 1e-6 <= 240 / form.bar <= fast + 1e-6


def test_the_same_seed_plays_the_same_piece_and_another_does_not() -> None:
    """Seeded wholly: nothing comes from the machine."""
    mood = mood_named("upbeat")
    assert np.array_equal(play(mood, 3.0, 5), play(mood, 3.0, 5))
    assert not np.array_equal(play(mood, 3.0, 5), play(mood, 3.0, 6))
