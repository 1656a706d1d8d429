"""`nightreel studio render`: one draft, one video, without a server."""

import errno
import json
import os
import signal
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.filesize import decimal
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from nightreel.cli.options import video_file
from nightreel.cli.shell import INTERRUPTED, TERMINATED, Stopped, err, out
from nightreel.errors import AssetUnusable, ConfigurationError
from nightreel.models import Quality
from nightreel.settings import load_settings

if TYPE_CHECKING:
    from nightreel.studio.draft import Draft


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(render)


def render(
    draft: Annotated[
        Path, typer.Argument(metavar="DRAFT", help="The draft, as a state answer holds it: a JSON file.")
    ],
    assets: Annotated[
        Path | None,
        typer.Option(
            "--assets",
            metavar="DIR",
            help="Where its photos, clips and music are.",
            show_default="the draft's folder",
        ),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="The video, an .mp4.", show_default="DRAFT with .mp4 for .json"
        ),
    ] = None,
    quality: Annotated[
        Quality, typer.Option("--quality", help="How well it is encoded; draft is a fast preview at half the size.")
    ] = Quality.HIGH,
) -> None:
    """Render a draft to an MP4.

    A photo of the draft, or its music, is the file in `--assets` that is called as its `asset` or its `name` says.
    What a render has made is kept in the studio's data folder: after an edit only the seconds that it touches are
    rendered, and a render that was stopped goes on where it was. `nightreel clean` removes it.
    """
    from nightreel.studio.render import Means, render

    signal.signal(signal.SIGTERM, _terminated)
    read = _read(draft)
    folder = assets or draft.parent
    video = video_file(to, draft.stem) if to else draft.with_suffix(".mp4")
    kept = load_settings()
    means = Means(cache=kept.studio_data / "segments", fonts=kept.fonts)
    found = _files(read, folder)
    _ready(video.parent)
    try:
        with _bar(video) as bar:
            shown = bar.add_task("", total=1.0)
            done = render(
                read, found, video, quality=quality, means=means,
                progress=lambda share: bar.update(shown, completed=share),
            )  # fmt: skip
    except AssetUnusable as error:
        raise AssetUnusable(
            error.message, hint=f"Put one into {folder} that can be read, or name another folder by --assets."
        ) from None
    except KeyboardInterrupt:
        raise Stopped(INTERRUPTED) from None
    made = "" if done.made == done.frames else f", {done.made} of {done.frames} frames made anew"
    out.print(f"{escape(str(video))}  {done.seconds:.1f} s, {decimal(done.size)}{made}")


def _ready(folder: Path) -> None:
    """Make *folder*, if it is not there, and see whether a video can be put there: before it is rendered.

    Raises:
        ConfigurationError: it cannot.
    """
    from nightreel.clips.files import plain_errors

    with plain_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _terminated(_number: int, _frame: FrameType | None) -> None:
    raise Stopped(TERMINATED)


def _bar(video: Path) -> Progress:
    columns = BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    return Progress(TextColumn(escape(video.name)), *columns, console=err, transient=True)


def _read(path: Path) -> "Draft":
    """Read a draft; a job or a state that holds one serves too.

    Raises:
        ConfigurationError: it cannot be read, or makes no sense.
    """
    from nightreel.studio.draft import read_draft

    try:
        wire: Any = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(wire, dict):
            raise ConfigurationError(f"{path}: a draft is a JSON object.")
        return read_draft(wire.get("draft", wire))  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: the draft cannot be read ({error}).") from None
    except ValueError as error:
        raise ConfigurationError(f"{path}: this is no draft ({error}).", hint="Mend the named place.") from None


def _files(draft: "Draft", folder: Path) -> dict[str, Path]:
    """Return the files of what the draft shows and plays, by their ids.

    Raises:
        ConfigurationError: one is not; says which.
    """
    found: dict[str, Path] = {}
    for asset, called in draft.assets.items():
        names = list(dict.fromkeys(name for name in (asset, called) if name))
        there = [folder / name for name in names if (folder / name).is_file()]
        if not there:
            wanted = " or ".join(names)
            raise ConfigurationError(
                f"{folder} has no {wanted}, which the draft uses.", hint="Name its folder by --assets."
            )
        found[asset] = there[0]
    return found
