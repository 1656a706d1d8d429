"""reconcile: what interrupted runs have left unknown, and a person's decision about what nobody can find out."""

from typing import Annotated, Literal

from prefect import flow
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas import State
from prefect.input import RunInput
from prefect.states import Completed, Failed
from pydantic import BaseModel, Field

from flows import events
from flows.asking import DAY, ask
from nightreel.clips import Case, carry_out, open_cases, what_next
from nightreel.errors import NightreelError
from nightreel.models import Decision, Engine
from nightreel.runtime import Runtime, open_runtime
from nightreel.settings import load_settings

AT_MOST = 20
"""Questions in one run; the next asks the rest."""


class Looking(BaseModel):
    """What is looked at."""

    engine: Annotated[
        Engine | None,
        Field(title="Made by", description="Whose prompts. Nothing: as the settings of the worker say."),
    ] = None
    rehearse: Annotated[bool, Field(title="Rehearsal", description="The rehearsal's account.")] = False
    ask: Annotated[
        bool,
        Field(title="Ask me", description="Wait for your decision about each prompt that needs one, with a form."),
    ] = False
    hours: Annotated[float, Field(gt=0, le=24 * 7, title="Wait at most", description="Hours, for each answer.")] = 24


EVERYTHING = Looking()


class Answer(RunInput):
    """What came of the prompt?"""

    decision: Annotated[
        Literal[
            "made after all", "not made, try again", "give up"
        ],  # an enum's own words would take the title's place
        Field(
            title="What came of the prompt?",
            description="made after all: its credits are settled, the next run exports the draft. "
            "not made, try again: its credits are free, the next run buys it again. "
            "give up: nobody wants it any more. (The list opens by its arrows.)",
        ),
    ] = "give up"
    sure: Annotated[bool, Field(title="Decide", description="Unticked, everything stays as it is.")] = False


@flow(name="reconcile", retries=0, persist_result=False)
async def reconcile(look: Looking = EVERYTHING) -> State:
    """See what is open: prompts of which nobody knows what came. Green when nothing waits for a person.

    What waits for the next run is looked up by it; nothing is bought here.
    """
    async with open_runtime(load_settings(engine=look.engine, rehearse=look.rehearse or None)) as runtime:
        cases = await open_cases(runtime.tools)
        for case in [case for case in cases if case.waits][:AT_MOST]:
            if look.ask:
                await _decide(case, look, runtime)
            else:
                events.tell(events.NEEDS_PERSON, "clip", case.name or case.id, f"{case.name} needs a decision.")
        left = await open_cases(runtime.tools) if look.ask else cases
        await acreate_markdown_artifact(_told(left), key="nightreel-open", description="What is open")
    waiting = sum(case.waits for case in left)
    words = f"{waiting} wait for a person, {len(left) - waiting} for the next run"
    return Failed(message=words) if waiting else Completed(message=words if left else "Everything is known")


async def _decide(case: Case, look: Looking, runtime: Runtime) -> None:
    """Ask about *case*, and record the answer; one that came too late changes nothing."""
    hours = look.hours * DAY / 24
    answer = await ask(Answer, case.name or case.id, _evidence(case), patience=hours)
    if answer is None or not answer.sure:
        return
    decision = Decision(answer.decision)
    try:
        await carry_out(case, decision, runtime.tools)
        said = f"{decision}. {what_next(case, decision)}"
    except NightreelError as error:
        said = f"{error.message} {error.hint}"
    await acreate_markdown_artifact(f"**{case.name or case.id}**: {said}", key="nightreel-decision")


def _evidence(case: Case) -> str:
    """Return what there is to see, as Markdown."""
    if case.evidence is None:
        told = {"because": case.clip.error, "next": case.clip.hint} if case.clip else {}
    else:
        found = case.evidence
        told = {
            "because": found.purchase.note,
            "sent (UTC)": f"{found.purchase.sent_at:%Y-%m-%d %H:%M:%S}",
            "reserved": f"{found.purchase.credits} credits",
            "session": found.session,
            "state before": found.before,
            "state now": found.now,
            "balance": f"{found.balance_before} before, {found.balance_now} now",
            "what tells": found.tells,
        }
    rows = [f"- **{name}**: {value}" for name, value in told.items() if value]
    return "\n".join((f"### {case.name or case.id}", "", *rows))


def _told(cases: list[Case]) -> str:
    if not cases:
        return "What came of every prompt is known."
    return "\n\n".join(_evidence(case) for case in cases)
