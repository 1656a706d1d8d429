"""Reading clips: the picture that is on at a time, upright, in square pixels, as BT.709 planes; in any order.

A picture is found by its time stamp: from the keyframe before it, unless it is a little ahead of the last one. So
memory stays flat however long a clip is, and each picture is the same whichever was read before it.
"""
# pyright: reportUnknownMemberType=false

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import numpy as np
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream

from nightreel.errors import AssetUnusable
from nightreel.studio.containers import MOST_PIXELS, open_clip
from nightreel.studio.render import pixels
from nightreel.studio.render.hdr import FORMAT, ToneMap, is_hdr
from nightreel.studio.render.pixels import Bytes
from nightreel.studio.render.plate import Planes

_NEAR = Fraction(2)  # seconds: what lies no farther ahead is read up to, not sought
_EARLY = Fraction(1, 120)  # seconds: time stamps are rounded to as much as a thousandth, or half of a field
_BACK = Fraction(1)  # seconds: how far before its time a keyframe is looked for, if the first is too late; then twice
_HD = 720  # rows: a smaller picture that does not say its matrix has BT.601, a larger one BT.709
_UNSAID = (0, 2, 3)
_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.BITEXACT


class Movie:
    """A clip's pictures.

    Raises:
        AssetUnusable: it is missing, broken, or there is no picture in it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._container = open_clip(path)
        except FileNotFoundError:
            raise AssetUnusable(f"{path.name}: the clip is missing.") from None
        except (OSError, FFmpegError) as error:
            raise self._broken(error) from None
        if not self._container.streams.video:
            raise AssetUnusable(f"{path.name}: there is no picture in the clip.")
        self._stream: VideoStream = self._container.streams.video[0]
        self._stream.codec_context.thread_count = 1
        self._start = (self._stream.start_time or 0) * self._unit
        self._reformatter = VideoReformatter()
        self._frames: Iterator[VideoFrame] = iter(())
        self._shown: VideoFrame | None = None
        self._ahead: VideoFrame | None = None
        self._made: tuple[int, Planes] | None = None
        self._map: tuple[tuple[int, int, int], ToneMap] | None = None

    def at(self, second: Fraction) -> tuple[int, Planes]:
        """Return the picture that is on at *second*, the last one after the end; and a number that is its own.

        Raises:
            AssetUnusable: it cannot be decoded.
        """
        second = max(second, Fraction(0)) + _EARLY
        try:
            frame = self._frame_at(second)
            if self._made is None or self._made[0] != frame.pts:
                self._made = frame.pts or 0, self._upright(frame)
        except (OSError, FFmpegError, ValueError) as error:
            raise self._broken(error) from None
        return self._made

    @property
    def _unit(self) -> Fraction:
        return self._stream.time_base or Fraction(1, 1000)

    def _time(self, frame: VideoFrame) -> Fraction:
        return (frame.pts or 0) * self._unit - self._start

    def _frame_at(self, second: Fraction) -> VideoFrame:
        shown = self._shown
        if shown is None or not self._time(shown) <= second <= self._time(shown) + _NEAR:
            self._seek(second)
        while self._ahead is not None and self._time(self._ahead) <= second:
            self._shown, self._ahead = self._ahead, self._read()
        if self._shown is None:
            raise ValueError("there is no picture in it")
        return self._shown

    def _seek(self, second: Fraction) -> None:
        """Go to a keyframe at or before *second*; to the first picture, if there is none before."""
        back = Fraction(0)
        while True:
            target = max(Fraction(0), second - back)
            self._container.seek(int((target + self._start) / self._unit), stream=self._stream)
            self._frames = self._container.decode(self._stream)
            self._shown = self._key()
            if target == 0 or (self._shown is not None and self._time(self._shown) <= second):
                self._ahead = self._read()
                return
            back = 2 * back + _BACK

    def _key(self) -> VideoFrame | None:
        """Return the next keyframe: what a decoder gives before one leans on pictures that it has not seen."""
        return next((frame for frame in self._frames if frame.key_frame), None)

    def _read(self) -> VideoFrame | None:
        """Return the next picture, in their order; none at the end."""
        shown = self._shown
        frames = (frame for frame in self._frames if shown is None or self._time(frame) > self._time(shown))
        return next(frames, None)

    def _upright(self, frame: VideoFrame) -> Planes:
        if frame.width * frame.height > MOST_PIXELS:
            raise ValueError(f"{frame.width}x{frame.height} pixels are too many")
        planes = _turned(_planes(self._converted(frame)), frame.rotation)
        aspect = self._stream.sample_aspect_ratio or Fraction(1)
        return _stretched(planes, 1 / aspect if frame.rotation % 180 else aspect)

    def _mapped(self, frame: VideoFrame) -> VideoFrame:
        """Return an HDR *frame* in SDR; it has BT.2020's matrix, whatever else it says."""
        full = frame.color_range == ColorRange.JPEG
        light = self._reformatter.reformat(
            frame,
            format=FORMAT,
            src_colorspace=Colorspace.BT2020,
            src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=_EXACT,
            threads=1,
        )
        kind = frame.color_trc, frame.width, frame.height
        if self._map is None or self._map[0] != kind:
            self._map = kind, ToneMap(*kind)
        return self._map[1](light)

    def _converted(self, frame: VideoFrame) -> VideoFrame:
        """Return *frame* in 4:2:0, BT.709, limited range."""
        if is_hdr(frame):
            frame = self._mapped(frame)
        yuv = frame.format.name.startswith(("yuv", "nv", "p0", "uyvy"))
        said = frame.colorspace
        guessed = Colorspace.ITU709 if frame.height >= _HD else Colorspace.ITU601
        full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
        return self._reformatter.reformat(
            frame,
            format="yuv420p",
            src_colorspace=(guessed if said in _UNSAID else said) if yuv else None,
            dst_colorspace=Colorspace.ITU709,
            src_color_range=(ColorRange.JPEG if full else ColorRange.MPEG) if yuv else None,
            dst_color_range=ColorRange.MPEG,
            interpolation=_EXACT,
            threads=1,
        )

    def _broken(self, error: Exception) -> AssetUnusable:
        return AssetUnusable(f"{self._path.name}: the clip cannot be read ({error}).")


def _planes(frame: VideoFrame) -> Planes:
    """Return a 4:2:0 frame's planes, their sides even: of an odd one the last row or column is left out."""
    width, height = frame.width // 2 * 2, frame.height // 2 * 2
    y, u, v = (_samples(plane) for plane in frame.planes)
    return Planes(y[:height, :width], u[: height // 2, : width // 2], v[: height // 2, : width // 2])


def _samples(plane: VideoPlane) -> Bytes:
    """Return a plane's samples; it is no copy."""
    rows = np.frombuffer(cast("memoryview", plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


def _turned(planes: Planes, degrees: int) -> Planes:
    """Return *planes* turned counterclockwise by the nearest quarter."""
    quarters = round(degrees / 90) % 4
    return Planes(*(np.ascontiguousarray(np.rot90(plane, quarters)) for plane in (planes.y, planes.u, planes.v)))


def _stretched(planes: Planes, aspect: Fraction) -> Planes:
    """Return *planes* with square pixels, from pixels *aspect* times as wide as high."""
    if aspect == 1:
        return planes
    height, width = planes.u.shape
    width = max(1, round(width * aspect))
    sizes: list[tuple[Bytes, int]] = [(planes.y, 2), (planes.u, 1), (planes.v, 1)]
    return Planes(*(pixels.shrink(plane, size * width, size * height) for plane, size in sizes))
