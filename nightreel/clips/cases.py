"""What is open after a night: prompts of which nobody knows what came, clips that wait; and what is decided."""

from collections.abc import Sequence
from dataclasses import dataclass

from nightreel.clips.decide import decide, give_up, give_up_clip, stranded
from nightreel.clips.findings import Evidence, gather
from nightreel.clips.work import Tools
from nightreel.errors import ConfigurationError
from nightreel.ledger.records import ClipRecord
from nightreel.models import Decision


@dataclass(frozen=True)
class Case:
    """Something that is open.

    Attributes:
        evidence: about a prompt.
        clip: that cannot be gone on with, though what came of its prompts is known.
    """

    evidence: Evidence | None = None
    clip: ClipRecord | None = None

    @property
    def id(self) -> str:
        """What it is decided by."""
        return self.evidence.purchase.id if self.evidence else self.clip.id if self.clip else ""

    @property
    def name(self) -> str:
        """The clip's name."""
        if self.evidence:
            return self.evidence.clip
        return f"{self.clip.product} {self.clip.format}" if self.clip else ""

    @property
    def waits(self) -> bool:
        """Whether it waits for a person, and not for the next run."""
        return self.evidence is None or self.evidence.purchase.status == "person"

    @property
    def choices(self) -> Sequence[Decision]:
        """What may be said of it."""
        if not self.waits:
            return ()
        return tuple(Decision) if self.evidence else (Decision.GIVE_UP,)

    def named(self, word: str) -> bool:
        """Whether *word* means it."""
        return self.id.startswith(word) or self.name == word


async def open_cases(tools: Tools) -> list[Case]:
    """Return everything that is open on the account; the service is asked for states and the balance."""
    prompts = [Case(evidence=await gather(it, tools)) for it in await tools.ledger.purchases.open(tools.account_id)]
    return [*prompts, *(Case(clip=clip) for clip in await stranded(tools))]


async def carry_out(case: Case, decision: Decision, tools: Tools) -> None:
    """Record what a person has decided.

    Raises:
        ConfigurationError: that cannot be said of it, or it no longer waits.
        ClipClaimed: a runner is at work on it.
    """
    if case.evidence is None:
        if decision is not Decision.GIVE_UP:
            raise ConfigurationError(
                f"{case.name}: what came of its prompts is known.", hint="It can be given up, or bought again."
            )
        await give_up_clip(case.id, tools)
    elif decision is Decision.GIVE_UP:
        await give_up(case.id, tools)
    else:
        await decide(case.id, tools, made=decision is Decision.MADE)


def what_next(case: Case, decision: Decision) -> str:
    """Say what the next run does."""
    if not case.name:
        return "Its credits are settled." if decision is Decision.MADE else "Its credits are free again."
    if decision is Decision.MADE:
        return "The next run checks the draft and exports it; it buys nothing."
    if decision is Decision.NOT_MADE:
        price = case.evidence.purchase.credits if case.evidence else 0
        return f"The next run buys it again, for {price} credits."
    return f"No run makes it any more; `nightreel run --remake {case.name.rpartition(' ')[0]}` does."
