"""How the studio answers: the envelope, the render answers without it, and every failure in its documented forms."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from nightreel.nemo.wire import Code, RenderJob
from nightreel.studio.options import Dialect, StudioOptions

_MEANING: dict[int, tuple[int, str]] = {
    Code.CLIENT_ID_MISSING: (400, "X-Client-Id missing"),
    Code.EXPORT_FORBIDDEN: (402, "export blocked on the free plan"),
    Code.RATE_LIMITED: (429, "rate limited"),
    Code.TOKEN_REJECTED: (401, "token invalid or expired"),
    Code.SESSION_NOT_FOUND: (404, "session not found"),
    Code.OUT_OF_CREDITS: (402, "out of credits"),
    Code.UNSUPPORTED_FILE: (415, "unsupported file type"),
    Code.FILE_TOO_LARGE: (413, "file too large"),
}
_ALWAYS_CODED = {Code.OUT_OF_CREDITS}
"""No document gives these a status of their own: HTTP alone would be taken for another failure."""

_ALWAYS_STATUS = {404, 409, 403, 410}
"""The render endpoints answer without the envelope: their own failures keep their HTTP status in every dialect."""


class Refused(Exception):  # noqa: N818 - named for what happened
    """The request is answered with a failure.

    Args:
        code: the envelope's code; one of `Code`, or an HTTP status.
        message: what is wrong, for people; "" takes the code's own words.
        headers: further headers of the answer.
    """

    def __init__(self, code: int, message: str = "", *, headers: Mapping[str, str] | None = None) -> None:
        status, words = _MEANING.get(code, (code, "refused"))
        super().__init__(message or words)
        self.code = code
        self.status = status
        self.message = message or words
        self.headers = dict(headers or {})


def success(data: Mapping[str, Any]) -> Response:
    """Answer with the envelope around *data*."""
    return _json({"code": 0, "message": "success", "data": dict(data)})


def failure(refused: Refused, options: StudioOptions) -> Response:
    """Answer with a failure, in the form that is spoken."""
    said: dict[str, Any] = {"code": int(refused.code), "message": refused.message, "data": None}
    if refused.code in _ALWAYS_STATUS:
        said["error"] = refused.message
    elif options.speaks(Dialect.ENVELOPE_ERRORS):
        return _json(said, headers=refused.headers)
    if options.speaks(Dialect.HTTP_ERRORS) and refused.code not in _ALWAYS_CODED:
        said = {"detail": refused.message, "message": refused.message, "error": refused.message}
    return _json(said, status=refused.status, headers=refused.headers)


def render_answer(job: RenderJob, options: StudioOptions) -> Response:
    """Answer with *job* in the form that is spoken; only the wrapped one tells the progress."""
    if options.speaks(Dialect.FLAT_RENDER):
        flat: dict[str, Any] = {"id": job.id, "status": job.status.value}
        if job.url:
            flat["output"] = {"url": job.url}
        if job.error:
            flat["error"] = job.error
        return _json(flat)
    data: dict[str, Any] = {"id": job.id, "status": job.status.value, "progress": round(job.progress)}
    if job.url:
        data["outputUrl"] = job.url
    if job.error:
        data["error"] = job.error
    return _json({"success": True, "data": data})


def _json(body: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse(dict(body), status_code=status, headers={"Cache-Control": "no-store", **(headers or {})})
