"""A review, from the rough cut to the last word.

It stands on the clip's own steps and session: what is approved is the clip's video, and a night finds it made. What
was asked for is a purchase of the clip, so a review that is killed goes on from the journal.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from nightreel import clips, quality, talk
from nightreel.clips.decide import GIVEN_UP
from nightreel.clips.files import places_of, plain_errors
from nightreel.clips.verify import made
from nightreel.clips.work import EDIT, Job, Order, Tools
from nightreel.cuts.answers import Verdict
from nightreel.errors import LeaseLost, NightreelError
from nightreel.files import sweep
from nightreel.ledger.deeds import Deed
from nightreel.ledger.notes import LEASE
from nightreel.ledger.records import PurchaseStatus
from nightreel.models import Clip, Delivery, Value, digest
from nightreel.nemo import describe, summarise, wire
from nightreel.talk.scripts import PREVIEW
from nightreel.talk.talks import Talk

FOLDER = "review"
"""Where previews stand, below the output folder."""


class Cut(Value):
    """A draft, as it can be looked at.

    Attributes:
        number: 1 is the rough cut, each change makes the next.
        asked: the prompt that made it.
        preview: a fast render of it.
        sheet: its pictures, one a second.
        shows: the timeline in words.
        credits: what the clip has cost so far.
    """

    number: int
    asked: str
    preview: Path
    sheet: Path
    shows: str
    credits: int


@dataclass
class Sitting:
    """A review that goes on; the clip is ours meanwhile.

    Attributes:
        changes: what was asked for since the rough cut, in order.
    """

    job: Job
    tools: Tools
    changes: list[str] = field(default_factory=list[str])

    @property
    def folder(self) -> Path:
        """Where the clip's previews and the report of its review stand."""
        return self.job.order.out / FOLDER / places_of(self.job.clip, self.job.order.out).video.stem

    async def cut(self) -> Cut:
        """Return what there is to look at; the rough cut is made first, if it is not.

        Raises:
            NightreelError: it cannot be made, or not be rendered.
        """
        job, tools = self.job, self.tools
        await clips.open_session(job, tools)
        await clips.upload(job, tools)
        await clips.generate(job, tools)
        await clips.verify(job, tools)
        purchase = await made(job, tools)
        draft = purchase.draft or {}
        number = await self._number()
        mark = f"cut-{number}-{digest(draft)[:8]}"
        preview, sheet = self.folder / f"{mark}.mp4", self.folder / f"{mark}.png"
        if not preview.is_file():
            await talk.export(await self._talk(), preview, quality=PREVIEW, draft=draft)
        with plain_errors(self.folder):
            sweep(self.folder)
            await asyncio.to_thread(quality.contact_sheet, preview, sheet)
        shows = describe(summarise(wire.State(draft=draft)))
        spent = await tools.ledger.journal.spent_on(job.clip_id)
        return Cut(number=number, asked=purchase.prompt, preview=preview, sheet=sheet, shows=shows, credits=spent)

    async def change(self, words: str) -> talk.Turn:
        """Ask for a change in plain words: a purchase in the clip's session.

        Raises:
            BudgetExceeded, CreditsExhausted, ConfigurationError, AgentFailed: nothing was changed.
            NeedsPerson: what came of it cannot be read.
        """
        await self.tools.ledger.journal.recut(self.job.claim)  # the kept master is of the cut before
        return await talk.ask(await self._talk(), words)

    async def approve(self) -> Delivery:
        """Have the cut rendered as it goes out, checked, and delivered as the clip's video.

        Raises:
            NightreelError: it cannot be rendered, or fails its checks.
        """
        await clips.export(self.job, self.tools)
        await clips.inspect(self.job, self.tools)
        delivery = await clips.deliver(self.job, self.tools)
        await self._approved(delivery.sha256)
        return delivery

    async def reject(self, why: str = "") -> None:
        """Give the clip up: no run makes it, unless it is remade or reviewed again."""
        said = f"{GIVEN_UP}: {why}" if why else GIVEN_UP
        hint = f"To buy it again: nightreel run --remake {self.job.clip.product}"
        await self.tools.ledger.journal.given_up(self.job.claim, said, hint)

    async def _approved(self, sha256: str) -> None:
        """Write down that this very file was approved, as a review of a whole night does it."""
        verdict = Verdict.APPROVE.value
        id_ = digest([self.job.clip.key, sha256, verdict, ""])[:32]
        deed = Deed(id=id_, kind="review", clip_id=self.job.clip_id, body={"verdict": verdict, "sha256": sha256})
        await self.tools.ledger.deeds.end(deed, self.tools.account_id, self.job.order.run_id, **deed.body)

    async def _number(self) -> int:
        """Count the changes that were made; tell them."""
        bought = await self.tools.ledger.purchases.of(clip_id=self.job.clip_id)
        self.changes = [one.prompt for one in bought if one.kind == EDIT and one.status is PurchaseStatus.DONE]
        return 1 + len(self.changes)

    async def _talk(self) -> Talk:
        """Return the clip's session as a talk: its prompts are the clip's purchases."""
        session = await self.tools.ledger.sessions.of(self.job.clip_id)
        assert session is not None  # noqa: S101 - the steps before have opened it
        return Talk(self.tools, self.job.claim, session)


@asynccontextmanager
async def sit(clip: Clip, order: Order, tools: Tools) -> AsyncGenerator[Sitting]:
    """Hold the clip for a review, however long a person takes; it is given back however that ends.

    Raises:
        ClipClaimed: another runner is making it.
    """
    job = await clips.claim(clip, order, tools)
    holding = asyncio.create_task(_hold(job, tools))
    try:
        yield Sitting(job, tools)
    except NightreelError as error:
        await clips.fail(job, error, tools)
        raise
    except BaseException:
        await clips.give_back(job, tools)
        raise
    else:
        await clips.give_back(job, tools)
    finally:
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)


async def _hold(job: Job, tools: Tools) -> None:
    """Extend the lease, for as long as nothing else does."""
    while True:
        await tools.clock.sleep(LEASE.total_seconds() / 4)
        with suppress(LeaseLost):  # the next step says so
            await tools.ledger.claims.extend(job.claim)
