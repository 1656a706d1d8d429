"""Request bodies, bounded while they are read: JSON in memory, files straight to disk."""

import asyncio
import hashlib
import json
import secrets
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Any, TypeVar, cast

from pydantic import ValidationError
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from nightreel import files
from nightreel.nemo.wire import Code, Wire
from nightreel.studio.answers import Refused
from nightreel.studio.options import StudioOptions

MAX_JSON = 4 * 1024 * 1024
"""Bytes of a JSON body."""

_BATCH = 1024 * 1024
"""Bytes that are parsed and written in one go."""

_DRAIN = 16 * 1024 * 1024
"""Bytes that are still read of a refused body, so that the refusal reaches a client that is sending."""

Body = TypeVar("Body", bound=Wire)


@dataclass(frozen=True)
class Received:
    """A file as it came in; *path* is a part file, *name* what the sender calls it."""

    path: Path
    name: str
    size: int
    sha256: str


async def read_json(request: Request, shape: type[Body]) -> Body:
    """Read a JSON body of *shape*; no body is an empty one.

    Raises:
        Refused: 413 too large, 400 no JSON, 422 not of this shape.
    """
    whole = bytearray()
    async for chunk in request.stream():
        whole += chunk
        if len(whole) > MAX_JSON:
            await drain(request.stream())
            raise Refused(413, f"the body is larger than {MAX_JSON} bytes")
    try:
        parsed: Any = json.loads(whole or b"{}")
    except (ValueError, RecursionError):
        raise Refused(400, "the body is no JSON") from None
    try:
        return shape.model_validate(parsed)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Refused(422, f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}") from None


async def receive_files(request: Request, folder: Path, options: StudioOptions) -> list[Received]:
    """Write the parts named `files` of a multipart body to *folder*; all of them, or none.

    Raises:
        Refused: 4002 a file or the whole is too large, 400 it is no multipart body or has no file, 507 no space.
    """
    _, fields = parse_options_header(request.headers.get("content-type", ""))
    if not fields.get(b"boundary"):
        raise Refused(400, "the multipart body has no boundary")
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length) > options.max_request_bytes:
        raise Refused(
            Code.FILE_TOO_LARGE, f"file too large: an upload takes {options.max_request_bytes} bytes at most"
        )
    parts = _Parts(folder, options)
    stream = request.stream()
    try:
        await _parse(stream, MultipartParser(fields[b"boundary"], cast("Any", parts.callbacks)), parts)
    except BaseException as error:
        parts.discard()
        if isinstance(error, Refused):
            await drain(stream)
        raise
    return parts.received


async def _parse(stream: AsyncIterator[bytes], parser: MultipartParser, parts: "_Parts") -> None:
    batch = bytearray()
    try:
        async for chunk in stream:
            batch += chunk
            if len(batch) >= _BATCH:
                await asyncio.to_thread(parser.write, bytes(batch))
                batch.clear()
        await asyncio.to_thread(parser.write, bytes(batch))
        parser.finalize()
    except MultipartParseError as error:
        raise Refused(400, f"the multipart body cannot be read: {error}") from None
    except OSError as error:
        if is_full(error):
            raise Refused(507, "the studio's disk is full") from None
        raise
    if parts.open or not parts.ended:
        raise Refused(400, "the multipart body ends too early")
    if not parts.received:
        raise Refused(400, "the upload has no part named `files` with a file name")


def is_full(error: OSError | sqlite3.OperationalError) -> bool:
    """Whether *error* says that the disk has no space left."""
    if isinstance(error, OSError):
        return files.is_full(error)
    return "full" in str(error)


async def drain(stream: AsyncIterator[bytes]) -> None:
    """Read on for a while and forget it."""
    seen = 0
    async for chunk in stream:
        seen += len(chunk)
        if seen > _DRAIN:
            return


class _Parts:
    """What the parser calls: takes the files apart and writes them."""

    def __init__(self, folder: Path, options: StudioOptions) -> None:
        self._folder = folder
        self._options = options
        self._field, self._value = bytearray(), bytearray()
        self._headers: dict[bytes, bytes] = {}
        self._file: IO[bytes] | None = None
        self._name, self._path = "", folder
        self._size, self._total = 0, 0
        self._hash = hashlib.sha256()
        self.received: list[Received] = []
        self.ended = False
        self.callbacks = {
            "on_part_begin": self._headers.clear,
            "on_header_field": self._on_field,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers,
            "on_part_data": self._on_data,
            "on_part_end": self._on_part_end,
            "on_end": self._on_end,
        }

    @property
    def open(self) -> bool:
        """Whether a part has begun and not ended."""
        return self._file is not None

    def discard(self) -> None:
        """Remove everything that was written."""
        if self._file is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)
        for file in self.received:
            file.path.unlink(missing_ok=True)

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[bytes(self._field).lower()] = bytes(self._value)
        self._field.clear()
        self._value.clear()

    def _on_headers(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if options.get(b"name") != b"files" or b"filename" not in options:
            return
        if len(self.received) >= self._options.max_files:
            raise Refused(400, f"an upload takes {self._options.max_files} files at most")
        self._name = display_name(options[b"filename"].decode("utf-8", "replace").replace("%22", '"'))
        self._path = self._folder / f"{secrets.token_hex(16)}.part"
        self._file = self._path.open("xb")
        self._size, self._hash = 0, hashlib.sha256()

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        piece = data[start:end]
        self._total += len(piece)
        if self._total > self._options.max_request_bytes:
            raise Refused(Code.FILE_TOO_LARGE, "file too large: the upload as a whole")
        if self._file is None:
            return
        self._size += len(piece)
        if self._size > self._options.max_file_bytes:
            raise Refused(
                Code.FILE_TOO_LARGE, f"file too large: {self._name}, {self._options.max_file_bytes} bytes at most"
            )
        self._hash.update(piece)
        self._file.write(piece)

    def _on_part_end(self) -> None:
        if self._file is None:
            return
        self._file.close()
        self._file = None
        self.received.append(Received(self._path, self._name, self._size, self._hash.hexdigest()))

    def _on_end(self) -> None:
        self.ended = True


def display_name(name: str) -> str:
    """Return the last part of a sender's file name, printable and short; it is shown, and never a path."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    printable = "".join(letter for letter in last if letter.isprintable()).strip()
    suffix = PurePosixPath(printable).suffix[:16]
    return (printable.removesuffix(suffix)[: 200 - len(suffix)] + suffix) or "file"
