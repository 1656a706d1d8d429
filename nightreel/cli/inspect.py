"""`nightreel inspect`: are these videos fit, and for which platform?"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from nightreel.cli.options import Json
from nightreel.cli.shell import err, out
from nightreel.cli.view import table
from nightreel.errors import SourceError

if TYPE_CHECKING:
    from nightreel.models import Check


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(inspect)


def inspect(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE...", help="MP4s, or folders of them.")] = None,
    preset: Annotated[
        str, typer.Option("--preset", "-p", metavar="NAME", help="The platform whose limits count.")
    ] = "master",
    list_: Annotated[bool, typer.Option("--presets", help="List the presets.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Show the checks that hold, too.")] = False,
    as_json: Json = False,
) -> None:
    """Check finished videos as a broadcaster would: packing, coding, picture, sound, for a platform.

    Every frame is decoded and all sound is heard. The duration, the photos and the words that were asked for are
    known of our own clips only, and are checked when they are made. Exit code 1 when a video fails a check.
    """
    from nightreel import quality

    if list_:
        rows = [(name, one.title, str(len(one.limits))) for name, one in quality.presets().items()]
        out.print(table("", ("preset", "for", "checks"), rows, right=("checks",)))
        return
    by = quality.preset(preset)
    found = _found(files or [])
    told: list[tuple[Path, Sequence[Check]]] = []
    for path in found:
        with err.status(f"Looking at {path.name}…"):
            told.append((path, quality.inspect_video(path, by=by)))
        if not as_json:
            _show(*told[-1], every=every)
    if as_json:
        out.print_json(json.dumps([_row(path, checks, preset) for path, checks in told]))
    if not all(check.ok for _, checks in told for check in checks):
        raise typer.Exit(1)


def _found(paths: Sequence[Path]) -> list[Path]:
    """Return the videos that are named, and those in the folders that are.

    Raises:
        SourceError: there is none.
    """
    found = [video for path in paths for video in (sorted(path.rglob("*.mp4")) if path.is_dir() else [path])]
    missing = [path for path in found if not path.exists()]
    if missing or not found:
        what = f"There is no {missing[0]}." if missing else "No video was named, or is in the folders."
        raise SourceError(what, hint="Name MP4s, or folders of them; --presets lists the platforms.")
    return found


def _show(path: Path, checks: "Sequence[Check]", *, every: bool) -> None:
    bad = [check for check in checks if not check.ok]
    mark = Text("✗ ", style="red") if bad else Text("✓ ", style="green")
    said = f"{len(bad)} of {len(checks)} checks fail" if bad else f"{len(checks)} checks hold"
    out.print(mark + Text(f"{path}  ", style="bold") + Text(said, style="dim"), soft_wrap=True)
    for check in checks if every else bad:
        mark = Text("  ✓ ", style="green") if check.ok else Text("  ✗ ", style="red")
        line = mark + Text(f"{check.name}: {check.found}") + Text(f"  (wanted: {check.wanted})", style="dim")
        mends = {"remux": "packed anew", "loudness": "made as loud as it should be", "size": "encoded smaller"}
        out.print(line + Text(f"  can be {mends[check.mend]}" if check.mend else "", style="cyan"), soft_wrap=True)


def _row(path: Path, checks: "Sequence[Check]", preset: str) -> dict[str, object]:
    return {
        "path": str(path),
        "ok": all(check.ok for check in checks),
        "preset": preset,
        "checks": [check.model_dump(mode="json") for check in checks],
    }
