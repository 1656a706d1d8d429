"""`nightreel sheet`: finished videos at a glance."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Annotated

import typer

from nightreel.cli.shell import complain, out
from nightreel.errors import SourceError, VideoRejected


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(sheet)


def sheet(
    videos: Annotated[list[Path], typer.Argument(metavar="VIDEO...", help="MP4s, or folders of them.")],
    folder: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where the sheets go.", show_default="beside the video"),
    ] = None,
    every: Annotated[
        float, typer.Option("--every", metavar="SECONDS", help="From picture to picture.", min=0.04)
    ] = 1,
    height: Annotated[
        int, typer.Option("--height", metavar="PIXELS", help="Of each picture.", min=40, max=2160)
    ] = 320,
) -> None:
    """Make a contact sheet of each video: a picture a second, as `NAME.sheet.png`.

    To look a night's videos through: `nightreel sheet out --out sheets`. Videos of one name keep their folders there.
    A video that cannot be decoded is named, and the others get their sheets; the exit code tells.
    """
    from nightreel.clips.files import plain_errors
    from nightreel.quality import contact_sheet

    if folder is not None:
        with plain_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
    broken: list[VideoRejected] = []
    for video, to in _places(_found(videos), folder).items():
        try:
            with plain_errors(to.parent):
                contact_sheet(video, to, every=every, height=height)
        except VideoRejected as error:
            complain(error)
            broken.append(error)
        else:
            out.print(str(to), markup=False, soft_wrap=True)
    if broken:
        raise typer.Exit(broken[0].exit_code)


def _places(videos: Sequence[Path], folder: Path | None) -> dict[Path, Path]:
    """Return where each video's sheet goes: into *folder*, and there those of one name into their own folders."""
    names = Counter(_sheet(video.name).casefold() for video in videos)
    top = Path(os.path.commonpath([video.absolute().parent for video in videos]))
    places: dict[Path, Path] = {}
    taken: set[Path] = set()
    for video in videos:
        alone = names[_sheet(video.name).casefold()] == 1
        inner = (
            video.parent if folder is None else folder / ("" if alone else video.absolute().parent.relative_to(top))
        )
        place = inner / _sheet(video.name)
        places[video] = inner / f"{video.name}.sheet.png" if place in taken else place
        taken.add(places[video])
    return places


def _sheet(name: str) -> str:
    return f"{PurePath(name).stem}.sheet.png"


def _found(paths: list[Path]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise SourceError(f"There is no {path}.", hint="Name MP4s, or a folder that has them.")
        found |= dict.fromkeys(sorted(path.rglob("*.mp4")) if path.is_dir() else [path])
    if not found:
        raise SourceError(f"There is no MP4 in {paths[0]}.", hint="`nightreel run` makes some.")
    return list(found)
