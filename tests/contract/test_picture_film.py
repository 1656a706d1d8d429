"""The finished file: what every platform asks for, read by PyAV and by its boxes."""

import contextlib
import hashlib
import json
import os
import signal
import struct
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import av.error
import av.filter
import numpy as np
import pytest
from av.video.frame import PictureType
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from nightreel.errors import RenderError
from nightreel.studio.audio.loudness import true_peak
from nightreel.studio.draft import Draft, TransitionKind, read_draft
from nightreel.studio.render import Means, render
from nightreel.studio.render.encoder import encode_sound
from nightreel.studio.render.plan import plan_frames
from nightreel.studio.render.reel import Reel
from nightreel.studio.render.share import Share
from nightreel.studio.render.sound import finished, heard

_ROOT = Path(__file__).parents[2]


def _photo(path: Path, size: tuple[int, int], colour: str) -> Path:
    image = Image.new("RGB", size, "#b9c2c0")
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((size[0] * 0.3, size[1] * 0.25, size[0] * 0.7, size[1] * 0.75), 20, fill=colour)
    image.save(path, quality=92)
    return path


@pytest.fixture
def assets(tmp_path: Path) -> dict[str, Path]:
    """Two product photos: a landscape and a portrait one."""
    return {
        "a": _photo(tmp_path / "a.jpg", (400, 300), "#a33"),
        "b": _photo(tmp_path / "b.jpg", (300, 400), "#274"),
    }


def _wire(
    kind: str = "cross_fade", text: str = "", mood: str = "upbeat", milliseconds: int = 1_000
) -> dict[str, Any]:
    lead = {"kind": kind, "d": 400}
    video = [
        {"d": milliseconds, "m": {"asset": "a", "motion": "zoom_in"}},
        {"d": milliseconds, "m": {"asset": "b", "motion": "pan_up", "transition": lead}},
    ]
    tracks: list[dict[str, Any]] = [{"tt": 0, "sg": video}]
    if mood:
        tracks.append({"tt": 1, "sg": [{"d": 2 * milliseconds, "m": {"mood": mood, "seed": 1}}]})
    if text:
        tracks.append({"tt": 7, "sg": [{"d": 2 * milliseconds, "m": {"text": text}}]})
    return {"d": 2 * milliseconds, "m": {"width": 180, "height": 320}, "t": tracks}


def _draft(kind: str = "cross_fade", text: str = "", mood: str = "upbeat") -> Draft:
    return read_draft(_wire(kind, text, mood))


def _boxes(data: bytes, begin: int = 0, end: int | None = None) -> Iterator[tuple[str, bytes]]:
    end = len(data) if end is None else end
    while begin < end:
        size, name = struct.unpack_from(">I4s", data, begin)
        yield name.decode("latin1"), data[begin + 8 : begin + size]
        if name in (b"moov", b"trak", b"edts", b"mdia", b"minf", b"stbl"):
            yield from _boxes(data, begin + 8, begin + size)
        begin += size


def test_the_file_is_a_master_that_all_platforms_take(tmp_path: Path, assets: dict[str, Path]) -> None:
    """H.264 High 4:2:0 BT.709, exact length, AAC-LC 48 kHz stereo, index first, no edit list, both start at 0."""
    out = tmp_path / "out.mp4"
    done = render(_draft(), assets, out)
    assert (done.seconds, done.frames, done.size) == (2.0, 60, out.stat().st_size)
    names = [name for name, _ in _boxes(out.read_bytes())]
    assert names.index("moov") < names.index("mdat")
    assert "elst" not in names
    with av.open(out) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        context = video.codec_context
        assert (context.name, context.profile, context.pix_fmt) == ("h264", "High", "yuv420p")
        assert (context.width, context.height, video.average_rate) == (180, 320, 30)
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == (1, 1, 1, 1)
        assert (audio.codec_context.name, audio.codec_context.profile) == ("aac", "LC")
        assert (audio.codec_context.sample_rate, audio.codec_context.layout.name) == (48_000, "stereo")
        assert (video.start_time, audio.start_time) == (0, 0)
        assert container.duration == 2_000_000


