"""`nightreel reconcile`: prompts of which nobody knows what came, and a person's decision."""

import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nightreel.cli.options import EngineChoice, Json, Rehearse
from nightreel.cli.shell import err, out, run_async
from nightreel.cli.view import table
from nightreel.errors import ConfigurationError, NeedsPerson
from nightreel.models import Decision
from nightreel.settings import Settings, load_settings

if TYPE_CHECKING:
    from nightreel.clips import Case, Evidence

_PROMPT_MOST = 400
_KEYS = {"m": Decision.MADE, "n": Decision.NOT_MADE, "g": Decision.GIVE_UP}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(reconcile)


def reconcile(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Prompts or clips that wait for you; a beginning of an id is enough."),
    ] = None,
    made: Annotated[bool, typer.Option("--made", help="They were carried out: settle their credits.")] = False,
    not_made: Annotated[
        bool, typer.Option("--not-made", help="They were not: release their credits; the next run buys again.")
    ] = False,
    give_up: Annotated[bool, typer.Option("--give-up", help="Nobody will find out, or wants it any more.")] = False,
    engine: EngineChoice = None,
    rehearse: Rehearse = False,
    as_json: Json = False,
) -> None:
    """Prompts of which nobody knows what came: the evidence, and your decision.

    Those called `person` wait for you: for each, what the session showed before and shows now, and what the balance
    did. On a terminal you are asked; a script names IDs and `--made`, `--not-made` or `--give-up`. The others are
    looked up by the next run. Until all is known their credits stay reserved. Exit code 4 while something waits for
    you.
    """
    decision = _decision(made=made, not_made=not_made, give_up=give_up)
    if decision and not ids:
        raise typer.BadParameter("name what you decide about: an ID of the list that `nightreel reconcile` shows.")
    ask = decision is None and not as_json and sys.stdin.isatty()
    settings = load_settings(engine=engine, rehearse=rehearse or None)
    left = run_async(_reconcile(settings, ids or [], decision, ask=ask, quiet=as_json))
    if as_json:
        out.print_json(data=[_told(case) for case in left])
    elif not left:
        out.print("What came of every prompt is known.")
    if any(case.waits for case in left):
        raise typer.Exit(NeedsPerson.exit_code)


def _decision(*, made: bool, not_made: bool, give_up: bool) -> Decision | None:
    chosen = [choice for choice, given in zip(Decision, (made, not_made, give_up), strict=True) if given]
    if len(chosen) > 1:
        raise typer.BadParameter(f'"{chosen[0]}" and "{chosen[1]}" exclude each other.')
    return chosen[0] if chosen else None


async def _reconcile(
    settings: Settings, ids: Sequence[str], decision: Decision | None, *, ask: bool, quiet: bool
) -> "list[Case]":
    """Show, ask or carry out; return what is still open."""
    from nightreel.clips import carry_out, open_cases, what_next
    from nightreel.runtime import open_runtime

    async with open_runtime(settings) as runtime:
        tools = runtime.tools
        cases = _chosen(await open_cases(tools), ids)
        for case in cases:
            if decision is None and not quiet:
                _show(case)
            said = decision or (_asked(case) if ask else None)
            if said is not None:
                await carry_out(case, said, tools)
                err.print(f"{case.name or case.id}: {said}. {what_next(case, said)}", markup=False, soft_wrap=True)
        return await open_cases(tools)


def _chosen(cases: "Sequence[Case]", ids: Sequence[str]) -> "list[Case]":
    """Return the cases that *ids* name; all, when there are none."""
    found: list[Case] = []
    for word in ids:
        meant = [case for case in cases if case.named(word)]
        if len(meant) != 1:
            what = "Nothing open is" if not meant else f"{len(meant)} things are"
            raise ConfigurationError(f"{what} called {word}.", hint="`nightreel reconcile` lists what is open.")
        found += meant
    return found or list(cases)


# --------------------------------------------------------------------------- what is shown


def _asked(case: "Case") -> Decision | None:
    """Ask what came of it; None leaves it open."""
    keys = {key: said for key, said in _KEYS.items() if said in case.choices}
    if not keys:
        return None
    offered = " · ".join(f"[{key}] {said}" for key, said in keys.items())
    while True:
        err.print(f"{offered} · [s] skip", markup=False)
        answer = typer.prompt("What came of it?", default="s", err=True).strip().lower()
        if answer in keys:
            return keys[answer]
        if answer == "s":
            return None


def _show(case: "Case") -> None:
    title = f"{case.name or 'a talk in the editor'} · {case.id}"
    out.print(table(title, ("", ""), _facts(case), headed=False))
    out.print()


def _facts(case: "Case") -> "Sequence[tuple[str, str]]":
    if case.evidence is None:
        clip = case.clip
        assert clip is not None  # noqa: S101 - a case is one or the other
        return [("waits for", "you"), ("because", clip.error), ("next", clip.hint)]
    found = case.evidence
    bought = found.purchase
    return [
        ("waits for", "you" if case.waits else "the next run, which looks up what came of it"),
        ("because", bought.note or "the run ended before its outcome was known"),
        ("sent (UTC)", f"{bought.sent_at:%Y-%m-%d %H:%M:%S}, {_ago(found.read_at - bought.sent_at)}"),
        ("reserved", f"{bought.credits} credits"),
        ("prompt", bought.prompt[:_PROMPT_MOST] + "…" * (len(bought.prompt) > _PROMPT_MOST)),
        ("session", found.session),
        ("state before", found.before),
        ("state now", found.now),
        ("balance", _balance(found)),
        ("what tells", found.tells),
    ]


def _balance(found: "Evidence") -> str:
    before, now = found.balance_before, found.balance_now
    if before is None or now is None:
        return "not known"
    beside = f"; other prompts of ours in that time: up to {found.others}" if found.others else ""
    moved = f"fell by {before - now}" if now <= before else f"rose by {now - before}"
    return f"{before} before, {now} now: {moved}{beside}"


def _ago(since: timedelta) -> str:
    minutes = since.total_seconds() / 60
    if minutes < 2 * 60:
        return f"{minutes:.0f} min ago"
    return f"{minutes / 60:.0f} h ago" if minutes < 2 * 24 * 60 else f"{since.days} days ago"


def _told(case: "Case") -> dict[str, Any]:
    """Return a case for a machine."""
    told: dict[str, Any] = {"id": case.id, "clip": case.name, "waits": case.waits, "choices": list(case.choices)}
    if case.evidence is None:
        clip = case.clip
        return {**told, "status": "person", "note": clip.error, "hint": clip.hint} if clip else told
    fields = {"kind", "credits", "status", "note", "sent_at", "prompt"}
    found = case.evidence.model_dump(mode="json", exclude={"purchase", "clip", "product"})
    extra = {"charged": case.evidence.charged, "tells": case.evidence.tells}
    return {**told, **case.evidence.purchase.model_dump(mode="json", include=fields), "evidence": {**found, **extra}}
