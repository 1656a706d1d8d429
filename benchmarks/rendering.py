"""What a render costs in processor time, against the encoder alone, ffmpeg's own filters, and MoviePy.

All do the same job, 30 s of eight photos, in turns, round after round, and the least of each counts: on a shared
machine only ratios from one run mean much. Ours also finds the products, sets titles and plays music; the peers zoom
and fade. MoviePy, which takes minutes, has one turn.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.children import Spent, run
from benchmarks.figures import Figure
from benchmarks.jobs import CATALOG, FADE, PHOTOS, SIZE, draft_of, job_of, written
from nightreel.studio.render.encoder import Coding

_FPS = 30
_SECONDS = 30
_FRAMES = _SECONDS * _FPS
_SCRIPTS = Path(__file__).parent / "peers"
_SLOW = "MoviePy 2"
_PEERS = {
    _SLOW: ("with_moviepy.py", 1.0, 6.0),
    "ffmpeg zoompan + xfade": ("with_zoompan.py", 1.0, 1.25),
    "ffmpeg zoompan + xfade, upscaled": ("with_zoompan.py", 4.0, 1.7),
}
_SAME = Coding("veryfast", 19)  # as peers do the same job
_SHARES = {_SAME: 0.85, Coding("ultrafast", 19, ""): 0.62}
"""The encoder's least share of a render's processor time, by its settings."""


def measure(peers: Path | None, rounds: int) -> Iterator[Figure]:
    """Yield this subject's figures; *peers* is the interpreter that has the peers' modules."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = {coding: _ours(folder, coding) for coding in _SHARES}
        jobs = {peer: _theirs(folder, peer) for peer in _PEERS} if peers is not None and peers.exists() else {}
        spent: dict[str, list[Spent | None]] = {}
        for turn in range(rounds):
            for coding, job in ours.items():
                for what in ("alone", "whole"):
                    one = run([sys.executable, "-m", f"benchmarks.{what}", str(job)])
                    spent.setdefault(f"{what} {coding.preset}", []).append(one)
            for peer, job in jobs.items():
                if turn and peer == _SLOW:
                    continue
                spent.setdefault(peer, []).append(_peer([str(peers), str(_SCRIPTS / _PEERS[peer][0]), str(job)]))
    for coding, goal in _SHARES.items():
        yield from _own(spent, coding.preset, goal)
    yield from _against(spent)


def _own(spent: dict[str, list[Spent | None]], preset: str, goal: float) -> Iterator[Figure]:
    alone = min(float(one.printed) for one in spent[f"alone {preset}"] if one) / _FRAMES * 1000
    whole = _whole(spent, preset)
    yield Figure(f"encoder alone, {preset}", alone, "CPU ms/frame", None, holds=True)
    yield Figure(f"whole render, {preset}", whole, "CPU ms/frame", None, holds=True)
    share = alone / whole
    yield Figure(f"encoder's share of the render, {preset}", share, "", goal, share >= goal, "encoder alone")


def _against(spent: dict[str, list[Spent | None]]) -> Iterator[Figure]:
    whole = _whole(spent, _SAME.preset)
    for peer, (_, _, goal) in _PEERS.items():
        times = [one.seconds for one in spent.get(peer, []) if one]
        if not times:
            yield Figure("times as fast, same job", None, "x", goal, None, f"{peer} (missing)")
            continue
        ratio = min(times) / _FRAMES * 1000 / whole
        yield Figure("times as fast, same job", ratio, "x", goal, ratio >= goal, peer)


def _whole(spent: dict[str, list[Spent | None]], preset: str) -> float:
    return min(one.seconds for one in spent[f"whole {preset}"] if one) / _FRAMES * 1000


def _peer(command: list[str]) -> Spent | None:
    """Run a peer; none if it is not there or cannot do the job, and then it says why."""
    try:
        return run(command)
    except (RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        return None


def _theirs(folder: Path, peer: str) -> Path:
    photos = [str(CATALOG / photo) for photo in PHOTOS]
    job = {
        "photos": photos, "size": SIZE, "seconds": _SECONDS, "fps": _FPS, "fade": FADE, "preset": _SAME.preset,
        "crf": _SAME.crf, "upscale": _PEERS[peer][1], "out": str(folder / "peer.mp4"),
    }  # fmt: skip
    return written(folder / f"{len(list(folder.iterdir()))}.json", job)


def _ours(folder: Path, coding: Coding) -> Path:
    out = folder / f"{coding.preset}.mp4"
    return job_of(
        draft_of(PHOTOS, seconds=_SECONDS, title=True), out, coding=[coding.preset, coding.crf, coding.x264]
    )
