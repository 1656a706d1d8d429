"""A video as each platform takes it: the master where it passes, else a mended copy, else a reason."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from nightreel import quality
from nightreel.errors import VideoRejected
from nightreel.models import Check, Clip, Platform, Rendition
from nightreel.platforms import fitted

_HOW = {"remux": "packed anew", "loudness": "made as loud as it should be", "size": "encoded smaller"}
_MB = 1024 * 1024


def made_for(clip: Clip, video: Path, *, rehearsed: bool = False) -> tuple[Rendition, ...]:
    """Return how each of *clip*'s platforms takes the master at *video*; mended copies stand beside it. Blocks.

    The master is looked at once; copies appear whole. Those of an earlier delivery that are of no use are removed.

    Args:
        clip: what it was made of.
        video: the master; `<stem>.mp4` becomes `<stem>_<platform>.mp4`.
        rehearsed: it is a placeholder, and every platform takes it.

    Raises:
        OSError: the folder cannot be written.
    """
    if not clip.platforms:
        found: tuple[Rendition, ...] = ()
    elif rehearsed:
        found = tuple(_as_it_is(platform, video) for platform in clip.platforms)
    else:
        evidence = quality.gather(video)
        wanted = quality.Wanted(sound=clip.music)
        found = tuple(
            _made(platform, video, quality.judge(evidence, wanted, quality.preset(platform)), wanted)
            for platform in clip.platforms
        )
    _tidy(video, {one.file for one in found})
    return tuple(one.model_copy(update={"post": _post(clip, one.platform)}) for one in found)


def _made(platform: Platform, video: Path, checks: Sequence[Check], wanted: quality.Wanted) -> Rendition:
    bad = tuple(check for check in checks if not check.ok)
    if not bad:
        return _as_it_is(platform, video)
    if not all(check.mend for check in bad):
        return Rendition(platform=platform, ok=False, how="not fit", checks=bad)
    by, to = quality.preset(platform), _copy_of(video, platform)
    means = {check.mend for check in bad}
    try:
        quality.mend(video, to, means, most_bytes=_most(by))
    except VideoRejected as error:
        reason = Check(name="mending", ok=False, found=error.message, wanted="a file that the platform takes")
        return Rendition(platform=platform, ok=False, how="not fit", checks=(*bad, reason))
    still = tuple(check for check in quality.inspect_video(to, wanted, by) if not check.ok)
    if still:
        to.unlink()
        return Rendition(platform=platform, ok=False, how="not fit, mended or not", checks=still)
    how = " and ".join(_HOW[one] for one in _HOW if one in means)
    return _as_it_is(platform, to).model_copy(update={"how": how})


def _as_it_is(platform: Platform, video: Path) -> Rendition:
    with video.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Rendition(platform=platform, ok=True, file=video.name, size=video.stat().st_size, sha256=sha256)


def _most(by: quality.Preset) -> int | None:
    limit = by.limits.get("file size")
    return None if limit is None or limit.most is None else int(limit.most * _MB)


def _copy_of(video: Path, platform: Platform) -> Path:
    return video.with_name(f"{video.stem}_{platform.value}.mp4")


def _tidy(video: Path, kept: set[str]) -> None:
    for platform in Platform:
        copy = _copy_of(video, platform)
        if copy.name not in kept:
            copy.unlink(missing_ok=True)


def _post(clip: Clip, platform: Platform) -> str:
    return fitted(platform, clip.post, clip.hashtags)[1]
