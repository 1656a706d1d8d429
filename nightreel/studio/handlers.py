"""One handler a request: read it, call the studio, answer."""

from datetime import UTC, datetime
from math import gcd
from typing import Any, cast

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from nightreel import __version__
from nightreel.nemo import wire
from nightreel.studio import accounts, bill, incidents, media, renders, sessions
from nightreel.studio.accounts import Account
from nightreel.studio.answers import Refused, render_answer, success
from nightreel.studio.bodies import read_json, receive_files
from nightreel.studio.fetch import fetch
from nightreel.studio.options import WEEK
from nightreel.studio.renders import Render
from nightreel.studio.sessions import Asset
from nightreel.studio.studio import Studio

PATH_ASSET = "/studio/assets/{asset_id}"
_MAX_PROMPT = 20_000
_MAX_NAME = 128
_ATTRIBUTION = (wire.HEADER_SOURCE, wire.HEADER_VERSION, wire.HEADER_PLATFORM)
_ID_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")


async def anonymous_token(request: Request) -> Response:
    """`POST /api/auth/anonymous-token`."""
    studio = _studio(request)
    client = request.headers.get(wire.HEADER_CLIENT_ID, "").strip()
    if not client or len(client) > _MAX_NAME:
        raise Refused(wire.Code.CLIENT_ID_MISSING)
    options = studio.options
    grant = await studio.store.run(
        accounts.grant_anonymous, client, options.anonymous_credits, options.anonymous_a_week, studio.now()
    )
    expires = _iso(grant.expires_at)
    identity, left = grant.account.id, grant.account.available
    return success({"token": grant.token, "user_id": identity, "expires_at": expires, "credits": left})


async def open_session(request: Request) -> Response:
    """`POST /api/tasks/me/with-session/nemo_agent`."""
    studio, account = _studio(request), await _account(request)
    body = await read_json(request, wire.SessionRequest)
    name, language = body.task_name[:_MAX_NAME], body.language[:16] or "en"
    session = await studio.store.run(sessions.open_session, account.id, name, language, studio.now())
    return success({"task_id": session.task, "session_id": session.id, "user_id": account.id})


async def claim_token(request: Request) -> Response:
    """`POST /api/auth/claim-token`."""
    studio, account = _studio(request), await _account(request)
    body = await read_json(request, wire.ClaimRequest)
    token = await studio.store.run(sessions.claim, account.id, body.task_id, body.session_id, studio.now())
    return success({"claim_token": token, "expires_in": int(WEEK)})


async def upload(request: Request) -> Response:
    """`POST /api/upload-video/nemo_agent/me/{session_id}`, multipart or by URL."""
    studio, account = _studio(request), await _account(request)
    session = request.path_params["session_id"]
    await studio.store.run(sessions.find, account.id, session)
    try:
        if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            received = await receive_files(request, studio.incoming, studio.options)
        else:
            body = await read_json(request, wire.UploadUrls)
            received = await fetch(body.urls, studio.incoming, studio.options)
    except ClientDisconnect:
        raise Refused(400, "the upload broke off") from None
    kept = await studio.keep(account.id, session, received)
    files = [_uploaded(request, asset) for asset in kept]
    return success({"files": files, "session_state_applied": True})


