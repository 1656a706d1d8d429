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

from nightreel.clock import Clock
from nightreel.models import Progress as ClipProgress
from nightreel.models import Step

STEPS = tuple(Step)

MARKS = {"done": "✓", "failed": "✗", "stopped": "■"}
"""Before a step that has ended."""

QUIET = 120.0
"""Seconds without a line of a clip, after which the next word of it is printed where there is no terminal."""

FEW = 12
"""As many clips keep their lines when they are done; of more, only those in work are shown, under a sum."""


class LiveView:
    """A line a clip: its step, how far it is, a note.

    On no terminal, a line a finished step instead, and one for a clip of which nothing was said for two minutes.

    Args:
        console: where it is drawn.
        clips: how many clips there are to make.
        clock: tells how long nothing was said.
    """

    def __init__(self, console: Console, clips: int, clock: Clock) -> None:
        self._console, self._clock = console, clock
        self._said: dict[str, float] = {}
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
        elif event.state in MARKS or self._quiet_for(event.clip) >= QUIET:
            self._say(event)

    def _quiet_for(self, clip: str) -> float:
        """Return how many seconds ago something was said of *clip*."""
        now = self._clock.monotonic()
        return now - self._said.setdefault(clip, now)

    def _say(self, event: ClipProgress) -> None:
        self._said[event.clip] = self._clock.monotonic()
        far = f"{event.fraction:.0%}" if event.fraction and event.state == "progress" else ""
        words = (MARKS.get(event.state, "…"), f"{event.clip} ", f"{event.step.value} ", far, event.note)
        self._console.print(" ".join(word for word in words if word).rstrip(), markup=False, soft_wrap=True)

    def _draw(self, event: ClipProgress) -> None:
        line = self._lines.get(event.clip)
        if line is None:
            line = self._progress.add_task(escape(event.clip), total=len(STEPS), note="", step="")
            self._lines[event.clip] = line
        before = STEPS.index(event.step)
        within = 1.0 if event.state == "done" else (event.fraction or 0.0)
        ended = {"failed": "[red]✗ ", "stopped": "[yellow]■ "}.get(event.state, "")
        self._progress.update(
            line,
            completed=before + within,
            step=event.step.value,
            note=escape(event.note),
            description=f"{ended}{escape(event.clip)}[/]" if ended else escape(event.clip),
        )
        if ended or (event.step is STEPS[-1] and event.state == "done"):
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


def table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[str] = (),
    headed: bool = True,
) -> Table:
    """Return a table with a heading line, if it is *headed*; *right* names the columns of figures.

    Cells are shown as they are: nothing in them is markup.
    """
    drawn = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        box=None,
        header_style="dim",
        pad_edge=False,
        show_header=headed,
    )
    for column in columns:
        drawn.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    return drawn
