"""What a chat does with a line, and how it shows what came of it."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rich.filesize import decimal
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn

from nightreel import talk
from nightreel.cli.shell import err, out
from nightreel.errors import ConfigurationError
from nightreel.nemo import Action, AgentEvent, EventKind, Request, describe, requests_in, summarise, translate
from nightreel.talk import Past, Talk, Turn

HELP = """\
/upload FILE...   hand over photos, clips or sounds (or type or drag their paths)
/export [FILE]    make the MP4, as the timeline is now       "export" does it, too
/status           the timeline as it is                      "status"
/credits          what there is, and what this talk may spend "credits"
/history          what was said and done in this talk
/link             a link that opens the session in a browser
/quit             end; the talk is kept
Anything else is a prompt to the editor, and is paid for."""

_PREVIEWS = 60
"""Characters of what the editor is saying that are shown while it does."""

_HINTS = {
    Action.EXPORT: 'Say "export" to get the MP4.',
    Action.EDIT: "Say in words what shall be moved.",
}
"""What this client does of what the service asks a user of a screen to do, where that is left to the user."""


class Desk:
    """A chat's desk.

    Args:
        held: the talk.
        folder: where exports go.
        terminal: somebody sits before it.
    """

    def __init__(self, held: Talk, folder: Path, *, terminal: bool) -> None:
        self.talk, self.terminal = held, terminal
        self._folder = folder

    async def welcome(self, *, resumed: bool) -> None:
        """Say where one is; of a talk that goes on, what was said, and what came of its last prompt."""
        tools = self.talk.tools
        err.print(f"Session {self.talk.remote_id} of {tools.account_id}. /help lists what there is.", markup=False)
        if resumed:
            self._show_past(await talk.history(self.talk))
            with err.status("Looking up what came of the last prompt…"):
                settled = await talk.settle(self.talk)
            if settled is not None:
                out.print(f"The last prompt was {_outcome(settled.status.value)}.", markup=False)
        await self._credits()

    async def take(self, line: str) -> bool:
        """Do what *line* asks for; return whether the chat goes on.

        Raises:
            NightreelError: it cannot be done; says why.
        """
        if line.startswith("/") and not _paths(line):
            return await self._command(line)
        if paths := _paths(line):
            await self.hand_over(paths)
            return True
        for request, text in requests_in(line):
            await self._do(request, text)
        return True

    async def hand_over(self, paths: Sequence[Path]) -> None:
        """Upload files, with a bar."""
        with _bar("Handing over") as bar:
            shown = bar.add_task("", total=None)
            handed = await talk.hand_over(
                self.talk, paths, lambda sent, total: bar.update(shown, completed=sent, total=total)
            )
        for one in handed:
            out.print(f"{one.source.name} is there as {one.name}.", markup=False, soft_wrap=True)
            for warning in one.warnings:
                err.print(f"  {warning}", markup=False, style="yellow")

    async def _command(self, line: str) -> bool:
        name, _, rest = line[1:].partition(" ")
        if name in {"quit", "exit", "q"}:
            return False
        if name == "upload":
            if not (paths := _paths(rest)):
                raise ConfigurationError("No file of that name is there.", hint="/upload FILE...")
            await self.hand_over(paths)
        elif name == "export":
            await self._export(rest.strip())
        elif name == "status":
            await self._status()
        elif name == "credits":
            await self._credits()
        elif name == "history":
            self._show_past(await talk.history(self.talk))
        elif name == "link":
            link = await talk.link(self.talk)
            out.print(
                f"{link.url}  (for {link.expires_in // 86400} days; whoever has it has the session)", soft_wrap=True
            )
        else:
            out.print(HELP, markup=False)
        return True

    async def _do(self, request: Request, text: str) -> None:
        if request is Request.EXPORT:
            await self._export("")
        elif request is Request.CREDITS:
            await self._credits()
        elif request is Request.STATUS:
            await self._status()
        elif request is Request.UPLOAD:
            out.print("Type the files' paths, or drag them here.", markup=False)
        elif request is Request.WAIT:
            out.print("Nothing is done, and nothing was sent.", markup=False)
        else:
            await self._prompt(text)

    async def _prompt(self, text: str) -> None:
        with err.status("Sending…") as status:
            said = ""

            def heard(event: AgentEvent) -> None:
                nonlocal said
                if event.kind is EventKind.WAITING:
                    err.print(event.text, markup=False)
                elif event.kind in {EventKind.PARTIAL, EventKind.TEXT} and not event.shown:
                    said += event.text
                    status.update(escape(" ".join(said.split())[-_PREVIEWS:]))
                elif event.kind is EventKind.TOOL_CALL:
                    status.update(escape(f"{event.name.replace('_', ' ')}…"))

            self.talk.tell = lambda words: status.update(f"{words}…")
            turn = await talk.ask(self.talk, text, heard)
        await self._show(turn)

    async def _show(self, turn: Turn) -> None:
        if turn.said.text:
            out.print(turn.said.text, markup=False, soft_wrap=True)
        elif not turn.changed:
            out.print("The editor changed nothing, and said nothing.", markup=False)
        for sentence in turn.changed:
            out.print(f"· {sentence}", markup=False, soft_wrap=True)
        if turn.timeline.ready:
            out.print(describe(turn.timeline), markup=False, style="cyan", soft_wrap=True)
        for action in turn.said.actions:
            if hint := _HINTS.get(action):
                err.print(hint, markup=False, style="dim")
        await self._credits(turn.credits)

    async def _status(self) -> None:
        state = await self.talk.tools.nemo.state(self.talk.remote_id)
        out.print(describe(summarise(state)), markup=False, style="cyan", soft_wrap=True)

    async def _credits(self, spent: int | None = None) -> None:
        """Tell what is left: at the account, and of the talk's budget."""
        books, tools = self.talk.tools.ledger.credits, self.talk.tools
        balance = (await books.observe(tools.account_id, tools.nemo.credits, run_id=self.talk.claim.run_id)).balance
        cost = "" if spent is None else f"{spent} credits spent; "
        budgets = {
            budget.scope: budget.left
            for budget in await books.budgets(tools.account_id, self.talk.claim.run_id or "")
        }
        left = budgets.get("run")
        limit = f", {left} of this talk's budget" if left is not None else ""
        err.print(f"{cost}{balance.available} credits are left{limit}.", style="dim", markup=False)

    async def _export(self, name: str) -> None:
        to = Path(name).expanduser() if name else _unused(self._folder, self.talk.remote_id)
        with _bar("Exporting") as bar:
            shown = bar.add_task("", total=1.0)
            done = await talk.export(self.talk, to, tell=lambda share, _: bar.update(shown, completed=share))
        out.print(f"{to}  {decimal(done.size)}", markup=False, soft_wrap=True)

    def _show_past(self, past: Sequence[Past]) -> None:
        if not past:
            out.print("Nothing was said yet.", markup=False)
        for one in past:
            mark = {"files": "+", "prompt": ">", "export": "↓"}[one.what]
            out.print(
                f"{one.at:%m-%d %H:%M} {mark} {one.text}  ({_outcome(one.outcome)})", markup=False, soft_wrap=True
            )
            for line in (translate(one.reply).text, one.shows):
                if line:
                    out.print(f"            {line}", markup=False, style="dim", soft_wrap=True)


