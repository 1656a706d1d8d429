"""Photos from a bucket, results into one: a clip is made on a machine that shares no folder with the night."""

import asyncio
import shutil
from pathlib import Path

from nightreel.clips.files import all_names, places_of, plain_errors
from nightreel.clips.work import Job, Tools
from nightreel.images import Ready
from nightreel.models import Delivery, Photo
from nightreel.sources import Bucket, Outbox, open_source


async def normalised(job: Job, tools: Tools) -> list[Ready]:
    """Return the clip's photos, in order, as every engine takes them.

    Raises:
        PhotoChanged: one is not the photo that was planned with.
        NightreelError: one cannot be downloaded or kept.
    """
    behind = job.clip.behind
    return [
        await tools.photos.normalise(await _here(photo, job, tools), background=behind) for photo in job.clip.photos
    ]


async def _here(photo: Photo, job: Job, tools: Tools) -> Photo:
    """Return *photo* as it stands here: a bucket's local copy is in the home of whoever has planned."""
    if not job.order.source or (photo.path.is_relative_to(tools.settings.bucket_cache) and photo.path.exists()):
        return photo
    source = open_source(job.order.source, tools.settings)
    if not isinstance(source, Bucket):
        return photo
    return photo.model_copy(update={"path": await asyncio.to_thread(source.fetched, photo.name)})


def out_of(job: Job, tools: Tools) -> Path:
    """Return the folder that the clip is delivered into: the order's, or one of ours until it has travelled."""
    return tools.settings.staging / job.clip_id if job.order.put else job.order.out


def pass_on(job: Job, tools: Tools, delivery: Delivery) -> Delivery:
    """Put what was delivered into the bucket that it travels by, if any; return where the night has it. Blocks.

    What an older cut had and this one has not is taken out of the bucket.

    Raises:
        SourceError: the bucket does not take it.
        ConfigurationError: the staging folder cannot be read or cleared.
    """
    if not job.order.put:
        return delivery
    staged = out_of(job, tools)
    names = {path.relative_to(staged).as_posix(): path for path in all_names(places_of(job.clip, staged))}
    files = {key: path for key, path in names.items() if path.is_file()}
    outbox = Outbox(job.order.put, tools.settings)
    outbox.put(files, look=False)
    outbox.take_back(names.keys() - files.keys())
    with plain_errors(staged):
        shutil.rmtree(staged)
    places, there = places_of(job.clip, job.order.out), places_of(job.clip, staged).video.parent
    extras = tuple(places.video.parent / path.relative_to(there) for path in delivery.extras)
    return delivery.model_copy(update={**places._asdict(), "extras": extras})
