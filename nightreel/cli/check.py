"""`nightreel check`: are these photos fit?"""

import contextlib
import json
import os
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from nightreel.cli.options import Json
from nightreel.cli.shell import err, out, run_async
from nightreel.errors import SourceError
from nightreel.models import Format
from nightreel.names import readable

if TYPE_CHECKING:
    from nightreel.images.check import CheckLine

_FIELDS = {"path", "ok", "format", "width", "height", "reason", "warnings"}
_FEW = 4
"""With fewer files, no bar is drawn."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(check)


def check(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Photos, or folders of photos.")],
    formats: Annotated[
        list[Format] | None,
        typer.Option("--format", "-f", help="Say what is too small for this format. May be given again."),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", metavar="N", min=1, max=64, help="Photos looked at at once.")
    ] = os.cpu_count() or 1,
    as_json: Json = False,
) -> None:
    """Are these photos fit? One line each; nothing is kept or sent.

    Each is decoded to its last pixel. `✗` is not fit, and says why; `!` can be used, and says what was noticed. In a
    folder, photos are found by name and by content, however deep, and those of one folder are compared.

    Exit code 1 when any is unfit. With `--json`, an array of
    `{path, ok, format, width, height, reason, warnings}`, written as it grows.
    """
    missing = [path for path in paths if not os.path.lexists(path)]
    if missing:
        raise SourceError(f"There is no {missing[0]}.", hint="Name photos, or folders of photos.")
    counts = run_async(_check(paths, jobs, formats or (), as_json=as_json))
    if not as_json:
        err.print(_sum(counts), style="dim")
    if not counts or counts["unfit"]:
        raise typer.Exit(1)


async def _check(paths: Sequence[Path], jobs: int, formats: Sequence[Format], *, as_json: bool) -> Counter[str]:
    from nightreel.images.check import check_paths
    from nightreel.images.finding import count_files

    counts: Counter[str] = Counter()
    with _progress(count_files(paths)) as step, _array() if as_json else _rows() as write:
        async with contextlib.aclosing(check_paths(paths, at_once=jobs, formats=formats)) as lines:
            async for line in lines:
                counts["unfit" if not line.ok else "with a warning" if line.warnings else "fit"] += 1
                write(line)
                step()
    return counts


@contextlib.contextmanager
def _progress(total: int) -> Generator[Callable[[], None]]:
    """Draw a bar below the lines, where there is a terminal and more than one file."""
    columns = (TextColumn("looking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    hidden = total < _FEW or not err.is_terminal
    bar = Progress(*columns, console=err, transient=True, redirect_stdout=out.is_terminal, disable=hidden)
    with bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)


@contextlib.contextmanager
def _array() -> Generator[Callable[["CheckLine"], None]]:
    """Write an array of lines, one at a time; it is whole JSON however it ends."""
    before = "[\n"

    def write(line: "CheckLine") -> None:
        nonlocal before
        typer.echo(before + json.dumps(line.model_dump(mode="json", include=_FIELDS)), nl=False)
        before = ",\n"

    try:
        yield write
    finally:
        typer.echo("\n]" if before != "[\n" else "[]")


@contextlib.contextmanager
def _rows() -> Generator[Callable[["CheckLine"], None]]:
    """Print a row a line; the widths are fixed, so that none waits for the others."""
    out.print(_row("", "kind", "size", Text("photo")), style="dim")
    yield lambda line: out.print(_row_of(line))


def _row_of(line: "CheckLine") -> Table:
    said = Text(readable(line.path)) + Text(f"  {line.about}" if line.about else "", style="dim")
    if not line.ok:
        return _row("[red]✗[/]", "", "", said + Text(f"\n{_reason(line)}", style="red"))
    said += Text("".join(f"\n{warning}" for warning in line.warnings), style="yellow")
    size = f"{line.width}x{line.height}" if line.width else ""
    return _row("[yellow]![/]" if line.warnings else "[green]✓[/]", line.format, size, said)


def _reason(line: "CheckLine") -> str:
    """Return why it is not fit, without the path that it begins with: that stands above."""
    return line.reason.removeprefix(line.path).strip()


def _row(mark: str, kind: str, size: str, said: Text) -> Table:
    row = Table.grid(padding=(0, 2, 0, 0))
    for width in (1, 4, 11):
        row.add_column(width=width)
    row.add_column(overflow="fold")
    row.add_row(mark, kind, size, said)
    return row


def _sum(counts: Counter[str]) -> str:
    told = ", ".join(f"{counts[what]} {what}" for what in ("fit", "with a warning", "unfit") if counts[what])
    return told or "No photos found."
