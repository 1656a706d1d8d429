"""The gate: a file looked at once, and judged by every check of a preset."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nightreel.models import Check
from nightreel.quality.boxes import read_packing
from nightreel.quality.checks import RULES, Evidence, Wanted
from nightreel.quality.media import UNREADABLE, read_facts
from nightreel.quality.pictures import look
from nightreel.quality.presets import MASTER, Preset, preset
from nightreel.quality.sound import hear

USABLE = frozenset({"file", "size", "duration", "not black", "moving", "audio", "not silent"})
"""Checks without which a video is of no use. What the others find (packing, profile, rates, tags) spoils nothing for
who watches: a video that was paid for is delivered with it, and its record says so."""

_WHOLE = "a whole MP4 that decodes"


def gather(path: Path) -> Evidence:
    """Look at *path*: its boxes, its packets, every frame, all of its sound.

    Raises:
        ValueError, OSError, av.error.FFmpegError: it is no whole MP4 with a picture.
    """
    packing = read_packing(path)
    video, audio = read_facts(path)
    if video is None:
        raise ValueError("there is no video stream")
    with ThreadPoolExecutor(1) as beside:
        heard = beside.submit(hear, path) if audio is not None else None
        pictures = look(path, video.seconds)
        hearing = heard.result() if heard is not None else None
    return Evidence(path.stat().st_size, packing, video, audio, pictures, hearing)


def judge(evidence: Evidence, wanted: Wanted, by: Preset) -> tuple[Check, ...]:
    """Return what every check of the preset *by* says."""
    checks: list[Check] = []
    for name, limit in by.limits.items():
        rule = RULES[name]
        verdict = rule.look(evidence, wanted, limit)
        if verdict is not None:
            mend = "" if verdict.ok else rule.mend
            checks.append(Check(name=name, ok=verdict.ok, found=verdict.found, wanted=verdict.wanted, mend=mend))
    return tuple(checks)


def inspect_video(path: Path, wanted: Wanted | None = None, by: Preset | None = None) -> tuple[Check, ...]:
    """Check the finished video at *path*, by the master's preset if no other is given.

    A file that is missing or broken fails the check "file", and is not looked at further.
    """
    try:
        evidence = gather(path)
    except UNREADABLE as error:
        return (Check(name="file", ok=False, found=_words(error), wanted=_WHOLE),)
    whole = Check(name="file", ok=True, found="whole, decodes", wanted=_WHOLE)
    return (whole, *judge(evidence, wanted or Wanted(), by or preset(MASTER)))


def _words(error: BaseException) -> str:
    """Say what is wrong with a file, without its path."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text or type(error).__name__
