"""`nightreel chat`: talk to the editor in plain words, at the terminal or from a pipe."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nightreel.cli import logs
from nightreel.cli.options import Budget, EngineChoice, Rate, Rehearse, Verbose
from nightreel.cli.shell import Signals, complain, err, out, run_async
from nightreel.cli.view import table
from nightreel.errors import NightreelError
from nightreel.settings import Settings, load_settings

if TYPE_CHECKING:
    from nightreel.cli.desk import Desk
    from nightreel.runtime import Runtime
    from nightreel.talk import Talk

_HISTORY = "chat-history"
"""What was typed, in the home folder: for the arrow keys."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(chat)


def chat(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="Photos, clips or sounds to begin with.")
    ] = None,
    session: Annotated[
        str,
        typer.Option(
            "--session", "-s", metavar="ID", help='Go on with this talk; the beginning of its id, or "last".'
        ),
    ] = "",
    list_: Annotated[bool, typer.Option("--sessions", help="List the talks that there are.")] = False,
    to: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Where exports go.", show_default="out")
    ] = None,
    budget: Budget = None,
    language: Annotated[
        str, typer.Option("--language", metavar="CODE", help="The session's language, for a new talk.")
    ] = "en",
    engine: EngineChoice = None,
    rehearse: Rehearse = False,
    rate: Rate = None,
    verbose: Verbose = False,
) -> None:
    """Talk to the editor: hand over photos, say what the video shall be, look at the timeline, export.

    Files are handed over by their paths, typed or dragged into the window. "export", "credits", "status" and
    "upload" are done at once and cost nothing; everything else is a prompt, which does. After each, the timeline and
    what it cost are shown. `/help` lists what else there is.

    A talk is kept: `--session last` goes on where it ended, also after a crash. From a pipe, each line is taken in
    turn, and the first that fails ends it.
    """
    logs.set_up(verbose=verbose)
    settings = load_settings(engine=engine, rehearse=rehearse or None, rate=rate)
    if list_:
        run_async(_list(settings))
        return
    signals = Signals()
    raise typer.Exit(signals.run(_chat(settings, files or [], session, to, budget, language, signals)))


async def _list(settings: Settings) -> None:
    from nightreel import talk
    from nightreel.runtime import open_runtime

    async with open_runtime(settings) as runtime:
        talks = await talk.listed(runtime.tools)
        rows = [
            (f"{one.session.created_at:%Y-%m-%d %H:%M}", one.session.remote_id or "", one.session.language)
            for one in talks
        ]
    if not rows:
        out.print("No talks yet. `nightreel chat` begins one.", markup=False)
        return
    out.print(table("", ("began (UTC)", "session", "language"), rows))


async def _chat(
    settings: Settings,
    files: list[Path],
    session: str,
    to: Path | None,
    budget: int | None,
    language: str,
    signals: Signals,
) -> int:
    from nightreel.cli.desk import Desk
    from nightreel.runtime import open_runtime

    async with open_runtime(settings) as runtime:
        with err.status("Opening the editor…"):
            held = await _talk(runtime, session, budget, language)
        desk = Desk(held, to or settings.out, terminal=sys.stdin.isatty())
        try:
            await desk.welcome(resumed=bool(session))
            return await _go_on(desk, files, settings, signals)
        finally:
            err.print(f"Go on with it by: nightreel chat --session {held.remote_id}", markup=False, soft_wrap=True)


async def _talk(runtime: "Runtime", session: str, budget: int | None, language: str) -> "Talk":
    from nightreel import talk

    await runtime.warm_up()
    if session:
        return await talk.resume(runtime.tools, session, budget=budget)
    return await talk.begin(runtime.tools, language=language, budget=budget)


async def _go_on(desk: "Desk", files: list[Path], settings: Settings, signals: Signals) -> int:
    """Take line after line; return the exit code."""
    from nightreel import talk

    if files:
        await desk.hand_over(files)
    lines = _typed(settings, signals) if desk.terminal else _piped()
    async for line in lines:
        try:
            if not await desk.take(line):
                break
        except NightreelError as error:
            if not desk.terminal:
                raise
            complain(error)
    await talk.close(desk.talk)
    return 0


async def _piped() -> AsyncIterator[str]:
    while line := await asyncio.to_thread(sys.stdin.readline):
        if text := line.strip():
            err.print(f"> {text}", markup=False, soft_wrap=True)
            yield text


async def _typed(settings: Settings, signals: Signals) -> AsyncIterator[str]:
    """Yield what is typed, until Ctrl-D, or Ctrl-C on an empty line."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import FileHistory

    asking: PromptSession[str] = PromptSession(history=FileHistory(str(settings.home_dir / _HISTORY)))
    while True:
        try:
            with signals.asking():
                text = (await asking.prompt_async("> ", handle_sigint=False)).strip()
        except (EOFError, KeyboardInterrupt):
            return
        if text:
            yield text
