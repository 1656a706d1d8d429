"""The talk's timeline as a file, and as a link for a browser."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from nightreel.clips.files import plain_errors
from nightreel.clips.rendering import HIGH, Wanted, follow, submit
from nightreel.errors import ConfigurationError, RenderFailed, RequestRefused, sentence
from nightreel.files import sweep
from nightreel.ledger.records import RenderRecord, RenderStatus
from nightreel.models import Engine
from nightreel.nemo import ClaimLink, Download, summarise, wire
from nightreel.talk.asking import settle
from nightreel.talk.talks import Talk

TRIES = 2
"""Render ids an export may use: one, and one more when the first failed or never arrived."""

Tell = Callable[[float | None, str], None]
"""Told how far an export is, 0..1 where that is known, and in a few words."""

_GOING = {RenderStatus.INTENT, RenderStatus.UNKNOWN, RenderStatus.TAKEN, RenderStatus.COMPLETED}


async def export(
    talk: Talk, to: Path, *, quality: str = HIGH, tell: Tell | None = None, draft: Mapping[str, Any] | None = None
) -> Download:
    """Have the timeline as it is now, or *draft*, rendered, and download it to *to*, which appears whole.

    An export of the very same timeline that was begun before is gone on with.

    Raises:
        ConfigurationError: there is no timeline yet, or the folder cannot be written to.
        RenderFailed: it failed twice.
        ExportForbidden: the account's plan allows no exports.
    """
    await settle(talk)
    draft = draft or (await talk.tools.nemo.state(talk.remote_id)).draft
    if not summarise(wire.State(draft=dict(draft))).ready:
        raise ConfigurationError("There is no timeline to export yet.", hint="Say what the video shall be first.")
    wanted = Wanted("The talk", talk.claim, talk.session.id, draft, tell or _silent, quality)
    problem = "it was not submitted"
    for _ in range(TRIES):
        render = await _going(talk, wanted) or await submit(wanted, talk.tools)
        done = await follow(wanted, talk.tools, render)
        if done.status is wire.RenderStatus.COMPLETED and (video := await _download(talk, wanted, done, to)):
            return video
        problem = done.error or "the service does not know it any more"
    raise RenderFailed(f"The export failed {TRIES} times: {sentence(problem)}", hint="Ask for it again later.")


async def exported(talk: Talk, draft: Mapping[str, Any], quality: str = HIGH) -> bool:
    """Whether *draft* was exported in this talk before."""
    wanted = Wanted("The talk", talk.claim, talk.session.id, draft, _silent, quality)
    render = await _going(talk, wanted)
    return render is not None and render.status is RenderStatus.COMPLETED


async def link(talk: Talk) -> ClaimLink:
    """Return the session's link for a browser.

    Raises:
        ConfigurationError: the studio has no page for one.
    """
    if talk.tools.engine is Engine.LOCAL:
        raise ConfigurationError("The studio has no page for a browser.", hint="Export the video to look at it.")
    session = wire.SessionData(task_id=talk.session.task_id or "", session_id=talk.remote_id)
    return await talk.tools.nemo.claim_link(session)


async def _going(talk: Talk, wanted: Wanted) -> RenderRecord | None:
    """Return the last export of this very timeline, in this quality, if its result can still be had."""
    renders = await talk.tools.ledger.renders.of_talk(talk.session.id)
    last = next((one for one in reversed(renders) if one.draft_hash == wanted.mark), None)
    return last if last and last.status in _GOING else None


async def _download(talk: Talk, wanted: Wanted, done: wire.RenderJob, to: Path) -> Download | None:
    """Download the finished render; None when the service does not have it any more."""

    def progress(got: int, total: int) -> None:
        wanted.tell(got / total if total else None, "downloading")

    with plain_errors(to.parent):
        to.parent.mkdir(parents=True, exist_ok=True)
        sweep(to.parent, of=to.name)
    try:
        return await talk.tools.nemo.download(done.id, to, done.url, progress=progress)
    except RequestRefused as error:
        if error.status not in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            raise
        await talk.tools.ledger.renders.lost(talk.claim, done.id, error.message)
        return None


def _silent(_fraction: float | None, _words: str) -> None:
    return
