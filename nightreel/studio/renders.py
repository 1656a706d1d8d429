"""Renders as records. Every function is a piece of work for the store.

`pending` → `processing` → `completed` | `failed`; a terminal status never changes. A render that is `processing` when
the studio ends is rendered again by the next one, into a file of another name.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from nightreel.nemo.wire import RenderRequest, RenderStatus
from nightreel.studio import sessions
from nightreel.studio.answers import Refused


@dataclass(frozen=True)
class Render:
    """A render; *n* counts all of them, *attempts* its starts, *file* stands in the folder of videos."""

    n: int
    id: str
    account: str
    session: str
    draft: dict[str, Any]
    quality: str
    status: RenderStatus
    attempts: int
    file: str
    error: str


def submit(db: sqlite3.Connection, account: str, request: RenderRequest, now: float) -> Render:
    """Take an export.

    Raises:
        Refused: 1002 no such session; 409 the id is known; 422 the draft is not ready for export.
    """
    sessions.find(db, account, request.session_id)
    if db.execute("SELECT 1 FROM renders WHERE id = ?", (request.id,)).fetchone():
        raise Refused(409, "duplicate id")
    if not _is_ready(request.draft):
        raise Refused(422, "the draft is not ready for export: no track has a segment")
    db.execute(
        "INSERT INTO renders (id, account, session, draft, quality, status, created_at) "
        "VALUES (?, ?, ?, ?, ?, 'pending', ?)",
        (request.id, account, request.session_id, json.dumps(request.draft), request.output.quality, now),
    )
    return find(db, account, request.id)


def find(db: sqlite3.Connection, account: str | None, identity: str) -> Render:
    """Return the account's own render; of any account where it is None.

    Raises:
        Refused: 404, there is no such render.
    """
    row = db.execute("SELECT * FROM renders WHERE id = ?", (identity,)).fetchone()
    if row is None or account not in {None, row["account"]}:
        raise Refused(404, "no such render")
    return _render(row)


def unfinished(db: sqlite3.Connection) -> list[Render]:
    """Return what is to be rendered, oldest first."""
    rows = db.execute("SELECT * FROM renders WHERE status IN ('pending', 'processing') ORDER BY n")
    return [_render(row) for row in rows]


def start(db: sqlite3.Connection, n: int) -> Render | None:
    """Begin one more attempt; return None if the render has ended meanwhile."""
    db.execute(
        "UPDATE renders SET status = 'processing', attempts = attempts + 1 "
        "WHERE n = ? AND status IN ('pending', 'processing')",
        (n,),
    )
    render = _render(db.execute("SELECT * FROM renders WHERE n = ?", (n,)).fetchone())
    return None if render.status.terminal else render


def complete(db: sqlite3.Connection, n: int, file: str) -> None:
    """Note that the video is there, whole."""
    _end(db, n, RenderStatus.COMPLETED, file, "")


def fail(db: sqlite3.Connection, n: int, reason: str) -> None:
    """Note that there will be no video."""
    _end(db, n, RenderStatus.FAILED, "", reason)


def videos(db: sqlite3.Connection) -> set[str]:
    """Return the names of all files that finished renders stand in."""
    return {str(row[0]) for row in db.execute("SELECT file FROM renders WHERE file <> ''")}


def choose(waiting: Sequence[Render], running: Collection[Render], served: Sequence[str]) -> Render | None:
    """Choose the next to start: one a session at a time, and everybody in turn.

    The account with the fewest renders at work comes first, then the session that was served longest ago (or never),
    then the oldest.

    Args:
        waiting: oldest first.
        running: those at work.
        served: sessions in the order in which they were last served.
    """
    busy = {render.session for render in running}
    load = Counter(render.account for render in running)
    turn = {session: place for place, session in enumerate(served)}
    free = [render for render in waiting if render.session not in busy]
    return min(free, key=lambda it: (load[it.account], turn.get(it.session, -1), it.n), default=None)


def _end(db: sqlite3.Connection, n: int, status: RenderStatus, file: str, error: str) -> None:
    db.execute(
        "UPDATE renders SET status = ?, file = ?, error = ? WHERE n = ? AND status IN ('pending', 'processing')",
        (status.value, file, error, n),
    )


def _is_ready(draft: dict[str, Any]) -> bool:
    tracks = draft.get("t")
    return isinstance(tracks, list) and any(
        isinstance(track, dict) and bool(track.get("sg"))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportUnknownVariableType]
        for track in tracks  # pyright: ignore[reportUnknownVariableType]
    )


def _render(row: sqlite3.Row) -> Render:
    return Render(
        row["n"],
        row["id"],
        row["account"],
        row["session"],
        json.loads(row["draft"]),
        row["quality"],
        RenderStatus(row["status"]),
        row["attempts"],
        row["file"],
        row["error"],
    )
