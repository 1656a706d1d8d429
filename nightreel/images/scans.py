"""Count a JPEG's scans before it is decoded: each costs a pass over the whole picture.

Cameras and editors write one, or of a progressive one about ten. A file of half a megabyte can hold thousands, and
keeps a decoder busy for hours.
"""

import os
import re

_CHUNK = 1 << 20
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_ALONE = {0x01, *range(0xD0, 0xD9)}
_FILL, _START_OF_SCAN, _END = 0xFF, 0xDA, 0xD9


def count_scans(fd: int, most: int) -> int:
    """Return how many scans the JPEG at *fd* has, or *most* + 1 when there are more."""
    scans, position = 0, 2
    while scans <= most:
        marker, length = _segment(os.pread(fd, 4, position))
        if marker in {_END, 0}:
            break
        position += 2 + length
        if marker == _START_OF_SCAN:
            scans += 1
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
