"""review_clip: a rough cut; a person approves it, asks for a change in plain words, or rejects it."""

import asyncio
from collections.abc import Iterator
from itertools import count
from typing import Annotated, Literal
from uuid import UUID

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas import State
from prefect.input import RunInput
from prefect.runtime import flow_run
from prefect.states import Completed, Running
from pydantic import Field

from flows import artifacts, events
from flows.artifacts import plain
from flows.asking import DAY, ask
from flows.pictures import Shown, thumbnail
from nightreel import cuts
from nightreel.cuts import Answer, Cut, Review, Sitting, Verdict
from nightreel.errors import AgentFailed, BudgetExceeded, ConfigurationError, CreditsExhausted
from nightreel.runtime import Runtime, open_runtime
from nightreel.settings import load_settings

NOTHING = Review()
"""Every parameter of a flow needs a default, or an automation's run silently fails."""

CHANGED_NOTHING = (BudgetExceeded, CreditsExhausted, ConfigurationError, AgentFailed)
"""What a change can meet that leaves the cut as it was: the person is told, and asked again."""

_WIDE = 900


class Said(RunInput):
    """What do you say of this cut?"""

    verdict: Annotated[
        Literal["approve", "change", "reject"],
        Field(
            title="What becomes of it?",
            description="approve: it is rendered in full, checked and delivered. "
            "change: what you write below is asked for, for the price of an edit, and you are shown the next cut. "
            "reject: nobody makes it any more. (The list opens by its arrows.)",
        ),
    ] = "change"
    words: Annotated[
        str,
        Field(
            title="In your words",
            description='What to change: "make it 10 seconds", "calmer music", "no title"; or why it is rejected.',
        ),
    ] = ""


@flow(name="review-clip", flow_run_name="review {review.product}", retries=0, persist_result=False)
async def review_clip(review: Review = NOTHING) -> State:
    """Make a rough cut, show it, and do what a person says of it, again and again; silence counts as was set.

    Killed at any point, the same review goes on: what was asked for is not asked for, or paid, twice.
    """
    settings = load_settings(engine=review.engine, rehearse=review.rehearse or None)
    async with open_runtime(settings) as runtime:
        runtime.tools.stopping.listen()
        clip, order = await cuts.choose(review, runtime)
        async with cuts.sit(clip, order, runtime.tools) as sitting:
            words = await _review(sitting, review, runtime)
        await runtime.ledger.journal.end_run(order.run_id, words.partition(":")[0])
    return Completed(message=f"{clip.name} {words}")


async def _review(sitting: Sitting, review: Review, runtime: Runtime) -> str:
    """Show cut after cut until one is approved or rejected; return what came of it."""
    note, questions = "", count(1)
    while True:
        cut = await sitting.cut()
        await _show(sitting, cut, note, runtime)
        answer = await _answer(sitting, cut, note, review, questions)
        if answer.verdict is Verdict.CHANGE:
            note = await _change(sitting, answer.words)
            continue
        words = await _last_word(sitting, answer, runtime)
        await asyncio.to_thread(cuts.report, sitting, cut, words, runtime.clock.now(), answer.verdict)
        return words


async def _last_word(sitting: Sitting, answer: Answer, runtime: Runtime) -> str:
    if answer.verdict is Verdict.APPROVE:
        return await _approve(sitting, answer, runtime)
    await sitting.reject(answer.words or f"by {answer.by}")
    return f"rejected by {answer.by}"


async def _approve(sitting: Sitting, answer: Answer, runtime: Runtime) -> str:
    delivery = await sitting.approve()
    events.tell(events.DELIVERED, "clip", delivery.clip, f"{delivery.clip} was approved by {answer.by}.")
    shown = Shown.by(runtime.settings, sitting.job.order.out)
    link = shown.link("video", str(delivery.video.relative_to(shown.out)))
    told = f"**{plain(delivery.clip)}** was approved by {answer.by}, for {delivery.credits} credits: {link}"
    await artifacts.show(told, "nightreel-review", "What came of the review")
    return f"approved by {answer.by}: {delivery.credits} credits"


async def _change(sitting: Sitting, words: str) -> str:
    """Ask for it; return what came of it, for the next question."""
    try:
        turn = await sitting.change(words)
    except CHANGED_NOTHING as error:
        return f"Nothing was changed. {error}"
    changed = " ".join(turn.changed) or "Nothing was changed."
    return f"{changed} {turn.credits} credits. {turn.said.text}".strip()


# --------------------------------------------------------------------------- asking


async def _answer(sitting: Sitting, cut: Cut, note: str, review: Review, questions: Iterator[int]) -> Answer:
    """Ask a person; when nobody answers in time, do what was set."""
    while True:
        about = f"{sitting.job.clip.name}, question {next(questions)}"
        told = f"{_evidence(sitting, cut, note)}\n\nIts pictures stand under *Artifacts*."
        said = await ask(Said, about, told, patience=review.hours * DAY / 24)
        if said is not None:
            return Answer(verdict=Verdict(said.verdict), words=said.words.strip())
        await _awake()
        if (verdict := review.silence.verdict) is not None:
            return Answer(verdict=verdict, by=f"silence, after {review.hours:g} hours")


async def _awake() -> None:
    """Say that the run goes on: to Prefect one that nobody has resumed is Paused, and soon Failed."""
    async with get_client() as client:
        await client.set_flow_run_state(UUID(str(flow_run.id)), Running(), force=True)


def _evidence(sitting: Sitting, cut: Cut, note: str) -> str:
    """Return what one has to know to answer, as Markdown."""
    told = {"asked for": cut.asked, "it shows": cut.shows, "changes so far": "; ".join(sitting.changes), "last": note}
    rows = [f"- **{name}**: {plain(words)}" for name, words in told.items() if words]
    price = f"A change costs {sitting.tools.tariff.edit} credits; {cut.credits} were spent so far."
    return "\n".join((f"### {plain(sitting.job.clip.name)}, {_name(cut)}", "", *rows, "", price))


def _name(cut: Cut) -> str:
    return "rough cut" if cut.number == 1 else f"cut {cut.number}"


# --------------------------------------------------------------------------- showing


async def _show(sitting: Sitting, cut: Cut, note: str, runtime: Runtime) -> None:
    """Show the cut: as an artifact of the run, and in the report beside its preview."""
    await asyncio.to_thread(cuts.report, sitting, cut, note, runtime.clock.now())
    shown = Shown.by(runtime.settings, sitting.job.order.out)
    link = shown.link("the preview as a video", cut.preview.relative_to(shown.out).as_posix())
    pictures = await asyncio.to_thread(thumbnail, cut.sheet, _WIDE, _WIDE)
    sheet = f"![one picture a second]({pictures})" if pictures else ""
    told = f"{_evidence(sitting, cut, note)}\n\n{sheet}\n\n{link}"
    await artifacts.show(told, "nightreel-review", f"{_name(cut)} of the clip")
