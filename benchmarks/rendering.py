"""What a render costs in processor time, against the encoder alone, ffmpeg's own filters, and MoviePy.

All do the same job in turns, round after round, and the least of each counts: on a shared machine only ratios from
one run mean much. Ours also finds the products, sets titles and plays music; the peers zoom and fade.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.children import Spent, run
from benchmarks.figures import Figure
from benchmarks.jobs import CATALOG, FADE, PHOTOS, SIZE, draft_of, job_of, written
from nightreel.studio.render.encoder import coding_of

_FPS = 30
_SECONDS = 10
_FRAMES = _SECONDS * _FPS
_FOUR = PHOTOS[:4]
_SCRIPTS = Path(__file__).parent / "peers"
_PEERS = {
    "MoviePy 2": ("with_moviepy.py", 1.0, 6.0),
    "ffmpeg zoompan + xfade": ("with_zoompan.py", 1.0, 1.25),
    "ffmpeg zoompan + xfade, upscaled": ("with_zoompan.py", 4.0, 1.7),
}
_SAME = "medium"  # the quality at which peers do the same job: veryfast
_SHARES = {_SAME: 0.85, "draft": 0.62}
"""The encoder's least share of a render's processor time, by quality."""


def measure(peers: Path | None, rounds: int) -> Iterator[Figure]:
    """Yield this subject's figures; *peers* is the interpreter that has the peers' modules."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = {quality: _ours(folder, quality) for quality in _SHARES}
        jobs = {peer: _theirs(folder, peer) for peer in _PEERS} if peers is not None and peers.exists() else {}
        spent: dict[str, list[Spent | None]] = {}
        for _ in range(rounds):
            for quality, job in ours.items():
                spent.setdefault(f"alone {quality}", []).append(
                    run([sys.executable, "-m", "benchmarks.alone", str(job)])
                )
                whole = run([sys.executable, "-m", "nightreel.studio.render", str(job)])
                spent.setdefault(f"whole {quality}", []).append(whole)
            for peer, job in jobs.items():
                spent.setdefault(peer, []).append(_peer([str(peers), str(_SCRIPTS / _PEERS[peer][0]), str(job)]))
    for quality, goal in _SHARES.items():
        yield from _own(spent, quality, goal)
    yield from _against(spent)


def _own(spent: dict[str, list[Spent | None]], quality: str, goal: float) -> Iterator[Figure]:
    preset = coding_of(quality).preset
    alone = min(float(one.printed) for one in spent[f"alone {quality}"] if one) / _FRAMES * 1000
    whole = _whole(spent, quality)
    yield Figure(f"encoder alone, {preset}", alone, "CPU ms/frame", None, holds=True)
    yield Figure(f"whole render, {preset}", whole, "CPU ms/frame", None, holds=True)
    share = alone / whole
    yield Figure(f"encoder's share of the render, {preset}", share, "", goal, share >= goal, "encoder alone")


def _against(spent: dict[str, list[Spent | None]]) -> Iterator[Figure]:
    whole = _whole(spent, _SAME)
    for peer, (_, _, goal) in _PEERS.items():
        times = [one.seconds for one in spent.get(peer, []) if one]
        if not times:
            yield Figure("times as fast, same job", None, "x", goal, None, f"{peer} (missing)")
            continue
        ratio = min(times) / _FRAMES * 1000 / whole
        yield Figure("times as fast, same job", ratio, "x", goal, ratio >= goal, peer)


def _whole(spent: dict[str, list[Spent | None]], quality: str) -> float:
    return min(one.seconds for one in spent[f"whole {quality}"] if one) / _FRAMES * 1000


def _peer(command: list[str]) -> Spent | None:
    """Run a peer; none if it is not there or cannot do the job, and then it says why."""
    try:
        return run(command)
    except (RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        return None


def _theirs(folder: Path, peer: str) -> Path:
    coding = coding_of(_SAME)
    photos = [str(CATALOG / photo) for photo in _FOUR]
    job = {
        "photos": photos, "size": SIZE, "seconds": _SECONDS, "fps": _FPS, "fade": FADE, "preset": coding.preset,
        "crf": coding.crf, "upscale": _PEERS[peer][1], "out": str(folder / "peer.mp4"),
    }  # fmt: skip
    return written(folder / f"{len(list(folder.iterdir()))}.json", job)


def _ours(folder: Path, quality: str) -> Path:
    return job_of(draft_of(_FOUR, seconds=_SECONDS, title=True), folder / f"{quality}.mp4", quality=quality)
