"""The layer: looks what is due for a request, and has it done."""

from collections.abc import Mapping
from functools import partial

from starlette.types import ASGIApp, Receive, Scope, Send

from nightreel.nemo.wire import Code
from nightreel.studio import incidents
from nightreel.studio.answers import Refused, failure
from nightreel.studio.breaking import answers, connections, statuses, streams
from nightreel.studio.breaking.answers import Act
from nightreel.studio.breaking.asked import Asked, read
from nightreel.studio.breaking.exchange import Exchange
from nightreel.studio.breaking.wires import Wire, Wires
from nightreel.studio.faults import Endpoint, Fault, Schedule
from nightreel.studio.studio import Studio

ACTS: Mapping[Fault, Act] = {**answers.ACTS, **connections.ACTS, **streams.ACTS, **statuses.ACTS}


class FaultLayer:
    """Stands before the application.

    Args:
        app: what answers.
        studio: what it answers of.
        schedule: what goes wrong.
        wires: the server's connections.
    """

    def __init__(self, app: ASGIApp, studio: Studio, schedule: Schedule, wires: Wires) -> None:
        self._app = app
        self._studio = studio
        self._schedule = schedule
        self._wires = wires

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, well or badly."""
        asked, receive = await read(scope, receive)
        wire = self._wires.of(scope) if asked else None
        if asked is None or wire is None:  # who has gone away cannot be bothered any more
            await self._app(scope, receive, send)
        elif asked.session and await self._studio.store.run(incidents.is_lost, asked.session):
            refused = failure(Refused(Code.SESSION_NOT_FOUND), self._studio.options)
            await refused(scope, receive, send)
        else:
            await self._answer(asked, wire, (scope, receive, send))

    async def _answer(self, asked: Asked, wire: Wire, call: tuple[Scope, Receive, Send]) -> None:
        endpoint = asked.endpoint
        name = asked.name or await self._studio.store.run(incidents.name_of, asked.session, asked.render)
        n, fault = await self._due(endpoint, name)
        lot = partial(self._schedule.draw, endpoint, name, n)
        happens = partial(self._note, endpoint, name, n, fault)
        it = Exchange(self._app, *call, wire, self._studio, asked, lot, happens)
        if fault is not None:
            await ACTS[fault](it)
        elif endpoint is Endpoint.POLL:
            await statuses.told(it, partial(self._late, name))
        else:
            await it.pass_on()

    async def _due(self, endpoint: Endpoint, name: str) -> tuple[int, Fault | None]:
        n = await self._studio.store.run(incidents.count, endpoint, name)
        return n, self._schedule.at(endpoint, name, n)

    async def _late(self, name: str) -> bool:
        """Whether a completed export is told as one at work; written down if it is."""
        n, fault = await self._due(Endpoint.RESULT, name)
        await self._note(Endpoint.RESULT, name, n, fault)
        return fault is not None

    async def _note(self, endpoint: Endpoint, name: str, n: int, fault: Fault | None) -> None:
        if fault is not None:
            now = self._studio.options.clock.now()
            await self._studio.store.run(incidents.note, endpoint, name, n, fault, now)
