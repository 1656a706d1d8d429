"""The studio's application: the routes, and nothing else."""

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from nightreel.nemo import wire
from nightreel.studio import handlers
from nightreel.studio.answers import Refused, failure
from nightreel.studio.bodies import is_full
from nightreel.studio.guard import HostGuard
from nightreel.studio.options import StudioOptions
from nightreel.studio.studio import Studio, open_studio

ROUTES = (
    Route(wire.PATH_TOKEN, handlers.anonymous_token, methods=["POST"]),
    Route(wire.PATH_CLAIM, handlers.claim_token, methods=["POST"]),
    Route(wire.PATH_SESSION, handlers.open_session, methods=["POST"]),
    Route(wire.PATH_UPLOAD, handlers.upload, methods=["POST"]),
    Route(wire.PATH_RUN, handlers.run_sse, methods=["POST"]),
    Route(wire.PATH_STATE, handlers.state, methods=["GET"]),
    Route(wire.PATH_BALANCE, handlers.balance, methods=["GET"]),
    Route(wire.PATH_RENDER, handlers.submit_render, methods=["POST"]),
    Route(wire.PATH_RENDER_JOB, handlers.poll_render, methods=["GET"]),
    Route(wire.PATH_RENDER_CANCEL, handlers.cancel_render, methods=["POST"]),
    Route(wire.PATH_RENDER_DOWNLOAD, handlers.download_render, methods=["GET"]),
    Route(handlers.PATH_ASSET, handlers.download_asset, methods=["GET"]),
    Route("/studio/bill", handlers.read_bill, methods=["GET"]),
    Route("/studio/faults", handlers.read_faults, methods=["GET"]),
    Route("/studio/health", handlers.health, methods=["GET"]),
)


def create_app(options: StudioOptions) -> Starlette:
    """Return the studio as an ASGI application; its lifespan opens and closes the studio."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None, None]:
        async with open_studio(options) as studio:
            app.state.studio = studio
            yield

    return _application(options, lifespan)


def app_of(studio: Studio, *inner: Middleware) -> Starlette:
    """Return the application of a studio that is open already; *inner* stands before the routes."""
    app = _application(studio.options, None, *inner)
    app.state.studio = studio
    return app


def _application(options: StudioOptions, lifespan: object, *inner: Middleware) -> Starlette:
    async def refuse(_: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return failure(Refused(error.status_code, error.detail, headers=error.headers), options)
        if isinstance(error, Refused):
            return failure(error, options)
        if isinstance(error, OSError | sqlite3.OperationalError) and is_full(error):
            return failure(Refused(507, "the studio's disk is full"), options)
        return failure(Refused(500, "the studio failed; its log says why"), options)

    return Starlette(
        routes=list(ROUTES),
        middleware=[Middleware(HostGuard, options=options), *inner],
        exception_handlers={Refused: refuse, HTTPException: refuse, Exception: refuse},
        lifespan=lifespan,  # pyright: ignore[reportArgumentType]
    )
