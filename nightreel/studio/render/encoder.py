"""The encoder: I420 buffers or stereo sound in, a piece of a video out, as the bytes of an MP4 with that one stream.

H.264 High, yuv420p tagged BT.709, two B-frames, closed GOPs of half a second; AAC-LC 48 kHz stereo; no edit list.
Without an edit list the sound's first frame (the encoder's own 1,024 samples of run-up) would delay all the others:
the sound is fed 1,024 samples early instead, and negative composition offsets start the picture at 0.

x264 runs on one thread, as its output depends on their number. Its macroblock tree halves a video's size, and on
processors with AVX-512 it reads memory that nobody wrote, if the macroblocks in a row are no multiple of eight (1080
pixels have 68) and there are B-frames: the same pictures then give other bytes now and then. With its AVX2 code they
never did, and it is as fast; so that is what runs.
"""
# pyright: reportUnknownMemberType=false

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from nightreel.errors import RenderError
from nightreel.models import Quality
from nightreel.studio.render.pixels import Bytes, has_avx512

RATE = 48_000
BITEXACT = 0x0400  # AVFMT_FLAG_BITEXACT: no library version in the file
IN_SYNC = "negative_cts_offsets"
_RUN_UP = 1_024
_BT709 = 1
_LIMITED = 1
_RATE = 25_000  # kbit/s at 1080p30: as much as a decoder of level 4.0 must take
_FULL_HD = 1920 * 1080 * 30  # pixels a second
_LEAST_RATE = 1_000
_GROUPS = "scenecut=0:open-gop=0:bframes=2:b-adapt=0:b-pyramid=none"
_TREE = "mbtree=1:rc-lookahead=5:aq-mode=3:aq-strength=0.8"
_CONTAINER = {"movflags": IN_SYNC, "use_editlist": "0", "fflags": "+bitexact"}


@dataclass(frozen=True, slots=True)
class Coding:
    """How a picture is encoded.

    Attributes:
        preset: x264's.
        crf: x264's constant rate factor; less is better.
        x264: its further parameters.
        shrink: so many times narrower and lower than the draft says.
    """

    preset: str
    crf: int
    x264: str = _TREE
    shrink: int = 1


_CODINGS = {
    Quality.HIGH: Coding("superfast", 16),
    Quality.MEDIUM: Coding("superfast", 20),
    Quality.LOW: Coding("superfast", 24),
    Quality.DRAFT: Coding("ultrafast", 22, f"{_TREE}:cabac=1:8x8dct=1", shrink=2),
}


def coding_of(quality: str) -> Coding:
    """Return how a render of *quality* is encoded, one of :class:`nightreel.models.Quality`.

    Raises:
        RenderError: there is no such quality.
    """
    try:
        return _CODINGS[Quality(quality)]
    except ValueError:
        known = ", ".join(Quality)
        raise RenderError(f'"{quality}" is no quality of a render.', hint=f"There are: {known}.") from None


def group_of(fps: int) -> int:
    """Return how many frames a closed group of pictures has."""
    return max(1, round(fps / 2))


def encode_picture(frames: Iterable[Bytes], size: tuple[int, int], fps: int, coding: Coding) -> bytes:
    """Encode *frames*, I420 buffers of (width, height) pixels, both even; times begin at 0."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4", container_options=_CONTAINER) as container:
        container.flags |= BITEXACT
        stream = _video_stream(container, size, fps, coding)
        whole = size[1] % 4 == 0  # of other heights, PyAV 18.1 takes the wrong planes from a buffer
        framed = VideoFrame.from_numpy_buffer if whole else VideoFrame.from_ndarray
        for number, buffer in enumerate(frames):
            frame = framed(buffer, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def encode_sound(sound: NDArray[np.float32]) -> bytes:
    """Encode *sound*: samples x 2, float32 in -1..1, at 48 kHz.

    FFmpeg's fast search is three times as fast, at this rate nearer to the original, and overshoots its peaks less.
    """
    file = io.BytesIO()
    with av.open(file, "w", format="mp4", container_options=_CONTAINER) as container:
        container.flags |= BITEXACT
        stream = container.add_stream("aac", rate=RATE, layout="stereo", options={"aac_coder": "fast"})
        stream.bit_rate = 192_000
        for block in _blocks(sound):
            container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    return file.getvalue()


def _video_stream(container: OutputContainer, size: tuple[int, int], fps: int, coding: Coding) -> VideoStream:
    stream = container.add_stream("libx264", rate=fps)
    context = stream.codec_context
    group = group_of(fps)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.time_base = Fraction(1, fps)
    context.thread_count = 1
    context.gop_size, context.max_b_frames = group, 2
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = _LIMITED
    context.flags |= 0x80000000 | 0x00800000  # closed GOPs; bit-exact: no settings in the stream
    stream.options = {
        "preset": coding.preset,
        "crf": str(coding.crf),
        "profile": "high",
        "x264-params": ":".join((*_processor(), *_bounds(size, fps), _GROUPS, coding.x264)),
    }
    return stream


def _processor() -> list[str]:
    return ["asm=avx2"] if has_avx512() else []


def _bounds(size: tuple[int, int], fps: int) -> list[str]:
    """Return the length of groups, and a bound to the rate that photos hardly reach."""
    group, rate = group_of(fps), max(_LEAST_RATE, round(_RATE * size[0] * size[1] * fps / _FULL_HD))
    return [f"keyint={group}:min-keyint={group}", f"vbv-maxrate={rate}:vbv-bufsize={rate // 2}"]


def _blocks(sound: NDArray[np.float32]) -> Iterator[AudioFrame]:
    for begin in range(_RUN_UP, len(sound), _RUN_UP):
        block = np.ascontiguousarray(sound[begin : begin + _RUN_UP].T)
        frame = AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, begin, Fraction(1, RATE)
        yield frame
