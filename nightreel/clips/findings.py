"""What can be found out about a prompt of which nobody knows what came: for the person who has to decide."""

from datetime import datetime

from nightreel.clips.evidence import Verdict, charged, compare
from nightreel.clips.work import Tools
from nightreel.errors import NightreelError
from nightreel.ledger.records import PurchaseRecord
from nightreel.models import Credits, Value
from nightreel.nemo import describe, summarise


class Evidence(Value):
    """What can be found out about an open prompt.

    Attributes:
        clip: its name; "" for a prompt of a talk in the editor.
        product: of the clip.
        session: the service's id of the session.
        before, now: what the state showed before the prompt, and shows now, as a line for people.
        verdict: what the two tell.
        balance_before, balance_now: available and held, in credits; None where it is not known.
        others: credits that our other prompts may have taken in that time.
        read_at: when.
    """

    purchase: PurchaseRecord
    clip: str
    product: str
    session: str
    before: str
    now: str
    verdict: Verdict
    balance_before: int | None
    balance_now: int | None
    others: int
    read_at: datetime

    @property
    def charged(self) -> bool | None:
        """Whether the balance says that the prompt was charged; None where it does not tell."""
        if self.balance_before is None or self.balance_now is None:
            return None
        return charged(self.balance_before - self.balance_now, self.purchase.credits, self.others)

    @property
    def tells(self) -> str:
        """What speaks for what, in a sentence."""
        if self.verdict is Verdict.MADE:
            return "The state shows a timeline that was not there before: it looks made."
        if self.charged:
            return "The balance fell by its price: it looks charged."
        if self.verdict is Verdict.AS_BEFORE and self.charged is False:
            return "The state is as before, and the balance did not fall by its price: it looks not made."
        return "Neither the state nor the balance tells: look at the session in the editor, and at the account."


async def gather(bought: PurchaseRecord, tools: Tools) -> Evidence:
    """Read the session's state and the balance; what cannot be read is said."""
    session = await tools.ledger.sessions.get(bought.session_id)
    clip = await tools.ledger.journal.clip(bought.clip_id) if bought.clip_id else None
    now, verdict = await _state(bought, session.remote_id or "", tools)
    balance = await _balance(tools)
    return Evidence(
        purchase=bought,
        clip=f"{clip.product} {clip.format}" if clip else "",
        product=clip.product if clip else "",
        session=session.remote_id or "",
        before=str(bought.before.get("shows") or "not written down"),
        now=now,
        verdict=verdict,
        balance_before=bought.before.get("balance"),
        balance_now=balance.available + balance.held if balance else None,
        others=await tools.ledger.purchases.others(bought),
        read_at=tools.clock.now(),
    )


async def _state(bought: PurchaseRecord, session: str, tools: Tools) -> tuple[str, Verdict]:
    try:
        state = await tools.nemo.state(session)
    except NightreelError as error:
        return f"cannot be read: {error.message}", Verdict.UNCLEAR
    return describe(summarise(state)), compare(bought.before, state)


async def _balance(tools: Tools) -> Credits | None:
    try:
        return await tools.nemo.credits()
    except NightreelError:
        return None
