"""What was said and done in a talk, as the journal has kept it."""

from datetime import datetime

from nightreel.ledger.records import PurchaseRecord, RenderRecord
from nightreel.models import Value
from nightreel.nemo import describe, summarise, wire
from nightreel.talk.talks import Talk


class Past(Value):
    """One thing of a talk's past.

    Attributes:
        what: `files`, `prompt` or `export`.
        text: the files' names, the prompt, the export's id.
        outcome: the status that the journal has.
        reply: the service's words.
        shows: the timeline after it; "" where nothing was made.
        credits: what was reserved for it.
    """

    at: datetime
    what: str
    text: str
    outcome: str
    reply: str = ""
    shows: str = ""
    credits: int = 0


async def history(talk: Talk) -> list[Past]:
    """Return the talk's past, oldest first."""
    books = talk.tools.ledger
    files = [
        Past(at=asset.created_at, what="files", text=asset.remote_name or asset.name, outcome=asset.status)
        for asset in await books.sessions.assets(talk.session.id)
    ]
    prompts = [_prompt(bought) for bought in await books.purchases.of(session_id=talk.session.id)]
    exports = [_export(render) for render in await books.renders.of_talk(talk.session.id)]
    return sorted([*files, *prompts, *exports], key=lambda past: past.at)


def _prompt(bought: PurchaseRecord) -> Past:
    shows = describe(summarise(wire.State(draft=bought.draft))) if bought.draft else ""
    return Past(
        at=bought.sent_at,
        what="prompt",
        text=bought.prompt,
        outcome=bought.status.value,
        reply=bought.reply,
        shows=shows,
        credits=bought.credits,
    )


def _export(render: RenderRecord) -> Past:
    return Past(
        at=render.created_at, what="export", text=render.id, outcome=render.status.value, credits=render.credits
    )
