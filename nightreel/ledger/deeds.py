"""Deeds: what is done once for a clip, outside the service: a webhook told, files placed, a decision carried out.

A deed's id hangs on what it is about, so whoever begins it again finds it. Its beginning is written before its
effect, its end after: a process that dies between leaves a deed that is begun, and is done again under the same id.
Deeds stand in the journal alone.
"""

from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy import select

from nightreel.ledger import owner
from nightreel.ledger.notes import note
from nightreel.ledger.records import Claim
from nightreel.ledger.schema import journal_entry
from nightreel.ledger.store import Store
from nightreel.models import Value

Kind = Literal["webhook", "outbox", "review"]

_E = journal_entry.c


class Deed(Value):
    """Something that is done once.

    Attributes:
        body: what was written at its beginning, and at its end over it.
        done: whether it came to its end; a deed that was withdrawn was done, too.
    """

    id: str
    kind: Kind
    clip_id: str
    body: dict[str, Any]
    done: bool = False
    withdrawn: bool = False


class Deeds:
    """Begin, end and withdraw."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, account_id: str, kind: Kind) -> dict[str, Deed]:
        """Return the account's deeds of a kind, by their ids, in the order in which they were begun."""
        chosen = select(journal_entry).where(_E.subject == kind, _E.account_id == account_id).order_by(_E.id)
        async with self._store.read() as tx:
            rows = await tx.rows(chosen)
        found: dict[str, Deed] = {}
        for row in rows:
            before = found.get(row["subject_id"])
            body = {**(before.body if before else {}), **row["body"]}
            found[row["subject_id"]] = Deed(
                id=row["subject_id"],
                kind=kind,
                clip_id=row["clip_id"] or "",
                body=body,
                done=row["event"] != "begun",
                withdrawn=row["event"] == "withdrawn",
            )
        return found

    async def begin(self, deed: Deed, account_id: str, run_id: str | None = None) -> None:
        """Write down that *deed* is about to be done."""
        await self._note(deed, account_id, run_id, "begun", deed.body)

    async def end(self, deed: Deed, account_id: str, run_id: str | None = None, **body: object) -> None:
        """Write down that it was done."""
        await self._note(deed, account_id, run_id, "done", body)

    async def withdraw(self, deed: Deed, account_id: str, run_id: str | None = None) -> None:
        """Write down that it was undone."""
        await self._note(deed, account_id, run_id, "withdrawn", {})

    async def _note(
        self, deed: Deed, account_id: str, run_id: str | None, event: str, body: Mapping[str, object]
    ) -> None:
        who = Claim(account_id=account_id, run_id=run_id, clip_id=deed.clip_id or None, owner=owner.name(), fence=0)
        async with self._store.write() as tx:
            await note(tx, who, deed.kind, deed.id, event, **body)
