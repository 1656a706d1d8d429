"""Finished videos on their way down: whole or not at all.

A link that a service gives is followed without our token and our headers, and redirects are followed by hand. An
encoded body is refused (1 MB of gzip inflates to 287 MB). The file appears under its name only when its size and its
first bytes are right and it is on the disk.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import httpx

from nightreel.errors import DiskFull, MalformedAnswer, RequestRefused
from nightreel.files import is_full, whole
from nightreel.nemo.upload import OnProgress

MAX_VIDEO_BYTES = 4 * 1024**3
_PIECE = 1024 * 1024
_MP4 = b"ftyp"


class Hash(Protocol):
    """A hash that goes on."""

    def update(self, data: bytes, /) -> None:
        """Take *data*."""


@dataclass(frozen=True)
class Download:
    """A file that was downloaded whole; *size* in bytes, *sha256* in hex."""

    path: Path
    size: int
    sha256: str


@dataclass(frozen=True)
class Target:
    """Where a download goes, and how large it may be."""

    path: Path
    most: int = MAX_VIDEO_BYTES
    progress: OnProgress | None = None


def next_hop(response: httpx.Response, at: httpx.URL) -> httpx.URL | None:
    """Return where a redirect leads; None if *response* is none.

    Raises:
        RequestRefused: it leads where no download may come from.
    """
    location = response.headers.get("location", "")
    return safe_link(location, at) if response.is_redirect and location else None


def safe_link(link: str, base: httpx.URL) -> httpx.URL:
    """Return *link*, made absolute, if it may be followed: never from https down to http, and never with a password.

    Raises:
        RequestRefused: it may not; the link itself is not quoted, for it may be signed.
    """
    try:
        url = base.join(link)
    except httpx.InvalidURL:
        raise RequestRefused("The download link is no URL.", hint="Export again.") from None
    safe = url.scheme == "https" or (url.scheme == "http" and base.scheme == "http")
    if not safe or not url.host or url.userinfo:
        raise RequestRefused(f"The download link ({url.scheme}://{url.host}) is not safe.", hint="Export again.")
    return url


def refuse_encoded(response: httpx.Response) -> None:
    """Look at the headers, before the body is read.

    Raises:
        MalformedAnswer: the body is encoded.
    """
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise MalformedAnswer("The video came encoded, though none was asked for.", status=response.status_code)


async def save(response: httpx.Response, target: Target, chunks: AsyncIterator[bytes]) -> Download:
    """Write *chunks*, the body of *response*, to *target*, whole.

    Raises:
        MalformedAnswer: it is too large, shorter than it says, or no MP4.
        DiskFull: no space is left.
    """
    wanted = _length(response, target)
    try:
        with whole(target.path) as out:
            size, sha256 = await _write(chunks, out, target, wanted)
            await asyncio.to_thread(os.fsync, out.fileno())  # a long wait, and not the loop's
    except OSError as error:
        if is_full(error):
            raise DiskFull(f"No space is left for {target.path}.", hint="Make room and run again.") from error
        raise
    return Download(target.path, size, sha256)


def _length(response: httpx.Response, target: Target) -> int | None:
    """Return the size that the answer claims."""
    claimed = response.headers.get("content-length", "")
    size = int(claimed) if claimed.isdecimal() else None
    if size is not None and size > target.most:
        raise _too_large(target)
    return size


async def _write(chunks: AsyncIterator[bytes], out: BinaryIO, target: Target, wanted: int | None) -> tuple[int, str]:
    """Write *chunks* and return their size and hash."""
    size, sha256, head, pending = 0, hashlib.sha256(), b"", bytearray()
    async for chunk in chunks:
        size += len(chunk)
        if size > target.most:
            raise _too_large(target)
        pending += chunk
        if len(head) < 8:  # noqa: PLR2004 - a box's size and type
            head = _checked_head((head + chunk)[:8])
        if len(pending) >= _PIECE:
            await asyncio.to_thread(_put, out, bytes(pending), sha256)
            pending.clear()
            if target.progress is not None:
                target.progress(size, wanted or 0)
    await asyncio.to_thread(_put, out, bytes(pending), sha256)
    if size < 8 or (wanted is not None and size != wanted):  # noqa: PLR2004 - a box's size and type
        raise MalformedAnswer(f"The video has {size} bytes, {wanted or 'more'} were promised.", hint="Try again.")
    if target.progress is not None:
        target.progress(size, wanted or size)
    return size, sha256.hexdigest()


def _checked_head(head: bytes) -> bytes:
    if len(head) == 8 and head[4:8] != _MP4:  # noqa: PLR2004 - a box's size and type
        raise MalformedAnswer("What came is no MP4.", hint="Ask the render for a fresh link.")
    return head


def _put(out: BinaryIO, data: bytes, sha256: Hash) -> None:
    out.write(data)
    out.flush()
    sha256.update(data)


def _too_large(target: Target) -> MalformedAnswer:
    return MalformedAnswer(f"The video is larger than {target.most / 2**20:.0f} MB.", hint="Look at the render.")
