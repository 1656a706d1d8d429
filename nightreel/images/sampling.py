"""What the hints are made of: histograms of a small copy of a picture, counted by libvips."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportAttributeAccessIssue=false, reportArgumentType=false

from array import array

import pyvips

from nightreel.images.hints import CELLS, FAR, SIDE, SMOOTH, Changes, Sample
from nightreel.images.vips import Picture

_GREEN = 1  # stands for luma
_LINES = 120  # as many are enough


def sample(picture: Picture) -> Sample:
    """Count *picture*, which is opaque."""
    small = picture.small(SIDE).image
    green = small.extract_band(_GREEN).copy_memory()
    along = _changes(green.subsample(1, max(1, green.height // _LINES)), 1, 0)
    down = _changes(green.subsample(max(1, green.width // _LINES), 1), 0, 1)
    levels = _counts(small.subsample(3, 3).hist_find())
    smooth = min(along.smooth, down.smooth) > SMOOTH
    return Sample(
        levels=tuple(levels[band::3] for band in range(3)),
        along=along,
        down=down,
        colours=_counts(small.subsample(4, 4).hist_find_ndim(bins=16)) if smooth else (),
        cells=bytes(small.shrink(small.width / CELLS, small.height / CELLS).write_to_memory()),
    )


def _changes(lines: pyvips.Image, right: int, down: int) -> Changes:
    lines = lines.copy_memory()
    return Changes(_over(lines, right, down), _over(lines, right * FAR, down * FAR))


def _over(lines: pyvips.Image, right: int, down: int) -> list[int]:
    """Return how many levels change by 0, by 1, by 2… from a pixel to the one so far to the right or down."""
    size = lines.width - right, lines.height - down
    before, after = lines.crop(0, 0, *size), lines.crop(right, down, *size)
    return _counts((after - before).abs().cast("uchar").hist_find())


def _counts(histogram: pyvips.Image) -> list[int]:
    return array("I", bytes(histogram.cast("uint").write_to_memory())).tolist()
