"""Every exception that Nightreel raises on purpose.

The tree (a class in brackets carries one or two of the four marks below it)::

    NightreelError
     ├─ ConfigurationError                 wrong usage or settings: exit 2
     │   ├─ SettingsError
     │   ├─ SourceError                    a folder, feed or bucket that cannot be read
     │   ├─ BriefError
     │   └─ StudioError
     │       ├─ PortTaken
     │       ├─ StudioBusy                 another studio holds the data folder: exit 75
     │       └─ StudioUnavailable
     ├─ InputError                         one photo or product is not fit; the others go on
     │   ├─ PhotoRejected
     │   ├─ PhotoChanged                   [Transient] changed since the plan
     │   └─ ProductRejected
     ├─ TransportError
     │   ├─ Unsent                         [Transient] no byte of the request left: safe to repeat
     │   └─ OutcomeUnknown                 [Unknown]   sent, and nobody knows what came of it
     │       └─ StreamLost                 [Unknown]   the event stream broke, or said nothing for too long
     ├─ ServiceError                       the service answered, and the answer is no
     │   ├─ TokenRejected                  [Permanent] 1001
     │   ├─ SessionNotFound                [Permanent] 1002
     │   ├─ CreditsExhausted               [OutOfCredits] 2001
     │   ├─ UnsupportedFile                [Permanent] 4001
     │   ├─ FileTooLarge                   [Permanent] 4002
     │   ├─ ClientIdMissing                [Permanent] 400 on the token request
     │   ├─ ExportForbidden                [Permanent] 402
     │   ├─ RateLimited                    [Transient] 429
     │   ├─ RequestRefused                 [Permanent] any other 4xx or code
     │   ├─ ServerFault                    [Transient on reads, Unknown on paid requests] 5xx
     │   ├─ MalformedAnswer                [Transient] an answer that cannot be read
     │   ├─ AgentFailed                    [Permanent] an error event inside a stream
     │   ├─ DuplicateRender                [Permanent] the render id is known there already
     │   └─ RenderFailed                   [Permanent] the job ended as failed
     ├─ LedgerError
     │   ├─ BudgetExceeded                 [OutOfCredits] a reservation would pass the budget
     │   ├─ ClipClaimed                    [Transient] another runner holds the clip
     │   ├─ LeaseLost                      [Permanent] our claim was taken over; stop writing
     │   └─ SchemaError                    the database is newer than this version, or broken
     ├─ RunStopped                         [Transient] stopped before the clip was made
     ├─ NeedsPerson                        what happened cannot be read from the service: exit 4
     ├─ QualityError
     │   ├─ DraftRejected                  [Permanent] the state does not show what was asked for
     │   └─ VideoRejected                  [Permanent] the finished file fails a check
     ├─ WebhookRefused                     a webhook took no message; the next run tells it
     ├─ RenderError                        [Permanent] the studio cannot make a video of this draft
     │   └─ AssetUnusable                  [Permanent] a file that it names is missing or broken
     └─ DiskFull                           [Permanent] nothing new is begun; everything made is kept

Four marks say how a caller goes on: **Transient** (try again, within the retry budget), **Permanent** (this clip
fails, the others go on), **Unknown** (read before anything is sent again), **OutOfCredits** (stop spending).
"""

from typing import ClassVar


class Transient(Exception):  # noqa: N818 - a mark, not an error of its own
    """Mark: nothing was done; the same request may be sent again."""


class Permanent(Exception):  # noqa: N818 - a mark, not an error of its own
    """Mark: the same request would fail again."""


class Unknown(Exception):  # noqa: N818 - a mark, not an error of its own
    """Mark: the request may or may not have been carried out; never repeat it blindly."""


class OutOfCredits(Exception):  # noqa: N818 - a mark, not an error of its own
    """Mark: no more may be spent."""


class NightreelError(Exception):
    """Base of everything below.

    Args:
        message: what is wrong, with the value and the file.
        hint: the next step, as a sentence.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


# --------------------------------------------------------------------------- usage and settings


class ConfigurationError(NightreelError):
    """Wrong usage or configuration; nothing was sent."""

    exit_code = 2


class SettingsError(ConfigurationError):
    """A setting has no valid value."""


class SourceError(ConfigurationError):
    """A catalog folder, feed or bucket that cannot be read."""


class BriefError(ConfigurationError):
    """A brief that says something impossible; names file, key and line."""


class StudioError(ConfigurationError):
    """The embedded engine cannot serve."""


class PortTaken(StudioError):  # noqa: N818 - named for what happened
    """The studio's port is in use by another program."""


class StudioBusy(StudioError):  # noqa: N818 - named for what happened
    """Another studio holds the data folder."""

    exit_code = 75


class StudioUnavailable(StudioError):  # noqa: N818 - named for what happened
    """The studio did not come up, or ended."""


# --------------------------------------------------------------------------- photos and products


class InputError(NightreelError):
    """One photo or product is not fit; the others go on."""


class PhotoRejected(InputError, Permanent):  # noqa: N818 - named for what happened
    """The file is no photo we can use."""


class PhotoChanged(InputError, Transient):  # noqa: N818 - named for what happened
    """The photo is not the one that was planned with; plan its product again."""


class ProductRejected(InputError, Permanent):  # noqa: N818 - named for what happened
    """The product cannot be made into a clip."""


# --------------------------------------------------------------------------- transport


class TransportError(NightreelError):
    """No answer was read."""


class Unsent(TransportError, Transient):  # noqa: N818 - named for what happened
    """No byte of the request reached the service: safe to repeat."""


