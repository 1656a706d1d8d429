"""Count a JPEG's scans before it is decoded: each costs a pass over the whole picture.

Cameras and editors write one, or of a progressive one about ten. A file of half a megabyte can hold thousands, and
keeps a decoder busy for hours. Of one that is not progressive, and whose first scan has all its components, decoders
read that scan alone (libjpeg: `has_multiple_scans`), so that nothing after it is looked at here either.
"""

import os
import re

_CHUNK = 1 << 20
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_ALONE = {0x01, *range(0xD0, 0xD9)}
_FILL, _START_OF_SCAN, _END = 0xFF, 0xDA, 0xD9
_SEQUENTIAL = {0xC0, 0xC1, 0xC3, 0xC5, 0xC7, 0xC9, 0xCB, 0xCD, 0xCF}
"""Starts of frames that are not progressive."""
_HEAD = 10
"""Bytes of a segment up to how many components a frame has."""


def count_scans(fd: int, most: int) -> int:
    """Return how many scans the JPEG at *fd* has, or *most* + 1 when there are more."""
    scans, position, components = 0, 2, 0
    while scans <= most:
        head = os.pread(fd, _HEAD, position)
        marker, length = _segment(head)
        if marker in {_END, 0}:
            break
        if marker in _SEQUENTIAL and len(head) == _HEAD:
            components = head[9]
        position += 2 + length
        if marker == _START_OF_SCAN:
            scans += 1
            if scans == 1 and components and head[4:5] == bytes([components]):
                break
            position = _next_marker(fd, position)
    return scans


def _segment(head: bytes) -> tuple[int, int]:
    """Return a segment's marker and length (0 and 0 where there is none)."""
    if len(head) < 2 or head[0] != _FILL:  # noqa: PLR2004 - a marker's two bytes
        return 0, 0
    if head[1] == _FILL:  # a fill byte: the marker begins one further
        return _FILL, -1
    return head[1], 0 if head[1] in _ALONE else int.from_bytes(head[2:4], "big")


def _next_marker(fd: int, position: int) -> int:
    """Return where the entropy-coded data that begins at *position* ends."""
    while chunk := os.pread(fd, _CHUNK, position):
        found = _MARKER.search(chunk)
        if found:
            return position + found.start()
        position += max(1, len(chunk) - 1)
    return position
