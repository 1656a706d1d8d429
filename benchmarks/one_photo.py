"""One photo, fitted and saved by one of those that are compared; run as a module, with who and the photo's path.

Prints the least processor seconds of several times after the first, since processes are kept for the next photo:
nothing is imported then, and memory is at hand.
"""
# pyright: reportUnknownMemberType=false, reportAttributeAccessIssue=false, reportArgumentType=false

import io
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

BOX = (2160, 3840)
QUALITY = 90
ENOUGH = 1.5
"""Processor seconds after which no further time is measured."""

MOST = 10


def ours(path: Path) -> Callable[[], object]:
    """Everything that the intake does with a photo, in this process."""
    from nightreel.images.decoding import look
    from nightreel.images.files import open_photo
    from nightreel.images.photos import examine
    from nightreel.images.vips import work_alone

    work_alone()

    def fit() -> None:
        with open_photo(path, path.name) as opened:
            examine(opened, path.parent / "cache", sha256=opened.sha256(), look=look)

    return fit


def bare_pyvips(path: Path, number: str = "") -> Callable[[], object]:
    """The least that pyvips can do; the photo that it makes has a *number*."""
    import pyvips

    pyvips.concurrency_set(1)
    return lambda: pyvips.Image.thumbnail(str(path), BOX[0], height=BOX[1], size="down").jpegsave(
        str(path.with_suffix(f".out{number}.jpg")), Q=QUALITY, keep="none"
    )


def pillow(path: Path) -> Callable[[], object]:
    """As most do it."""
    import pillow_heif
    from PIL import Image, ImageOps

    pillow_heif.register_heif_opener()

    def fit() -> None:
        Image.MAX_IMAGE_PIXELS = None
        with Image.open(path) as image:
            fitted = ImageOps.exif_transpose(image).convert("RGB")
            fitted.thumbnail(BOX)
            fitted.save(path.with_suffix(".out.jpg"), quality=QUALITY)

    return fit


def decode_alone(path: Path) -> Callable[[], object]:
    """A HEIC's pixels, and nothing done with them."""
    import pillow_heif

    def decode() -> int:
        heif = pillow_heif.open_heif(io.BytesIO(path.read_bytes()))
        return len(heif[heif.primary_index].data)

    return decode


WHO = {"ours": ours, "pyvips": bare_pyvips, "Pillow": pillow, "decode alone": decode_alone}


def main() -> None:
    """Do it twice at least, and more often while it takes little."""
    fit = WHO[sys.argv[1]](Path(sys.argv[2]))
    fit()
    spent: list[float] = []
    while len(spent) < MOST and sum(spent) < ENOUGH:
        before = time.process_time()
        fit()
        spent.append(time.process_time() - before)
    print(min(spent), _peak())


def _peak() -> float:
    """Return this process's peak memory in MB; the system's own count of a child begins with its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