async def run_sse(request: Request) -> Response:
    """`POST /run_sse`: take a prompt, and tell on a stream what is done."""
    studio, account = _studio(request), await _account(request)
    body = await read_json(request, wire.RunRequest)
    prompt = "\n".join(part.text for part in body.new_message.parts).strip()
    if not 0 < len(prompt) <= _MAX_PROMPT:
        raise Refused(422, f"new_message: a text of 1 to {_MAX_PROMPT} characters is needed")
    feed = await studio.performer.begin(account.id, body.session_id, prompt)
    return StreamingResponse(
        studio.performer.stream(feed), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


async def state(request: Request) -> Response:
    """`GET /api/state/nemo_agent/me/{session_id}/latest`."""
    studio, account = _studio(request), await _account(request)
    session = await studio.store.run(sessions.find, account.id, request.path_params["session_id"])
    assets = await studio.store.run(sessions.assets_of, session.id)
    size = cast("dict[str, Any]", session.draft.get("m", {}))
    canvas = _canvas(size["width"], size["height"]) if size else {}
    return success(
        {
            "state": {
                "draft": session.draft,
                "video_infos": [{"id": asset.id, **_uploaded(request, asset)} for asset in assets],
                "generated_media": [],
                "canvas_config": canvas,
            }
        }
    )


async def balance(request: Request) -> Response:
    """`GET /api/credits/balance/simple`."""
    account = await _account(request)
    return success(
        {"available": account.available, "frozen": account.frozen, "total": account.available + account.frozen}
    )


async def submit_render(request: Request) -> Response:
    """`POST /api/render/proxy/lambda`."""
    studio, account = _studio(request), await _account(request)
    if not all(request.headers.get(name, "").strip() for name in _ATTRIBUTION):
        raise Refused(wire.Code.EXPORT_FORBIDDEN, "attribution headers missing")
    if account.id != accounts.LOCAL and not studio.options.anonymous_exports:
        raise Refused(wire.Code.EXPORT_FORBIDDEN)
    body = await read_json(request, wire.RenderRequest)
    if not 0 < len(body.id) <= _MAX_NAME or not _ID_LETTERS.issuperset(body.id):
        raise Refused(422, f"id: 1 to {_MAX_NAME} letters, digits, '_', '-' or '.'")
    if body.output.format != "mp4":
        raise Refused(422, f"output.format: mp4, not {body.output.format!r}")
    return _told(request, await studio.queue.submit(account.id, body))


async def poll_render(request: Request) -> Response:
    """`GET /api/render/proxy/lambda/{render_id}`."""
    studio, account = _studio(request), await _account(request)
    return _told(request, await studio.store.run(renders.find, account.id, request.path_params["render_id"]))


async def cancel_render(request: Request) -> Response:
    """`POST /api/render/proxy/lambda/{render_id}/cancel`."""
    studio, account = _studio(request), await _account(request)
    return _told(request, await studio.queue.cancel(account.id, request.path_params["render_id"]))


async def download_render(request: Request) -> Response:
    """`GET /api/render/proxy/{render_id}/download`: with a bearer, or by a signed link."""
    studio = _studio(request)
    owner = None
    if "signature" in request.query_params:
        studio.links.check(request.url.path, request.query_params)
    else:
        owner = (await _account(request)).id
    render = await studio.store.run(renders.find, owner, request.path_params["render_id"])
    path = studio.queue.videos / render.file
    if not render.file or not path.is_file():
        raise Refused(404, "no such render" if render.status.terminal else "the render is not completed yet")
    return FileResponse(path, media_type="video/mp4", filename=f"{render.id}.mp4", headers=_PRIVATE)


async def download_asset(request: Request) -> Response:
    """`GET /studio/assets/{asset_id}`: what `cdn_url` names; by a signed link alone."""
    studio = _studio(request)
    studio.links.check(request.url.path, request.query_params)
    asset = await studio.store.run(sessions.asset, request.path_params["asset_id"])
    if asset is None or not (studio.assets / asset.file).is_file():
        raise Refused(404, "no such asset")
    return FileResponse(studio.assets / asset.file, media_type=_media_type(asset), headers=_PRIVATE)


async def read_bill(request: Request) -> Response:
    """`GET /studio/bill`: every charge; for the local account alone."""
    account = await _account(request)
    if account.id != accounts.LOCAL:
        raise Refused(403, "the bill is for the local account")
    return JSONResponse(await _studio(request).store.run(bill.read))


async def read_faults(request: Request) -> Response:
    """`GET /studio/faults`: every fault that happened; for the local account alone."""
    account = await _account(request)
    if account.id != accounts.LOCAL:
        raise Refused(403, "the faults are for the local account")
    return JSONResponse(await _studio(request).store.run(incidents.read))


async def health(_: Request) -> Response:
    """`GET /studio/health`."""
    return JSONResponse({"ok": True, "version": __version__})


_PRIVATE = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


def _studio(request: Request) -> Studio:
    return cast("Studio", request.app.state.studio)


async def _account(request: Request) -> Account:
    """Return the account whose bearer the request carries, as it stands now.

    Raises:
        Refused: 1001.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refused(wire.Code.TOKEN_REJECTED)
    studio = _studio(request)
    return await studio.store.run(accounts.authenticate, token.strip(), studio.now())


def _told(request: Request, render: Render) -> Response:
    studio = _studio(request)
    url = _link(request, wire.PATH_RENDER_DOWNLOAD.format(render_id=render.id)) if render.file else ""
    job = wire.RenderJob(
        id=render.id, status=render.status, progress=studio.queue.progress(render), url=url, error=render.error
    )
    return render_answer(job, studio.options)


def _uploaded(request: Request, asset: Asset) -> dict[str, Any]:
    return wire.UploadedFile(
        filename=asset.name,
        file_type=asset.media.family,
        cdn_url=_link(request, PATH_ASSET.format(asset_id=asset.id)),
        duration=asset.media.duration,
        width=asset.media.width,
        height=asset.media.height,
        fps=asset.media.fps,
        hash=asset.media.sha256,
    ).model_dump()


def _link(request: Request, path: str) -> str:
    """Return a signed link on the address that the client has reached us by: it may change with a restart."""
    return f"{str(request.base_url).rstrip('/')}{_studio(request).links.sign(path)}"


def _canvas(width: int, height: int) -> dict[str, Any]:
    common = gcd(width, height)
    return {"width": width, "height": height, "ratio": f"{width // common}:{height // common}"}


def _media_type(asset: Asset) -> str:
    return media.IMAGE_MIME.get(asset.media.kind, "application/octet-stream")


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
