"""Processes that never outlive the one that started them, and that say when they are ready.

A child reads a pipe whose other end only its parent holds: when the parent ends, even killed, the pipe ends and so
does the child. (prctl's death signal comes when the starting *thread* ends, and is Linux's alone.) A second pipe
carries one line the other way: "ready", with what the parent wants to know.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

READY_FD = "NIGHTREEL_READY_FD"
"""Variable that tells a child where to say that it is ready."""


class Child:
    """A tethered child process.

    Args:
        process: the process; its standard input is the tether.
        ready: the reading end of the pipe on which it says that it is ready.
        log: the file that its output goes to.
    """

    def __init__(self, process: subprocess.Popen[bytes], ready: int, log: Path) -> None:
        self.process = process
        self.log = log
        self._ready = ready

    async def ready(self) -> str:
        """Wait until the child says that it is ready; return what it says, "" if it ended without a word."""
        import asyncio  # noqa: PLC0415 - a child that only ends with its parent starts sooner, and smaller, without

        return await asyncio.to_thread(self.wait_ready)

    def wait_ready(self) -> str:
        """Wait as :meth:`ready` does, in this thread."""
        with os.fdopen(self._ready, encoding="utf-8") as pipe:
            return pipe.readline().strip()

    def last_words(self, lines: int = 3) -> str:
        """Return the last lines that the child wrote: for an error message."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return " ".join(text.strip().splitlines()[-lines:])

    def release(self, patience: float = 10.0) -> None:
        """End the child by letting go of its tether; after *patience* seconds, by force."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(
    module: str,
    arguments: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
) -> Child:
    """Start `python -m module arguments` on a tether; the child calls :func:`end_with_parent`.

    It gets a session of its own, so that Ctrl-C at the terminal reaches the parent alone, which then drains.

    Args:
        module: the module to run.
        arguments: its command line.
        log: the file that its standard output and error go to; begun anew.
        environment: variables over our own.
        pass_fds: descriptors that it gets, under the same numbers.
    """
    ready, theirs = os.pipe()
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {}), READY_FD: str(theirs)},
                pass_fds=[theirs, *pass_fds],
                start_new_session=True,
            )
    except BaseException:
        os.close(ready)
        raise
    finally:
        os.close(theirs)
    return Child(process, ready, log)


def end_with_parent(farewell: Callable[[], None] | None = None) -> None:
    """End this process when its standard input ends; *farewell* is called instead where it is given.

    Without a farewell the process ends at once: whatever must survive is on disk already.
    """

    def watch() -> None:
        while os.read(0, 4096):
            pass
        if farewell is not None:
            farewell()
        else:
            os._exit(0)

    threading.Thread(target=watch, name="tether", daemon=True).start()


def say_ready(word: str = "ready") -> None:
    """Tell the parent that we are ready, in one line; without a tethering parent, say nothing."""
    descriptor = os.environ.pop(READY_FD, "")
    if descriptor:
        with os.fdopen(int(descriptor), "w", encoding="utf-8") as pipe:
            pipe.write(word + "\n")
