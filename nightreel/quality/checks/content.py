"""Checks of what the video is about: its photos are in it, its words stand in it, where a platform leaves room."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nightreel.models import Value
from nightreel.quality.checks.rule import Evidence, Text, Verdict, Wanted, rule
from nightreel.quality.matching import shows
from nightreel.quality.overlay import Overlay, overlays

_GLANCE = 0.75
"""Seconds a photo, below which one may be on between two of the frames that are looked at."""

_COMES, _GOES = 1.0, 0.6
"""Seconds in which a text may still come in, or already go."""

_UPRIGHT = 0.75
"""Width over height, above which a picture leaves bars on an upright screen."""

_SHORTEST = 0.75
"""Seconds of a text's time that are enough to judge by."""

_TOLERATED = 0.005
"""Of the picture: shadows and the encoder blur a text's edge."""


class Margins(Value):
    """What a platform lays its own things over, in pixels of a picture 1080 wide (or 1080 high, in a wide one)."""

    top: int = 0
    bottom: int = 0
    left: int = 0
    right: int = 0


@rule("photos", int, "a product's photos are what the video is for")
def photos(seen: Evidence, wanted: Wanted, limit: int) -> Verdict | None:
    """Each photo is found in some frame, by at least *limit* points that lie as in it."""
    if not wanted.photos or seen.pictures.end / len(wanted.photos) < _GLANCE:
        return None
    points = zip(wanted.photos, shows(wanted.photos, seen.pictures.samples), strict=True)
    missing = [path.name for path, found in points if found is not None and found < limit]
    count = len(wanted.photos)
    names = f"; not seen: {', '.join(missing[:3])}" if missing else ""
    return Verdict(not missing, f"{count - len(missing)} of {count}{names}", f"all {count}")


@rule("title", float, "the words that were asked for, for as long as they were")
def title(seen: Evidence, wanted: Wanted, limit: float) -> Verdict | None:
    """Where a text was asked for, edges stand still over a picture that moves, for at least *limit* of its time."""
    if not wanted.texts:
        return None
    missing = [text.text for text in wanted.texts if _shown(seen, text) < limit]
    found = f"not seen for its time: “{missing[0]}”" if missing else "there for its time"
    return Verdict(not missing, found, "there for its time")


@rule("safe zone", Margins, "the platform's buttons, names and captions lie over the margins")
def safe_zone(seen: Evidence, _wanted: Wanted, limit: Margins) -> Verdict | None:
    """No text in the margins; a picture that does not fill an upright screen has bars there instead."""
    width, height = seen.pictures.full_size
    if width / height > _UPRIGHT:
        return None
    edges = _edges(limit, seen.pictures.full_size)
    texts = [one for one in _everything(seen) if one.text]
    both = [(one, other) for one, other in pairwise(texts) if one.mask.shape == other.mask.shape]
    outside = {side: one.start for one, other in both for side in _outside(one.mask & other.mask, edges)}
    free = ", ".join(f"{side} {getattr(limit, side)}" for side in edges if getattr(limit, side))
    where = ", ".join(f"text at the {side} at {at:.0f} s" for side, at in outside.items())
    return Verdict(not outside, where or "all text inside", f"free: {free} pixels")


def _shown(seen: Evidence, text: Text) -> float:
    """Return for which share of its time the text is seen; 1 where the picture stands still, and nobody can tell."""
    comes, goes = text.start + _COMES, text.end - _GOES
    if goes - comes < _SHORTEST:
        return 1.0
    judged = [one for one in overlays(seen.pictures.samples, comes, goes) if one.told]
    return sum(one.text for one in judged) / len(judged) if judged else 1.0


def _everything(seen: Evidence) -> list[Overlay]:
    """Return all overlays, looked for once."""
    if "overlays" not in seen.notes:
        seen.notes["overlays"] = overlays(seen.pictures.samples, 0.0, seen.pictures.end)
    return seen.notes["overlays"]


def _edges(limit: Margins, size: tuple[int, int]) -> dict[str, float]:
    """Return where the margins end, as shares of the picture."""
    width, height = size
    scale = min(width, height) / 1080
    return {
        "top": limit.top * scale / height,
        "bottom": 1 - limit.bottom * scale / height,
        "left": limit.left * scale / width,
        "right": 1 - limit.right * scale / width,
    }


def _outside(mask: NDArray[np.bool_], edges: dict[str, float]) -> list[str]:
    """Return the sides on which ink lies outside."""
    rows, columns = np.nonzero(mask)
    y, x = rows / mask.shape[0], columns / mask.shape[1]
    over = {
        "top": edges["top"] - y,
        "bottom": y - edges["bottom"],
        "left": edges["left"] - x,
        "right": x - edges["right"],
    }
    return [side for side, by in over.items() if float(np.sum(by > _TOLERATED)) > _SPECKS * mask.size]


_SPECKS = 0.00035
"""Of the picture: what little stands still by chance."""
