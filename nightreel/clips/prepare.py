"""The steps before anything is paid: open a session, upload the photos."""

from nightreel.clips.travelling import normalised
from nightreel.clips.work import Job, Tools, held, paid, report, step
from nightreel.errors import (
    ConfigurationError,
    MalformedAnswer,
    NightreelError,
    OutcomeUnknown,
    RateLimited,
    RequestRefused,
    RunStopped,
    ServerFault,
    SessionNotFound,
    Unsent,
)
from nightreel.images import Ready
from nightreel.ledger.records import SessionRecord
from nightreel.ledger.sessions import Sent
from nightreel.models import Photo, Step
from nightreel.nemo import UploadFile

UNKNOWN = (OutcomeUnknown, ServerFault, MalformedAnswer)
"""On a request that is sent once, these say nothing of what came of it."""

NOT_SENT = (Unsent, RateLimited, ConfigurationError, RunStopped)
"""After these the service did nothing: no byte left, it refused, or there was nothing to be sent any more."""


@step(Step.OPEN)
async def open_session(job: Job, tools: Tools) -> str:
    """Open the clip's session at the service, or go on with the one it has; return the service's id of it.

    One whose answer was lost is empty, and stays behind.
    """
    return _remote(await opened(job, tools))


@step(Step.UPLOAD)
async def upload(job: Job, tools: Tools) -> int:
    """Upload the clip's photos in order, normalised; return how many are there.

    An upload of which nobody knows what came is never repeated into the same session (a photo could be in it twice):
    it goes to a new one, as long as nothing was bought.

    Raises:
        PhotoChanged: a photo is not the one that was planned with.
    """
    return await uploaded(job, tools)


async def opened(job: Job, tools: Tools) -> SessionRecord:
    """Return the clip's session, opened now if there is none."""
    sessions = tools.ledger.sessions
    session = await sessions.of(job.clip_id)
    if session is not None and session.remote_id is not None:
        return session
    if session is not None:
        await sessions.leave(job.claim, session.id, "the answer to its request was never read")
    session_id = await sessions.opening(job.claim, job.clip.language)
    answer = await tools.nemo.open_session(name=job.clip.name, language=job.clip.language)
    return await sessions.opened(job.claim, session_id, answer.session_id, answer.task_id)


async def uploaded(job: Job, tools: Tools) -> int:
    """Upload what is not there yet; return how many photos are there."""
    if await paid(job, tools):
        return len(job.clip.photos)
    problem: NightreelError | None = None
    for _ in range(2):
        session = await _fresh(job, tools)
        if session is None:
            return len(job.clip.photos)
        photos = list(zip(job.clip.photos, await normalised(job, tools), strict=True))
        try:
            return await _send(job, tools, session, photos)
        except (*UNKNOWN, SessionNotFound) as error:
            problem = error
            gone = isinstance(error, SessionNotFound)
            await tools.ledger.sessions.leave(job.claim, session.id, f"upload: {error}", gone=gone)
        except NightreelError as error:
            await tools.ledger.sessions.leave(job.claim, session.id, f"upload: {error}")
            raise
    assert problem is not None  # noqa: S101 - the loop ends by a return or by an error
    raise problem


async def _fresh(job: Job, tools: Tools) -> SessionRecord | None:
    """Return a session that nothing was sent to; None if the clip's has its photos."""
    session = await opened(job, tools)
    assets = await tools.ledger.sessions.assets(session.id)
    if not assets:
        return session
    if all(asset.status == "sent" for asset in assets):
        return None
    await tools.ledger.sessions.leave(job.claim, session.id, "what came of the upload is not known")
    return await opened(job, tools)


async def _send(job: Job, tools: Tools, session: SessionRecord, photos: list[tuple[Photo, Ready]]) -> int:
    files = [_file(number, photo, ready) for number, (photo, ready) in enumerate(photos, 1)]
    sent = [_sent(photo, file) for (photo, _), file in zip(photos, files, strict=True)]
    await tools.ledger.sessions.sending(job.claim, session.id, sent)

    async with held(job.claim, tools) as moved:

        def progress(done: int, total: int) -> None:
            moved()
            report(job, tools, Step.UPLOAD, done / total if total else None)

        taken = await tools.stopping.unless(tools.nemo.upload(_remote(session), files, progress))
    if taken and len(taken) != len(files):
        raise RequestRefused(f"The service took {len(taken)} of {len(files)} photos.", hint="Run again.")
    await tools.ledger.sessions.sent(job.claim, session.id, [file.filename for file in taken])
    return len(files)


def _file(number: int, photo: Photo, ready: Ready) -> UploadFile:
    """Name the file so that its name keeps the order and says nothing of our folders."""
    name = f"{number:02d}_{photo.sha256[:8]}{ready.path.suffix}"
    return UploadFile(path=ready.path, name=name, media_type=ready.media_type, sha256=ready.sha256)


def _sent(photo: Photo, file: UploadFile) -> Sent:
    return Sent(photo.sha256, file.sha256, file.name, file.media_type, file.path.stat().st_size)


def _remote(session: SessionRecord) -> str:
    assert session.remote_id is not None  # noqa: S101 - opened() returns none without
    return session.remote_id
