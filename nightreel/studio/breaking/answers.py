"""Faults instead of an answer, and in what an answer says."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from email.utils import format_datetime
from http import HTTPStatus

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from nightreel.nemo import wire
from nightreel.studio import accounts, incidents
from nightreel.studio.answers import Refused, failure
from nightreel.studio.breaking.exchange import Exchange
from nightreel.studio.faults import Fault

Act = Callable[[Exchange], Awaitable[None]]
"""Answers a request as its fault wants it."""

_ERRORS = (500, 502, 503, 504)
_LONGEST_LIMIT = 20
"""Seconds that a rate limit asks for at most."""


def undone(build: Callable[[Exchange], Awaitable[Response]]) -> Act:
    """Return what does nothing and answers with what *build* makes."""

    async def act(it: Exchange) -> None:
        await it.take_body()
        await it.happens()
        await it.respond(await build(it))

    return act


async def limited(it: Exchange) -> Response:
    """429, and nothing else."""
    return _refusal(it, Refused(wire.Code.RATE_LIMITED))


async def limited_seconds(it: Exchange) -> Response:
    """429 with seconds."""
    return _refusal(it, Refused(wire.Code.RATE_LIMITED, headers={"Retry-After": str(_limit(it))}))


async def limited_date(it: Exchange) -> Response:
    """429 with a date."""
    until = it.studio.options.clock.now() + timedelta(seconds=_limit(it))
    return _refusal(it, Refused(wire.Code.RATE_LIMITED, headers={"Retry-After": format_datetime(until, usegmt=True)}))


async def error(it: Exchange) -> Response:
    """5xx, as a service writes it, or as what stands before it does."""
    status = _ERRORS[int(it.lot("status") * len(_ERRORS))]
    phrase = HTTPStatus(status).phrase
    if it.lot("page") < 0.5:  # noqa: PLR2004 - one in two
        return HTMLResponse(f"<html><body><h1>{status} {phrase}</h1></body></html>", status)
    return JSONResponse({"code": status, "message": phrase, "data": None}, status)


async def token_expired(it: Exchange) -> Response:
    """1001; an anonymous token is gone for good."""
    await it.studio.store.run(accounts.revoke, it.asked.token)
    return _refusal(it, Refused(wire.Code.TOKEN_REJECTED))


async def session_vanished(it: Exchange) -> Response:
    """1002, from now on."""
    await it.studio.store.run(incidents.lose, it.asked.session)
    return _refusal(it, Refused(wire.Code.SESSION_NOT_FOUND))


async def link_expired(it: Exchange) -> Response:
    """403, as after an hour."""
    return _refusal(it, Refused(403, "this link has expired; ask for the render again to get a fresh one"))


async def error_after(it: Exchange) -> None:
    """5xx, though it is done."""
    await it.carry_out()
    await it.happens()
    await it.respond(await error(it))


async def malformed_json(it: Exchange) -> None:
    """Half of the answer, well wrapped up."""
    whole = await it.answer()
    await it.happens()
    whole.body = whole.body[: len(whole.body) // 2]
    await it.respond(whole.response)


async def duplicate_id(it: Exchange) -> None:
    """409 for the id that was just taken."""
    whole = await it.answer()
    if whole.ok:
        await it.happens()
    await it.respond(_refusal(it, Refused(409, "duplicate id")) if whole.ok else whole.response)


async def render_failed(it: Exchange) -> None:
    """A render that is taken and comes to nothing."""
    queue = it.studio.queue
    async with queue.holding(it.asked.render):
        whole = await it.answer()
        if whole.ok:
            await it.happens()
            await queue.fail(None, it.asked.render, "the renderer ran out of memory")
    await it.respond(whole.response)


async def redirect(it: Exchange) -> None:
    """302 to a fresh link, on another host for all that a client can tell; who may not have it is refused as ever."""
    if await it.carry_out() != HTTPStatus.OK:
        await it.pass_on()
        return
    await it.happens()
    url = it.request.url
    host = "127.0.0.1" if url.hostname == "localhost" else "localhost"
    await it.respond(RedirectResponse(f"http://{host}:{url.port}{it.studio.links.sign(url.path)}", HTTPStatus.FOUND))


def _refusal(it: Exchange, refused: Refused) -> Response:
    return failure(refused, it.studio.options)


def _limit(it: Exchange) -> int:
    return 1 + int(it.lot("limit") * _LONGEST_LIMIT)


ACTS: Mapping[Fault, Act] = {
    Fault.LIMITED: undone(limited),
    Fault.LIMITED_SECONDS: undone(limited_seconds),
    Fault.LIMITED_DATE: undone(limited_date),
    Fault.ERROR_BEFORE: undone(error),
    Fault.TOKEN_EXPIRED: undone(token_expired),
    Fault.SESSION_VANISHED: undone(session_vanished),
    Fault.LINK_EXPIRED: undone(link_expired),
    Fault.ERROR_AFTER: error_after,
    Fault.MALFORMED_JSON: malformed_json,
    Fault.DUPLICATE_ID: duplicate_id,
    Fault.RENDER_FAILED: render_failed,
    Fault.REDIRECT: redirect,
}
