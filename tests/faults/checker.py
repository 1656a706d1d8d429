"""Judges what a case has left: by the studio's own books, the journal and the files; never by what runners say."""

import asyncio
import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nightreel.clock import SystemClock
from nightreel.ledger import open_store
from nightreel.ledger.audit import audit


@dataclass(frozen=True)
class Studio:
    """What the studio's books say, of all cases.

    Attributes:
        bill: charges as `GET /studio/bill` has them.
        prompts: how many were taken, by session.
        renders: sessions, by render.
    """

    bill: Sequence[Mapping[str, Any]]
    prompts: Mapping[str, int]
    renders: Mapping[str, str]

    def charges(self, sessions: set[str]) -> list[Mapping[str, Any]]:
        """Return the charges in *sessions*."""
        return [charge for charge in self.bill if charge["session"] in sessions]


class Books:
    """A case's journal and ledger, read from its file."""

    def __init__(self, database: Path) -> None:
        self._database = database

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """Return the rows of *statement*."""
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(statement)]

    def audited(self) -> list[str]:
        """Return what the product's own audit finds."""

        async def look() -> list[str]:
            async with open_store(f"sqlite:///{self._database}", SystemClock()) as store:
                return await audit(store)

        return asyncio.run(look())


def complaints(folder: Path, studio: Studio, made: int) -> list[str]:
    """Return what is wrong with a finished case of *made* clips in *folder*; nothing when every promise was kept."""
    books = Books(folder / "home" / "rehearsal" / "nightreel.db")
    return [*_clips(books, made), *_files(books, folder), *_money(books, studio), *_renders(books, studio)]


def spending(folder: Path, studio: Studio) -> list[str]:
    """Return what is wrong with the money of a case, whether its clips are made or not."""
    return list(_money(Books(folder / "home" / "rehearsal" / "nightreel.db"), studio))


def _clips(books: Books, made: int) -> Iterator[str]:
    newest = "SELECT status FROM clip AS c WHERE take = (SELECT max(take) FROM clip WHERE key = c.key)"
    standing = Counter(row["status"] for row in books.rows(newest))
    if standing != Counter({"made": made}):
        yield f"{made} clips were to be made, and the journal has {dict(standing)}"
    yield from books.audited()


def _files(books: Books, folder: Path) -> Iterator[str]:
    """Every video stands where the journal says, is what was downloaded, and its record says so; no half file is."""
    for row in books.rows("SELECT video, record, cover, master_sha256 FROM clip WHERE status = 'made'"):
        video, record, cover = (Path(row[name]) for name in ("video", "record", "cover"))
        if not all(file.is_file() for file in (video, record, cover)):
            yield f"{video.name} or what belongs to it is not there"
            continue
        sha256 = hashlib.sha256(video.read_bytes()).hexdigest()
        if {sha256} != {row["master_sha256"], json.loads(record.read_bytes())["video"]["sha256"]}:
            yield f"{video.name} is not the video that was downloaded"
    if left := [file.name for file in folder.rglob("*.part")]:
        yield f"part files are left: {left}"


def _money(books: Books, studio: Studio) -> Iterator[str]:
    """A prompt is charged once, a clip's first cut once; the ledger is the bill; nothing stays reserved."""
    sessions = {row["remote_id"]: row["id"] for row in books.rows("SELECT * FROM session WHERE remote_id <> ''")}
    charges = studio.charges(set(sessions))
    sent = books.rows("SELECT session_id, seq, clip_id, status FROM purchase")
    clip_of = {row["session_id"]: row["clip_id"] for row in sent}
    paid = Counter(sessions[charge["session"]] for charge in charges)
    intended = Counter(row["session_id"] for row in sent)
    bought = Counter(row["session_id"] for row in sent if row["status"] == "done")
    for remote, session in sessions.items():
        if studio.prompts.get(remote, 0) > intended[session]:
            yield f"session {session} was sent {studio.prompts[remote]} prompts for {intended[session]} purchases"
    for session, times in paid.items():
        if times > bought[session]:
            yield f"session {session} was charged {times} times for {bought[session]} finished prompts"
    for clip, times in Counter(clip_of.get(sessions[charge["session"]]) for charge in charges).items():
        if clip is not None and times > 1:
            yield f"clip {clip} was charged {times} times"
    ((spent, reserved),) = (
        row.values()
        for row in books.rows("SELECT coalesce(sum(spent), 0), coalesce(sum(reserved), 0) FROM ledger_entry")
    )
    billed = sum(charge["credits"] for charge in charges)
    if spent != billed:
        yield f"the ledger says that {spent} credits are spent, the bill {billed}"
    if reserved:
        yield f"{reserved} credits are still reserved"


def _renders(books: Books, studio: Studio) -> Iterator[str]:
    """Every render that the studio took in our sessions is one that we know of."""
    ours = {row["remote_id"] for row in books.rows("SELECT remote_id FROM session WHERE remote_id <> ''")}
    known = {row["id"] for row in books.rows("SELECT id FROM render")}
    for render, session in studio.renders.items():
        if session in ours and render not in known:
            yield f"the studio has {render}, which the journal does not know"
