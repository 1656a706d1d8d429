"""What can be mended about a finished file without paying: how it is packed, how loud and how large it is."""
# pyright: reportUnknownMemberType=false
# PyAV's packets and streams are typed in part.

import heapq
from collections.abc import Collection, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.filter import Graph
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from nightreel.errors import VideoRejected
from nightreel.files import whole_at
from nightreel.quality.media import UNREADABLE, opened
from nightreel.quality.sound import RATE, hear

TARGET = -14.0
"""LUFS."""

CEILING = -1.6
"""dBTP, with a little for the encoder."""

_PACKED = {"movflags": "+faststart+negative_cts_offsets", "use_editlist": "0"}
_AUDIO_BITS = 192_000
_OVERSAMPLED = 4 * RATE
_PRIMED = 1024  # samples that AAC puts before the sound; fed without the first so many, it needs no edit list
_SPARE = 0.95  # of the size is for pictures and sound, the rest for the index
_TRIES = 3

Packets = Iterator["Packet[Stream]"]


def mend(
    path: Path, to: Path, means: Collection[str], *, most_bytes: int | None = None, softer: bool = False
) -> Path:
    """Write what is mended of *path* to *to*, which appears whole; a picture that is not too large is copied.

    Args:
        path: the video.
        to: may be *path* itself.
        means: of `remux`, `loudness`, `size`, as checks name them.
        most_bytes: for `size`.
        softer: it was asked to be soft: its loudness is kept, and only its peaks are held down.

    Raises:
        VideoRejected: it cannot be mended; says why.
        OSError: *to* cannot be written.
    """
    try:
        gain = _gain(path, softer=softer) if "loudness" in means else None
        with whole_at(to) as part:
            if "size" in means and most_bytes is not None:
                _fit(path, part, gain, most_bytes)
            else:
                _write(path, part, gain, None)
    except UNREADABLE as error:
        raise VideoRejected(f"{path.name} cannot be mended: {error}") from error
    return to


def _gain(path: Path, *, softer: bool) -> float:
    """Return by how many dB the sound has to be louder."""
    found = hear(path).integrated
    if not np.isfinite(found):
        raise ValueError("it is too quiet to be made louder")
    return min(0.0, TARGET - found) if softer else TARGET - found


def _fit(path: Path, part: Path, gain: float | None, most: int) -> None:
    """Encode the picture anew, at a rate by which the file is as small as it must be."""
    with opened(path) as source:
        seconds = float(source.duration or 0) / av.time_base
    bits = 8 * most * _SPARE / max(seconds, 1.0) - _AUDIO_BITS
    for _ in range(_TRIES):
        if bits <= 0:
            break
        _write(path, part, gain, int(bits))
        if part.stat().st_size <= most:
            return
        bits *= 0.9 * most / part.stat().st_size
    raise ValueError(f"it does not fit into {most / 2**20:.0f} MB")


def _write(path: Path, part: Path, gain: float | None, bits: int | None) -> None:
    with opened(path) as pictures, opened(path) as sound, av.open(part, "w", format="mp4", options=_PACKED) as out:
        video, audio = pictures.streams.video[0], next(iter(sound.streams.audio), None)
        begin = Fraction(video.start_time or 0) * (video.time_base or Fraction(1))
        tracks = [_copied(pictures, video, out, begin) if bits is None else _smaller(pictures, video, out, bits)]
        if audio is not None:
            tracks.append(_copied(sound, audio, out, begin) if gain is None else _louder(sound, audio, out, gain))
        for packet in heapq.merge(*tracks, key=_due):
            out.mux_one(packet)


def _due(packet: "Packet[Stream]") -> Fraction:
    return Fraction(packet.dts or 0) * (packet.time_base or Fraction(1))


