"""`python -m benchmarks.encoding`: what each of x264's settings costs and keeps, on frames of the sample's videos.

Prints a table: processor milliseconds a frame, bits, and PSNR, SSIM and VMAF against the frames that went in (mean
and worst frame). The settings take their turns round after round; the least time of each counts.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import argparse
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.jobs import CATALOG, PHOTOS, SIZE, draft_of
from benchmarks.vmaf import ffmpeg_of, scores
from nightreel.studio.draft import read_draft
from nightreel.studio.render.encoder import Coding, coding_of, encode_picture
from nightreel.studio.render.pixels import Bytes, Floats
from nightreel.studio.render.plan import plan_frames
from nightreel.studio.render.reel import Reel

FPS = 30
_NO_TREE = "mbtree=0:aq-mode=3"
_CODINGS = (
    Coding("medium", 12),
    *(Coding(preset, crf) for preset in ("faster", "veryfast") for crf in (16, 20)),
    *(Coding("superfast", crf) for crf in (14, 16, 18, 20, 24)),
    *(Coding("superfast", crf, _NO_TREE) for crf in (18, 20, 22)),
    *(Coding("ultrafast", crf, "") for crf in (18, 22)),
    Coding("ultrafast", 22, coding_of("draft").x264),
)
_RUN = 15
_EVERY = 3


@dataclass(frozen=True, slots=True)
class Point:
    """What one setting made of the frames: CPU ms a frame, kbit a second, and each picture's dB, SSIM and VMAF."""

    coding: Coding
    cpu: float
    rate: float
    psnr: list[float]
    ssim: list[float]
    vmaf: list[float]


def main() -> None:
    """Measure, print."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.encoding", description="Measure x264's settings.")
    options.add_argument("--rounds", type=int, default=2, help="how often each takes its turn")
    options.add_argument("--peers", type=Path, help="the interpreter whose imageio_ffmpeg has VMAF")
    chosen = options.parse_args()
    program = ffmpeg_of(chosen.peers)
    runs = _runs()
    times: dict[Coding, list[float]] = {coding: [] for coding in _CODINGS}
    for _ in range(chosen.rounds):
        for coding in _CODINGS:
            times[coding].append(_time(runs, coding))
    Console(width=120).print(_table([_point(runs, coding, min(times[coding]), program) for coding in _CODINGS]))


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


def _point(runs: Sequence[Sequence[Bytes]], coding: Coding, cpu: float, program: str) -> Point:
    size, came = 0, list[Bytes]()
    for frames in runs:
        data = encode_picture(frames, SIZE, FPS, coding)
        size += len(data)
        with av.open(io.BytesIO(data), "r") as container:
            came += [np.asarray(frame.to_ndarray(), np.uint8) for frame in container.decode(video=0)]
    sent = [frame for frames in runs for frame in frames]
    psnr, ssim = list[float](), list[float]()
    for one, other in list(zip(sent, came, strict=True))[::_EVERY]:
        luma, found = (plane[: SIZE[1]].astype(np.float32) for plane in (one, other))
        psnr.append(float(10 * np.log10(255**2 / np.mean((luma - found) ** 2))))
        ssim.append(ssim_of(luma, found))
    rate = size * 8 / 1000 / (len(sent) / FPS)
    return Point(coding, cpu, rate, psnr, ssim, scores(program, sent, came, SIZE, _EVERY) if program else [])


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
    made = Table("preset", "crf", "parameters")
    for name in ("CPU ms/frame", "Mbit/s", "PSNR", "SSIM", "VMAF"):
        made.add_column(name, justify="right")
    for it in points:
        looks = (_both(it.psnr, 1), _both(it.ssim, 4), _both(it.vmaf, 1))
        cost = f"{it.cpu:.1f}", f"{it.rate / 1000:.2f}"
        made.add_row(it.coding.preset, str(it.coding.crf), it.coding.x264.partition(":")[0], *cost, *looks)
    return made


def _both(values: Sequence[float], digits: int) -> str:
    """Return the mean and the worst of *values*."""
    return f"{np.mean(values):.{digits}f} · {min(values):.{digits}f}" if values else "-"


if __name__ == "__main__":
    main()
