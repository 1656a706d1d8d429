"""A prompt in a talk: sent once, and answered by what the state shows, whatever was said."""

from nightreel.clips.buying import require_space, since
from nightreel.clips.outcome import carry_out, intend, resolve
from nightreel.clips.work import looked
from nightreel.errors import ConfigurationError
from nightreel.ledger.records import PurchaseRecord, PurchaseStatus
from nightreel.models import Timeline, Value
from nightreel.nemo import Spoken, changes, summarise, translate, wire
from nightreel.nemo.saying import spoken_in
from nightreel.nemo.stream import OnEvent
from nightreel.talk.talks import Talk


class Turn(Value):
    """What came of a prompt.

    Attributes:
        said: the service's words, without those meant for a screen, and what those ask for.
        changed: what the state shows to be different, a sentence each.
        timeline: as it is now.
        credits: what it cost.
    """

    said: Spoken
    changed: tuple[str, ...]
    timeline: Timeline
    credits: int


async def ask(talk: Talk, prompt: str, on_event: OnEvent | None = None) -> Turn:
    """Send *prompt* and return what came of it, read from the state.

    Raises:
        BudgetExceeded, CreditsExhausted: nothing (more) may be spent; nothing was sent.
        NeedsPerson: what came of it cannot be read.
        AgentFailed, RequestRefused…: the service said no.
    """
    if not prompt.strip():
        raise ConfigurationError("There is nothing to send.", hint="Say what the video shall be.")
    await settle(talk)
    require_space(talk.tools)
    before = await talk.tools.nemo.state(talk.remote_id)
    asker, tools = talk.asker, talk.tools
    purchase = await intend(asker, tools, talk.session, prompt, before)
    purchase = await carry_out(asker, tools, purchase, talk.remote_id, on_event or _silent)
    after = await _whole(talk, purchase)
    return await _turn(talk, purchase, before, after)


async def settle(talk: Talk) -> PurchaseRecord | None:
    """Find out what came of the talk's last prompt, if that is not known; return it then.

    Raises:
        NeedsPerson: it cannot be read.
    """
    tools = talk.tools
    last = next(iter(reversed(await tools.ledger.purchases.of(session_id=talk.session.id))), None)
    if last is None or not last.status.open:
        return None
    talk.tell("looking up what came of the last prompt")
    return await resolve(talk.asker, tools, last, tools.clock.monotonic() - since(tools, last))


async def _whole(talk: Talk, purchase: PurchaseRecord) -> wire.State:
    """Return the state when music and title, which the service adds by itself after a first cut, have come.

    Nobody knows whether they will: what has not come in time is not waited for any longer.
    """
    tools = talk.tools
    deadline = tools.clock.monotonic() + tools.patience.unsure
    while True:
        late = tools.clock.monotonic() >= deadline
        state = await looked(tools.nemo.state(talk.remote_id), last=late)
        if state is not None and (late or not _awaited(purchase, state)):
            return state
        talk.tell("waiting for music and title")
        await tools.stopping.unless(tools.clock.sleep(tools.patience.stage_poll))


def _awaited(purchase: PurchaseRecord, state: wire.State) -> bool:
    """Whether there is a picture and nothing else, after a prompt that made the first cut."""
    kinds = {track.kind for track in summarise(state).tracks if track.segments}
    return purchase.status is PurchaseStatus.DONE and purchase.kind == "first_cut" and kinds == {"video"}


async def _turn(talk: Talk, purchase: PurchaseRecord, before: wire.State, after: wire.State) -> Turn:
    if purchase.status is PurchaseStatus.DONE:
        await talk.tools.ledger.purchases.verified(talk.claim, purchase.id, after.draft)
    spent = await talk.tools.ledger.purchases.spent(purchase.id)
    language = spoken_in(purchase.prompt, talk.session.language)
    return Turn(
        said=translate(purchase.reply),
        changed=tuple(changes(before.draft, after.draft, language)),
        timeline=summarise(after),
        credits=spent,
    )


def _silent(_event: object) -> None:
    return
