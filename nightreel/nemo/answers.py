"""The service's answers, read: data out of the envelope, or one exception a documented failure.

A failure comes as an HTTP status, as a non-zero `code` under HTTP 200, or as both; where a body has a `code`, the
code wins. Pure: no socket, no clock.
"""

import email.utils
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, cast

from nightreel import errors
from nightreel.nemo import wire
from nightreel.nemo.parsed import list_in, object_in
from nightreel.nemo.redact import REDACTOR

WAIT_LIMITED = 30.0
"""Seconds to wait after a 429 without `Retry-After`."""

WAIT_LIMITED_MOST = 300.0
"""A `Retry-After` is believed up to here."""

_WORDS_MOST = 200
_DIGITS_MOST = 9
_ACCEPTED = ", ".join((*wire.IMAGE_TYPES, *wire.VIDEO_TYPES, *wire.AUDIO_TYPES))


@dataclass(frozen=True)
class Context:
    """What an error message needs to know of its request.

    Attributes:
        what: the request, for people.
        now: wall time, for a `Retry-After` that is a date.
        register: where an anonymous account becomes a registered one; "" if it is one.
        token_request: whether the answer is the token request's.
    """

    what: str
    now: datetime
    register: str = ""
    token_request: bool = False


@dataclass(frozen=True)
class Answer:
    """One whole answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    def parsed(self) -> Any:  # noqa: ANN401 - parsed JSON
        """Return the body as JSON; None if it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


_CLASSES: Mapping[int, tuple[type[errors.ServiceError], str, str]] = {
    wire.Code.TOKEN_REJECTED: (
        errors.TokenRejected,
        "the token is invalid or expired",
        "Set NEMO_TOKEN to a valid token, or unset it to use an anonymous one.",
    ),
    wire.Code.SESSION_NOT_FOUND: (
        errors.SessionNotFound,
        "the session is gone",
        "Open a new session and upload the photos again.",
    ),
    wire.Code.OUT_OF_CREDITS: (errors.CreditsExhausted, "the account has too few credits", ""),
    wire.Code.UNSUPPORTED_FILE: (
        errors.UnsupportedFile,
        "the service does not take this type of file",
        f"It takes {_ACCEPTED}.",
    ),
    wire.Code.FILE_TOO_LARGE: (
        errors.FileTooLarge,
        "the file is too large",
        "It takes 200 MB a file: compress or trim it.",
    ),
    wire.Code.EXPORT_FORBIDDEN: (
        errors.ExportForbidden,
        "exports are blocked on the account's plan",
        "This is a matter of the subscription, not of credits: change the plan; what was made is kept.",
    ),
}
_STATUS_CODES: Mapping[int, int] = {
    HTTPStatus.UNAUTHORIZED: wire.Code.TOKEN_REJECTED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: wire.Code.FILE_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: wire.Code.UNSUPPORTED_FILE,
}
_DUPLICATE = ("duplicate", "already exists", "already submitted")


def failure(answer: Answer, context: Context) -> errors.ServiceError | None:
    """Return the error that *answer* is; None if it is a success."""
    body = object_in(answer.parsed())
    code = _code(body)
    if code == 0 and answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return None if body.get("success") is not False else _other(answer.status, 0, body, context)
    known = code or _STATUS_CODES.get(answer.status, answer.status)
    if known == wire.Code.RATE_LIMITED:
        return _limited(answer, body, context)
    if known in _CLASSES:
        return _documented(known, answer.status, body, context)
    return _other(answer.status, code, body, context)


def data_of(answer: Answer, context: Context) -> Any:  # noqa: ANN401 - parsed JSON
    """Return the `data` of an envelope.

    Raises:
        ServiceError: the class that fits what went wrong.
        MalformedAnswer: the body is no envelope.
    """
    if error := failure(answer, context):
        raise error
    body = answer.parsed()
    if not isinstance(body, dict) or "code" not in body:
        raise malformed(answer, context)
    return cast("dict[str, Any]", body).get("data")


def bare_of(answer: Answer, context: Context) -> Any:  # noqa: ANN401 - parsed JSON
    """Return the body of an answer that needs no envelope; None if it is no JSON.

    Raises:
        ServiceError: the class that fits what went wrong.
    """
    if error := failure(answer, context):
        raise error
    return answer.parsed()


