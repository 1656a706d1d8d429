"""Finished videos are handed over: to the outbox, the webhook and the shop's feeds; each once, and taken back once.

What was done stands in the journal as deeds, whose ids hang on the file's hash: a run that finds all handed over
sends and writes nothing, one that was killed goes on, a video that was changed is handed over again, and what whoever
posts has taken out of the outbox is not put there a second time.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from nightreel.clips.files import plain_errors
from nightreel.delivery import Entry, Hook, Message, Parcel, place, withdraw, write_feeds
from nightreel.errors import NightreelError, WebhookRefused
from nightreel.ledger.deeds import Deed
from nightreel.ledger.records import ClipRecord
from nightreel.ledger.records import ClipStatus as Standing
from nightreel.models import Clip, Rendition, digest
from nightreel.platforms import fitted, post_text
from nightreel.report import ClipReport, Review
from nightreel.runtime import Runtime
from nightreel.settings import Settings

OUTBOX = "outbox"
READY, WITHDRAWN = "video.ready", "video.withdrawn"


class Ready(NamedTuple):
    """A video that stands in the output folder."""

    clip: Clip
    record: ClipRecord
    told: ClipReport


class Handed(NamedTuple):
    """What came of handing over: sentences, and whether something failed (an exit code)."""

    notes: tuple[str, ...] = ()
    failed: int = 0


class Place(NamedTuple):
    """Where and when: the run, the output folder, the day as folders are called."""

    run_id: str
    out: Path
    day: str


def hook_of(settings: Settings, runtime: Runtime) -> Hook | None:
    """Return the webhook of the settings; None without one, and in a rehearsal, whose placeholders nobody is told of.

    Raises:
        SettingsError: its address or its secret will not do.
    """
    url = settings.webhook.get_secret_value()
    if not url or settings.rehearse:
        return None
    return Hook(url, settings.webhook_secret, runtime.clock, private=settings.webhook_private)


async def hand_over(ready: Sequence[Ready], records: Iterable[ClipRecord], runtime: Runtime, at: Place) -> Handed:
    """Hand over what is *ready*, and take back what was given up.

    Args:
        ready: the videos that stand.
        records: all clips of the account, as the journal has them now.
        runtime: the process's.
        at: the run, the folder, the day.
    """
    dropped = {record.id for record in records if record.status is Standing.GIVEN_UP}
    if runtime.settings.review_first:
        ready = [one for one in ready if one.told.review in {Review.APPROVED, Review.CHANGED}]
    notes: list[str] = []
    failed = 0
    for work in (_outbox, _webhook):
        try:
            notes += await work(ready, dropped, runtime, at)
        except NightreelError as error:
            notes.append(str(error))
            failed = 1
    return Handed(tuple(notes), failed)


async def put_into_feeds(clips: Sequence[ClipReport], out: Path, base_url: str, *, whole: bool) -> None:
    """Write the supplemental feeds of *clips*; those of a part of the catalog leave the other products' rows alone.

    Raises:
        ConfigurationError: *base_url* is no address, or the folder cannot be written.
    """
    entries = [
        Entry(one.product, one.format, one.seconds or 0.0, one.video, one.renditions)
        for one in clips
        if one.video and one.format is not None
    ]
    others = None if whole else {one.product for one in clips}
    with plain_errors(out):
        await asyncio.to_thread(write_feeds, entries, out, base_url, others=others)


# ------------------------------------------------------------------------------- the outbox


async def _outbox(ready: Sequence[Ready], dropped: set[str], runtime: Runtime, at: Place) -> list[str]:
    deeds, account = runtime.ledger.deeds, runtime.tools.account_id
    folder = Path(runtime.settings.outbox).expanduser().absolute() if runtime.settings.outbox else at.out / OUTBOX
    known = await deeds.of(account, "outbox")
    current = {
        (one.clip.product, rendition.platform.value): rendition.sha256
        for one in ready
        for rendition in one.told.renditions
    }
    back = [deed for deed in known.values() if deed.done and not deed.withdrawn and _is_over(deed, dropped, current)]
    for deed in back:
        files, of = deed.body.get("files", []), Path(deed.body.get("outbox", folder))
        with plain_errors(of):
            await asyncio.to_thread(withdraw, of, files)
        await deeds.withdraw(deed, account, at.run_id)
    placed = 0
    for one in ready:  # after what is over was taken back: the new files may have its names
        for rendition in one.told.renditions:
            if rendition.ok and rendition.file:
                placed += await _placed(one, rendition, folder, known, runtime, at)
    told = [f"Outbox: {placed} placed in {folder}."] if placed else []
    return told + ([f"Outbox: {len(back)} taken back."] if back else [])


async def _placed(
    one: Ready, rendition: Rendition, folder: Path, known: Mapping[str, Deed], runtime: Runtime, at: Place
) -> bool:
    """Place one file for one platform, unless it was placed before; a placing that broke off keeps its day."""
    deeds, account = runtime.ledger.deeds, runtime.tools.account_id
    id_ = digest(["outbox", str(folder), one.clip.key, one.record.take, rendition.platform, rendition.sha256])
    before = known.get(id_)
    if before is not None and before.withdrawn:
        before = None
    if before is not None and before.done:
        return False
    what = {"product": one.clip.product, "platform": rendition.platform.value, "sha256": rendition.sha256}
    body = {"day": at.day, "outbox": str(folder), **what}
    deed = before or Deed(id=id_, kind="outbox", clip_id=one.record.id, body=body)
    if before is None:
        await deeds.begin(deed, account, at.run_id)
    video = at.out / one.told.video
    parcel = Parcel(
        day=deed.body["day"],
        platform=rendition.platform,
        name=video.parent.name,
        video=video.with_name(rendition.file),
        cover=at.out / one.told.cover,
        text=fitted(rendition.platform, one.clip.post, one.clip.hashtags)[0],
    )
    with plain_errors(folder):
        files = await asyncio.to_thread(place, folder, parcel)
    await deeds.end(deed, account, at.run_id, files=list(files))
    return True


def _is_over(deed: Deed, dropped: set[str], current: Mapping[tuple[str, str], str]) -> bool:
    """Whether what was placed is of a clip that was given up, or another video than the product has there now."""
    now = current.get((str(deed.body.get("product")), str(deed.body.get("platform"))))
    return deed.clip_id in dropped or (now is not None and deed.body.get("sha256") != now)


# ------------------------------------------------------------------------------- the webhook


async def _webhook(ready: Sequence[Ready], dropped: set[str], runtime: Runtime, at: Place) -> list[str]:
    hook = hook_of(runtime.settings, runtime)
    if hook is None:
        return []
    account = runtime.tools.account_id
    known = await runtime.ledger.deeds.of(account, "webhook")
    waiting = [_ready(one, hook, runtime, known) for one in ready]
    waiting += [_withdrawn(deed) for deed in known.values() if deed.clip_id in dropped and _told_ready(deed)]
    waiting = [one for one in waiting if one[0].id not in known]
    refused: list[WebhookRefused] = []
    told = 0
    async with hook:
        for deed, message in waiting:
            try:
                await hook.tell(message)
            except WebhookRefused as error:
                refused.append(error)
                if error.lasting:
                    break
                continue
            await runtime.ledger.deeds.end(deed, account, at.run_id, **deed.body)
            told += 1
    if refused:
        left = f" {len(waiting) - told} of {len(waiting)} messages wait."
        raise WebhookRefused(refused[-1].message + left, hint="The next run tells them.")
    return [f"Webhook: {hook.host} was told of {told}."] if told else []


def _ready(one: Ready, hook: Hook, runtime: Runtime, known: Mapping[str, Deed]) -> tuple[Deed, Message]:
    id_ = digest([READY, hook.address, one.clip.key, one.record.take, one.told.sha256])[:32]
    while _withdrawal(id_) in known:  # it was taken back, and is ready again
        id_ = digest([READY, id_])[:32]
    body = {"message": READY, "product": one.clip.product, "format": one.clip.format.value}
    deed = Deed(id=id_, kind="webhook", clip_id=one.record.id, body=body)
    return deed, Message(id=id_, event=READY, body=_body(one, runtime))


def _told_ready(deed: Deed) -> bool:
    return deed.done and deed.body.get("message") == READY


def _withdrawn(before: Deed) -> tuple[Deed, Message]:
    id_ = _withdrawal(before.id)
    body = {**before.body, "message": WITHDRAWN}
    told = {key: body.get(key) for key in ("product", "format")} | {"of": before.id}
    return Deed(id=id_, kind="webhook", clip_id=before.clip_id, body=body), Message(
        id=id_, event=WITHDRAWN, body=told
    )


def _withdrawal(ready: str) -> str:
    return digest([WITHDRAWN, ready])[:32]


def _body(one: Ready, runtime: Runtime) -> dict[str, Any]:
    """Return what is told of a finished video: the same whenever it is told of again."""
    told, base = one.told, runtime.settings.base_url.rstrip("/")

    def file(name: str) -> dict[str, str]:
        return {"file": name} | ({"url": f"{base}/{quote(name)}"} if base else {})

    folder = told.video[: told.video.rfind("/") + 1]
    return {
        "product": told.product,
        "format": one.clip.format.value,
        "title": told.title,
        "video": {**file(told.video), "sha256": told.sha256, "size": told.size, "seconds": told.seconds},
        "cover": file(told.cover),
        "record": file(told.record),
        "post": post_text(one.clip.post, one.clip.hashtags),
        "platforms": [
            {
                "platform": each.platform.value,
                "ok": each.ok,
                "how": each.how,
                **(file(folder + each.file) if each.file else {}),
                "text": fitted(each.platform, one.clip.post, one.clip.hashtags)[0],
            }
            for each in told.renditions
        ],
    }
