"""Rows of the journal as frozen values."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from nightreel.models import Credits, Outcome, Value


class ClipStatus(StrEnum):
    """Where a clip stands."""

    OPEN = "open"
    MADE = "made"
    FAILED = "failed"
    PERSON = "person"
    GIVEN_UP = "given up"


class SessionStatus(StrEnum):
    """Where a session stands; an abandoned one is never used again."""

    OPENING = "opening"
    OPEN = "open"
    ABANDONED = "abandoned"
    GONE = "gone"


class PurchaseStatus(StrEnum):
    """What came of a prompt. The first three keep their reservation."""

    INTENT = "intent"
    UNKNOWN = "unknown"
    PERSON = "person"
    DONE = "done"
    FAILED = "failed"
    UNSENT = "unsent"
    NOT_MADE = "not_made"

    @property
    def open(self) -> bool:
        """Whether it is not yet known what came of it."""
        return self in {PurchaseStatus.INTENT, PurchaseStatus.UNKNOWN, PurchaseStatus.PERSON}

    @property
    def outcome(self) -> Outcome:
        """The status as one of the three outcomes."""
        if self.open:
            return Outcome.UNKNOWN
        return Outcome.DONE if self is PurchaseStatus.DONE else Outcome.FAILED


OPEN_PURCHASES = tuple(status for status in PurchaseStatus if status.open)
"""They keep their reservation, and their session takes no other prompt."""


class RenderStatus(StrEnum):
    """Where an export stands."""

    INTENT = "intent"
    UNKNOWN = "unknown"
    TAKEN = "taken"
    COMPLETED = "completed"
    FAILED = "failed"
    UNSENT = "unsent"
    LOST = "lost"


class Claim(Value):
    """One runner's hold on one clip. Every later write carries it.

    Attributes:
        run_id: the run that it works for.
        clip_id: the clip; None for a talk in the editor, which holds none and is never refused.
        owner: who holds it: host, process and a nonce.
        fence: counts the claims of this clip; a write with an older one is refused.
    """

    account_id: str
    run_id: str | None
    clip_id: str | None
    owner: str
    fence: int


class RunRecord(Value):
    """A run: of a catalog, or a talk; *planned* is what its plan asked for, in credits."""

    id: str
    account_id: str
    source: str
    out: str
    options: dict[str, Any]
    planned: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str


class ClipRecord(Value):
    """A clip as the journal knows it."""

    id: str
    account_id: str
    key: str
    take: int
    product: str
    format: str
    recipe: int
    prompt: str
    photos: tuple[str, ...]
    status: ClipStatus
    step: str
    error: str
    hint: str
    session_id: str | None
    run_id: str | None
    owner: str | None
    lease_until: datetime | None
    fence: int
    master_sha256: str | None
    master_size: int | None
    checks: list[dict[str, Any]] | None
    video: str | None
    cover: str | None
    record: str | None
    seconds: float | None
    created_at: datetime
    made_at: datetime | None


class SessionRecord(Value):
    """A session; *remote_id* is the service's."""

    id: str
    account_id: str
    remote_id: str | None
    task_id: str | None
    language: str
    status: SessionStatus
    note: str
    created_at: datetime


class AssetRecord(Value):
    """A photo as it was sent to a session."""

    id: str
    session_id: str
    position: int
    photo_sha256: str
    sent_sha256: str
    name: str
    media_type: str
    size: int
    status: str
    remote_name: str
    created_at: datetime


class PurchaseRecord(Value):
    """One prompt: what is paid for."""

    id: str
    account_id: str
    session_id: str
    clip_id: str | None
    run_id: str | None
    seq: int
    attempt: int
    kind: str
    prompt: str
    prompt_hash: str
    credits: int
    status: PurchaseStatus
    before: dict[str, Any]
    draft: dict[str, Any] | None
    verified: bool
    reply: str
    note: str
    by_person: bool
    sent_at: datetime
    ended_at: datetime | None


class RenderRecord(Value):
    """One export; its id is ours."""

    id: str
    account_id: str
    session_id: str
    clip_id: str | None
    run_id: str | None
    attempt: int
    draft_hash: str
    credits: int
    status: RenderStatus
    note: str
    created_at: datetime
    ended_at: datetime | None


class JournalEntry(Value):
    """One thing that happened."""

    id: int
    at: datetime
    account_id: str
    run_id: str | None
    clip_id: str | None
    subject: str
    subject_id: str
    event: str
    owner: str | None
    fence: int | None
    body: dict[str, Any]


class LedgerEntry(Value):
    """One movement of credits."""

    id: int
    account_id: str
    run_id: str | None
    purchase_id: str | None
    render_id: str | None
    reservation_id: int | None
    kind: str
    reserved: int
    spent: int
    day: str
    note: str
    at: datetime


class CreditsSummary(Value):
    """An account's credits as the ledger knows them.

    Attributes:
        balance: available and held at the service at the last quiet reading; None if none was made.
        reserved: held back for prompts whose outcome is open.
        spent, spent_today: settled and adjusted.
        drift: the sum of all adjustments: what the service took beside (or short of) our tariff.
        stopped: why spending is stopped; empty if it is not.
        stopped_available: credits that were available then: spending goes on when there are more.
        entries: the last movements, newest first.
    """

    account_id: str
    balance: int | None
    reserved: int
    spent: int
    spent_today: int
    drift: int
    stopped: str
    stopped_available: int | None
    entries: tuple[LedgerEntry, ...]


class BudgetRecord(Value):
    """A limit on what may be spent and reserved.

    Attributes:
        scope: `account` (ever), `day` (today, UTC) or `run` (the last one).
        credits: the limit; None where there is none.
        used: what counts against it.
    """

    scope: Literal["account", "day", "run"]
    credits: int | None
    used: int

    @property
    def left(self) -> int | None:
        """What may still be spent; None without a limit."""
        return None if self.credits is None else max(0, self.credits - self.used)


class Observation(Value):
    """A balance as it was read.

    Attributes:
        quiet: nothing of ours was in flight, so that the reading could be compared with the ledger.
        adjusted: what was posted as an adjustment.
    """

    balance: Credits
    quiet: bool
    adjusted: int
