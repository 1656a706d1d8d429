"""What is printed of a run where there is no terminal."""

import io

import pytest
from rich.console import Console

from nightreel.cli.view import LiveView
from nightreel.clock import ManualClock
from nightreel.models import Progress, Step


@pytest.fixture
def clock() -> ManualClock:
    """Give a clock that is moved by hand."""
    return ManualClock()


@pytest.fixture
def pipe() -> io.StringIO:
    """Give what is printed into."""
    return io.StringIO()


@pytest.fixture
def view(clock: ManualClock, pipe: io.StringIO) -> LiveView:
    """Give a view into a pipe."""
    return LiveView(Console(file=pipe, width=80), 1, clock)


def test_steps_are_told_when_they_end(view: LiveView, pipe: io.StringIO) -> None:
    """A line a step: done, failed with its reason, stopped; nothing of its beginning and middle."""
    for state, note in (("started", ""), ("progress", "reading"), ("done", ""), ("failed", "no"), ("stopped", "")):
        view(Progress(clip="MUG 9x16", step=Step.EXPORT, state=state, note=note))  # pyright: ignore[reportArgumentType]
    assert pipe.getvalue().splitlines() == ["✓ MUG 9x16  export", "✗ MUG 9x16  export  no", "■ MUG 9x16  export"]


def test_long_work_is_told_of_every_two_minutes(view: LiveView, clock: ManualClock, pipe: io.StringIO) -> None:
    """In a pipe, too, somebody sees that it still works: a line every two minutes, with how far it is."""
    view(Progress(clip="MUG 9x16", step=Step.GENERATE, state="started"))
    for minute in range(1, 7):
        clock.advance(60)
        note = f"Still working… ({minute} min)"
        view(Progress(clip="MUG 9x16", step=Step.GENERATE, state="progress", fraction=0.4, note=note))
    assert pipe.getvalue().splitlines() == [
        f"… MUG 9x16  generate  40% Still working… ({minute} min)" for minute in (2, 4, 6)
    ]
