"""What the hints are made of: histograms of a small copy of a picture.

Pillow counts them: an operation of libvips starts its machinery for whole pictures, and here are a dozen tiny ones.
"""
# pyright: reportUnknownMemberType=false

from PIL import Image, ImageChops

from nightreel.images.hints import CELLS, FAR, SIDE, SMOOTH, Changes, Sample
from nightreel.images.vips import Picture

_GREEN = 1  # stands for luma
_LINES = 120  # as many are enough
_LEVELS = 256
_SIXTEENTH = [level & 0xF0 for level in range(_LEVELS)]


def sample(picture: Picture) -> Sample:
    """Count *picture*, which is opaque."""
    pixels = picture.small(SIDE)
    small = Image.frombuffer("RGB", (pixels.width, pixels.height), pixels.data, "raw", "RGB", 0, 1)
    green = small.getchannel(_GREEN)
    along, down = _changes(green), _changes(green.transpose(Image.Transpose.TRANSPOSE))
    fewer = _every(small, 3, 3)
    levels = fewer.histogram()
    smooth = min(along.smooth, down.smooth) > SMOOTH
    return Sample(
        levels=tuple(levels[band * _LEVELS : (band + 1) * _LEVELS] for band in range(3)),
        along=along,
        down=down,
        colours=_colours(_every(small, 4, 4)) if smooth else (),
        cells=fewer.resize((CELLS, CELLS), Image.Resampling.BOX).tobytes(),
    )


def _changes(green: Image.Image) -> Changes:
    lines = _every(green, 1, max(1, green.height // _LINES))
    return Changes(_over(lines, 1), _over(lines, FAR))


def _over(lines: Image.Image, right: int) -> list[int]:
    """Return how many levels change by 0, by 1, by 2… from a pixel to the one so far to the right."""
    width, height = lines.size
    before, after = lines.crop((0, 0, width - right, height)), lines.crop((right, 0, width, height))
    return ImageChops.difference(before, after).histogram()


def _every(image: Image.Image, columns: int, rows: int) -> Image.Image:
    """Return one pixel of so many *columns* and *rows* each."""
    size = max(1, image.width // columns), max(1, image.height // rows)
    return image.resize(size, Image.Resampling.NEAREST)


def _colours(image: Image.Image) -> list[int]:
    found = image.point(_SIXTEENTH * 3).getcolors(16**3) or []
    return [count for count, _ in found]