def test_groups_of_pictures_are_closed_half_a_second_long_and_have_two_b_frames(
    tmp_path: Path, assets: dict[str, Path]
) -> None:
    """Every 15th frame is a key frame, none refers across one, and at most two B-frames follow one another."""
    out = tmp_path / "out.mp4"
    render(_draft(), assets, out)
    with av.open(out) as container:
        packets = [packet for packet in container.demux(video=0) if packet.pts is not None]
    frames = [round((packet.pts or 0) / 512) for packet in packets]
    keys = [frame for frame, packet in zip(frames, packets, strict=True) if packet.is_keyframe]
    assert keys == [0, 15, 30, 45]
    for place, (frame, packet) in enumerate(zip(frames, packets, strict=True)):
        if packet.is_keyframe:
            assert all(later > frame for later in frames[place + 1 :])
    with av.open(out) as container:
        kinds = "".join(PictureType(frame.pict_type).name for frame in container.decode(video=0))
    assert "BB" in kinds
    assert "BBB" not in kinds


@pytest.mark.parametrize("height", [320, 322, 270])
def test_every_even_height_keeps_its_colours(tmp_path: Path, assets: dict[str, Path], height: int) -> None:
    """A picture whose height is no multiple of four (4:5 is 1350 high) has its colours in the right places."""
    wire = _wire("cut", mood="", milliseconds=200)
    draft = read_draft(wire | {"m": {"width": 180, "height": height}})
    plan = plan_frames(draft)
    made = Reel(draft, plan, assets).frame(3)
    render(draft, assets, tmp_path / "out.mp4")
    with av.open(tmp_path / "out.mp4") as container:
        seen = [frame.to_ndarray() for frame in container.decode(video=0)][3]
    assert np.abs(seen.astype(int) - made).mean() < 1.5
    assert np.abs(seen[height:].astype(int) - made[height:]).max() < 24


