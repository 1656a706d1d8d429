"""Server-sent events out of bytes: the guards that httpx-sse 0.4.3 lacks stand before it.

It loses the first event after a byte order mark, holds lines back that end in CR alone, makes events of comment
pings once an `id:` was seen, and takes lines of any length. Here bytes become clean lines first.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing

import httpx
from httpx_sse import EventSource

MAX_LINE = 4 * 1024 * 1024
MAX_STREAM = 128 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_ENDS = re.compile(rb"\r\n|\n|\r")


class StreamTooLarge(ValueError):  # noqa: N818 - named for what happened
    """A line, or a whole stream, is larger than any honest one."""


class Lines:
    """Bytes into lines that end in LF, CRLF or CR; however the bytes are cut, the lines are the same."""

    def __init__(self, most: int = MAX_LINE) -> None:
        self._most = most
        self._tail = bytearray()
        self._after_cr = False
        self._first = True

    @property
    def rest(self) -> bytes:
        """What came after the last line's end."""
        return bytes(self._tail)

    def feed(self, data: bytes) -> list[bytes]:
        """Take *data*; return the lines that it completes.

        Raises:
            StreamTooLarge: a line is too long.
        """
        if self._after_cr and data.startswith(b"\n"):
            data = data[1:]
            self._after_cr = False
        if not data:
            return []
        self._after_cr = data.endswith(b"\r")
        *ended, tail = _ENDS.split(data)
        lines = [self._completed(piece) for piece in ended]
        self._add(tail)
        return lines

    def _completed(self, piece: bytes) -> bytes:
        self._add(piece)
        line = bytes(self._tail)
        self._tail.clear()
        if self._first:
            self._first = False
            line = line.removeprefix(_BOM)
        return line

    def _add(self, piece: bytes) -> None:
        if len(self._tail) + len(piece) > self._most:
            raise StreamTooLarge(f"a line of the event stream is longer than {self._most} bytes")
        self._tail += piece


class Frames:
    """The data of each event of a stream.

    Args:
        chunks: the body.
        on_comment: called for each comment: a ping.

    Attributes:
        cut: the body ended inside an event; the last data may be a piece of one.
    """

    def __init__(self, chunks: AsyncIterator[bytes], on_comment: Callable[[], None]) -> None:
        self._chunks = chunks
        self._on_comment = on_comment
        self._data_in_block = False
        self.cut = False

    async def read(self) -> AsyncGenerator[str, None]:
        """Yield data, event by event; an empty one is a ping."""
        body = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=self._clean())
        async with aclosing(EventSource(body).aiter_sse()) as events:
            async for event in events:
                yield event.data

    async def _clean(self) -> AsyncGenerator[bytes, None]:
        lines, size = Lines(), 0
        async for chunk in self._chunks:
            size += len(chunk)
            if size > MAX_STREAM:
                raise StreamTooLarge(f"the event stream is longer than {MAX_STREAM} bytes")
            for line in lines.feed(chunk):  # one at a time: a ping is told in its place among the events
                if passed := self._passed(line):
                    yield passed
        last = self._passed(lines.rest) if lines.rest else b""
        self.cut = self._data_in_block
        if self.cut:
            yield last + b"\n"

    def _passed(self, line: bytes) -> bytes:
        """Return what httpx-sse sees of *line*: no comments, and no end of a block without data."""
        if line.startswith(b":"):
            self._on_comment()
            return b""
        if line:
            self._data_in_block = self._data_in_block or line.startswith(b"data:") or line == b"data"
            return line + b"\n"
        ended, self._data_in_block = self._data_in_block, False
        return b"\n" if ended else b""
