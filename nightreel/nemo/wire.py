"""The service's shapes on the wire (protocol.md), as the client reads them and the studio writes them.

Requests are strict in what we write and lenient in what we read: unknown fields are ignored, both documented forms
of an answer are accepted. Nothing here touches a socket.
"""

import math
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from nightreel.nemo.parsed import object_in

SKILL_SOURCE = "best-image-to-video"
APP_NAME = "nemo_agent"

HEADER_SOURCE = "X-Skill-Source"
HEADER_VERSION = "X-Skill-Version"
HEADER_PLATFORM = "X-Skill-Platform"
HEADER_CLIENT_ID = "X-Client-Id"
PLATFORMS = ("clawhub", "cursor", "unknown")

IMAGE_TYPES = ("jpg", "jpeg", "png", "gif", "webp")
VIDEO_TYPES = ("mp4", "mov", "avi", "webm", "mkv")
AUDIO_TYPES = ("mp3", "wav", "m4a", "aac")

PATH_TOKEN = "/api/auth/anonymous-token"  # noqa: S105 - a path
PATH_CLAIM = "/api/auth/claim-token"
PATH_SESSION = "/api/tasks/me/with-session/nemo_agent"
PATH_UPLOAD = "/api/upload-video/nemo_agent/me/{session_id}"
PATH_RUN = "/run_sse"
PATH_STATE = "/api/state/nemo_agent/me/{session_id}/latest"
PATH_BALANCE = "/api/credits/balance/simple"
PATH_RENDER = "/api/render/proxy/lambda"
PATH_RENDER_JOB = "/api/render/proxy/lambda/{render_id}"
PATH_RENDER_CANCEL = "/api/render/proxy/lambda/{render_id}/cancel"
PATH_RENDER_DOWNLOAD = "/api/render/proxy/{render_id}/download"


class Code(IntEnum):
    """The envelope's codes."""

    OK = 0
    CLIENT_ID_MISSING = 400
    EXPORT_FORBIDDEN = 402
    RATE_LIMITED = 429
    TOKEN_REJECTED = 1001
    SESSION_NOT_FOUND = 1002
    OUT_OF_CREDITS = 2001
    UNSUPPORTED_FILE = 4001
    FILE_TOO_LARGE = 4002


class Wire(BaseModel):
    """Base of the wire's shapes: unknown fields are ignored, and what is null is as if it were not there."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in object_in(given).items() if value is not None}


def _whole(given: object) -> object:
    return math.floor(given) if isinstance(given, float) and math.isfinite(given) else given


Amount = Annotated[int, BeforeValidator(_whole)]
"""Credits: whole ones; of half a credit we know that it is not a whole one."""


class Envelope(Wire):
    """`{"code": 0, "message": "…", "data": …}`."""

    code: int = 0
    message: str = ""
    data: Any = None


# --------------------------------------------------------------------------- token, session, claim


class TokenData(Wire):
    """Answer of the token request; *expires_at* is ISO 8601."""

    token: str = Field(repr=False)
    user_id: str = ""
    expires_at: str = ""
    credits: Amount = 0


class SessionRequest(Wire):
    """Body of the session request."""

    task_name: str = "project"
    language: str = "en"


class SessionData(Wire):
    """Answer of the session request."""

    task_id: str
    session_id: str
    user_id: str = ""


class ClaimRequest(Wire):
    """Body of the claim request."""

    task_id: str
    session_id: str


class ClaimData(Wire):
    """Answer of the claim request; *expires_in* in seconds."""

    claim_token: str = Field(repr=False)
    expires_in: int = 0


# --------------------------------------------------------------------------- upload


class UploadUrls(Wire):
    """Body of an upload by URL."""

    urls: list[str]
    source_type: Literal["url"] = "url"


class UploadedFile(Wire):
    """One file as the service took it; *duration* in seconds."""

    filename: str = ""
    file_type: str = ""
    cdn_url: str = ""
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    hash: str = ""


class UploadData(Wire):
    """Answer of an upload."""

    files: list[UploadedFile] = Field(default_factory=list[UploadedFile])
    session_state_applied: bool = False


# --------------------------------------------------------------------------- message


class TextPart(Wire):
    """A part of a message."""

    text: str


class NewMessage(Wire):
    """The user's message."""

    parts: list[TextPart]


