"""A made clip is changed by a person's words, in its own session: bought once, then delivered anew."""

from nightreel.clips.buying import require_space, since
from nightreel.clips.export import export
from nightreel.clips.finish import deliver, inspect
from nightreel.clips.outcome import Asker, carry_out, intend, resolve
from nightreel.clips.verify import verify
from nightreel.clips.work import Job, Tools, bought, report
from nightreel.errors import DraftRejected, LedgerError
from nightreel.ledger.records import PurchaseRecord, PurchaseStatus
from nightreel.models import Delivery, Step

_MAY_BE_SENT = {PurchaseStatus.FAILED, PurchaseStatus.UNSENT, PurchaseStatus.NOT_MADE}


async def change(job: Job, tools: Tools, words: str, after: str) -> Delivery:
    """Have *job*'s clip changed as *words* say, and deliver what comes of it in the old video's place.

    Safe to run again at any time: what was bought is in the journal, what came of it is looked up. Until the new
    video is delivered the old one stands.

    Args:
        job: the clip, claimed.
        tools: what the steps work with.
        words: the prompt.
        after: id of the clip's last purchase when the change was asked for; one after it is the change's.

    Raises:
        BudgetExceeded, CreditsExhausted: nothing (more) may be spent.
        NeedsPerson: what came of the prompt cannot be read.
        DraftRejected: the editor changed nothing.
        VideoRejected, RenderFailed…: as in `inspect` and `export`.
    """
    asker = Asker(job.clip.name, job.claim, lambda said: report(job, tools, Step.GENERATE, note=said), reads=True)
    purchase = await _asked(job, tools, after)
    if purchase is not None and purchase.status.open:
        waited = tools.clock.monotonic() - since(tools, purchase)
        purchase = await resolve(asker, tools, purchase, waited)
    if purchase is None or (purchase.status in _MAY_BE_SENT and not await tools.ledger.purchases.spent(purchase.id)):
        purchase = await _buy(job, tools, asker, words)
    if purchase.status is not PurchaseStatus.DONE:
        raise DraftRejected(
            f"{job.clip.name}: the editor changed nothing. {purchase.reply}".strip(), hint="Say it in other words."
        )
    await verify(job, tools)
    await export(job, tools)
    await inspect(job, tools)
    return await deliver(job, tools)


async def last_purchase(job: Job, tools: Tools) -> str:
    """Return the id of the purchase that *job*'s clip is made of.

    Raises:
        LedgerError: it has none.
    """
    purchase = await bought(job, tools)
    if purchase is None:
        raise LedgerError(f"{job.clip.name} was never bought.", hint="Run first, then change it.")
    return purchase.id


async def _asked(job: Job, tools: Tools, after: str) -> PurchaseRecord | None:
    """Return the change's last purchase."""
    purchases = await tools.ledger.purchases.of(clip_id=job.clip_id)
    places = [place for place, one in enumerate(purchases) if one.id == after]
    later = purchases[places[0] + 1 :] if places else purchases
    return later[-1] if later else None


async def _buy(job: Job, tools: Tools, asker: Asker, words: str) -> PurchaseRecord:
    require_space(tools)
    made = await bought(job, tools)
    if made is None:
        raise LedgerError(f"{job.clip.name} was never bought.", hint="Run first, then change it.")
    session = await tools.ledger.sessions.get(made.session_id)
    remote_id = session.remote_id or ""
    purchase = await intend(asker, tools, session, words, await tools.nemo.state(remote_id))
    return await carry_out(asker, tools, purchase, remote_id, _silent)


def _silent(_event: object) -> None:
    return
