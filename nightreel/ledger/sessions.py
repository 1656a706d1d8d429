"""Sessions at the service, and the photos that were sent to them."""

import uuid
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, insert, select, update

from nightreel.ledger.notes import guard, note
from nightreel.ledger.records import AssetRecord, Claim, SessionRecord, SessionStatus
from nightreel.ledger.schema import asset, clip, journal_entry, session
from nightreel.ledger.store import Row, Store, Transaction


class Sent(NamedTuple):
    """A photo that is about to be sent: hashes of the source and of what is sent, name, type, size."""

    photo_sha256: str
    sent_sha256: str
    name: str
    media_type: str
    size: int


class Talked(NamedTuple):
    """A session of a talk, and the run that its budget hangs on."""

    session: SessionRecord
    run_id: str


class Sessions:
    """Open, abandon, upload."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, session_id: str) -> SessionRecord:
        """Return the session by our id."""
        async with self._store.read() as tx:
            row = await tx.row(select(session).where(session.c.id == session_id))
        if row is None:
            raise KeyError(session_id)
        return SessionRecord(**row)

    async def of(self, clip_id: str) -> SessionRecord | None:
        """Return the session that the clip is made in."""
        async with self._store.read() as tx:
            row = await tx.row(
                select(session).join(clip, clip.c.session_id == session.c.id).where(clip.c.id == clip_id)
            )
        return SessionRecord(**row) if row else None

    async def opening(self, claim: Claim, language: str) -> str:
        """Record that a session is about to be asked for; return our id of it."""
        session_id = f"ses_{uuid.uuid4().hex}"
        async with self._store.write() as tx:
            await guard(tx, claim)
            values = {
                "id": session_id,
                "account_id": claim.account_id,
                "language": language,
                "status": SessionStatus.OPENING,
                "created_at": tx.now,
            }
            await tx.run(insert(session).values(**values))
            await tx.run(update(clip).where(clip.c.id == claim.clip_id).values(session_id=session_id))
            await note(tx, claim, "session", session_id, SessionStatus.OPENING, language=language)
        return session_id

    async def opened(self, claim: Claim, session_id: str, remote_id: str, task_id: str) -> SessionRecord:
        """Record the service's ids of the session."""
        async with self._store.write() as tx:
            await guard(tx, claim)
            values = {"remote_id": remote_id, "task_id": task_id, "status": SessionStatus.OPEN}
            await tx.run(update(session).where(session.c.id == session_id).values(**values))
            await note(tx, claim, "session", session_id, SessionStatus.OPEN, remote_id=remote_id, task_id=task_id)
        return await self.get(session_id)

    async def leave(self, claim: Claim, session_id: str, why: str, *, gone: bool = False) -> None:
        """Record that the session is never used again: abandoned by us, or *gone* at the service."""
        status = SessionStatus.GONE if gone else SessionStatus.ABANDONED
        async with self._store.write() as tx:
            await guard(tx, claim)
            await tx.run(update(session).where(session.c.id == session_id).values(status=status, note=why))
            if claim.clip_id is not None:
                here = (clip.c.id == claim.clip_id, clip.c.session_id == session_id)
                await tx.run(update(clip).where(*here).values(session_id=None))
            await note(tx, claim, "session", session_id, status, why=why)

    async def assets(self, session_id: str) -> list[AssetRecord]:
        """Return what was sent to the session, in order."""
        async with self._store.read() as tx:
            found = select(asset).where(asset.c.session_id == session_id).order_by(asset.c.position)
            return [AssetRecord(**row) for row in await tx.rows(found)]

    async def sending(self, claim: Claim, session_id: str, photos: Sequence[Sent]) -> None:
        """Record that *photos* are about to be sent, after those that are there."""
        async with self._store.write() as tx:
            await guard(tx, claim)
            for position, photo in enumerate(photos, await _there(tx, session_id)):
                values = {
                    **photo._asdict(),
                    "id": f"ast_{uuid.uuid4().hex}",
                    "session_id": session_id,
                    "position": position,
                    "status": "sending",
                    "created_at": tx.now,
                }
                await tx.run(insert(asset).values(**values))
            await note(tx, claim, "session", session_id, "sending", photos=[photo.sent_sha256 for photo in photos])

    async def sent(self, claim: Claim, session_id: str, remote_names: Sequence[str]) -> None:
        """Record that the service took what was being sent, under its own names."""
        sending = (asset.c.session_id == session_id, asset.c.status == "sending")
        async with self._store.write() as tx:
            await guard(tx, claim)
            rows = await tx.rows(select(asset.c.id).where(*sending).order_by(asset.c.position))
            for row, name in zip(rows, remote_names, strict=False):
                await tx.run(update(asset).where(asset.c.id == row["id"]).values(remote_name=name))
            await tx.run(update(asset).where(*sending).values(status="sent"))
            await note(tx, claim, "session", session_id, "sent", names=list(remote_names))

    async def talks(self, account_id: str) -> list[Talked]:
        """Return the sessions of talks with the editor, oldest first, but for those that were left behind."""
        ours = (
            session.c.account_id == account_id,
            session.c.status == SessionStatus.OPEN,
            journal_entry.c.subject == "session",
            journal_entry.c.event == SessionStatus.OPENING,
            journal_entry.c.clip_id.is_(None),
        )
        here = journal_entry.c.subject_id == session.c.id
        found = select(session, journal_entry.c.run_id).join(journal_entry, here).where(*ours)
        async with self._store.read() as tx:
            rows = await tx.rows(found.order_by(session.c.created_at))
        return [Talked(_record(row), row["run_id"]) for row in rows]


async def _there(tx: Transaction, session_id: str) -> int:
    """Return how many files were sent, or begun to be sent, to the session."""
    return await tx.number(select(func.count()).select_from(asset).where(asset.c.session_id == session_id))


def _record(row: Row) -> SessionRecord:
    return SessionRecord(**{name: row[name] for name in SessionRecord.model_fields})
