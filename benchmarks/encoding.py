"""`python -m benchmarks.encoding`: what each of x264's settings costs and keeps, on frames of the sample's videos.

Prints a table: processor milliseconds a frame, bits, and PSNR and SSIM of the brightness against the frames that went
in, the mean and the worst frame. The settings take their turns round after round; the least time of each counts.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import argparse
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass

import av
import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.jobs import CATALOG, PHOTOS, SIZE, draft_of
from nightreel.studio.draft import read_draft
from nightreel.studio.render.encoder import Coding, encode_picture
from nightreel.studio.render.pixels import Bytes, Floats
from nightreel.studio.render.plan import plan_frames
from nightreel.studio.render.reel import Reel

FPS = 30
_PRESETS = ("ultrafast", "superfast", "veryfast", "faster")
_CRFS = (17, 19, 21, 23, 26)
_RUN = 15
_EVERY = 3


@dataclass(frozen=True, slots=True)
class Point:
    """What one setting made of the frames: CPU ms a frame, kbit a second, dB, and SSIM; the worst of each."""

    coding: Coding
    cpu: float
    rate: float
    psnr: tuple[float, float]
    ssim: tuple[float, float]


def main() -> None:
    """Measure, print."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.encoding", description="Measure x264's settings.")
    options.add_argument("--rounds", type=int, default=2)
    chosen = options.parse_args()
    runs = _runs()
    codings = [Coding(preset, crf) for preset in _PRESETS for crf in _CRFS]
    times: dict[Coding, list[float]] = {coding: [] for coding in codings}
    for _ in range(chosen.rounds):
        for coding in codings:
            times[coding].append(_time(runs, coding))
    Console(width=120).print(_table([_point(runs, coding, min(times[coding])) for coding in codings]))


def _runs() -> list[list[Bytes]]:
    """Return half a second of each photo's shot, a title over some, and of a fade."""
    draft = read_draft(draft_of(PHOTOS, seconds=12, title=True))
    plan = plan_frames(draft)
    reel = Reel(draft, plan, {name: CATALOG / name for name in PHOTOS})
    starts = [shot.first + 20 for shot in plan.shots] + [plan.shots[1].first + 1]
    return [[reel.frame(number) for number in range(first, first + _RUN)] for first in sorted(starts)]


def _time(runs: Sequence[Sequence[Bytes]], coding: Coding) -> float:
    before = time.process_time()
    for frames in runs:
        encode_picture(frames, SIZE, FPS, coding)
    return (time.process_time() - before) * 1000 / (_RUN * len(runs))


def _point(runs: Sequence[Sequence[Bytes]], coding: Coding, cpu: float) -> Point:
    size, psnr, ssim = 0, list[float](), list[float]()
    for frames in runs:
        data = encode_picture(frames, SIZE, FPS, coding)
        size += len(data)
        with av.open(io.BytesIO(data), "r") as container:
            decoded = [frame.to_ndarray()[: SIZE[1]] for frame in container.decode(video=0)]
        for sent, came in list(zip(frames, decoded, strict=True))[::_EVERY]:
            one, other = sent[: SIZE[1]].astype(np.float32), came.astype(np.float32)
            psnr.append(float(10 * np.log10(255**2 / np.mean((one - other) ** 2))))
            ssim.append(ssim_of(one, other))
    rate = size * 8 / 1000 / (_RUN * len(runs) / FPS)
    return Point(coding, cpu, rate, (float(np.mean(psnr)), min(psnr)), (float(np.mean(ssim)), min(ssim)))


def ssim_of(one: Floats, other: Floats) -> float:
    """Return the structural similarity of two planes, 0..255 (Wang et al., 2004: Gaussian windows of 1.5 px)."""
    first, second = (0.01 * 255) ** 2, (0.03 * 255) ** 2

    def soft(plane: Floats) -> Floats:
        return cv2.GaussianBlur(plane, (11, 11), 1.5)  # pyright: ignore[reportReturnType]

    mean, other_mean = soft(one), soft(other)
    spread, other_spread = soft(one * one) - mean**2, soft(other * other) - other_mean**2
    both = soft(one * other) - mean * other_mean
    over = (2 * mean * other_mean + first) * (2 * both + second)
    return float(np.mean(over / ((mean**2 + other_mean**2 + first) * (spread + other_spread + second))))


def _table(points: Sequence[Point]) -> Table:
    made = Table("preset", "crf")
    for name in ("CPU ms/frame", "Mbit/s", "PSNR", "worst", "SSIM", "worst"):
        made.add_column(name, justify="right")
    for it in points:
        made.add_row(
            it.coding.preset, str(it.coding.crf), f"{it.cpu:.1f}", f"{it.rate / 1000:.2f}",
            *(f"{dB:.1f}" for dB in it.psnr), *(f"{share:.4f}" for share in it.ssim),
        )  # fmt: skip
    return made


if __name__ == "__main__":
    main()