class RunRequest(Wire):
    """Body of `POST /run_sse`."""

    app_name: str = APP_NAME
    user_id: str = "me"
    session_id: str
    new_message: NewMessage

    @classmethod
    def of(cls, session_id: str, prompt: str) -> "RunRequest":
        """Make the request that sends *prompt* to *session_id*."""
        return cls(session_id=session_id, new_message=NewMessage(parts=[TextPart(text=prompt)]))


# --------------------------------------------------------------------------- state and credits


class State(Wire):
    """A session's state. The draft is opaque but for the short names; it goes back untouched."""

    draft: dict[str, Any] = Field(default_factory=dict[str, Any])
    video_infos: list[Any] = Field(default_factory=list[Any])
    generated_media: list[Any] = Field(default_factory=list[Any])
    canvas_config: dict[str, Any] = Field(default_factory=dict[str, Any])


class StateData(Wire):
    """Answer of the state request."""

    state: State = Field(default_factory=State)


class BalanceData(Wire):
    """Answer of the balance request."""

    available: Amount
    frozen: Amount = 0
    total: Amount = 0


# --------------------------------------------------------------------------- export


class RenderStatus(StrEnum):
    """States of a render; the last two are terminal."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def terminal(self) -> bool:
        """Whether the render will change no more."""
        return self in {RenderStatus.COMPLETED, RenderStatus.FAILED}

    @classmethod
    def read(cls, word: str) -> "RenderStatus":
        """Read a status; a word that the protocol does not know means work in progress, unless it says an end."""
        return _WORDS.get(word.strip().lower().replace("_", "-"), cls.PROCESSING)


_WORDS = {
    **{status.value: status for status in RenderStatus},
    **dict.fromkeys(("complete", "done", "finished", "succeeded", "success"), RenderStatus.COMPLETED),
    **dict.fromkeys(
        (
            "aborted",
            "canceled",
            "cancelled",
            "error",
            "errored",
            "expired",
            "failure",
            "rejected",
            "timed-out",
            "timeout",
        ),
        RenderStatus.FAILED,
    ),
}
"""The protocol's words, and those of others that can only mean an end."""


class RenderOutput(Wire):
    """What to make."""

    format: str = "mp4"
    quality: str = "high"


class RenderRequest(Wire):
    """Body of an export: camelCase on the wire. The id is the client's own."""

    id: str
    session_id: str = Field(alias="sessionId")
    draft: dict[str, Any]
    output: RenderOutput = Field(default_factory=RenderOutput)


class RenderJob(Wire):
    """A render as either answer shape tells it; *progress* in percent.

    `{"id","status","output":{"url"}}` or `{"success":true,"data":{"id","status","progress","outputUrl"}}`.
    """

    id: str
    status: RenderStatus
    progress: float = 0.0
    url: str = ""
    error: str = ""

    @classmethod
    def read(cls, body: Any) -> "RenderJob":  # noqa: ANN401 - parsed JSON
        """Read either answer shape.

        Raises:
            ValueError: it is neither.
        """
        answer = object_in(body)
        data = object_in(answer.get("data")) or answer
        output = object_in(data.get("output"))
        word = data.get("status")
        if not isinstance(data.get("id"), str) or not isinstance(word, str):
            raise ValueError("the render answer has no id or no status")
        status = RenderStatus.read(word)
        done, failed = status is RenderStatus.COMPLETED, status is RenderStatus.FAILED
        return cls(
            id=data["id"],
            status=status,
            progress=float(data.get("progress") or (100.0 if done else 0.0)),
            url=str(data.get("outputUrl") or output.get("url") or ""),
            error=str(data.get("error") or data.get("message") or (f"it is {word}" if failed else "")),
        )
