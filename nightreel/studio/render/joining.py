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
        shown = chain.from_iterable(_packets(data, seen, Fraction(at, fps)) for at, data in chain([first], pieces))
        for _, packet in heapq.merge(shown, _packets(sound, heard, Fraction(0)), key=lambda timed: timed[0]):
            container.mux_one(packet)


def _stream(container: OutputContainer, piece: bytes) -> Stream:
    """Add a stream that is coded as *piece* is."""
    with av.open(io.BytesIO(piece), "r", format="mov") as template:
        return container.add_stream_from_template(template.streams[0])


def _packets(piece: bytes, stream: Stream, begin: Fraction) -> Iterator[_Timed]:
    """Yield the packets of *piece* for *stream*, *begin* seconds later, each with its time of decoding."""
    with av.open(io.BytesIO(piece), "r", format="mov") as container:
        for packet in container.demux(container.streams[0]):
            if packet.size and packet.dts is not None and packet.pts is not None and packet.time_base:
                later = int(begin / packet.time_base)
                packet.dts, packet.pts = packet.dts + later, packet.pts + later
                packet.stream = stream
                yield packet.dts * packet.time_base, packet
