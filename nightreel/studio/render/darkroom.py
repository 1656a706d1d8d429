"""Where photos are made ready: what was found and made is kept for the next render, and little is in work at once.

Where the product is in a photo is kept by the photo, and so holds for every format and every edit; what a camera's
path sees of it by all that decides that. Both are read in a tenth of the time that they take to make.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from nightreel.studio.render.cache import Cache
from nightreel.studio.render.camera import Path as CameraPath
from nightreel.studio.render.framing import View
from nightreel.studio.render.keys import key_of, renderer
from nightreel.studio.render.memory import Heavy
from nightreel.studio.render.plate import Planes, Print
from nightreel.studio.render.subject import Edges, Subject

Item = TypeVar("Item")

Shown = tuple[CameraPath, Print]
"""A path over a photo, and what it sees."""

_SUBJECTS = 128
"""One part in so many of the room is for subjects, which are small."""


class Darkroom:
    """Keeps what photos gave.

    Args:
        folder: where it is kept; without one, nothing is.
        digests: of the photos' contents, by their ids.
        most: bytes that all of it may take.
    """

    def __init__(self, folder: Path | None = None, digests: Mapping[str, str] | None = None, most: int = 0) -> None:
        self.heavy = Heavy()
        self._digests = digests or {}
        self._prints = Cache(folder, most - most // _SUBJECTS, ".print") if folder else None
        self._subjects = Cache(folder, most // _SUBJECTS, ".subject") if folder else None

    def subject(self, photo: str, find: Callable[[], Subject]) -> Subject:
        """Return the product's place in *photo*; what is not known yet is to *find*."""
        return self._kept(self._subjects, [photo], find, _subject_said, _subject_of)

    def shown(self, photo: str, decides: list[Any], make: Callable[[], Shown]) -> Shown:
        """Return what a shot shows of *photo*, and its path; *decides* is all else that has a part in it."""
        return self._kept(self._prints, [photo, *decides], make, _packed, _unpacked)

    def _kept(
        self, cache: Cache | None, what: list[Any], make: Callable[[], Item], pack: Callable[[Item], bytes],
        unpack: Callable[[bytes], Item],
    ) -> Item:  # fmt: skip
        digest = self._digests.get(what[0])
        if cache is None or digest is None:
            return make()
        key = key_of([renderer(), digest, *what[1:]])
        data = cache.get(key)
        if data is not None:
            return unpack(data)
        made = make()
        with suppress(OSError):  # the video goes on without
            cache.put(key, pack(made))
        return made


def _subject_said(subject: Subject) -> bytes:
    unrest = subject.unrest
    box = (subject.left, subject.top, subject.right, subject.bottom)
    return json.dumps([box, (unrest.left, unrest.top, unrest.right, unrest.bottom), subject.focus]).encode()


def _subject_of(data: bytes) -> Subject:
    box, unrest, (x, y) = json.loads(data)
    return Subject(*box, unrest=Edges(*unrest), focus=(x, y))


def _packed(shown: Shown) -> bytes:
    """Return a line of JSON, and the planes' pixels."""
    path, made = shown
    height, width = made.planes.y.shape
    views = [[view.x, view.y, view.width] for view in (path.start, path.end)]
    head = {"views": views, "place": [made.x, made.y, made.scale], "size": [width, height]}
    planes = (plane.tobytes() for plane in (made.planes.y, made.planes.u, made.planes.v))
    return b"".join((json.dumps(head).encode(), b"\n", *planes))


def _unpacked(data: bytes) -> Shown:
    end = data.index(b"\n")
    head: dict[str, Any] = json.loads(data[:end])
    width, height = head["size"]
    pixels = np.frombuffer(data, np.uint8, offset=end + 1)
    luma, blue, red = np.split(pixels, [width * height, width * height * 5 // 4])
    half = height // 2, width // 2
    planes = Planes(luma.reshape(height, width), blue.reshape(half), red.reshape(half))
    return CameraPath(*(View(*view) for view in head["views"])), Print(planes, *head["place"])
