"""Clips and animations on the timeline: the right picture at every time, upright, in the right colours, framed."""
# pyright: reportUnknownMemberType=false

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import ColorTrc
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from nightreel.errors import RenderError
from nightreel.studio.draft import Draft, read_draft
from nightreel.studio.render import pixels, render
from nightreel.studio.render.animations import Animation
from nightreel.studio.render.movies import Movie
from nightreel.studio.render.pixels import Bytes
from nightreel.studio.render.plan import plan_frames
from nightreel.studio.render.plate import Planes
from nightreel.studio.render.reel import Reel

Picture = NDArray[np.uint8]
_BITS = 7
_SIDE = 16


def _numbered(number: int, width: int = 160, height: int = 96) -> Picture:
    """Return a grey picture that says its number in light and dark squares."""
    image = np.full((height, width, 3), 128, np.uint8)
    for bit in range(_BITS):
        image[8 : 8 + _SIDE, 8 + bit * 20 : 8 + bit * 20 + _SIDE] = 230 if number >> bit & 1 else 25
    return image


def _number(planes: Planes) -> int:
    """Read a numbered picture."""
    squares = (planes.y[12:20, 12 + bit * 20 : 20 + bit * 20].mean() > 128 for bit in range(_BITS))
    return sum(1 << bit for bit, light in enumerate(squares) if light)


@dataclass(frozen=True, kw_only=True)
class _Codec:
    """How a clip is written."""

    codec: str = "libx264"
    rate: Fraction | int = 25
    options: dict[str, str] = field(default_factory=dict[str, str])
    pix_fmt: str = "yuv420p"


def _as_it_is(given: Any) -> Any:  # noqa: ANN401 - a stream or a frame
    return given


def _write(
    path: Path,
    pictures: list[Picture],
    how: _Codec = _Codec(),
    prepare: Callable[[Any], object] = _as_it_is,
    formatted: Callable[[VideoFrame], VideoFrame] = _as_it_is,
) -> Path:
    """Write a clip with a keyframe every twelve pictures; *prepare* is handed the stream, *formatted* each frame."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(how.codec, rate=how.rate, options=how.options)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = how.pix_fmt
        stream.codec_context.gop_size = 12
        prepare(stream)
        for number, picture in enumerate(pictures):
            frame = formatted(VideoFrame.from_ndarray(picture, "rgb24"))
            frame.pts, frame.time_base = number, 1 / Fraction(how.rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


_OPEN = {"x264-params": "open-gop=1:bframes=3:keyint=12:scenecut=0"}
_HEVC = {"x265-params": "log-level=none:keyint=12"}
_QUICK = {"deadline": "realtime", "cpu-used": "8"}
_KINDS: dict[str, _Codec] = {
    "clip.mp4": _Codec(options={"bf": "2"}),
    "open.mp4": _Codec(rate=30, options=_OPEN),
    "ntsc.mov": _Codec(rate=Fraction(30_000, 1_001)),
    "raw.mov": _Codec(codec="prores_ks", rate=24, pix_fmt="yuv422p10le"),
    "fast.webm": _Codec(codec="libvpx-vp9", rate=60, options=_QUICK),
    "old.webm": _Codec(codec="libvpx", rate=12, options=_QUICK),
    "hevc.mkv": _Codec(codec="libx265", rate=30, options=_HEVC),
    "rgb.mkv": _Codec(codec="ffv1", pix_fmt="bgr0"),
    "old.avi": _Codec(codec="mpeg4", options={"qscale": "2"}),
    "camera.avi": _Codec(codec="mjpeg", rate=15, pix_fmt="yuvj420p"),
}


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One clip of every kind; each frame says its number."""
    folder = tmp_path_factory.mktemp("clips")
    pictures = [_numbered(number) for number in range(72)]
    return {name: _write(folder / name, pictures, kind) for name, kind in _KINDS.items()}


@pytest.mark.parametrize("name", _KINDS)
def test_the_picture_that_is_on_is_shown(clips: dict[str, Path], name: str) -> None:
    """At any frame rate each picture is shown at its time, in any order, and the last one is held after the end."""
    rate, movie = Fraction(_KINDS[name].rate), Movie(clips[name])
    for number in (0, 1, 2, 30, 31, 3, 55, 12, 200, 4):
        second = Fraction(number, 30)
        shown = _number(movie.at(second)[1])
        asked = [int((second + shift) * rate) for shift in (Fraction(-1, 900), Fraction(1, 120))]
        assert min(asked[0], 71) <= shown <= min(asked[1], 71), number


