"""The encoder: I420 buffers or stereo sound in, a piece of a video out, as the bytes of an MP4 with that one stream.

H.264 High, yuv420p tagged BT.709, two B-frames, closed GOPs of half a second; AAC-LC 48 kHz stereo; no edit list.
Without an edit list the sound's first frame (the encoder's own 1,024 samples of run-up) would delay all the others:
the sound is fed 1,024 samples early instead, and negative composition offsets start the picture at 0.
x264 runs on one thread, as its output depends on their number, and without its macroblock tree: with it, the same
pictures (180x320, one machine) gave other bytes in 15 of 40 runs; without it, in none of 60. With it and `asm=0`
25 of 25 were alike; why is not known. Other processors have not been compared.
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
from nightreel.studio.render.pixels import Bytes

RATE = 48_000
BITEXACT = 0x0400  # AVFMT_FLAG_BITEXACT: no library version in the file
IN_SYNC = "negative_cts_offsets"
_RUN_UP = 1_024
_BT709 = 1
_LIMITED = 1
_X264 = "scenecut=0:open-gop=0:bframes=2:b-adapt=1:aq-mode=3:no-mbtree=1"
_CONTAINER = {"movflags": IN_SYNC, "use_editlist": "0", "fflags": "+bitexact"}


@dataclass(frozen=True, slots=True)
class Coding:
    """How a picture is encoded: x264's preset, its constant rate factor, and its further parameters."""

    preset: str
    crf: int
    x264: str = _X264


_QUALITIES = {
    "high": Coding("superfast", 20),
    "medium": Coding("veryfast", 23),
    "low": Coding("superfast", 27),
    "draft": Coding("ultrafast", 26),
}


def coding_of(quality: str) -> Coding:
    """Return how a render of *quality* is encoded: "high", "medium", "low", or "draft" for a fast preview.

    Raises:
        RenderError: there is no such quality.
    """
    if quality not in _QUALITIES:
        known = ", ".join(_QUALITIES)
        raise RenderError(f'"{quality}" is no quality of a render.', hint=f"There are: {known}.")
    return _QUALITIES[quality]


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
    """Encode *sound*: samples x 2, float32 in -1..1, at 48 kHz."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4", container_options=_CONTAINER) as container:
        container.flags |= BITEXACT
        stream = container.add_stream("aac", rate=RATE, layout="stereo")
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
        "x264-params": f"keyint={group}:min-keyint={group}:{coding.x264}",
    }
    return stream


def _blocks(sound: NDArray[np.float32]) -> Iterator[AudioFrame]:
    for begin in range(_RUN_UP, len(sound), _RUN_UP):
        block = np.ascontiguousarray(sound[begin : begin + _RUN_UP].T)
        frame = AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, begin, Fraction(1, RATE)
        yield frame