def _copied(source: InputContainer, stream: Stream, out: OutputContainer, begin: Fraction) -> Packets:
    """Return the stream's packets as they are, *begin* seconds earlier."""
    target = out.add_stream_from_template(stream)

    def packets() -> Packets:
        for packet in source.demux(stream):
            if packet.dts is None or packet.pts is None:
                continue
            early = round(begin / (packet.time_base or Fraction(1)))
            packet.dts, packet.pts = packet.dts - early, packet.pts - early
            packet.stream = target
            yield packet

    return packets()


def _smaller(source: InputContainer, stream: VideoStream, out: OutputContainer, bits: int) -> Packets:
    """Return the picture, encoded anew at *bits* a second, as the house encodes."""
    rate = stream.average_rate or Fraction(30)
    target = out.add_stream("libx264", rate=rate)
    target.width, target.height, target.pix_fmt, target.bit_rate = stream.width, stream.height, "yuv420p", bits
    context = target.codec_context
    context.gop_size = max(1, round(rate / 2))
    context.color_primaries = context.color_trc = context.colorspace = 1
    context.color_range = 1
    context.options = {
        "preset": "medium", "profile": "high", "bf": "2", "b-pyramid": "none", "sc_threshold": "0",
        "maxrate": str(bits), "bufsize": str(2 * bits),
    }  # fmt: skip
    stream.thread_type = "AUTO"

    def packets() -> Packets:
        for number, frame in enumerate(source.decode(stream)):
            plain = frame.reformat(format="yuv420p")
            plain.pts, plain.time_base, plain.pict_type = number, 1 / rate, 0
            yield from target.encode(plain)
        yield from target.encode()

    return packets()


def _louder(source: InputContainer, stream: AudioStream, out: OutputContainer, gain: float) -> Packets:
    """Return the sound, *gain* dB louder, its true peaks held down, encoded anew."""
    target = out.add_stream("aac", rate=RATE, layout="stereo")
    target.bit_rate = _AUDIO_BITS
    early = max(0, -round(Fraction(stream.start_time or 0) * (stream.time_base or Fraction(1)) * RATE))

    def packets() -> Packets:
        at = 0
        for piece in _through(_limiter(gain, early + _PRIMED), source, stream):
            piece.pts, piece.time_base = at, Fraction(1, RATE)
            at += piece.samples
            yield from target.encode(piece)
        yield from target.encode()

    return packets()


def _limiter(gain: float, early: int) -> Graph:
    """Return a linear gain and a limiter that sees the peaks between samples; *early* samples are dropped first."""
    graph = Graph()
    chain = [
        graph.add_abuffer(sample_rate=RATE, format="fltp", layout="stereo"),
        graph.add("atrim", f"start_sample={early}"),
        graph.add("asetpts", "N/SR/TB"),
        graph.add("volume", f"volume={gain:.3f}dB:precision=float"),
        graph.add("aresample", str(_OVERSAMPLED)),
        graph.add("alimiter", f"limit={10 ** (CEILING / 20):.5f}:attack=4:release=80:level=false:latency=true"),
        graph.add("aresample", str(RATE)),
        graph.add("aformat", f"sample_fmts=fltp:sample_rates={RATE}:channel_layouts=stereo"),
        graph.add("abuffersink"),
    ]
    for one, other in pairwise(chain):
        one.link_to(other)
    graph.configure()
    return graph


def _through(graph: Graph, source: InputContainer, stream: AudioStream) -> Iterator[av.AudioFrame]:
    """Yield what comes out of *graph*, in frames that the encoder takes."""
    even = av.AudioResampler(format="fltp", layout="stereo", rate=RATE, frame_size=1024)
    plain = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
    for frame in [*source.decode(stream), None]:
        for piece in plain.resample(frame):
            graph.push(piece)
        if frame is None:
            graph.push(None)
        for made in _ready(graph):
            yield from even.resample(made)
    yield from even.resample(None)


def _ready(graph: Graph) -> Iterator[av.AudioFrame]:
    while True:
        try:
            yield graph.pull()  # pyright: ignore[reportReturnType]
        except (BlockingIOError, EOFError):
            return
