"""What is in a video: streams, sampled pictures, sound. A typed façade over PyAV; it measures and judges nothing."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, Interpolation
from av.video.stream import VideoStream
from numpy.typing import NDArray

from nightreel.errors import VideoRejected

Picture = NDArray[np.uint8]
"""Rows x columns, grey, or rows x columns x 3, RGB."""

UNREADABLE = (FFmpegError, OSError, ValueError)
"""What opening or decoding a broken file raises."""

_IDR = 5
_LENGTHS = 4
"""Where the avcC record says how many bytes the units' lengths have (ISO/IEC 14496-15, 5.3.3.1)."""

_ROUNDED = 1e-3  # seconds: so far off a time stamp may be


@dataclass(frozen=True)
class VideoFacts:
    """The video stream as its headers and packets tell it.

    Attributes:
        colour: primaries, transfer, matrix and range as the standard's numbers (ITU-T H.273; range 1 is limited).
        level: times ten: 40 is level 4.0.
        start, seconds: presentation times, in seconds.
        keyframe_gap: the longest time between two keyframes, in seconds.
        closed: every keyframe is one that nothing before it is needed for (IDR); True for other codecs than H.264.
        b_frames: the longest run of frames that no other frame refers to.
        bits: a second.
    """

    codec: str
    profile: str
    pixel_format: str
    colour: tuple[int, int, int, int]
    width: int
    height: int
    square_pixels: bool
    fps: float
    start: float
    seconds: float
    keyframe_gap: float
    level: int = 0
    closed: bool = True
    b_frames: int = 0
    bits: float = 0.0


@dataclass(frozen=True)
class AudioFacts:
    """The audio stream as its headers and packets tell it; *rate* in Hz, times in seconds."""

    codec: str
    rate: int
    channels: int
    start: float
    seconds: float


def read_facts(path: Path) -> tuple[VideoFacts | None, AudioFacts | None]:
    """Read the first video and audio stream of *path* without decoding."""
    with opened(path) as container:
        video = next(iter(container.streams.video), None)
        audio = next(iter(container.streams.audio), None)
        streams = [stream for stream in (video, audio) if stream is not None]
        if any(cast("object", stream.codec_context) is None for stream in streams):
            raise ValueError("a stream has no codec that is known")
        spans = {stream.index: _Span() for stream in streams}
        units = _Units(video)
        for packet in container.demux(streams):
            if packet.pts is not None:
                scale = packet.time_base
                spans[packet.stream_index].add(
                    float(packet.pts * scale), float((packet.duration or 0) * scale), key=packet.is_keyframe
                )
            if video is not None and packet.stream_index == video.index and packet.size:
                units.add(bytes(packet), key=packet.is_keyframe)
        return (
            None if video is None else _video_facts(video, spans[video.index], units),
            None if audio is None else _audio_facts(audio, spans[audio.index]),
        )


def length_of(path: Path) -> float:
    """Return how long the video at *path* lasts, in seconds.

    Raises:
        VideoRejected: it cannot be read, or has no video in it.
    """
    try:
        video, _ = read_facts(path)
    except UNREADABLE as error:
        raise VideoRejected(f"{path.name}: its length cannot be read: {error}") from error
    if video is None:
        raise VideoRejected(f"{path.name}: there is no video in it.")
    return video.seconds


