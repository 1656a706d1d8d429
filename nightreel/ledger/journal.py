"""The journal: runs, clips and what happened to them."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update

from nightreel.ledger import owner
from nightreel.ledger.claims import let_go
from nightreel.ledger.credits import set_budget
from nightreel.ledger.movements import spent_by
from nightreel.ledger.notes import ensure_account, guard, note
from nightreel.ledger.records import (
    OPEN_PURCHASES,
    Claim,
    ClipRecord,
    ClipStatus,
    JournalEntry,
    PurchaseStatus,
    RunRecord,
)
from nightreel.ledger.schema import account, journal_entry, purchase, run
from nightreel.ledger.schema import clip as clips
from nightreel.ledger.store import Row, Store, Transaction
from nightreel.models import Check, Delivery, Format, Made


class Journal:
    """Runs and clips. Sessions, purchases and renders have modules of their own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin_run(  # noqa: PLR0913 - what a run is
        self,
        engine: str,
        account_name: str,
        *,
        source: str = "",
        out: str = "",
        planned: int = 0,
        budget: int | None = None,
        budget_per_day: int = 0,
        budget_in_all: int | None = None,
        options: Mapping[str, Any] | None = None,
        run_id: str = "",
    ) -> str:
        """Record the beginning of a run with its budgets; return its id.

        That is *run_id*, when it is given. Beginning a run again changes nothing but the budgets that are given:
        *budget* None means no limit to a new run, and leaves an old one's; the day's is the last run's. The account's
        stays as it is when *budget_in_all* is None; 0 takes it away.
        """
        run_id = run_id or f"run_{uuid.uuid4().hex}"
        async with self._store.write() as tx:
            account_id = await ensure_account(tx, engine, account_name)
            values = {
                "id": run_id,
                "account_id": account_id,
                "source": source,
                "out": out,
                "options": dict(options or {}),
                "planned": planned,
                "started_at": tx.now,
            }
            if await tx.insert_once(run, values):
                who = Claim(account_id=account_id, run_id=run_id, clip_id=None, owner=owner.name(), fence=0)
                await note(tx, who, "run", run_id, "begun", source=source, planned=planned, budget=budget)
                await set_budget(tx, account_id, "day", budget_per_day or None)
                if budget_in_all is not None:
                    await set_budget(tx, account_id, "account", budget_in_all or None)
            if budget is not None:
                await set_budget(tx, account_id, "run", budget, run_id=run_id)
        return run_id

    async def has_run(self, run_id: str) -> bool:
        """Whether the run was begun."""
        async with self._store.read() as tx:
            return await tx.row(select(run.c.id).where(run.c.id == run_id)) is not None

    async def run(self, run_id: str) -> RunRecord | None:
        """Return a run; None where there is none of that id."""
        async with self._store.read() as tx:
            row = await tx.row(select(run).where(run.c.id == run_id))
        return RunRecord(**row) if row else None

    async def last_run(self, account_id: str, source: str) -> RunRecord | None:
        """Return the newest run of that source."""
        here = (run.c.account_id == account_id, run.c.source == source)
        async with self._store.read() as tx:
            row = await tx.row(select(run).where(*here).order_by(run.c.started_at.desc()).limit(1))
        return RunRecord(**row) if row else None

    async def end_run(self, run_id: str, outcome: str) -> None:
        """Record how a run ended; ending it again changes nothing."""
        async with self._store.write() as tx:
            row = await tx.locked(select(run).where(run.c.id == run_id))
            if row is None or row["ended_at"] is not None:
                return
            await tx.run(update(run).where(run.c.id == run_id).values(ended_at=tx.now, outcome=outcome))
            who = Claim(account_id=row["account_id"], run_id=run_id, clip_id=None, owner=owner.name(), fence=0)
            await note(tx, who, "run", run_id, "ended", outcome=outcome)

    async def clips(self, engine: str, account_name: str) -> list[ClipRecord]:
        """Return all clips of the account, older takes first, in the order in which they were begun."""
        async with self._store.read() as tx:
            ours = (account.c.engine == engine, account.c.name == account_name)
            found = select(clips).join(account).where(*ours).order_by(clips.c.created_at, clips.c.take)
            return [ClipRecord(**row) for row in await tx.rows(found)]

    async def made(self, engine: str, account_name: str) -> dict[str, Made]:
        """Return the newest take of each clip of the account, by key, in the order in which they were begun."""
        paid = await self._paid(f"{engine}:{account_name}")
        runs = await self._asked(f"{engine}:{account_name}")
        wanted = [clips.c[name] for name in _MADE]
        async with self._store.read() as tx:
            ours = (account.c.engine == engine, account.c.name == account_name)
            found = select(*wanted).join(account, clips.c.account_id == account.c.id).where(*ours)
            rows = await tx.rows(found.order_by(clips.c.created_at, clips.c.take))
        return {row["key"]: _made(row, paid, *runs.get(row["run_id"], ("", False))) for row in rows}

    async def _asked(self, account_id: str) -> dict[str, tuple[str, bool]]:
        """Return of each run its source, and whether it was asked for formats over the brief's."""
        async with self._store.read() as tx:
            found = select(run.c.id, run.c.source, run.c.options).where(run.c.account_id == account_id)
            return {row["id"]: (row["source"], bool(row["options"].get("formats"))) for row in await tx.rows(found)}

    async def paces(self, engine: str, account_name: str, last: int = 50) -> list[float]:
        """Return the seconds from beginning to end of the *last* clips that were made, newest first."""
        async with self._store.read() as tx:
            ours = (clips.c.account_id == f"{engine}:{account_name}", clips.c.made_at.is_not(None), clips.c.take == 1)
            found = select(clips.c.created_at, clips.c.made_at).where(*ours)
            rows = await tx.rows(found.order_by(clips.c.made_at.desc()).limit(last))
        return [(row["made_at"] - row["created_at"]).total_seconds() for row in rows]

    async def _paid(self, account_id: str) -> set[str]:
        """Return the ids of the clips of which a prompt was made, or may have been."""
        bought = (*OPEN_PURCHASES, PurchaseStatus.DONE)
        async with self._store.read() as tx:
            found = select(purchase.c.clip_id).where(
                purchase.c.account_id == account_id, purchase.c.status.in_(bought)
            )
            return {row["clip_id"] for row in await tx.rows(found)}

    async def failures(self, run_id: str) -> dict[str, str]:
        """Return the last error's class of each clip that failed in a run, by the clip's id."""
        entries = await self.entries(run_id=run_id)
        return {
            entry.clip_id: str(entry.body.get("kind", ""))
            for entry in entries
            if entry.clip_id and entry.event == "failed"
        }

    async def ended(self, run_id: str) -> int:
        """Return how many clips of a run have ended, well or not."""
        async with self._store.read() as tx:
            row = await tx.row(select(func.count()).select_from(clips).where(*_over(run_id)))
        return int(next(iter(row.values()))) if row else 0

    async def ended_keys(self, run_id: str) -> set[str]:
        """Return the keys of the clips of a run that have ended, well or not."""
        async with self._store.read() as tx:
            return {row["key"] for row in await tx.rows(select(clips.c.key).where(*_over(run_id)))}

    async def times(self, run_id: str) -> dict[str, float]:
        """Return the seconds from the first claim of each clip in a run to its last delivery, by the clip's id."""
        chosen = (journal_entry.c.run_id == run_id, journal_entry.c.subject == "clip")
        here = select(journal_entry.c.clip_id, journal_entry.c.event, journal_entry.c.at).where(
            *chosen, journal_entry.c.event.in_(("claimed", ClipStatus.MADE))
        )
        began: dict[str, datetime] = {}
        took: dict[str, float] = {}
        async with self._store.read() as tx:
            for row in await tx.rows(here.order_by(journal_entry.c.id)):
                if row["event"] == "claimed":
                    began.setdefault(row["clip_id"], row["at"])
                elif row["clip_id"] in began:
                    took[row["clip_id"]] = (row["at"] - began[row["clip_id"]]).total_seconds()
        return took

    async def clip(self, clip_id: str) -> ClipRecord:
        """Return a clip's record."""
        async with self._store.read() as tx:
            row = await tx.row(select(clips).where(clips.c.id == clip_id))
        if row is None:
            raise KeyError(clip_id)
        return ClipRecord(**row)

    async def entries(self, *, clip_id: str = "", run_id: str = "") -> list[JournalEntry]:
        """Return what happened to a clip or in a run, oldest first."""
        chosen = select(journal_entry).order_by(journal_entry.c.id)
        if clip_id:
            chosen = chosen.where(journal_entry.c.clip_id == clip_id)
        if run_id:
            chosen = chosen.where(journal_entry.c.run_id == run_id)
        async with self._store.read() as tx:
            return [JournalEntry(**row) for row in await tx.rows(chosen)]

    async def stepped(self, claim: Claim, step: str) -> None:
        """Record that *step* is done."""
        async with self._store.write() as tx:
            row = await guard(tx, claim)
            if row["status"] != ClipStatus.MADE and row["step"] != step:
                await _change(tx, claim, "step", {"step": step}, step=step)

    async def mastered(self, claim: Claim, render_id: str, sha256: str, size: int) -> None:
        """Record the kept master: the downloaded video."""
        async with self._store.write() as tx:
            await guard(tx, claim)
            changes = {"master_sha256": sha256, "master_size": size, "checks": None}
            await _change(tx, claim, "mastered", changes, render=render_id, sha256=sha256, size=size)

    async def rejected(self, claim: Claim, checks: Sequence[Check]) -> None:
        """Record that the master failed its checks: the next attempt exports again."""
        async with self._store.write() as tx:
            await guard(tx, claim)
            found = [check.model_dump(mode="json") for check in checks]
            changes = {"master_sha256": None, "master_size": None, "checks": found}
            await _change(tx, claim, "rejected", changes, checks=found)

    async def recut(self, claim: Claim) -> None:
        """Record that the clip's draft is another now: the kept master, if there is one, is not of it."""
        async with self._store.write() as tx:
            await guard(tx, claim)
            await _change(tx, claim, "recut", {"master_sha256": None, "master_size": None, "checks": None})

    async def inspected(self, claim: Claim, checks: Sequence[Check]) -> None:
        """Record the checks that the master passed."""
        async with self._store.write() as tx:
            await guard(tx, claim)
            found = [check.model_dump(mode="json") for check in checks]
            await _change(tx, claim, "inspected", {"checks": found}, checks=len(found))

    async def spent_on(self, clip_id: str) -> int:
        """Return what a clip has cost so far: all its prompts and exports."""
        async with self._store.read() as tx:
            return await spent_by(tx, clip_id=clip_id)

    async def delivered(self, claim: Claim, delivery: Delivery) -> None:
        """Record the finished clip and give it back; recording it again changes nothing."""
        async with self._store.write() as tx:
            again = await tx.row(
                select(clips.c.id).where(
                    clips.c.id == claim.clip_id,
                    clips.c.fence == claim.fence,
                    clips.c.owner.is_(None),
                    clips.c.video == str(delivery.video),
                )
            )
            if again is not None:
                return
            row = await guard(tx, claim)
            changes = {
                "status": ClipStatus.MADE,
                "step": "deliver",
                "video": str(delivery.video),
                "cover": str(delivery.cover),
                "record": str(delivery.record),
                "seconds": delivery.seconds,
                "made_at": row["made_at"] or tx.now,
            }
            await _change(tx, claim, "made", changes, video=str(delivery.video), sha256=delivery.sha256)
            await let_go(tx, claim)

    async def failed(self, claim: Claim, status: ClipStatus, kind: str, error: str, hint: str) -> None:
        """Record why a clip could not be made (a made one stays made) and give it back."""
        async with self._store.write() as tx:
            row = await guard(tx, claim)
            kept = row["status"] if row["status"] == ClipStatus.MADE else status
            changes = {"status": kept, "error": error, "hint": hint}
            await _change(tx, claim, "failed", changes, status=kept, kind=kind, error=error)
            await let_go(tx, claim)

    async def given_up(self, claim: Claim, why: str, hint: str) -> None:
        """Record that a person wants the clip no more, and give it back; only a remake makes it."""
        async with self._store.write() as tx:
            await guard(tx, claim)
            changes = {"status": ClipStatus.GIVEN_UP, "error": why, "hint": hint}
            await _change(tx, claim, ClipStatus.GIVEN_UP, changes, why=why)
            await let_go(tx, claim)


def _over(run_id: str) -> tuple[ColumnElement[bool], ...]:
    """Say which clips of a run nobody works on any more, and that were not just given back."""
    ended = or_(clips.c.status != ClipStatus.OPEN, clips.c.error != "")
    return clips.c.run_id == run_id, clips.c.owner.is_(None), ended


async def _change(tx: Transaction, claim: Claim, event: str, changes: Mapping[str, Any], **body: object) -> None:
    await tx.run(update(clips).where(clips.c.id == claim.clip_id).values(**changes))
    await note(tx, claim, "clip", claim.clip_id or "", event, **body)


_MADE = ("id", "key", "product", "format", "recipe", "status", "photos", "prompt", "video", "take", "run_id")


def _made(row: Row, paid: Collection[str], source: str, aside: bool) -> Made:  # noqa: FBT001 - as its run was
    return Made(
        key=row["key"],
        product=row["product"],
        format=Format(row["format"]),
        recipe=row["recipe"],
        status=row["status"],
        photos=row["photos"],
        prompt=row["prompt"],
        video=Path(row["video"]) if row["video"] else None,
        paid=row["id"] in paid,
        take=row["take"],
        source=source,
        aside=aside,
    )