def test_sound_and_picture_start_together(
    tmp_path: Path, assets: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A click at one second is heard at one second: the encoder's run-up delays nothing."""
    click = np.zeros((96_000, 2), np.float32)
    click[48_000:48_040] = 0.8

    def clicking(_draft: Draft, _seconds: float, _assets: dict[str, Path]) -> NDArray[np.float32]:
        return click

    monkeypatch.setattr("nightreel.studio.audio.soundtrack", clicking)
    out = tmp_path / "out.mp4"
    render(_draft(), assets, out)
    with av.open(out) as container:
        heard = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    assert abs(int(np.argmax(np.abs(heard))) - 48_020) < 60


@pytest.mark.parametrize("kind", TransitionKind)
def test_every_transition_ends_on_the_second_photo(tmp_path: Path, assets: dict[str, Path], kind: str) -> None:
    """Before the transition the first photo fills the picture, after it the second; no frame is broken."""
    out = tmp_path / "out.mp4"
    render(_draft(kind, mood=""), assets, out, quality="low")
    with av.open(out) as container:
        middles = [frame.to_ndarray(format="rgb24")[150, 90].astype(int) for frame in container.decode(video=0)]
    assert len(middles) == 60
    assert middles[25][0] > middles[25][1] + 50
    assert middles[50][1] > middles[50][0] + 25


def test_the_same_draft_gives_the_same_bytes(tmp_path: Path, assets: dict[str, Path]) -> None:
    """Pictures, sound and container depend on the draft and the photos alone."""
    hashes: set[str] = set()
    for name in ("one.mp4", "two.mp4"):
        render(_draft("wipe", "Halden 200"), assets, tmp_path / name)
        hashes.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(hashes) == 1


@pytest.mark.parametrize(
    ("asset", "reason"), [("missing", "missing"), ("broken", "cannot be read"), ("none", "no file")]
)
def test_a_photo_that_cannot_be_used_is_named(
    tmp_path: Path, assets: dict[str, Path], asset: str, reason: str
) -> None:
    """A missing, broken or unknown photo fails the render with a reason, and leaves no file."""
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(assets["a"].read_bytes()[:700])
    changed = {"missing": {"b": tmp_path / "gone.jpg"}, "broken": {"b": broken}, "none": {}}[asset]
    before = set(tmp_path.iterdir())
    with pytest.raises(RenderError, match=reason):
        render(_draft(), {"a": assets["a"]} | changed, tmp_path / "out.mp4")
    assert set(tmp_path.iterdir()) == before


def test_a_draft_without_music_has_a_silent_track(tmp_path: Path, assets: dict[str, Path]) -> None:
    """Platforms want a sound track; without music it is there, and silent."""
    out = tmp_path / "out.mp4"
    render(_draft(mood=""), assets, out)
    with av.open(out) as container:
        assert max(float(np.abs(frame.to_ndarray()).max()) for frame in container.decode(audio=0)) < 1e-4


def test_the_finished_sound_is_as_loud_as_platforms_want(tmp_path: Path, assets: dict[str, Path]) -> None:
    """Read back from the file: -14 LUFS within half a unit, true peak at most -1.5 dBTP, as FFmpeg measures them."""
    out = tmp_path / "out.mp4"
    render(read_draft(_wire(milliseconds=2_000)), assets, out, quality="draft")
    lufs, peak = _measured(out)
    assert abs(lufs + 14) < 0.5
    assert peak <= -1.5


def test_peaks_that_the_codec_overshoots_are_taken_back() -> None:
    """Full-scale clicks and noise, which AAC makes higher, stay under -1.5 dBTP once they are decoded."""
    noise = np.random.default_rng(5).uniform(-1, 1, (96_000, 2)).astype(np.float32)
    noise *= np.where(np.arange(96_000) % 9_000 < 700, 0.84, 0.05).astype(np.float32)[:, None]
    assert true_peak(heard(encode_sound(noise))) > -1.5
    assert true_peak(heard(finished(noise))) <= -1.5


def test_a_file_of_the_draft_is_heard_and_a_changed_one_is_not_taken_from_the_cache(
    tmp_path: Path, assets: dict[str, Path]
) -> None:
    """Music of one's own decides the sound by its content; a missing one fails the render with its name."""
    wire = _wire(mood="")
    wire["t"].append({"tt": 1, "sg": [{"d": 2_000, "m": {"source": "asset", "asset": "song"}}]})
    song, means = tmp_path / "song.wav", Means(cache=tmp_path / "cache")
    pitches: list[float] = []
    for hertz in (440, 660):
        _tone(song, hertz)
        render(read_draft(wire), assets | {"song": song}, tmp_path / "out.mp4", means=means)
        with av.open(tmp_path / "out.mp4") as container:
            sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])[24_000:72_000]
        pitches.append(float(np.argmax(np.abs(np.fft.rfft(sound)))))
    assert pitches == pytest.approx([440, 660], abs=2)
    song.unlink()
    with pytest.raises(RenderError, match=r"song\.wav"):
        render(read_draft(wire), assets | {"song": song}, tmp_path / "out.mp4", means=means)


