"""`nightreel sheet`: finished videos at a glance."""

from pathlib import Path
from typing import Annotated

import typer

from nightreel.cli.shell import out
from nightreel.errors import SourceError


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

    To look a night's videos through: `nightreel sheet out --out sheets`.
    """
    from nightreel.quality import contact_sheet

    for video in _found(videos):
        to = (folder or video.parent) / f"{video.stem}.sheet.png"
        out.print(str(contact_sheet(video, to, every=every, height=height)), markup=False)


def _found(paths: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise SourceError(f"There is no {path}.", hint="Name MP4s, or a folder that has them.")
        found += sorted(path.rglob("*.mp4")) if path.is_dir() else [path]
    if not found:
        raise SourceError(f"There is no MP4 in {paths[0]}.", hint="`nightreel run` makes some.")
    return found
