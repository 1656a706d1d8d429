"""The placeholder of a rehearsal: a real MP4 of the right size, length, rate and sound, made without rendering.

A second of picture (a card that says what it is, with a bar that crosses it) and one frame of a soft tone are encoded
once for each canvas; a clip repeats their packets until it is long enough. It passes every check that a rendered
video passes (`nightreel.quality`), and nobody who sees it takes it for one.
"""
# pyright: reportUnknownMemberType=false

import heapq
import io
import math
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import cycle, islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from nightreel.files import write_whole
from nightreel.studio.draft import Draft
from nightreel.studio.fonts import LATIN, LATIN_STRONG

RATE = 48_000
_SAMPLES = 1_024
"""Samples of an AAC frame."""

_TONE = 5 * RATE / _SAMPLES
"""Hz: so many whole waves in a frame that each encoded frame is like the one before."""

_LOUD = 0.22
"""Of full scale: about -14 LUFS, as a finished video has."""

_STEADY = 8
"""Frames after which the encoder has found its level."""

_BT709 = 1
_LIMITED = 1
_CARD, _INK, _BAR, _NEUTRAL = (40, 96), 220, 190, 128
_CONTAINER = {"movflags": "+faststart", "use_editlist": "0", "fflags": "+bitexact"}
_BITEXACT = 0x0400

Plane = NDArray[np.uint8]


class Loop(NamedTuple):
    """Packets that can follow each other without end, and a container that says how they are coded.

    Attributes:
        packets: the bytes of each, and whether it is a keyframe.
        template: a whole MP4 with one stream.
    """

    packets: tuple[tuple[bytes, bool], ...]
    template: bytes


def write(draft: Draft, out: Path) -> None:
    """Write the placeholder of *draft* to *out*, which appears whole.

    Raises:
        ValueError: the draft shows nothing.
        OSError: it cannot be written.
    """
    fps = draft.m.fps
    frames = math.floor(sum(segment.d for segment in draft.video) * fps / 1000 + 0.5)
    if not frames:
        raise ValueError("the draft has no photo to show")
    write_whole(out, video((draft.m.width, draft.m.height), fps, frames, loud=bool(draft.audio)))


@lru_cache(maxsize=8)
def video(size: tuple[int, int], fps: int, frames: int, *, loud: bool) -> bytes:
    """Return the MP4 of so many *frames*; clips of one length and shape are alike."""
    picture, sound = picture_loop(size, fps), sound_loop(loud=loud)
    blocks = round(Fraction(frames, fps) * RATE / _SAMPLES)
    with NamedTemporaryFile(suffix=".mp4") as file:
        with av.open(file.name, "w", format="mp4", container_options=_CONTAINER) as container:
            container.flags |= _BITEXACT
            seen = _packets(picture, _stream(container, picture), frames, Fraction(1, fps))
            heard = _packets(sound, _stream(container, sound), blocks, Fraction(_SAMPLES, RATE))
            for packet in heapq.merge(seen, heard, key=_shown):
                container.mux_one(packet)
        return Path(file.name).read_bytes()


@lru_cache(maxsize=16)
def picture_loop(size: tuple[int, int], fps: int) -> Loop:
    """Return two groups of pictures, together about a second long; their keyframes differ."""
    group = max(1, round(fps / 2))
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = _video_stream(container, size, fps, group)
        card = _card(size)
        for number in range(2 * group):
            frame = VideoFrame.from_ndarray(_picture(card, number / (2 * group)), format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return _loop(file.getvalue())


@lru_cache(maxsize=2)
def sound_loop(*, loud: bool) -> Loop:
    """Return one frame of a soft tone, or of silence."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4", container_options={"use_editlist": "0"}) as container:
        stream = container.add_stream("aac", rate=RATE, layout="stereo")
        stream.bit_rate = 96_000
        wave = np.sin(np.arange(_SAMPLES) * (2 * np.pi * _TONE / RATE)) * (_LOUD if loud else 0.0)
        block = np.tile(wave.astype(np.float32), (2, 1))
        for number in range(2 * _STEADY):
            frame = AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = RATE, number * _SAMPLES, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    packets, template = _loop(file.getvalue())
    return Loop(packets[_STEADY : _STEADY + 1], template)


def _loop(template: bytes) -> Loop:
    with av.open(io.BytesIO(template), "r", format="mov") as container:
        packets = tuple((bytes(it), it.is_keyframe) for it in container.demux(container.streams[0]) if it.size)
    return Loop(packets, template)


def _stream(container: OutputContainer, loop: Loop) -> Stream:
    """Add a stream that is coded as *loop* is."""
    with av.open(io.BytesIO(loop.template), "r", format="mov") as template:
        return container.add_stream_from_template(template.streams[0])


def _packets(loop: Loop, stream: Stream, count: int, each: Fraction) -> "Iterator[Packet[Stream]]":
    """Yield *count* packets of *loop*, each as long as *each* in seconds."""
    for number, (data, key) in enumerate(islice(cycle(loop.packets), count)):
        packet = Packet(data)
        packet.stream, packet.time_base, packet.is_keyframe = stream, each, key
        packet.pts = packet.dts = number
        packet.duration = 1
        yield packet


def _shown(packet: "Packet[Stream]") -> Fraction:
    return (packet.pts or 0) * (packet.time_base or Fraction(1))


def _video_stream(container: OutputContainer, size: tuple[int, int], fps: int, group: int) -> VideoStream:
    stream = container.add_stream("libx264", rate=fps)
    context = stream.codec_context
    stream.width, stream.height = size
    stream.pix_fmt, stream.time_base = "yuv420p", Fraction(1, fps)
    context.thread_count, context.gop_size, context.max_b_frames = 1, group, 0
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = _LIMITED
    context.flags |= 0x80000000 | 0x00800000  # closed groups; bit-exact: no settings in the stream
    high = "8x8dct=1:cabac=1"  # the two that make it the High profile
    stream.options = {
        "preset": "ultrafast",
        "crf": "28",
        "profile": "high",
        "x264-params": f"keyint={group}:min-keyint={group}:scenecut=0:{high}",
    }
    return stream


def _picture(card: Plane, progress: float) -> Plane:
    """Return *card* as I420, with the bar *progress* of the way across."""
    height, width = card.shape
    luma = card.copy()
    left, top = round(progress * width), height * 7 // 8
    luma[top : top + height // 24, left : left + width // 12] = _BAR
    return np.concatenate([luma, np.full((height // 2, width), _NEUTRAL, np.uint8)])


def _card(size: tuple[int, int]) -> Plane:
    """Return the brightness of a card that says what it stands for."""
    width, height = size
    shade = np.linspace(*_CARD, height).astype(np.uint8)
    image = Image.fromarray(np.repeat(shade[:, None], width, axis=1))
    draw = ImageDraw.Draw(image)
    short = min(size)
    for text, font, place in (("Rehearsal", LATIN_STRONG, 0.42), (f"{width} x {height}", LATIN, 0.54)):
        face = ImageFont.truetype(font, max(8, short // (9 if place < 0.5 else 16)))  # noqa: PLR2004 - the first line
        draw.text((width / 2, height * place), text, fill=_INK, font=face, anchor="mm")
    return np.asarray(image)
