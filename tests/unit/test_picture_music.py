"""The music: as long as asked, as loud as platforms want, without clicks, and the same each time."""

from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightreel.studio.audio import RATE, soundtrack
from nightreel.studio.audio.band import play
from nightreel.studio.audio.grid import grid_of
from nightreel.studio.audio.harmony import voiced
from nightreel.studio.audio.loudness import loudness, mastered, true_peak
from nightreel.studio.audio.moods import MOODS
from nightreel.studio.audio.onsets import onsets
from nightreel.studio.audio.score import accents, energies, piece_of, written
from nightreel.studio.audio.signal import Sound
from nightreel.studio.draft import Draft, read_draft

_SECONDS = 12
_GOLDEN = {
    "ambient": -16.0,
    "lo-fi": -19.1,
    "cinematic": -14.0,
    "corporate": -17.9,
    "upbeat": -17.7,
    "playful": -19.6,
}
_SEEDS = st.integers(0, 2**31)


def _draft(mood: str, seconds: float, volume: float = 0.35) -> Draft:
    milliseconds = round(seconds * 1000)
    segment = {"d": milliseconds, "m": {"mood": mood, "seed": 4, "volume": volume}}
    return read_draft({"d": milliseconds, "t": [{"tt": 1, "sg": [segment]}]})


@lru_cache
def _piece(mood: str) -> Sound:
    return soundtrack(_draft(mood, _SECONDS), _SECONDS)


def _centroid(sound: Sound) -> float:
    level = np.abs(np.fft.rfft(sound.mean(axis=1)))
    return float((level * np.fft.rfftfreq(len(sound), 1 / RATE)).sum() / level.sum())


def _slope(sound: Sound) -> float:
    """Return how the spectrum falls from 100 Hz to 6.4 kHz, in dB an octave."""
    power = np.square(np.abs(np.fft.rfft(sound.mean(axis=1))))
    frequency = np.fft.rfftfreq(len(sound), 1 / RATE)
    edges = 100 * 2.0 ** np.arange(7)
    bands = [10 * np.log10(power[(frequency >= low) & (frequency < 2 * low)].mean()) for low in edges]
    return float(np.polyfit(np.arange(7), bands, 1)[0])


