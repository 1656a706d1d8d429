"""Work in a child process, and what it cost: so that nothing of one measurement stays in memory for the next."""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Spent:
    """Processor seconds of a child and its own children, seconds on the clock, peak memory in MB, what it printed."""

    seconds: float
    wall: float
    memory: float
    printed: str


def run(command: Sequence[str]) -> Spent:
    """Run *command* to its end.

    Raises:
        RuntimeError: it failed; says what it printed last.
    """
    began = time.monotonic()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(_ROOT)  # and modules are compiled once, as where they are installed
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as child:
        printed = child.stdout.read() if child.stdout else ""
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{command[1]} ended with {child.returncode}: {printed[-600:]}")
    return Spent(usage.ru_utime + usage.ru_stime, time.monotonic() - began, usage.ru_maxrss / 1024, printed)
