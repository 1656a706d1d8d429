"""What a person sees: the live view of a run, and tables that one likes to look at."""

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from nightreel.models import Progress as ClipProgress
from nightreel.models import Step

STEPS = tuple(Step)


FEW = 12
"""As many clips keep their lines when they are done; of more, only those in work are shown, under a sum."""


class LiveView:
    """A line a clip: its step, how far it is, a note. On no terminal, a line a finished step instead.

    Args:
        console: where it is drawn.
        clips: how many clips there are to make.
    """

    def __init__(self, console: Console, clips: int) -> None:
        self._console = console
        self._clips = clips
        self._ended = 0
        self._lines: dict[str, TaskID] = {}
        self._sum: TaskID | None = None
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description}"),
            _StepColumn(),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[note]}[/]"),
            console=console,
            transient=False,
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._progress.start()
            if self._clips > FEW:
                self._sum = self._progress.add_task("", total=self._clips, note="", step="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def __call__(self, event: ClipProgress) -> None:
        """Show *event*; a Sink."""
        if self._console.is_terminal:
            self._draw(event)
        elif event.state in {"done", "failed"}:
            mark = "✓" if event.state == "done" else "✗"
            self._console.print(f"{mark} {event.clip}  {event.step.value}  {event.note}".rstrip(), markup=False)

    def _draw(self, event: ClipProgress) -> None:
        line = self._lines.get(event.clip)
        if line is None:
            line = self._progress.add_task(escape(event.clip), total=len(STEPS), note="", step="")
            self._lines[event.clip] = line
        before = STEPS.index(event.step)
        within = 1.0 if event.state == "done" else (event.fraction or 0.0)
        failed = event.state == "failed"
        self._progress.update(
            line,
            completed=before + within,
            step=event.step.value,
            note=escape(event.note),
            description=f"[red]✗ {escape(event.clip)}[/]" if failed else escape(event.clip),
        )
        if failed or (event.step is STEPS[-1] and event.state == "done"):
            self._end(line)

    def _end(self, line: TaskID) -> None:
        self._ended += 1
        self._progress.stop_task(line)
        if self._sum is not None:
            self._progress.update(line, visible=False)
            self._progress.update(self._sum, completed=self._ended, step=f"{self._ended} of {self._clips} clips")


class _StepColumn(ProgressColumn):
    """The step's name, "done" once all are."""

    def render(self, task: Task) -> Text:
        """Return what stands in the column for *task*."""
        step = str(task.fields.get("step", ""))
        return Text("done", style="green") if task.finished else Text(step, style="cyan")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> Table:
    """Return a table with a heading line; *right* names the columns of figures.

    Cells are shown as they are: nothing in them is markup.
    """
    drawn = Table(
        title=title or None, title_justify="left", title_style="bold", box=None, header_style="dim", pad_edge=False
    )
    for column in columns:
        drawn.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    return drawn