def malformed(
    answer: Answer, context: Context, why: str = "it is not what the protocol says"
) -> errors.MalformedAnswer:
    """Return the error for an answer that cannot be read; it quotes nothing of the body."""
    kind = answer.headers.get("content-type", "no content type")
    return errors.MalformedAnswer(
        f"{context.what}: an answer of {len(answer.body)} bytes ({kind}) cannot be read: {why}.",
        hint="Check NEMO_API_URL, or try again later.",
        status=answer.status,
    )


def words(text: object) -> str:
    """Return what the service says as one short line without secrets."""
    line = " ".join(REDACTOR.clean(str(text)).split())
    return "".join(char for char in line if char.isprintable())[:_WORDS_MOST]


def top_up(register: str) -> str:
    """Say how an account comes by credits: it is topped up, or, an anonymous one, registered at *register*."""
    return f"Register the account to go on: {register}" if register else "Top the account up and run again."


def retry_after(value: str, now: datetime) -> float:
    """Return the seconds that a `Retry-After` asks for, capped; the default if it asks for none."""
    value = value.strip()
    if value.isdecimal():
        return min(float(value), WAIT_LIMITED_MOST)
    try:
        date = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return WAIT_LIMITED
    seconds = (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds()
    return min(max(seconds, 0.0), WAIT_LIMITED_MOST)


def _documented(code: int, status: int, body: Mapping[str, Any], context: Context) -> errors.ServiceError:
    kind, means, hint = _CLASSES[code]
    if code == wire.Code.OUT_OF_CREDITS:
        hint = top_up(context.register)
    elif code == wire.Code.EXPORT_FORBIDDEN and context.register:
        hint = f"{hint} It is registered here: {context.register}"
    return kind(_message(context, means, body), hint=hint, code=code, status=status)


def _limited(answer: Answer, body: Mapping[str, Any], context: Context) -> errors.RateLimited:
    seconds = retry_after(answer.headers.get("retry-after", ""), context.now)
    message = _message(context, "too many requests", body)
    return errors.RateLimited(message, retry_after=seconds, status=answer.status, hint=f"Wait {seconds:.0f} s.")


def _other(status: int, code: int, body: Mapping[str, Any], context: Context) -> errors.ServiceError:
    number = code or status
    status = code if _is_http(code) else status
    said = _said(body).lower()
    if context.token_request and number == wire.Code.CLIENT_ID_MISSING:
        kind, hint = errors.ClientIdMissing, "Unset NEMO_CLIENT_ID, or set it to a UUID."
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        kind, hint = errors.ServerFault, "The service has trouble; try again later."
    elif number == HTTPStatus.CONFLICT or any(word in said for word in _DUPLICATE):
        kind, hint = errors.DuplicateRender, "Take a new render id, or poll the one that was taken."
    elif number == HTTPStatus.NOT_FOUND and "session" in said:
        return _documented(wire.Code.SESSION_NOT_FOUND, status, body, context)
    else:
        kind, hint = errors.RequestRefused, "The same request would be refused again; see the message."
    return kind(_message(context, f"refused ({number})", body), hint=hint, code=number, status=status)


def _is_http(code: int) -> bool:
    """Whether an envelope's code is an HTTP status in disguise."""
    return HTTPStatus.BAD_REQUEST <= code <= 599  # noqa: PLR2004 - the last HTTP status


def _message(context: Context, means: str, body: Mapping[str, Any]) -> str:
    said = _said(body)
    return f"{context.what}: {means} (the service says: {said})." if said else f"{context.what}: {means}."


def _said(body: Mapping[str, Any]) -> str:
    """Return the service's own words; of a list of details only places and reasons, for it echoes the input."""
    for name in ("message", "detail", "error", "msg"):
        value = body.get(name)
        if isinstance(value, str) and value.strip():
            return words(value)
        if isinstance(value, list):
            details = [object_in(item) for item in list_in(value)]
            return words("; ".join(f"{_place(item)}: {item.get('msg', '')}" for item in details))
        if inner := object_in(value):
            return words(inner.get("message", ""))
    return ""


def _place(detail: Mapping[str, Any]) -> str:
    return ".".join(str(part) for part in list_in(detail.get("loc"))) or "?"


def _code(body: Mapping[str, Any]) -> int:
    """Return the envelope's code, 0 where there is none; a number as text is a number."""
    code = body.get("code")
    if isinstance(code, str) and code.isdecimal() and len(code) <= _DIGITS_MOST:
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else 0