@pytest.mark.parametrize("mood", MOODS)
def test_each_mood_is_a_piece_of_the_asked_length_at_broadcast_loudness(mood: str) -> None:
    """-14 LUFS within half a unit, true peak under -1.5 dBTP, silent at both ends, never a hole within."""
    sound = _piece(mood)
    assert sound.shape == (_SECONDS * RATE, 2)
    assert abs(loudness(sound) + 14) < 0.5
    assert true_peak(sound) <= -1.5
    assert np.abs(sound[:1024]).max() < 1e-3
    assert np.abs(sound[-1]).max() < 1e-3
    tenths = np.sqrt(np.square(sound[RATE // 10 : -RATE]).reshape(-1, RATE // 10 * 2).mean(axis=1))
    assert tenths.min() > 10 ** (-50 / 20)


@pytest.mark.parametrize("mood", MOODS)
def test_each_mood_is_made_as_released_music_is(mood: str) -> None:
    """A crest of 8 to 16 dB, a spectrum that falls by 3 to 8 dB an octave, no offset, and hardly less in mono."""
    sound = _piece(mood)
    power = float(np.square(sound).mean())
    assert 8 < 20 * np.log10(np.abs(sound).max() / power**0.5) < 16
    assert -8 < _slope(sound) < -3
    assert np.abs(sound.mean(axis=0)).max() < 1e-4
    assert 10 * np.log10(np.square(sound.mean(axis=1)).mean() / power) > -2.5
    sides = 10 * np.log10(np.square(sound).mean(axis=0))
    assert abs(sides[0] - sides[1]) < 2


def test_no_sample_jumps() -> None:
    """Without drums, whose strokes are sudden, a sample is near what its neighbours let expect: nothing clicks."""
    sound = _piece("ambient").astype(np.float64)
    bend = np.abs(sound[2:] - 2 * sound[1:-1] + sound[:-2]).max()
    assert bend < 0.05


def test_moods_are_apart() -> None:
    """No two go at one tempo; a centroid below 1.5 kHz is ambient's alone, one above 4 kHz the lively ones'."""
    tempi = {mood: {1800 / frames for frames in it.beats} for mood, it in MOODS.items()}
    for mood, ours in tempi.items():
        assert not any(ours & theirs for other, theirs in tempi.items() if other != mood)
    heights = {mood: _centroid(_piece(mood)) for mood in MOODS}
    order = sorted(heights, key=lambda mood: heights[mood])
    assert order[0] == "ambient"
    assert set(order[-2:]) <= {"upbeat", "playful", "corporate"}
    assert heights[order[-1]] > 2.5 * heights[order[0]]


def test_a_piece_builds_up_and_ends_on_its_last_chord() -> None:
    """The last bar before the end is louder than the first; after the last chord is struck, nothing else is."""
    for mood in MOODS:
        sound, piece = _piece(mood), piece_of(mood, 4, _SECONDS * 1000)
        bar = round(piece.grid.at(4) * RATE)
        last = round(piece.grid.last_chord * RATE)
        first, full = (np.square(part).mean() for part in (sound[:bar], sound[last - bar : last]))
        assert full > 1.2 * first, mood
        assert all(note.start <= piece.grid.last_chord + 0.3 for note in written(mood, 4, _SECONDS * 1000))
        assert 1.29 <= _SECONDS - piece.grid.last_chord <= 1.3 + 2 * piece.grid.beat


def test_a_lower_volume_is_quieter_and_none_is_silence() -> None:
    """The draft's volume counts below its usual 0.35; more is not louder."""
    assert loudness(soundtrack(_draft("lo-fi", 4, 0.175), 4.0)) == pytest.approx(-20, abs=0.5)
    assert loudness(soundtrack(_draft("lo-fi", 4, 1.0), 4.0)) == pytest.approx(-14, abs=0.5)
    assert not soundtrack(_draft("lo-fi", 4, 0.0), 4.0).any()


@pytest.mark.parametrize("milliseconds", [1, 20, 300, 1_000])
def test_a_bed_may_be_as_short_as_it_likes(milliseconds: int) -> None:
    """A bed that has no time for a beat is as long as it should be, finite, and under the ceiling."""
    for mood in ("ambient", "upbeat"):
        sound = soundtrack(_draft(mood, milliseconds / 1000), milliseconds / 1000)
        assert len(sound) == milliseconds * 48
        assert np.isfinite(sound).all()
        assert np.abs(sound).max(initial=0) <= 10 ** (-1.5 / 20)


def test_loudness_is_that_of_the_standard() -> None:
    """BS.1770: a stereo 997 Hz sine at -23 dBFS measures -23 LUFS; its true peak lies between two samples."""
    time = np.arange(4 * RATE) / RATE
    tone = (10 ** (-23 / 20) * np.sin(2 * np.pi * 997 * time)).astype(np.float32)
    assert loudness(np.stack([tone, tone], axis=1)) == pytest.approx(-23.0, abs=0.1)
    between = np.sin(2 * np.pi * RATE / 4 * time[: RATE // 4] + np.pi / 4).astype(np.float32)
    assert true_peak(np.stack([between, between], axis=1)) == pytest.approx(0.0, abs=0.2)


def test_mastering_lifts_no_mere_noise_to_the_target() -> None:
    """What is nearly silent stays quiet."""
    noise = np.random.default_rng(1).normal(0, 1e-4, (2 * RATE, 2)).astype(np.float32)
    assert loudness(mastered(noise, -14.0)) < -14


def test_the_same_seed_plays_the_same_samples_and_others_other_music() -> None:
    """Nothing comes from the machine; ten seeds differ in key, tempo, chords or figure, each from each."""
    assert np.array_equal(play("upbeat", 5, 3_000), play("upbeat", 5, 3_000))
    pieces = [piece_of("upbeat", seed, 15_000) for seed in range(10)]
    assert len({(it.key, it.grid, it.chords, it.figure) for it in pieces}) == 10
    assert len({it.key for it in pieces}) >= 4
    assert len({it.grid.tempo for it in pieces}) >= 2
    assert len({tuple(layer.players for layer in it.layers) for it in pieces}) >= 4


@settings(max_examples=40, deadline=None)
@given(mood=st.sampled_from(sorted(MOODS)), seed=_SEEDS, total=st.integers(1, 180_000))
def test_every_piece_has_a_grid_on_whole_frames(mood: str, seed: int, total: int) -> None:
    """Beats fall on frames, the last chord before the end, and accents on beats, in order, in the piece."""
    grid = grid_of(MOODS[mood], seed, total)
    assert grid == grid_of(MOODS[mood], seed, total)
    assert 0 <= grid.last_chord * 1000 <= total
    places = list(accents(mood, seed, total))
    assert places == sorted(places)
    assert all(0 < place <= total and abs(place * 30 / 1000 - round(place * 30 / 1000)) < 0.02 for place in places)
    assert all(0 < weight <= 1 for weight in accents(mood, seed, total).values())


@given(st.integers(0, 200))
def test_every_piece_has_a_form(bars: int) -> None:
    """It never begins fuller than it ends, and ends with all there are."""
    row = energies(bars)
    assert len(row) == bars
    assert set(row) <= {1, 2, 3}
    assert not row or (row[-1] == 3 and row[0] <= row[-1])


@pytest.mark.parametrize("mood", MOODS)
def test_chords_lie_well_and_lead_into_each_other(mood: str) -> None:
    """In every key: tones within a tenth, in their register, the bass below, and no voice leaps past a fifth."""
    for progression in MOODS[mood].major + MOODS[mood].minor:
        for key in range(12):
            chords = voiced(progression, key)
            for chord in chords:
                assert 53 <= chord.tones[0] < chord.tones[-1] <= 74
                assert 33 <= chord.bass <= 44
            for one, other in pairwise(chords):
                assert all(min(abs(tone - it) for it in one.tones) <= 7 for tone in other.tones)


@pytest.mark.parametrize("mood", MOODS)
def test_accents_are_heard_where_they_are_said_to_be(mood: str) -> None:
    """A detector that knows nothing of the score finds an onset within 20 ms of each accent."""
    heard = np.array(onsets(_piece(mood).mean(axis=1)))
    places = np.array(list(accents(mood, 4, _SECONDS * 1000))) / 1000
    assert len(places) >= 4
    assert np.abs(heard[:, None] - places).min(axis=0).max() < 0.020


def test_a_long_piece_is_mixed_as_a_short_one_would_be() -> None:
    """Passages leave no seam: the level around each 16 s is as around any other time."""
    sound = play("corporate", 3, 40_000)
    for at in (16, 32):
        around = sound[at * RATE - 200 : at * RATE + 200]
        assert np.abs(np.diff(around, n=2, axis=0)).max() < 0.3
        assert np.square(around).mean() > 0.05 * np.square(sound[: 36 * RATE]).mean()


def test_golden_loudness() -> None:
    """Loudness and peak of the pieces before mastering are as they were when somebody last looked at them."""
    levels = {mood: round(loudness(play(mood, 4, 6_000)), 1) for mood in MOODS}
    assert levels == pytest.approx(_GOLDEN, abs=0.3)
