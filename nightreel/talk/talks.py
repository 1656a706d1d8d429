"""A talk: one session at the service, and the run that its budget hangs on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from nightreel.clips.outcome import Asker
from nightreel.clips.work import Tools
from nightreel.errors import ConfigurationError, LedgerError
from nightreel.ledger.records import Claim, SessionRecord
from nightreel.ledger.sessions import Talked
from nightreel.talk.files import Handing

_NAME = "talk"


def _quiet(words: str) -> None:
    del words


@dataclass
class Talk:
    """A talk that goes on.

    Attributes:
        claim: on no clip; carries the account and the run.
        session: as the journal knows it; another one where the first was gone before anything was bought in it.
        handed: what was handed over by this process, to hand it over again to another session.
        tell: told in a few words what is waited for.
    """

    tools: Tools
    claim: Claim
    session: SessionRecord
    handed: list[Handing] = field(default_factory=list[Handing])
    tell: Callable[[str], None] = _quiet

    @property
    def remote_id(self) -> str:
        """The service's id of the session."""
        assert self.session.remote_id is not None  # noqa: S101 - a talk has none without
        return self.session.remote_id

    @property
    def asker(self) -> Asker:
        """Who its prompts are sent by: somebody reads the answers."""
        return Asker("The talk", self.claim, self.tell, reads=True)

    async def reopen(self, why: str) -> None:
        """Go on in a new, empty session: nothing was bought in the old one, which is gone or holds who knows what."""
        await self.tools.ledger.sessions.leave(self.claim, self.session.id, why)
        self.session = await _opened(self.tools, self.claim, self.session.language)

    async def bought(self) -> bool:
        """Whether anything was asked for in the session."""
        return bool(await self.tools.ledger.purchases.of(session_id=self.session.id))


async def begin(tools: Tools, *, language: str = "en", budget: int | None = None, source: str = "chat") -> Talk:
    """Open a session for a talk; *budget* is for the whole talk, None for no limit of its own."""
    settings = tools.settings
    run_id = await tools.ledger.journal.begin_run(
        tools.engine,
        tools.account,
        source=source,
        budget=budget,
        budget_per_day=settings.budget_per_day,
        budget_in_all=settings.budget,
    )
    claim = await tools.ledger.claims.talk(tools.engine, tools.account, run_id)
    return Talk(tools, claim, await _opened(tools, claim, language))


async def listed(tools: Tools) -> Sequence[Talked]:
    """Return the account's talks, oldest first."""
    return await tools.ledger.sessions.talks(tools.account_id)


async def resume(tools: Tools, which: str, *, budget: int | None = None) -> Talk:
    """Go on with a talk.

    Args:
        tools: of the account that the talk was held with.
        which: the service's id or ours of its session, or the beginning of one; "last" for the newest.
        budget: for the whole talk, what was spent included; None leaves it as it was.

    Raises:
        ConfigurationError: there is no such talk, or more than one.
    """
    talks = await listed(tools)
    found = talks[-1:] if which == "last" else [one for one in talks if _is(one.session, which)]
    if len(found) != 1:
        said = "No talk" if not found else f"{len(found)} talks"
        raise ConfigurationError(
            f"{said} of {tools.account_id} matches {which!r}.", hint="`nightreel chat --sessions` lists them."
        )
    session, run_id = found[0]
    if budget is not None:
        await tools.ledger.journal.begin_run(tools.engine, tools.account, run_id=run_id, budget=budget)
    claim = await tools.ledger.claims.talk(tools.engine, tools.account, run_id)
    return Talk(tools, claim, session)


async def close(talk: Talk, outcome: str = "ended") -> None:
    """Record that the talk ended; it can be gone on with all the same."""
    if talk.claim.run_id is None:
        raise LedgerError("A talk without a run cannot be closed.")
    await talk.tools.ledger.journal.end_run(talk.claim.run_id, outcome)


async def _opened(tools: Tools, claim: Claim, language: str) -> SessionRecord:
    session_id = await tools.ledger.sessions.opening(claim, language)
    answer = await tools.nemo.open_session(name=_NAME, language=language)
    return await tools.ledger.sessions.opened(claim, session_id, answer.session_id, answer.task_id)


def _is(session: SessionRecord, which: str) -> bool:
    return bool(which) and any(name.startswith(which) for name in (session.remote_id or "", session.id))
