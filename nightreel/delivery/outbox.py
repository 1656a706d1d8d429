"""The outbox: for whoever posts, a folder a day and platform, with video, cover and text under the product's name.

Files are hard links where the disk can, else copies; each appears whole, the video last: who finds it finds all.
"""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from nightreel.files import part_of, sync_folder, whole, write_whole
from nightreel.models import Platform, Value


class Parcel(Value):
    """What is to be placed for one platform.

    Attributes:
        day: "2026-11-25".
        name: what the files are called.
        video, cover: where they stand.
        text: of the post, as the platform takes it; "" for none.
    """

    day: str
    platform: Platform
    name: str
    video: Path
    cover: Path
    text: str = ""


def place(outbox: Path, parcel: Parcel) -> tuple[str, ...]:
    """Place *parcel* in *outbox*; return its files, relative to it. Done again, it changes nothing. Blocks.

    Raises:
        OSError: the folder cannot be written.
    """
    folder = outbox / parcel.day / parcel.platform.value
    folder.mkdir(parents=True, exist_ok=True)
    placed: list[Path] = []
    if parcel.text:
        placed.append(write_whole(folder / f"{parcel.name}.txt", f"{parcel.text}\n".encode()))
    placed.append(_link(parcel.cover, folder / f"{parcel.name}.jpg"))
    placed.append(_link(parcel.video, folder / f"{parcel.name}.mp4"))
    return tuple(path.relative_to(outbox).as_posix() for path in placed)


def withdraw(outbox: Path, files: Iterable[str]) -> None:
    """Take *files*, as they were placed, out of *outbox*, and the folders that are empty then. Blocks.

    Raises:
        OSError: the folder cannot be written.
    """
    for name in sorted(files, key=lambda name: not name.endswith(".mp4")):  # the video first: nothing is half there
        path = outbox / name
        path.unlink(missing_ok=True)
        for folder in (path.parent, path.parent.parent):
            if folder != outbox and folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def _link(source: Path, to: Path) -> Path:
    """Have *source*'s content at *to*, whole: linked, or copied to another disk."""
    part = part_of(to)
    try:
        os.link(source, part)
    except OSError:
        with source.open("rb") as file, whole(to) as out:
            shutil.copyfileobj(file, out)
        return to
    part.replace(to)
    part.unlink(missing_ok=True)  # a rename of one link onto another of the same file leaves both
    sync_folder(to.parent)
    return to
