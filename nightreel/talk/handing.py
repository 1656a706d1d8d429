"""Files go up into a talk's session."""

from collections.abc import Sequence
from pathlib import Path

from nightreel.clips.prepare import UNKNOWN
from nightreel.errors import ConfigurationError, NightreelError, OutcomeUnknown, RequestRefused, SessionNotFound
from nightreel.ledger.sessions import Sent
from nightreel.models import Value
from nightreel.nemo.upload import OnProgress
from nightreel.talk.files import Handing, prepare
from nightreel.talk.talks import Talk


class Handed(Value):
    """A file that the session has now.

    Attributes:
        source: what was named.
        name: what the service calls it.
        warnings: what was noticed and repaired.
    """

    source: Path
    name: str
    warnings: tuple[str, ...] = ()


async def hand_over(talk: Talk, paths: Sequence[Path], progress: OnProgress | None = None) -> list[Handed]:
    """Upload the files at *paths*, in order; all are looked at before the first byte is sent.

    What came of an upload may be unknown; it is never repeated into the same session, where a file could then be
    twice. As long as nothing was asked for, the talk goes on in a new session with everything that it was handed.

    Raises:
        PhotoRejected, UnsupportedFile: one cannot be taken; none was sent.
        OutcomeUnknown: they may be there or not, and something was asked for already.
    """
    there = len(await talk.tools.ledger.sessions.assets(talk.session.id))
    new = [await prepare(path, number, talk.tools) for number, path in enumerate(paths, there + 1)]
    if not new:
        raise ConfigurationError("No file was named.", hint="Name photos, clips or sounds.")
    try:
        names = await _send(talk, new, progress)
    except (*UNKNOWN, SessionNotFound) as error:
        names = await _elsewhere(talk, new, progress, error)
    talk.handed += new
    return [
        Handed(source=file.source, name=name, warnings=file.warnings) for file, name in zip(new, names, strict=True)
    ]


async def _elsewhere(talk: Talk, new: list[Handing], progress: OnProgress | None, error: NightreelError) -> list[str]:
    """Hand everything over to a new session; the old one may hold the new files or not."""
    there = len(await talk.tools.ledger.sessions.assets(talk.session.id))
    if await talk.bought() or there != len(talk.handed) + len(new):
        raise OutcomeUnknown(
            f"What came of the upload is not known: {error.message}",
            hint="Look at the timeline, or begin a new talk; sent again, the files could be there twice.",
        ) from error
    await talk.reopen(f"upload: {error.message}")
    return (await _send(talk, [*talk.handed, *new], progress))[-len(new) :]


async def _send(talk: Talk, files: Sequence[Handing], progress: OnProgress | None) -> list[str]:
    sessions, stopping = talk.tools.ledger.sessions, talk.tools.stopping
    await sessions.sending(talk.claim, talk.session.id, [_sent(file) for file in files])
    taken = await stopping.unless(talk.tools.nemo.upload(talk.remote_id, [file.upload for file in files], progress))
    if taken and len(taken) != len(files):
        raise RequestRefused(f"The service took {len(taken)} of {len(files)} files.", hint="Begin a new talk.")
    names = [file.filename for file in taken] or [file.name for file in files]
    await sessions.sent(talk.claim, talk.session.id, names)
    return names


def _sent(file: Handing) -> Sent:
    return Sent(file.photo_sha256, file.sha256, file.name, file.media_type, file.size)
