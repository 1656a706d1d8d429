"""`nightreel check`: are these photos fit?"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from nightreel.cli.options import Json
from nightreel.cli.shell import err, out, run_async
from nightreel.errors import SourceError

if TYPE_CHECKING:
    from nightreel.images.check import CheckLine


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(check)


def check(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Photos, or folders of photos.")],
    as_json: Json = False,
) -> None:
    """Are these photos fit? One line each; nothing is kept or sent.

    Exit code 1 when any is unfit. With `--json`, an array of
    `{path, ok, format, width, height, reason, warnings}`.
    """
    from nightreel.images.check import check_paths

    missing = [path for path in paths if not path.exists()]
    if missing:
        raise SourceError(f"There is no {missing[0]}.", hint="Name photos, or folders of photos.")
    lines = run_async(check_paths(paths))
    if as_json:
        fields = {"path", "ok", "format", "width", "height", "reason", "warnings"}
        out.print_json(json.dumps([line.model_dump(mode="json", include=fields) for line in lines]))
    else:
        for line in lines:
            out.print(_line(line))
        unfit = sum(not line.ok for line in lines)
        err.print(f"{len(lines) - unfit} fit, {unfit} unfit" if lines else "No photos found.", style="dim")
    if not lines or not all(line.ok for line in lines):
        raise typer.Exit(1)


def _line(line: "CheckLine") -> Text:
    if not line.ok:
        return Text("✗ ", style="red") + Text(f"{line.path}  ", style="bold") + Text(line.reason)
    said = Text("✓ ", style="green") + Text(f"{line.path}  ", style="bold")
    said += Text(f"{line.format} {line.width}x{line.height}", style="dim")
    return said + Text("  " + " ".join(line.warnings), style="yellow") if line.warnings else said
