"""`python -m tests.unit.images.fuzz [--minutes N] [--from SEED]`: damaged and intact photos without end.

Each seed damages a file that was fit before it; every eighth makes a new intact one, of a kind, size, mode and
setting that the seed draws. A decoder that dies or stands still is a failure, and so is an intact file that is
refused; the bytes of each are kept. At the end the verdicts are counted.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple

from nightreel.images.decoders import DecoderLost, Decoders, Limits
from nightreel.images.kinds import HEAD_BYTES, KINDS, kind_of
from nightreel.images.orders import Order, Unfit
from tests.unit.images.makers import display_p3, exif, intact, mutated, saved, textured

_AT_ONCE = 2
_INTACT = 8
_LIMITS = Limits(processor=20, seconds=60.0)


class Verdict(NamedTuple):
    """What came of one file: its kind, a word for the verdict, and whether that is a failure."""

    kind: str
    word: str
    failed: bool = False


def main() -> int:
    """Fuzz; return 1 if anything failed."""
    options = argparse.ArgumentParser(prog="make fuzz", description="Damaged photos, for as long as you like.")
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--from", dest="first", type=int, default=0, help="the first seed")
    options.add_argument("--out", type=Path, default=Path("out/fuzz"), help="where the bytes of failures are kept")
    chosen = options.parse_args()
    met: Counter[tuple[str, str]] = Counter()
    failed = 0
    for seed, verdict in _verdicts(chosen.first, chosen.minutes, chosen.out):
        met[verdict.kind, verdict.word] += 1
        if verdict.failed:
            failed += 1
            sys.stdout.write(f"✗ seed {seed}: {verdict.kind} {verdict.word}\n")
    for (kind, word), times in sorted(met.items()):
        sys.stdout.write(f"{times:8} {kind or '-':5} {word}\n")
    sys.stdout.write(f"{met.total()} files, {failed} failed\n")
    return 1 if failed else 0


def _verdicts(first: int, minutes: float, out: Path) -> Iterator[tuple[int, Verdict]]:
    end, seeds, decoders = time.monotonic() + 60 * minutes, count(first), Decoders(_AT_ONCE, _LIMITS)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while time.monotonic() < end:
            batch = list(islice(seeds, 50 * _AT_ONCE))
            yield from zip(batch, pool.map(partial(_one, decoders, out), batch), strict=True)
    decoders.close()


def _one(decoders: Decoders, out: Path, seed: int) -> Verdict:
    good = seed % _INTACT == 0
    name, data = _drawn(seed) if good else _damaged(seed)
    verdict = _verdict(decoders, data, good=good)
    if verdict.failed:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{seed}-{name}").write_bytes(data)
    return verdict


def _verdict(decoders: Decoders, data: bytes, *, good: bool) -> Verdict:
    kind = kind_of(data[:HEAD_BYTES])
    if kind not in KINDS:
        return Verdict("", "no photo", failed=good)
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            found, _ = decoders.look(file.fileno(), Order(kind, encode=True))
        except DecoderLost as lost:
            return Verdict(kind, lost.words, failed=True)
        except Unfit as unfit:
            return Verdict(kind, f"intact, but {unfit.words}" if good else "unfit", failed=good)
    damaged = any("damaged" in warning for warning in found.warnings)
    if good:
        return Verdict(kind, "intact, but damaged" if damaged else "intact", failed=damaged)
    return Verdict(kind, "fit, with damage" if damaged else "fit")


def _damaged(seed: int) -> tuple[str, bytes]:
    files = intact()
    name = sorted(files)[seed % len(files)]
    return name, mutated(files[name], seed)


def _drawn(seed: int) -> tuple[str, bytes]:
    """Return an intact photo of any kind that Pillow can write, with options that cameras and shops use."""
    chance = random.Random(seed)  # noqa: S311 - which photo, not a secret
    image = textured(chance.randint(64, 500), chance.randint(64, 500), seed)
    kind = chance.choice(("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF"))
    options: dict[str, object] = {"quality": chance.randint(5, 100)} if kind not in {"PNG", "GIF"} else {}
    if kind == "JPEG":
        options |= {"progressive": chance.random() < 0.5, "subsampling": chance.randrange(3)}
        options |= {"restart_marker_blocks": chance.choice((0, 1, 7)), "optimize": chance.random() < 0.5}
    if kind in {"JPEG", "PNG", "WEBP"} and chance.random() < 0.5:
        options |= {"icc_profile": display_p3(), "exif": exif(chance.randint(1, 8), gps=True)}
    return f"drawn.{kind.lower()}", saved(image.convert(chance.choice(_MODES[kind])), kind, **options)


_MODES = {
    "JPEG": ("RGB", "L", "CMYK"),
    "PNG": ("RGB", "RGBA", "L", "LA", "P", "1", "I;16"),
    "WEBP": ("RGB", "RGBA"),
    "GIF": ("P", "L"),
    "HEIF": ("RGB", "RGBA", "L"),
    "AVIF": ("RGB", "RGBA"),
}

if __name__ == "__main__":
    sys.exit(main())