def _outcome(status: str) -> str:
    return {
        "done": "done",
        "sent": "there",
        "not_made": "no change",
        "unsent": "not sent",
        "unknown": "still unknown",
        "intent": "still unknown",
        "person": "to be decided: nightreel reconcile",
    }.get(status, status)


def _bar(words: str) -> Progress:
    return Progress(TextColumn(words), BarColumn(), console=err, transient=True)


def _paths(line: str) -> list[Path]:
    """Return the files that *line* is made of: typed, quoted, or dragged in; nothing where it is no such line."""
    try:
        words = shlex.split(line)
    except ValueError:
        return []
    found = [_path(word) for word in words]
    if found and all(path.is_file() for path in found):
        return found
    whole = _path(line.strip())
    return [whole] if whole.is_file() else []


def _path(word: str) -> Path:
    if word.startswith("file://"):
        word = unquote(urlsplit(word).path)
    try:
        path = Path(word).expanduser()
        path.is_file()
    except (OSError, ValueError, RuntimeError):
        return Path("/dev/null")
    return path


def _unused(folder: Path, session: str) -> Path:
    """Return a file's name that is not taken: talk_<session>_<n>.mp4."""
    short = re.sub(r"\W", "", session.rpartition("_")[2])[:8] or "talk"
    number = 1
    while (path := folder / f"talk_{short}_{number}.mp4").exists():
        number += 1
    return path
