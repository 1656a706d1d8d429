"""The encoder: I420 buffers and stereo sound in, an MP4 that every platform takes out.

H.264 High, yuv420p tagged BT.709, two B-frames, closed GOPs of half a second; AAC-LC 48 kHz stereo; the index first,
no edit list. Without an edit list the sound's first frame (the encoder's own 1,024 samples of run-up) would delay all
the others: the sound is fed 1,024 samples early instead, and negative composition offsets start the picture at 0.
x264 runs on one thread, as its output depends on their number, and without its macroblock tree: with it, the same
pictures (180x320, one machine) gave other bytes in 15 of 40 runs; without it, in none of 60. With it and `asm=0`
25 of 25 were alike; why is not known. Other processors have not been compared.
"""
# pyright: reportUnknownMemberType=false

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from nightreel.errors import RenderError
from nightreel.studio.render.pixels import Bytes

RATE = 48_000
_RUN_UP = 1_024
_BT709 = 1
_LIMITED = 1
_QUALITY = {"high": ("veryfast", 19), "medium": ("veryfast", 23), "low": ("superfast", 27)}
_X264 = "scenecut=0:open-gop=0:bframes=2:b-adapt=1:aq-mode=3:no-mbtree=1"
_CONTAINER = {"movflags": "+faststart+negative_cts_offsets", "use_editlist": "0", "fflags": "+bitexact"}


class Encoder:
    """Writes one video; a context manager that finishes the file.

    Args:
        path: where the MP4 goes.
        size: width and height in pixels, both even.
        fps: whole frames a second.
        quality: "high", "medium" or "low".
        sound: samples x 2, float32 in -1..1, at 48 kHz; as long as the picture.
    """

    def __init__(self, path: Path, size: tuple[int, int], fps: int, quality: str, sound: NDArray[np.float32]) -> None:
        if quality not in _QUALITY:
            known = ", ".join(_QUALITY)
            raise RenderError(f'"{quality}" is no quality of a render.', hint=f"There are: {known}.")
        self._container = av.open(path, "w", format="mp4", container_options=_CONTAINER)
        self._container.flags |= 0x0400  # AVFMT_FLAG_BITEXACT: no library version in the file
        self._fps = fps
        self._size = size
        self._video = self._add_video(*_QUALITY[quality])
        self._audio = self._add_audio()
        self._frames = 0
        self._sound = self._blocks(sound)
        self._heard = Fraction(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._sound_until(None)
            self._container.mux(self._audio.encode(None))
            self._container.mux(self._video.encode(None))
        self._container.close()

    def add(self, buffer: Bytes) -> None:
        """Encode the next picture, and the sound up to it."""
        whole = self._size[1] % 4 == 0  # of other heights, PyAV 18.1 takes the wrong planes from a buffer
        frame = (VideoFrame.from_numpy_buffer if whole else VideoFrame.from_ndarray)(buffer, "yuv420p")
        frame.pts, frame.time_base = self._frames, Fraction(1, self._fps)
        self._frames += 1
        self._container.mux(self._video.encode(frame))
        self._sound_until(Fraction(self._frames, self._fps))

    def _add_video(self, preset: str, crf: int) -> VideoStream:
        stream = self._container.add_stream("libx264", rate=self._fps)
        gop = max(1, round(self._fps / 2))
        context = stream.codec_context
        stream.width, stream.height = self._size
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, self._fps)
        context.thread_count = 1
        context.gop_size, context.max_b_frames = gop, 2
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _LIMITED
        context.flags |= 0x80000000 | 0x00800000  # closed GOPs; bit-exact: no settings in the stream
        stream.options = {
            "preset": preset,
            "crf": str(crf),
            "profile": "high",
            "x264-params": f"keyint={gop}:min-keyint={gop}:{_X264}",
        }
        return stream

    def _add_audio(self) -> AudioStream:
        stream = self._container.add_stream("aac", rate=RATE)
        stream.layout = "stereo"
        stream.bit_rate = 192_000
        return stream

    def _blocks(self, sound: NDArray[np.float32]) -> Iterator[AudioFrame]:
        for begin in range(_RUN_UP, len(sound), _RUN_UP):
            block = np.ascontiguousarray(sound[begin : begin + _RUN_UP].T)
            frame = AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = RATE, begin, Fraction(1, RATE)
            yield frame

    def _sound_until(self, second: Fraction | None) -> None:
        while second is None or self._heard < second:
            frame = next(self._sound, None)
            if frame is None:
                return
            self._heard += Fraction(frame.samples, RATE)
            self._container.mux(self._audio.encode(frame))
