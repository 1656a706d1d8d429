"""Checks of what is to be seen: nothing blank, nothing frozen, nothing that flashes."""

import numpy as np
from numpy.typing import NDArray

from nightreel.quality.checks.rule import Evidence, Verdict, Wanted, rule

_FLAT = 6.0
"""Luma between the first and the last percentile of a picture of one plain colour, black or other."""

_CHANGED = 2.0
"""Luma by which the pixels that change most change, where anything moves: one in two hundred."""

_FLASH = 0.1
"""Of the full relative luminance (WCAG 2.3.1)."""

_DARK = 0.8
_FLASHING_AREA = 0.25


@rule("not black", float, "a person takes a second of nothing for a fault")
def not_black(seen: Evidence, _wanted: Wanted, limit: float) -> Verdict:
    """Nothing is one plain colour for more than *limit* seconds, or half the video."""
    pictures = seen.pictures
    blank = _longest(pictures.at, pictures.span < _FLAT, pictures.end)
    most = min(limit, seen.video.seconds / 2)
    found = f"blank for {blank:.1f} s" if blank else "nothing blank"
    return Verdict(blank <= most, found, f"blank for at most {most:.1f} s")


@rule("moving", float, "a still of that length looks like a video that hangs")
def moving(seen: Evidence, _wanted: Wanted, limit: float) -> Verdict:
    """Nothing stands still for more than *limit* seconds, or half the video."""
    pictures = seen.pictures
    still = _longest(pictures.at, pictures.change < _CHANGED, pictures.end)
    most = min(limit, seen.video.seconds / 2)
    found = f"still for {still:.1f} s" if still else "always moving"
    return Verdict(still <= most, found, f"still for at most {most:.1f} s")


@rule("flashing", int, "WCAG 2.3.1: more than three flashes in any second can cause seizures")
def flashing(seen: Evidence, _wanted: Wanted, limit: int) -> Verdict:
    """At most *limit* flashes in any second, over a quarter of the picture."""
    most = _flashes(seen.pictures.at, seen.pictures.light)
    return Verdict(most <= limit, f"{most} in a second", f"at most {limit} in a second")


def _longest(at: NDArray[np.float64], holds: NDArray[np.bool_], end: float) -> float:
    """Return the longest stretch, in seconds, of frames for all of which it *holds*; the last lasts until *end*."""
    longest, since = 0.0, None
    for time, held in zip([*at.tolist(), end], [*holds.tolist(), False], strict=True):
        if held and since is None:
            since = time
        if not held and since is not None:
            longest, since = max(longest, time - since), None
    return longest


def _flashes(at: NDArray[np.float64], light: NDArray[np.float32]) -> int:
    """Return the most flashes in any second over a quarter of the picture.

    A flash is a rise and a fall, or a fall and a rise, by a tenth of the full luminance, whose darker side is below
    0.8.
    """
    turns = _turns(light).mean(axis=1) >= _FLASHING_AREA
    times = at[turns]
    first = np.searchsorted(times, times - 1.0, side="right")
    most = int((np.arange(len(times)) - first + 1).max(initial=0))
    return most // 2


def _turns(light: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return for each frame and cell whether the light has turned there by enough since its last extreme."""
    turned = np.zeros(light.shape, np.bool_)
    low, high = light[0].copy(), light[0].copy()
    rising = np.zeros(light.shape[1], np.int8)
    for number, now in enumerate(light):
        up = (now - low >= _FLASH) & (low < _DARK) & (rising <= 0)
        down = (high - now >= _FLASH) & (now < _DARK) & (rising >= 0)
        turned[number] = up | down
        rising[up], rising[down] = 1, -1
        np.minimum(low, now, out=low)
        np.maximum(high, now, out=high)
        low[turned[number]] = high[turned[number]] = now[turned[number]]
    return turned
