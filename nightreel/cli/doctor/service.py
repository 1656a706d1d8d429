"""The service: token, balance, session, state and error forms. No prompt is sent, no photo, no export."""

import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from nightreel.cli.doctor.findings import Finding, State, bad, unknown, warning, well, wrong
from nightreel.cli.doctor.forms import Forms, forms_of
from nightreel.clock import Clock
from nightreel.errors import ClientIdMissing, NightreelError, RequestRefused, SessionNotFound, TokenRejected
from nightreel.ledger.health import Exports
from nightreel.models import Credits, Engine
from nightreel.nemo import Exchange, NemoClient, Patience, summarise, wire
from nightreel.runtime import open_service
from nightreel.settings import CLOUD_URL, Settings

PATIENCE = Patience(answer=30.0, read=30.0, repeats=2)
"""A doctor is quick to say that something does not answer, and hides little behind repeats."""

_OF_THE_SERVICE = ("token", "credits", "session", "state", "error form", "exports", "event form")
_PLAN = "Change the plan: it is a matter of the subscription, not of credits."


class Examination:
    """One look at the service.

    Attributes:
        exchanges: everything that went over the wire.
    """

    def __init__(self, settings: Settings, clock: Clock, before: Exports) -> None:
        self._settings, self._clock, self._before = settings, clock, before
        self.exchanges: list[Exchange] = []
        self._found: list[Finding] = []
        self._session: wire.SessionData | None = None

    @property
    def forms(self) -> Forms:
        """Which documented forms were met."""
        return forms_of(self.exchanges)

    async def findings(self) -> list[Finding]:
        """Look at everything, one after the other; what hangs on something that is bad is left out."""
        try:
            async with open_service(self._settings, PATIENCE, self.exchanges.append) as nemo:
                await self._look(nemo)
        except NightreelError as error:
            self._found.append(wrong("service", error))
        seen = {finding.what for finding in self._found}
        left = [unknown(what, "not looked at") for what in _OF_THE_SERVICE if what not in seen]
        return [*self._found, *left]

    async def _look(self, nemo: NemoClient) -> None:
        for look in (self._account, self._open, self._state, self._refusal, self._exports):
            await look(nemo)
            if self._found[-1].state is State.BAD:
                return
        self._found.append(unknown("event form", self.forms.events))

    async def _account(self, nemo: NemoClient) -> None:
        """Token and balance: the first answer also says that the service is there."""
        try:
            async with self._timed() as took:
                balance = await nemo.credits()
        except (TokenRejected, ClientIdMissing) as error:
            self._found += [well("service", f"{self._where()} answers"), wrong("token", error)]
            return
        except NightreelError as error:
            self._found.append(wrong("service", error))
            return
        self._found += [
            well("service", f"{self._where()} answers ({took():.2f} s); {self.forms.answers}"),
            well("token", f"{self._whose(nemo)}, accepted"),
            _balance(balance, self._settings.tariff.first_cut, nemo.top_up),
        ]

    async def _open(self, nemo: NemoClient) -> None:
        async with self._told("session"):
            async with self._timed() as took:
                self._session = await nemo.open_session("doctor")
            self._found.append(well("session", f"one was opened, empty ({took():.2f} s)"))

    async def _state(self, nemo: NemoClient) -> None:
        if self._session is None:
            return
        async with self._told("state"):
            async with self._timed() as took:
                timeline = summarise(await nemo.state(self._session.session_id))
            shows = "an empty draft, as it should be" if not timeline.ready else "a draft, where none was asked for"
            self._found.append(well("state", f"read: {shows} ({took():.2f} s)"))

    async def _refusal(self, nemo: NemoClient) -> None:
        """Ask for a session that cannot be there: the answer shows how errors are told."""
        try:
            await nemo.state(f"doctor-{uuid.uuid4()}")
        except SessionNotFound:
            self._found.append(well("error form", f"{self.forms.errors} (1002, session not found)"))
        except NightreelError as error:
            said = f"a session that is not there is answered by {type(error).__name__}: {error.message}"
            self._found.append(warning("error form", said, "Report it, with --record: 1002 was documented."))
        else:
            said = "a session that is not there is answered as if it were"
            self._found.append(warning("error form", said, "Report it, with --record: 1002 was documented."))

    async def _exports(self, nemo: NemoClient) -> None:
        """Read the newest export's status, if there was one; none is made for that."""
        known = self._before
        if known.forbidden and known.forbidden_at is not None:
            said = f"the plan forbade the last one (402, {known.forbidden_at:%Y-%m-%d %H:%M} UTC)"
            self._found.append(bad("exports", said, f"{_PLAN} Drafts are kept, and exported by the next run."))
            return
        if not known.completed:
            said = "none was made yet: the first will tell their form, and whether the plan allows them"
            self._found.append(unknown("exports", said))
            return
        try:
            await nemo.render(known.completed)
        except RequestRefused:
            self._found.append(well("exports", "allowed; the last one is no longer known there"))
        except NightreelError as error:
            self._found.append(wrong("exports", error))
        else:
            self._found.append(well("exports", f"allowed; the last one's status is {self.forms.renders}"))

    def _whose(self, nemo: NemoClient) -> str:
        if self._settings.engine is Engine.LOCAL and not self._settings.api_url:
            return "the studio's own"
        return "an anonymous one" if nemo.anonymous else "yours (NEMO_TOKEN)"

    def _where(self) -> str:
        if self._settings.api_url:
            return self._settings.api_url
        return "the studio on this machine" if self._settings.engine is Engine.LOCAL else CLOUD_URL

    @asynccontextmanager
    async def _timed(self) -> AsyncGenerator[Callable[[], float]]:
        began, ended = self._clock.monotonic(), list[float]()
        try:
            yield lambda: (ended[0] if ended else self._clock.monotonic()) - began
        finally:
            ended.append(self._clock.monotonic())

    @asynccontextmanager
    async def _told(self, what: str) -> AsyncGenerator[None]:
        """Take what goes wrong within the block for the finding."""
        try:
            yield
        except NightreelError as error:
            self._found.append(wrong(what, error))


def _balance(balance: Credits, price: int, top_up: str) -> Finding:
    said = f"{balance.available} available, {balance.held} held"
    if balance.available < price:
        return warning("credits", f"{said}; a video costs about {price}", top_up)
    return well("credits", said)
