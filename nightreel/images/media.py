"""Clips and sound, which are passed on as they are: whether they can be read to their end, and what is in them."""
# pyright: reportUnknownMemberType=false

import os
from dataclasses import dataclass

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from nightreel.images.kinds import SOUNDS
from nightreel.images.vips import DecodeError

_DEMUXERS = {"mp4": "mov", "mov": "mov", "m4a": "mov", "mkv": "matroska", "webm": "matroska"}
_BUFFER = 1 << 20
_MOST_PIXELS = 36_000_000
_MISSING = 0.9
_GUESSED = {"mp3", "aac"}  # nothing in them says how long they are
_ERRORS = (OSError, FFmpegError, ValueError, EOFError)


@dataclass(frozen=True, slots=True)
class Media:
    """What a clip or a sound is.

    Attributes:
        width, height: pixels of its picture; 0 where it has none.
        about: its length and its streams, in a few words.
        warnings: what was noticed, as sentences.
    """

    width: int
    height: int
    about: str
    warnings: tuple[str, ...] = ()


def probe_media(fd: int, kind: str) -> Media:
    """Read the file of *kind* at *fd*, which stands at its start, to its end, and decode where its streams begin.

    Its container's reader is the only one that sees it: no list or link in it is followed.

    Raises:
        DecodeError: it cannot be read, or there is nothing in it.
    """
    try:
        with (
            os.fdopen(os.dup(fd), "rb") as file,
            av.open(
                file, "r", format=_DEMUXERS.get(kind, kind), buffer_size=_BUFFER, metadata_errors="ignore"
            ) as opened,
        ):
            return _media(opened, kind)
    except _ERRORS as error:
        raise DecodeError(str(error)) from None


def _media(opened: InputContainer, kind: str) -> Media:
    video = next(iter(opened.streams.video), None) if kind not in SOUNDS else None  # a sound's picture is its cover
    sound = next(iter(opened.streams.audio), None)
    if video is None and (sound is None or kind not in SOUNDS):
        raise DecodeError("nothing in it")
    if video is not None and not 0 < video.width * video.height <= _MOST_PIXELS:
        raise DecodeError("no sane size")
    told = float(opened.duration or 0) / av.time_base
    read = _read_through(opened, [stream for stream in (video, sound) if stream is not None])
    cut = kind not in _GUESSED and read < told * _MISSING
    words = [_length(read or told), _codec(video), _codec(sound), _tone(sound)]
    return Media(
        width=video.width if video else 0,
        height=video.height if video else 0,
        about=" · ".join(word for word in words if word),
        warnings=("It is cut off: less is in it than it says.",) if cut else (),
    )


def _read_through(opened: InputContainer, streams: list[VideoStream | AudioStream]) -> float:
    """Read every packet, decode until each stream has shown something; return the seconds up to the last one's end.

    Raises:
        DecodeError: a stream shows nothing.
    """
    begun: set[int] = set()
    first, last = float("inf"), 0.0
    for packet in opened.demux(streams):
        if packet.pts is not None:
            first = min(first, float(packet.pts * packet.time_base))
            last = max(last, float((packet.pts + (packet.duration or 0)) * packet.time_base))
        if packet.stream_index not in begun and packet.decode():
            begun.add(packet.stream_index)
    if begun != {stream.index for stream in streams}:
        raise DecodeError("a stream shows nothing")
    return last - min(first, last)


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} min" if minutes else f"{seconds:.1f} s"


def _codec(stream: VideoStream | AudioStream | None) -> str:
    return "" if stream is None else stream.codec_context.codec.canonical_name


def _tone(sound: AudioStream | None) -> str:
    return "" if sound is None else f"{sound.rate / 1000:g} kHz, {sound.layout.name}"