def _tone(path: Path, hertz: float) -> None:
    samples = (8_000 * np.sin(2 * np.pi * hertz * np.arange(144_000) / 48_000)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(samples.tobytes())


def _measured(path: Path) -> tuple[float, float]:
    """Return loudness and true peak as FFmpeg's ebur128 tells them."""
    told: dict[str, str] = {}
    with av.open(path) as container:
        stream = container.streams.audio[0]
        graph = av.filter.Graph()
        graph.link_nodes(
            graph.add_abuffer(template=stream),
            graph.add("ebur128", "peak=true:metadata=1:framelog=quiet"),
            graph.add("abuffersink"),
        ).configure()
        for frame in container.decode(stream):
            graph.push(frame)
            with contextlib.suppress(av.error.BlockingIOError, av.error.EOFError):
                told = {key: str(value) for key, value in graph.pull().metadata.items()} or told
    peak = max(float(value) for key, value in told.items() if "true_peak" in key)
    return float(told["lavfi.r128.I"]), 20 * float(np.log10(peak))


def _start(job: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "nightreel.studio.renderer", str(job)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )  # fmt: skip


def _job(
    folder: Path,
    assets: dict[str, Path],
    milliseconds: int = 1_000,
    name: str = "out",
    **means: Any,  # noqa: ANN401 - what the job file takes
) -> Path:
    job, out = folder / f"{name}.json", str(folder / f"{name}.mp4")
    named = {key: str(path) for key, path in assets.items()}
    wire = _wire(milliseconds=milliseconds)
    job.write_text(json.dumps({"draft": wire, "assets": named, "out": out, "quality": "high", **means}))
    return job


def test_the_child_tells_its_progress_and_its_result(tmp_path: Path, assets: dict[str, Path]) -> None:
    """Lines of JSON: shares that grow to 1, then what was made; exit code 0."""
    with _start(_job(tmp_path, assets)) as child:
        assert child.stdout is not None
        lines = [json.loads(line) for line in child.stdout]
    shares = [line["progress"] for line in lines[:-1]]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    size = (tmp_path / "out.mp4").stat().st_size
    assert lines[-1]["done"] == {"seconds": 2.0, "frames": 60, "size": size, "made": 60}
    assert child.returncode == 0


def test_the_child_tells_why_it_failed(tmp_path: Path, assets: dict[str, Path]) -> None:
    """One line with a reason for people, and exit code 1."""
    assets["b"].unlink()
    with _start(_job(tmp_path, assets)) as child:
        assert child.stdout is not None
        lines = [json.loads(line) for line in child.stdout]
    assert lines[-1]["failed"] == "b.jpg: the file is missing. Upload it again."
    assert child.returncode == 1


@pytest.mark.parametrize("how", ["killed", "terminated", "stdin ended"])
def test_an_interrupted_render_leaves_no_half_file(tmp_path: Path, assets: dict[str, Path], how: str) -> None:
    """However the child ends early, there is no video, and no part of one beside it."""
    with _start(_job(tmp_path, assets, milliseconds=10_000)) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        while json.loads(child.stdout.readline())["progress"] < 0.05:
            pass
        if how == "killed":
            child.kill()
        elif how == "terminated":
            child.send_signal(signal.SIGTERM)
        else:
            child.stdin.close()
        assert child.wait(timeout=60) != 0
    assert not list(tmp_path.glob("*out.mp4*"))


def _stopped_at_work(job: Path) -> subprocess.Popen[str]:
    """Start a render, and hold it still when it has begun."""
    child = _start(job)
    assert child.stdout is not None
    while json.loads(child.stdout.readline())["progress"] <= 0:
        pass
    child.send_signal(signal.SIGSTOP)
    return child


def test_render_processes_share_the_cores(tmp_path: Path, assets: dict[str, Path]) -> None:
    """Each gets its part while others are at work, and theirs when they end, killed or not; the video is whole."""
    cache = tmp_path / "cache"
    one, two = (
        _stopped_at_work(_job(tmp_path, assets, milliseconds, name, cache=str(cache)))
        for name, milliseconds in (("one", 4_000), ("two", 5_000))
    )
    with Share(cache, 6) as ours:
        assert ours.workers() == 2
        with one:
            one.kill()
        assert ours.workers() == 3
        with two:
            two.send_signal(signal.SIGCONT)
            last = list(two.stdout or [])[-1]
        assert ours.workers() == 6
    assert json.loads(last)["done"]["frames"] == 300
    assert [file.name for file in tmp_path.glob("*.mp4")] == ["two.mp4"]
