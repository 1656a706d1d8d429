"""Joining encoded pieces into one file, without encoding anything again."""
# pyright: reportUnknownMemberType=false

import heapq
import io
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream

from nightreel.studio.render.encoder import BITEXACT, IN_SYNC

_CONTAINER = {"movflags": f"+faststart+{IN_SYNC}", "use_editlist": "0", "fflags": "+bitexact"}

_UNSEEN = {"skip_frame": "all"}
"""A reader would decode each piece's first frames, to learn of them what it need not know: 8 ms a piece."""

_DELAY = 1
"""Frames by which decoding runs ahead of showing: B-frames never refer to one another."""

_Timed = tuple[Fraction, "Packet[Stream]"]


def join(pictures: Iterable[tuple[int, bytes]], sound: bytes, fps: int, path: Path) -> None:
    """Write the MP4 *path*: *pictures* one after another, each with the number of its first frame, and *sound*.

    All were encoded alike (:mod:`nightreel.studio.render.encoder`); one picture at a time is in memory.
    """
    pieces = iter(pictures)
    first = next(pieces)
    with av.open(path, "w", format="mp4", container_options=_CONTAINER) as container:
        container.flags |= BITEXACT
        seen, heard = _stream(container, first[1]), _stream(container, sound)
        shown = chain.from_iterable(_shown(data, seen, at, fps) for at, data in chain([first], pieces))
        for _, packet in heapq.merge(shown, _heard(sound, heard), key=lambda timed: timed[0]):
            container.mux_one(packet)


def _stream(container: OutputContainer, piece: bytes) -> Stream:
    """Add a stream that is coded as *piece* is."""
    with av.open(io.BytesIO(piece), "r", format="mov") as template:
        return container.add_stream_from_template(template.streams[0])


def _shown(piece: bytes, stream: Stream, first: int, fps: int) -> Iterator[_Timed]:
    """Yield a picture's packets for *stream*, each with its time of decoding.

    A reader derives that time from how far the frames at hand are out of order, so it starts elsewhere where a piece
    has no B-frames; here it is the encoder's own: one a frame, from a frame before the first is shown.
    """
    for number, packet in enumerate(_packets(piece), start=first - _DELAY):
        shown = Fraction(packet.pts or 0) * (packet.time_base or 1) * fps
        packet.time_base = Fraction(1, fps)
        packet.dts, packet.pts, packet.duration = number, first + round(shown), 1
        packet.stream = stream
        yield Fraction(number, fps), packet


def _heard(sound: bytes, stream: Stream) -> Iterator[_Timed]:
    for packet in _packets(sound):
        packet.stream = stream
        yield (packet.dts or 0) * (packet.time_base or Fraction(1)), packet


def _packets(piece: bytes) -> Iterator["Packet[Stream]"]:
    with av.open(io.BytesIO(piece), "r", format="mov", options=_UNSEEN) as container:
        yield from (packet for packet in container.demux(container.streams[0]) if packet.size)