@pytest.mark.parametrize("name", _KINDS)
def test_a_picture_is_the_same_whatever_was_read_before_it(clips: dict[str, Path], name: str) -> None:
    """Read alone, each picture has the bits that it has in its row."""
    movie = Movie(clips[name])
    row = [movie.at(Fraction(number, 30))[1].y.copy() for number in range(40)]
    for number in (39, 7, 23):
        assert np.array_equal(Movie(clips[name]).at(Fraction(number, 30))[1].y, row[number])
    for number in (20, 21, 3, 38):
        assert np.array_equal(movie.at(Fraction(number, 30))[1].y, row[number])


@pytest.mark.parametrize("degrees", [0, 90, 180, -90])
def test_a_clip_that_is_stored_turned_is_shown_upright(tmp_path: Path, degrees: int) -> None:
    """Phones store clips on their side, and say so."""
    upright = np.zeros((96, 160, 3), np.uint8)
    upright[:48, :80] = 255
    stored = np.rot90(upright, -degrees // 90).copy()

    def turned(stream: Any) -> None:  # noqa: ANN401 - PyAV's own
        stream.set_display_rotation(degrees)

    clip = _write(tmp_path / "turned.mp4", [stored] * 3, prepare=turned)
    y = Movie(clip).at(Fraction(0))[1].y
    assert y.shape == (96, 160)
    assert y[24, 40] > 200
    assert max(y[24, 120], y[72, 40], y[72, 120]) < 40


def _coloured(matrix: int, range_: int) -> Callable[[VideoFrame], VideoFrame]:
    def formatted(frame: VideoFrame) -> VideoFrame:
        made = frame.reformat(format="yuv420p", dst_colorspace=matrix, dst_color_range=range_)
        made.colorspace, made.color_range = matrix, range_
        return made

    return formatted


@pytest.mark.parametrize(("matrix", "range_"), [(1, 1), (1, 2), (5, 1), (5, 2), (9, 1)])
def test_colours_come_out_as_they_went_in(tmp_path: Path, matrix: int, range_: int) -> None:
    """BT.601, 709 and 2020, limited and full range: all become BT.709, limited."""
    picture = np.full((64, 64, 3), (200, 40, 90), np.uint8)

    def tagged(stream: Any) -> None:  # noqa: ANN401 - PyAV's own
        stream.codec_context.colorspace, stream.codec_context.color_range = matrix, range_

    sharp = _Codec(options={"qp": "1"})
    clip = _write(tmp_path / "red.mp4", [picture] * 3, sharp, prepare=tagged, formatted=_coloured(matrix, range_))
    planes = Movie(clip).at(Fraction(0))[1]
    seen = [float(plane.mean()) for plane in (planes.y, planes.u, planes.v)]
    assert seen == pytest.approx([82.7, 133.9, 196.3], abs=2.0)


def test_odd_sides_and_oblong_pixels_are_put_right(tmp_path: Path) -> None:
    """Of an odd side one row is left out; pixels that are wider than high are stretched."""
    odd = _write(tmp_path / "odd.mkv", [_numbered(5, 161, 97)] * 2, _KINDS["rgb.mkv"])
    assert Movie(odd).at(Fraction(0))[1].y.shape == (96, 160)

    def oblong(stream: Any) -> None:  # noqa: ANN401 - PyAV's own
        stream.codec_context.sample_aspect_ratio = Fraction(3, 2)

    wide = _write(tmp_path / "wide.mp4", [_numbered(5)] * 2, prepare=oblong)
    assert Movie(wide).at(Fraction(0))[1].y.shape == (96, 240)


def _animation(path: Path, milliseconds: list[int], **named: Any) -> Path:  # noqa: ANN401 - Pillow's own
    images = [Image.fromarray(_numbered(number)) for number in range(len(milliseconds))]
    images[0].save(path, save_all=True, append_images=images[1:], duration=milliseconds, loop=0, **named)
    return path


@pytest.mark.parametrize(("name", "named"), [("a.gif", {}), ("a.webp", {"lossless": True})])
def test_an_animation_keeps_its_own_time_and_begins_again(tmp_path: Path, name: str, named: dict[str, Any]) -> None:
    """Each picture is shown for as long as it says; after the last comes the first."""
    animation = Animation(_animation(tmp_path / name, [100, 300, 60, 40], **named))
    times = {0: 0, 90: 0, 100: 1, 399: 1, 400: 2, 470: 3, 500: 0, 610: 1, 5_000: 0, 250: 1}
    assert {at: _number(animation.at(Fraction(at, 1000))[1]) for at in times} == times


def test_a_gif_that_says_no_time_is_as_fast_as_in_a_browser(tmp_path: Path) -> None:
    """Pictures of no duration are shown for a tenth of a second."""
    animation = Animation(_animation(tmp_path / "a.gif", [0, 0, 0]))
    assert [_number(animation.at(Fraction(at, 100))[1]) for at in (0, 9, 10, 25, 31)] == [0, 0, 1, 2, 0]


def _draft(assets: list[dict[str, Any]], size: tuple[int, int], milliseconds: int = 1_000) -> Draft:
    lead = {"kind": "push", "d": 300}
    shots = [{"d": milliseconds, "m": {"motion": "hold", "transition": lead, **asset}} for asset in assets]
    return read_draft({"m": {"width": size[0], "height": size[1]}, "t": [{"tt": 0, "sg": shots}]})


def _frame(draft: Draft, assets: dict[str, Path], number: int) -> Bytes:
    return Reel(draft, plan_frames(draft), assets).frame(number)


def test_clips_photos_and_animations_share_a_timeline_in_any_order(clips: dict[str, Path], tmp_path: Path) -> None:
    """Each frame by itself is the frame that it is in its row, through transitions from one kind to the next."""
    photo = tmp_path / "photo.png"
    Image.fromarray(_numbered(1)).save(photo)
    assets = {"clip": clips["clip.mp4"], "photo": photo, "gif": _animation(tmp_path / "a.gif", [70] * 9)}
    draft = _draft([{"asset": name} for name in ("clip", "photo", "gif", "clip")], (96, 160))
    row = list(Reel(draft, plan_frames(draft), assets))
    for number in (110, 95, 62, 31, 5):
        assert np.array_equal(_frame(draft, assets, number), row[number]), number


def test_a_clip_plays_from_where_its_segment_says(clips: dict[str, Path]) -> None:
    """A trimmed clip begins at its start, in time with the video."""
    draft = _draft([{"asset": "clip", "start": 1_000}], (160, 96))
    for number in (0, 12):
        y = _frame(draft, {"clip": clips["clip.mp4"]}, number)[:96]
        assert _number(Planes(y, y, y)) == 25 + number * 25 // 30


def _scene(left: float, right: float, size: tuple[int, int] = (480, 270)) -> Picture:
    """Return a picture of a red thing between *left* and *right*, in shares, before grey noise."""
    noise = np.random.default_rng(2).integers(110, 140, (size[1], size[0], 1), np.uint8)
    image = Image.fromarray(np.repeat(noise, 3, axis=2))
    box = (left * size[0], 0.3 * size[1], right * size[0], 0.8 * size[1])
    ImageDraw.Draw(image).rectangle(box, fill=(200, 30, 40))
    return np.asarray(image)


def _red(frame: Bytes) -> tuple[int, int, int]:
    """Return the left and right edge of a frame's red thing, and its height, by the red-difference plane."""
    height, width = frame.shape[0] * 2 // 3, frame.shape[1]
    red = frame.reshape(-1)[height * width * 5 // 4 :].reshape(height // 2, width // 2) > 170
    grey = np.flatnonzero(~red[:, width // 4])
    row = int(grey[np.argmax(np.diff(grey))]) + 1
    columns = np.flatnonzero(red[row])
    return int(columns[0]), int(columns[-1]), int(np.diff(grey).max()) - 1


@pytest.mark.parametrize(("left", "right", "fills"), [(0.62, 0.75, True), (0.2, 0.8, False)])
def test_a_clip_is_framed_by_its_subject(tmp_path: Path, left: float, right: float, fills: bool) -> None:  # noqa: FBT001
    """A narrow subject fills an upright picture; a wide one is shown whole, over the clip out of focus."""
    clip = _write(tmp_path / "scene.mp4", [_scene(left, right)] * 4, _Codec(options={"qp": "4"}))
    frame = _frame(_draft([{"asset": "clip"}], (180, 320)), {"clip": clip}, 3)
    first, last, height = _red(frame)
    assert 0 < first < last < 89
    assert (last - first + 1) / height == pytest.approx((right - left) * 480 / (0.5 * 270), rel=0.12)
    grain = float(np.abs(np.diff(frame[:20].astype(int), axis=1)).mean())
    assert (grain > 1.5) is fills


def test_a_clip_becomes_a_video(clips: dict[str, Path], tmp_path: Path) -> None:
    """A render of clips alone is a whole video of the asked length."""
    draft = _draft([{"asset": "clip"}, {"asset": "clip", "start": 500}], (96, 160), 600)
    done = render(draft, {"clip": clips["fast.webm"]}, tmp_path / "out.mp4", quality="low")
    assert (done.frames, done.seconds) == (36, 1.2)


def _sound(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("aac", rate=48_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\0\0\0\x18ftypisom" + bytes(2_000), "cannot be read"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n", "cannot be read"),
        (None, "no picture"),
    ],
)
def test_a_clip_that_cannot_be_shown_is_named(tmp_path: Path, content: bytes | None, reason: str) -> None:
    """A broken clip, a playlist in a clip's name and a clip of sound alone fail the render, with the reason."""
    clip = tmp_path / "clip.mp4"
    if content is None:
        _sound(clip)
    else:
        clip.write_bytes(content)
    with pytest.raises(RenderError, match=rf"clip\.mp4: .*{reason}"):
        _frame(_draft([{"asset": "clip"}], (96, 160)), {"clip": clip}, 0)


_HDR = {ColorTrc.SMPTE2084: (0.5807, 0.5081, 0.7518), ColorTrc.ARIB_STD_B67: (0.7486, 0.6182, 1.0)}
"""What 203, 100 and 1,000 cd/m² of grey are coded as (ITU-R BT.2408)."""


def _hdr(path: Path, transfer: ColorTrc, colours: Sequence[tuple[float, ...]]) -> Path:
    """Write a clip of strips of *colours*, coded as *transfer* has it, in 10-bit BT.2020."""
    strips = np.repeat(np.array(colours)[None, :, :], 32, axis=1).repeat(96, axis=0)
    light = np.rint(strips * 65_535).astype(np.uint16)

    def said(_frame: VideoFrame) -> VideoFrame:
        deep = VideoFrame.from_ndarray(light, "rgb48le").reformat(format="yuv420p10le", dst_colorspace=9)
        deep.color_trc = transfer
        return deep

    def tagged(stream: Any) -> None:  # noqa: ANN401 - a stream
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = 9, transfer, 9, 1

    blank = [np.zeros((96, light.shape[1], 3), np.uint8)] * 3
    how = _Codec(codec="libx265", options={"x265-params": "log-level=none:lossless=1"}, pix_fmt="yuv420p10le")
    return _write(path, blank, how, tagged, said)


@pytest.mark.parametrize("transfer", list(_HDR))
def test_hdr_clips_are_shown_in_sdr(tmp_path: Path, transfer: ColorTrc) -> None:
    """Diffuse white is bright, its half a middle grey, highlights white; a grey stays grey, and a red is a red."""
    white, half, most = _HDR[transfer]
    strips = [(0.0,) * 3, (half,) * 3, (white,) * 3, (most,) * 3, (white, 0.35, 0.35)]
    clip = _hdr(tmp_path / "phone.mov", transfer, strips)
    _, planes = Movie(clip).at(Fraction(0))
    seen = pixels.rgb(planes.y, planes.u, planes.v)
    black, grey, bright, lit, red = (seen[48, 16 + 32 * strip].astype(int) for strip in range(5))
    for colour in (black, grey, bright, lit):
        assert np.ptp(colour) <= 4
    assert black.max() <= 3
    assert 165 <= grey[1] <= 190
    assert 200 <= bright[1] <= 235
    assert lit.min() >= 250
    assert red[0] > 2 * red[1:].max()
