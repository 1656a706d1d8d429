"""A render in a process of its own: `python -m MODULE JOB.json`.

The job is `{"draft", "assets": {id: path}, "out", "quality", "cache", "cache_bytes", "fonts"}`. The child prints JSON
lines: `{"progress": 0..1}`, and at the end `{"done": {…}}` (exit code 0) or `{"failed": "reason"}` (1). It ends when
its standard input ends, so it cannot outlive us; killing it cancels.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

_PATIENCE = 0.5
"""Seconds that a child is given to end after its input has ended, before it is killed: all within a second."""

_LINE = 64 * 1024
"""Longest line that is read."""


class RenderEnded(Exception):  # noqa: N818 - named for what happened
    """The render came to nothing; the message says why, for people."""


async def render(module: str, job: Path, out: Path, log: Path, progress: Callable[[float], None]) -> None:
    """Run *module* on *job* until its end; cancelling ends the child.

    Args:
        module: what to run.
        job: the job file.
        out: the video that it shall leave.
        log: where the child's standard error goes.
        progress: is told 0..1.

    Raises:
        RenderEnded: the child says that it failed, or ended without a result.
    """
    with log.open("wb") as errors:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            str(job),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            limit=_LINE,
            start_new_session=True,
        )
    try:
        last = await _follow(child, progress)
        code = await child.wait()
    finally:
        await _end(child)
    if "failed" in last:
        raise RenderEnded(str(last["failed"]))
    if code != 0 or "done" not in last:
        raise RenderEnded(f"the renderer ended with exit code {code} and without a result")
    if not out.is_file():
        raise RenderEnded("the renderer said that it is done, and left no video")


async def _follow(child: asyncio.subprocess.Process, progress: Callable[[float], None]) -> dict[str, Any]:
    """Read the child's lines; return the last that is a result."""
    result: dict[str, Any] = {}
    if child.stdout is None:
        return result
    async for line in child.stdout:
        said = _parse(line)
        if isinstance(said.get("progress"), int | float):
            progress(min(1.0, max(0.0, float(said["progress"]))))
        if "done" in said or "failed" in said:
            result = said
    return result


def _parse(line: bytes) -> dict[str, Any]:
    """Read one line; what is no JSON object (a library's chatter) says nothing."""
    try:
        said: object = json.loads(line)
    except ValueError:
        return {}
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


async def _end(child: asyncio.subprocess.Process) -> None:
    """Let go of the child's input, so that it cleans up and ends; kill it if it stays."""
    if child.stdin is not None:
        child.stdin.close()
    try:
        await asyncio.wait_for(child.wait(), _PATIENCE)
    except TimeoutError:
        child.kill()
        await child.wait()
