"""The user's own music, and what is heard in clips: decoded, looped, ducked, at the loudness of all else."""
# pyright: reportUnknownMemberType=false

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from nightreel.errors import RenderError
from nightreel.studio import sessions
from nightreel.studio.accounts import LOCAL, open_local
from nightreel.studio.answers import Refused
from nightreel.studio.audio import RATE, soundtrack
from nightreel.studio.audio.band import play
from nightreel.studio.audio.loudness import loudness, true_peak
from nightreel.studio.audio.onsets import Beats, beats, onsets
from nightreel.studio.audio.recordings import beats_of, looped, recorded
from nightreel.studio.audio.score import piece_of
from nightreel.studio.draft import Draft, read_draft
from nightreel.studio.media import probe
from nightreel.studio.store import connect, transaction

_CODECS = {"mp3": "libmp3lame", "wav": "pcm_s16le", "m4a": "aac", "aac": "aac"}


def _written(path: Path, sound: NDArray[np.float32], rate: int = RATE) -> Path:
    """Write *sound* as its name says; the container is the codec's own."""
    with av.open(path, "w", format={"m4a": "mp4", "aac": "adts"}.get(path.suffix[1:])) as container:
        stream = cast("AudioStream", container.add_stream(_CODECS[path.suffix[1:]], rate=rate, layout="stereo"))
        for begin in range(0, len(sound), 1_024):
            block = np.ascontiguousarray(sound[begin : begin + 1_024].T)
            frame = AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = rate, begin
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _clicks(seconds: float, gap: float, rate: int = RATE) -> NDArray[np.float32]:
    """Return clicks *gap* seconds apart, each fourth deeper and louder."""
    sound = np.zeros((round(seconds * rate), 2), np.float32)
    time = np.arange(rate // 10) / rate
    for number in range(int(seconds / gap)):
        at = round(number * gap * rate)
        pitch, level = (90, 0.9) if number % 4 == 0 else (700, 0.4)
        click = level * np.sin(2 * np.pi * pitch * time) * np.exp(-time * 30)
        part = sound[at : at + len(click)]
        part += click[: len(part), None].astype(np.float32)
    return sound


def _draft(audio: Mapping[str, Any] | None, video: Mapping[str, Any] | None = None, seconds: int = 6) -> Draft:
    tracks: list[dict[str, Any]] = []
    if video is not None:
        clip, photo = {"d": 2_000, "m": {"asset": "clip", **video}}, {"d": 2_000, "m": {"asset": "photo"}}
        tracks.append({"tt": 0, "sg": [photo, clip, photo]})
    if audio is not None:
        tracks.append({"tt": 1, "sg": [{"d": seconds * 1_000, "m": dict(audio)}]})
    return read_draft({"d": seconds * 1_000, "t": tracks})


@pytest.mark.parametrize("kind", _CODECS)
@pytest.mark.parametrize("rate", [48_000, 44_100])
def test_every_kind_of_file_is_heard_where_it_should_be(tmp_path: Path, kind: str, rate: int) -> None:
    """A click at one second is there, and from a start on so much earlier; to 2 ms, or a codec's delay."""
    sound = np.zeros((3 * rate, 2), np.float32)
    sound[rate : rate + rate // 400] = 0.8
    path = _written(tmp_path / f"song.{kind}", sound, rate)
    late = 0.03 if kind == "aac" else 0.002  # ADTS cannot say how much of its beginning is run-up
    for start in (0.0, 0.75):
        heard = recorded(path, start, 1.5)
        assert heard.shape == (round(1.5 * RATE), 2)
        assert int(np.argmax(np.abs(heard[:, 0]))) / RATE == pytest.approx(1.0 - start, abs=late + 0.003)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing file, a broken one, and one that was never given, each with a reason."""
    (tmp_path / "broken.mp3").write_bytes(b"ID3" + bytes(300))
    with pytest.raises(RenderError, match=r"gone\.mp3: the sound is missing"):
        recorded(tmp_path / "gone.mp3", 0, 1)
    with pytest.raises(RenderError, match=r"broken\.mp3: the sound cannot be read"):
        recorded(tmp_path / "broken.mp3", 0, 1)
    with pytest.raises(RenderError, match="song, of which there is no file"):
        soundtrack(_draft({"source": "asset", "asset": "song"}), 6.0, {})


def test_the_beats_of_a_file_are_found(tmp_path: Path) -> None:
    """Clicks at 120 a minute: the tempo, each beat within 15 ms, and where bars begin."""
    found = beats_of(_written(tmp_path / "song.wav", _clicks(20, 0.5)))
    assert found.tempo == pytest.approx(120, abs=2)
    assert all(abs(time * 2 - round(time * 2)) < 0.03 for time in found.times)
    assert all(abs(bar / 2 - round(bar / 2)) < 0.02 for bar in found.bars)


def test_an_uploaded_sound_keeps_its_beats_and_a_broken_one_is_refused(tmp_path: Path) -> None:
    """The studio finds them once, from the first of a bar on, and stores them with the file."""
    path = _written(tmp_path / "song.wav", _clicks(12, 0.5))
    taken = probe(path, "song.wav", size=path.stat().st_size, sha256="00")
    assert len(taken.beats) >= 18
    assert taken.beats[0] % 2_000 == pytest.approx(0, abs=20)
    assert all(abs(beat - round(beat / 500) * 500) <= 15 for beat in taken.beats)
    db = connect(tmp_path / "studio.db")
    with transaction(db):
        open_local(db, "nmv_usr_canary", 700, now=0.0)
        session = sessions.open_session(db, LOCAL, "project", "en", 0.0).id
        sessions.add_assets(db, LOCAL, session, [sessions.new_asset("song.wav", taken)])
        assert sessions.assets_of(db, session)[0].media == taken
    db.close()
    (tmp_path / "broken.wav").write_bytes(path.read_bytes()[:40])
    with pytest.raises(Refused, match="unsupported"):
        probe(tmp_path / "broken.wav", "broken.wav", size=40, sha256="00")


@pytest.mark.parametrize("mood", ["corporate", "upbeat"])
def test_the_beats_of_real_music_are_found(mood: str) -> None:
    """Of a whole band, the tempo or its half or double, and most beats within 20 ms."""
    grid = piece_of(mood, 2, 20_000).grid
    found = beats(play(mood, 2, 20_000).mean(axis=1))
    assert min(abs(found.tempo * times / grid.tempo - 1) for times in (0.5, 1, 2)) < 0.03
    off = np.array([abs(time / grid.beat * 2 - round(time / grid.beat * 2)) * grid.beat / 2 for time in found.times])
    assert (off < 0.020).mean() > 0.8


def test_noise_and_silence_have_no_trouble() -> None:
    """What has no pulse gives none, or one, but no error."""
    assert beats(np.zeros(RATE, np.float32)) == Beats()
    assert beats(np.zeros(5 * RATE, np.float32)) == Beats()
    assert onsets(np.zeros(0, np.float32)) == ()


def test_short_music_is_looped_at_its_bars() -> None:
    """Nine seconds of clicks fill thirty, and the beat goes through every join."""
    music = _clicks(9.3, 0.5)
    long = looped(music, 30.0)
    assert long.shape == (30 * RATE, 2)
    times = np.array(onsets(long.mean(axis=1)))
    assert np.abs(times * 2 - np.round(times * 2)).max() / 2 < 0.020
    assert len(times) >= 56


def test_own_music_is_faded_and_as_loud_as_any(tmp_path: Path) -> None:
    """A quiet file comes out at -14 LUFS, under -1.5 dBTP, and does not break off."""
    path = _written(tmp_path / "song.m4a", play("lo-fi", 3, 12_000) * np.float32(0.2))
    sound = soundtrack(_draft({"source": "asset", "asset": "song", "start": 1_500}), 6.0, {"song": path})
    assert loudness(sound) == pytest.approx(-14, abs=0.5)
    assert true_peak(sound) <= -1.5
    assert np.abs(sound[:1_024]).max() == 0
    assert np.abs(sound[-480:]).max() < 0.02


def test_music_gives_way_to_a_clip_and_comes_back(tmp_path: Path) -> None:
    """While a clip speaks the music is 9 dB down or more, before and after not; at a low volume hardly."""
    time = np.arange(2 * RATE) / RATE
    voice = (0.3 * np.sin(2 * np.pi * 3_000 * time)).astype(np.float32)
    assets = {
        "clip": _written(tmp_path / "clip.wav", np.stack([voice, voice], axis=1)),
        "song": _written(tmp_path / "song.wav", _tone(6.0, 220)),
    }
    music = {"source": "asset", "asset": "song"}
    falls: dict[float, float] = {}
    for volume in (1.0, 0.2):
        sound = soundtrack(_draft(music, {"volume": volume}), 6.0, assets)
        assert loudness(sound) == pytest.approx(-14, abs=0.5)
        before, during, after = (_level(sound, at, 220) for at in (1.0, 2.6, 5.2 - 1.0 + 0.4))
        assert abs(before - after) < 1.5
        falls[volume] = before - during
    assert falls[1.0] > 9
    assert falls[0.2] < 4


def test_a_clip_alone_is_heard_and_a_silent_one_is_not(tmp_path: Path) -> None:
    """Without music the clip's sound is the soundtrack; a volume of 0, and a clip without sound, leave silence."""
    assets = {"clip": _written(tmp_path / "clip.wav", _tone(3.0, 440))}
    sound = soundtrack(_draft(None, {"volume": 1.0}), 6.0, assets)
    assert np.abs(sound[: 2 * RATE - 10]).max() == 0
    assert np.abs(sound[2 * RATE + 2_000 : 4 * RATE - 4_000]).max() > 0.05
    assert not soundtrack(_draft(None, {"volume": 0.0}), 6.0, assets).any()


def test_a_draft_names_every_file_that_its_render_needs() -> None:
    """What is shown and what is heard, each once and as it is called; no bed, and no music that is turned down."""
    shots = [{"d": 500, "m": {"asset": "a1", "name": "cup.jpg"}}, {"d": 500, "s": 500, "m": {"asset": "a1"}}]
    tracks: list[dict[str, Any]] = [
        {"tt": 0, "sg": shots},
        {"tt": 1, "sg": [{"d": 900, "m": {"source": "asset", "asset": "a2", "name": "song.wav"}}]},
        {"tt": 1, "sg": [{"d": 900, "m": {"source": "asset", "asset": "a3", "volume": 0}}]},
        {"tt": 1, "sg": [{"d": 900, "m": {"mood": "calm"}}]},
    ]
    assert read_draft({"t": tracks}).assets == {"a1": "cup.jpg", "a2": "song.wav"}


def _tone(seconds: float, frequency: float) -> NDArray[np.float32]:
    wave = 0.3 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * RATE)) / RATE)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def _level(sound: NDArray[np.float32], at: float, frequency: float) -> float:
    """Return how loud *frequency* is around *at* seconds, in dB."""
    part = sound[round(at * RATE) : round((at + 0.4) * RATE), 0] * np.hanning(round(0.4 * RATE))
    turn = np.exp(-2j * np.pi * frequency * np.arange(len(part)) / RATE)
    return float(20 * np.log10(abs((part * turn).mean()) + 1e-9))
