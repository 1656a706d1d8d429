"""Ctrl-C and SIGTERM: drain, then stop; and what is said on the way."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import pytest

from nightreel.cli import shell
from nightreel.cli.shell import Signals, Stopped, run_async
from nightreel.clips import Stopping


def _send(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


async def _cut_short() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_command_that_cannot_be_drained_is_cut_short(number: signal.Signals, code: int) -> None:
    """The first signal ends it, and the exit code says which it was."""

    async def work() -> None:
        _send(number)
        await _cut_short()

    with pytest.raises(Stopped) as stopped:
        run_async(work())
    assert stopped.value.exit_code == code


def _drained(work: Callable[[Stopping], Awaitable[str]]) -> tuple[str, Signals]:
    signals, stopping = Signals(), Stopping()

    async def draining() -> str:
        with signals.draining(stopping):
            return await work(stopping)

    return signals.run(draining()), signals


async def _asked(stopping: Stopping) -> None:
    with pytest.raises(Exception, match="stopped before"):
        await stopping.unless(_cut_short())


def test_the_first_signal_asks_and_the_work_ends_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """After one Ctrl-C a run finishes what it is at, and says so; what it returns counts."""

    async def work(stopping: Stopping) -> str:
        _send(signal.SIGINT)
        await _asked(stopping)
        return "finished"

    finished, signals = _drained(work)
    assert (finished, signals.exit_code) == ("finished", 130)
    assert "Ctrl-C again stops at once" in capsys.readouterr().err


def test_the_second_signal_stops_at_once() -> None:
    """A second Ctrl-C does not wait for anything."""

    async def work(stopping: Stopping) -> str:
        _send(signal.SIGINT)
        await _asked(stopping)
        _send(signal.SIGINT)
        await _cut_short()
        return "never"

    with pytest.raises(Stopped) as stopped:
        _drained(work)
    assert stopped.value.exit_code == 130


def test_sigterm_leaves_a_grace_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """After SIGTERM the work is cut short when its grace is over."""
    monkeypatch.setattr(shell, "GRACE", 0.01)

    async def work(stopping: Stopping) -> str:
        _send(signal.SIGTERM)
        await _asked(stopping)
        await _cut_short()
        return "never"

    with pytest.raises(Stopped) as stopped:
        _drained(work)
    assert stopped.value.exit_code == 143


def test_signals_are_taken_back_from_whoever_took_them() -> None:
    """Prefect takes SIGTERM for itself when a flow begins: the flow hands it back to us."""

    async def work(stopping: Stopping) -> str:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        stopping.listen()
        _send(signal.SIGTERM)
        await _asked(stopping)
        return "finished"

    assert _drained(work)[0] == "finished"
