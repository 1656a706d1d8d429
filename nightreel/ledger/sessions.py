"""Sessions at the service, and the photos that were sent to them."""

import uuid
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import insert, select, update

from nightreel.ledger.notes import guard, note
from nightreel.ledger.records import AssetRecord, Claim, SessionRecord, SessionStatus
from nightreel.ledger.schema import asset, clip, session
from nightreel.ledger.store import Store


class Sent(NamedTuple):
    """A photo that is about to be sent: hashes of the source and of what is sent, name, type, size."""

    photo_sha256: str
    sent_sha256: str
    name: str
    media_type: str
    size: int


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
        """Record that *photos* are about to be sent."""
        async with self._store.write() as tx:
            await guard(tx, claim)
            for position, photo in enumerate(photos):
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
        """Record that the service took them, under its own names."""
        async with self._store.write() as tx:
            await guard(tx, claim)
            for position, name in enumerate(remote_names):
                here = (asset.c.session_id == session_id, asset.c.position == position)
                await tx.run(update(asset).where(*here).values(remote_name=name))
            await tx.run(update(asset).where(asset.c.session_id == session_id).values(status="sent"))
            await note(tx, claim, "session", session_id, "sent", names=list(remote_names))