def colour_frames(path: Path, start: float, end: float, every: float) -> Iterator[Picture]:
    """Yield a frame in *every* so many seconds from *start* to *end*, as RGB."""
    due = start
    with opened(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        container.seek(int(start / cast("Any", stream.time_base)), stream=stream)
        for frame in container.decode(stream):
            if frame.time > end:
                return
            if frame.time >= due:
                due = frame.time + every
                yield _pixels(frame.reformat(format="rgb24", src_colorspace=_matrix(frame)))


def sampled_frames(path: Path, every: float, height: int) -> Iterator[Picture]:
    """Yield RGB pictures of *height*, one for each *every* seconds: the one that is on in the middle of them."""
    with opened(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        due = every / 2
        for frame in container.decode(stream):
            if frame.time < due - _ROUNDED:
                continue
            due += every
            width = max(2, round(frame.width * height / frame.height))
            small = frame.reformat(
                width=width, height=height, format="rgb24", interpolation=Interpolation.AREA,
                src_colorspace=_matrix(frame),
            )  # fmt: skip
            yield _pixels(small)


class _Span:
    """The time that packets cover."""

    def __init__(self) -> None:
        self.first, self.last, self.keys = float("inf"), 0.0, list[float]()
        self.count = 0

    def add(self, at: float, duration: float, *, key: bool) -> None:
        """Take a packet shown *at* seconds for *duration* into account."""
        self.first, self.last = min(self.first, at), max(self.last, at + duration)
        self.count += 1
        if key:
            self.keys.append(at)

    @property
    def start(self) -> float:
        """When the first packet is shown."""
        return self.first if self.count else 0.0

    @property
    def seconds(self) -> float:
        """From the first packet's start to the last one's end."""
        return max(0.0, self.last - self.start)

    @property
    def keyframe_gap(self) -> float:
        """The longest time without a keyframe."""
        marks = [*sorted(self.keys), self.last]
        return max((later - earlier for earlier, later in pairwise(marks)), default=self.seconds)


class _Units:
    """The NAL units of an H.264 stream's packets, by their first bytes (ITU-T H.264, 7.3.1)."""

    def __init__(self, stream: VideoStream | None) -> None:
        self.closed, self.b_frames, self.size = True, 0, 0
        head = (stream.codec_context.extradata or b"") if stream is not None else b""
        packed = len(head) > _LENGTHS and stream is not None and stream.codec_context.name == "h264"
        self._length = (head[_LENGTHS] & 3) + 1 if packed else 0
        self._run = 0

    def add(self, packet: bytes, *, key: bool) -> None:
        """Take a packet, its units behind their lengths, into account."""
        self.size += len(packet)
        if not self._length:
            return
        pictures = [first for first in _first_bytes(packet, self._length) if first & 0x1F in {1, _IDR}]
        if key:
            self.closed &= any(first & 0x1F == _IDR for first in pictures)
        unused = bool(pictures) and all(first >> 5 & 3 == 0 for first in pictures)
        self._run = self._run + 1 if unused else 0
        self.b_frames = max(self.b_frames, self._run)


def _first_bytes(packet: bytes, length: int) -> Iterator[int]:
    at = 0
    while at + length < len(packet):
        yield packet[at + length]
        at += length + int.from_bytes(packet[at : at + length], "big")


@contextmanager
def opened(path: Path) -> Generator[InputContainer]:
    """Open *path* as MP4 and nothing else: no other demuxer ever sees the bytes."""
    with av.open(path, format="mov") as container:
        yield container


def _video_facts(stream: VideoStream, span: _Span, units: _Units) -> VideoFacts:
    """Gather what the stream's headers say."""
    context = stream.codec_context
    return VideoFacts(
        codec=context.name,
        profile=context.profile or "",
        pixel_format=context.pix_fmt or "",
        colour=(context.color_primaries, context.color_trc, context.colorspace, context.color_range),
        width=context.width,
        height=context.height,
        square_pixels=(stream.sample_aspect_ratio or 1) == 1,
        fps=span.count / span.seconds if span.seconds else 0.0,
        start=span.start,
        seconds=span.seconds,
        keyframe_gap=span.keyframe_gap,
        level=context.level if isinstance(context.level, int) else 0,  # pyright: ignore[reportUnnecessaryIsInstance]
        closed=units.closed,
        b_frames=units.b_frames,
        bits=8 * units.size / span.seconds if span.seconds else 0.0,
    )


def _audio_facts(stream: AudioStream, span: _Span) -> AudioFacts:
    """Gather what the stream's headers say."""
    return AudioFacts(
        codec=stream.codec_context.name,
        rate=stream.rate,
        channels=stream.channels,
        start=span.start,
        seconds=span.seconds,
    )


def _matrix(frame: VideoFrame) -> int:
    """Return the frame's colour matrix, BT.709 where it says none."""
    return Colorspace.ITU601 if frame.colorspace in {5, 6} else Colorspace.ITU709


def _pixels(frame: VideoFrame) -> Picture:
    """Return a frame's pixels."""
    return cast("Picture", frame.to_ndarray())
