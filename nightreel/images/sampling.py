"""What the hints are made of: histograms of a small copy of a picture, counted by libvips."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportAttributeAccessIssue=false, reportArgumentType=false

from array import array

import pyvips

from nightreel.images.hints import CELLS, FAR, SIDE, Changes, Sample
from nightreel.images.vips import Picture

_GREEN = 1  # stands for luma
_LINES = 160  # as many are enough


def sample(picture: Picture) -> Sample:
    """Count *picture*, which is opaque."""
    small = picture.small(SIDE).image
    green = small.extract_band(_GREEN).copy_memory()
    return Sample(
        levels=tuple(_histogram(small.extract_band(band).subsample(3, 3)) for band in range(3)),
        along=_changes(green.subsample(1, max(1, green.height // _LINES)), 1, 0),
        down=_changes(green.subsample(max(1, green.width // _LINES), 1), 0, 1),
        colours=_counts(small.subsample(4, 4).hist_find_ndim(bins=16)),
        cells=_cells(small),
    )


def _changes(lines: pyvips.Image, right: int, down: int) -> Changes:
    return Changes(_over(lines, right, down, 1), _over(lines, right, down, FAR))


def _over(lines: pyvips.Image, right: int, down: int, over: int) -> list[int]:
    """Return how many levels change by 0, by 1, by 2… over so many pixels."""
    right, down = right * over, down * over
    size = lines.width - right, lines.height - down
    before, after = lines.crop(0, 0, *size), lines.crop(right, down, *size)
    return _histogram((after - before).abs().cast("uchar"))


def _histogram(image: pyvips.Image) -> list[int]:
    return _counts(image.hist_find())


def _counts(histogram: pyvips.Image) -> list[int]:
    return array("I", bytes(histogram.cast("uint").write_to_memory())).tolist()


def _cells(small: pyvips.Image) -> bytes:
    across, down = small.width / CELLS, small.height / CELLS
    return bytes(small.shrink(across, down).write_to_memory())
