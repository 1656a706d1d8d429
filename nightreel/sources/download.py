"""Objects of a bucket as local files: in pieces that are taken up where they broke off, whole or not at all."""

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from obstore.exceptions import BaseError, PermissionDeniedError, PreconditionError
from obstore.store import ObjectStore

from nightreel.errors import DiskFull, InputError, PhotoChanged, PhotoRejected
from nightreel.files import is_full, whole
from nightreel.models import MAX_FILE_BYTES

if TYPE_CHECKING:
    from obstore import GetOptions, ObjectMeta

PIECE = 8 * 1024 * 1024
"""Bytes asked for at once: what a cut connection costs at most."""

TRIES = 6
"""Answers that may break off in a row, before a download is given up; the store repeats what fails before that."""


def download(
    store: ObjectStore, meta: "ObjectMeta", to: Path, name: str, *, most: int | None = None, mode: int = 0o600
) -> None:
    """Have the object *meta*, which people know as *name*, at *to*.

    Every piece is asked for with the object's ETag: another version never gets between two pieces.

    Args:
        store: where it is.
        meta: as it was listed.
        to: its place.
        name: for people.
        most: bytes that are taken; None means as many as a photo may have.
        mode: of the file, less what the umask takes.

    Raises:
        PhotoRejected: it is too large.
        PhotoChanged: it is no longer the object that was listed.
        InputError: it cannot be downloaded now.
        DiskFull: no space is left for it.
    """
    most = MAX_FILE_BYTES if most is None else most
    if meta["size"] > most:
        raise PhotoRejected(f"{name} is {meta['size'] // 1024**2} MB; at most {most // 1024**2} MB are taken.")
    try:
        with whole(to, mode=mode) as file:
            _fill(file, store, meta, name)
    except OSError as error:
        if is_full(error):
            raise DiskFull(f"{to.parent} has no space left for {name}.", hint="Make room.") from None
        raise InputError(f"{name} cannot be kept in {to.parent}.") from None


def _fill(file: BinaryIO, store: ObjectStore, meta: "ObjectMeta", name: str) -> None:
    done, tries = 0, 0
    while done < meta["size"]:
        piece = _piece(store, meta, done, name)
        tries = 0 if piece else tries + 1
        if tries == TRIES:
            raise InputError(f"{name} cannot be downloaded now.", hint="Check the network; run again.")
        file.write(piece)
        done += len(piece)


def _piece(store: ObjectStore, meta: "ObjectMeta", start: int, name: str) -> bytes:
    """Return bytes of the object from *start* on: as many as came before the answer broke off, if it did."""
    end = min(start + PIECE, meta["size"])
    got = bytearray()
    try:
        answer = store.get(meta["path"], options={"range": (start, end), **_unchanged(meta)})
        if answer.meta["size"] != meta["size"]:
            raise _changed(name)
        for chunk in answer.stream(min_chunk_size=64 * 1024):
            got += bytes(chunk)
    except (PreconditionError, FileNotFoundError):
        raise _changed(name) from None
    except PermissionDeniedError:
        raise PhotoRejected(
            f"{name} may not be read.", hint="Give these credentials permission to read it."
        ) from None
    except BaseError:
        pass
    return bytes(got[: end - start])


def _unchanged(meta: "ObjectMeta") -> "GetOptions":
    return {"if_match": meta["e_tag"]} if meta["e_tag"] else {"if_unmodified_since": meta["last_modified"]}


def _changed(name: str) -> PhotoChanged:
    return PhotoChanged(f"{name} is no longer what was listed.", hint="Run again.")