class OutcomeUnknown(TransportError, Unknown):  # noqa: N818 - named for what happened
    """The request was sent, wholly or in part, and no answer says what came of it."""


class StreamLost(OutcomeUnknown):
    """The event stream broke off, or made no progress for too long."""


# --------------------------------------------------------------------------- answers of the service


class ServiceError(NightreelError):
    """The service answered with an error.

    Args:
        message: what is wrong.
        hint: what to do.
        code: the envelope's `code`, or the HTTP status where there is none.
        status: the HTTP status.
    """

    def __init__(self, message: str, *, hint: str = "", code: int = 0, status: int = 0) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.status = status


class TokenRejected(ServiceError, Permanent):  # noqa: N818 - named for what happened
    """1001: the token is invalid or expired."""

    exit_code = 2


class SessionNotFound(ServiceError, Permanent):  # noqa: N818 - named for what happened
    """1002: the session is gone; its assets went with it."""


class CreditsExhausted(ServiceError, OutOfCredits):  # noqa: N818 - named for what happened
    """2001: the account has too few credits."""

    exit_code = 3


class UnsupportedFile(ServiceError, Permanent):  # noqa: N818 - named for what happened
    """4001: the service does not take this type of file."""


class FileTooLarge(ServiceError, Permanent):  # noqa: N818 - named for what happened
    """4002: the file is larger than the service takes."""


class ClientIdMissing(ServiceError, Permanent):  # noqa: N818 - named for what happened
    """400: the token request carried no client id."""


class ExportForbidden(ServiceError, Permanent):  # noqa: N818 - named for what happened
    """402: the account's plan forbids exports (a matter of the subscription, not of credits)."""


class RateLimited(ServiceError, Transient):  # noqa: N818 - named for what happened
    """429: too many requests.

    Attributes:
        retry_after: seconds to wait before the next request.
    """

    def __init__(
        self, message: str, *, retry_after: float, hint: str = "", code: int = 429, status: int = 429
    ) -> None:
        super().__init__(message, hint=hint, code=code, status=status)
        self.retry_after = retry_after


class RequestRefused(ServiceError, Permanent):  # noqa: N818 - named for what happened
    """Any other 4xx, or a code we do not know."""


class ServerFault(ServiceError, Transient):  # noqa: N818 - named for what happened
    """5xx on a read, or before any work. On a paid request the client raises OutcomeUnknown instead."""


class MalformedAnswer(ServiceError, Transient):  # noqa: N818 - named for what happened
    """An answer that is not what the protocol says."""


class AgentFailed(ServiceError, Permanent):  # noqa: N818 - named for what happened
    """The stream carried an error event: the agent gave up. The spend is checked before it is released."""


class DuplicateRender(ServiceError, Permanent):  # noqa: N818 - named for what happened
    """The render id is known to the service already."""


class RenderFailed(ServiceError, Permanent):  # noqa: N818 - named for what happened
    """The render ended as failed."""


# --------------------------------------------------------------------------- journal and ledger


class LedgerError(NightreelError):
    """The journal or the ledger refuses."""


class BudgetExceeded(LedgerError, OutOfCredits):  # noqa: N818 - named for what happened
    """The reservation would pass a budget; nothing was sent."""

    exit_code = 3


class ClipClaimed(LedgerError, Transient):  # noqa: N818 - named for what happened
    """Another runner is making this clip."""


class LeaseLost(LedgerError, Permanent):  # noqa: N818 - named for what happened
    """Our claim on the clip was taken over; whatever we know, we may not write it."""


class SchemaError(LedgerError):
    """The database is not one that this version can use."""

    exit_code = 2


class RunStopped(NightreelError, Transient):  # noqa: N818 - named for what happened
    """Somebody stopped the run before the clip was made; the next run goes on with it."""


class NeedsPerson(NightreelError):  # noqa: N818 - named for what happened
    """What came of a request cannot be told by reading; a person decides (`nightreel reconcile`)."""

    exit_code = 4


# --------------------------------------------------------------------------- quality and the machine


class QualityError(NightreelError):
    """The result is not what was asked for."""


class DraftRejected(QualityError, Permanent):  # noqa: N818 - named for what happened
    """The session's state does not show what the brief asked for."""


class VideoRejected(QualityError, Permanent):  # noqa: N818 - named for what happened
    """The finished file fails a check; it is not delivered."""


class WebhookRefused(NightreelError):  # noqa: N818 - named for what happened
    """The webhook did not take a message: it said no, or was not there for all tries.

    Args:
        message: what is wrong.
        hint: the next step.
        lasting: the next message would fare alike.
    """

    def __init__(self, message: str, *, hint: str = "", lasting: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.lasting = lasting


class RenderError(NightreelError, Permanent):
    """The studio cannot make a video of a draft: an asset is missing or broken, a title has no glyphs."""


class AssetUnusable(RenderError):  # noqa: N818 - named for what happened
    """A file that a draft names is missing or broken; what to do about it, whoever has the file says."""


class DiskFull(NightreelError, Permanent):  # noqa: N818 - named for what happened
    """No space is left; nothing new is begun, everything made is kept."""


def sentence(said: str) -> str:
    """Return what somebody else said, to end a sentence of ours: with one full stop."""
    return said if said.endswith((".", "!", "?", "…", "。", "！", "？")) else f"{said}."


def class_named(name: str) -> type[NightreelError]:
    """Return the class of that name in this tree; NightreelError for a name that is not in it."""
    waiting: list[type[NightreelError]] = [NightreelError]
    for kind in waiting:
        if kind.__name__ == name:
            return kind
        waiting += kind.__subclasses__()
    return NightreelError
