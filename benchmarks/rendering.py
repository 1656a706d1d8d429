"""What a render costs: processor time and memory; against the encoder alone, ffmpeg's own filters, and MoviePy.

All do the same job in turns, round after round, and the least of each counts: on a shared machine only ratios from
one run mean much. Ours also finds the products, sets titles and plays music; the peers zoom and fade.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.children import Spent, run
from benchmarks.figures import Figure

_CATALOG = Path(__file__).parents[1] / "data" / "catalog"
_PHOTOS = (
    "NR-MUG-350/hero.jpg", "NR-EDP-050/ambre-nocturne_01.jpg",
    "NR-LMP-360/lamp_front.jpg", "NR-MUG-350/IMG_2031.jpg",
)  # fmt: skip
_SIZE = (1080, 1920)
_FPS = 30
_SECONDS = 10
_FADE = 0.6
_FRAMES = _SECONDS * _FPS
_SCRIPTS = Path(__file__).parent / "peers"
_PEERS = {
    "MoviePy 2": ("with_moviepy.py", 1.0, 6.0),
    "ffmpeg zoompan + xfade": ("with_zoompan.py", 1.0, 1.25),
    "ffmpeg zoompan + xfade, upscaled": ("with_zoompan.py", 4.0, 1.7),
}
_MOST_MEMORY = 500.0


def measure(peers: Path | None, rounds: int) -> Iterator[Figure]:
    """Yield this subject's figures; *peers* is the interpreter that has the peers' modules."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = _ours(folder)
        jobs = {peer: _theirs(folder, peer) for peer in _PEERS} if peers is not None and peers.exists() else {}
        spent: dict[str, list[Spent | None]] = {}
        for _ in range(rounds):
            spent.setdefault("alone", []).append(run([sys.executable, "-m", "benchmarks.alone", str(ours)]))
            spent.setdefault("whole", []).append(run([sys.executable, "-m", "nightreel.studio.render", str(ours)]))
            for peer, job in jobs.items():
                spent.setdefault(peer, []).append(_peer([str(peers), str(_SCRIPTS / _PEERS[peer][0]), str(job)]))
    yield from _figures(spent)


def _figures(spent: dict[str, list[Spent | None]]) -> Iterator[Figure]:
    alone = min(float(one.printed) for one in spent["alone"] if one) / _FRAMES * 1000
    whole = min(one.seconds for one in spent["whole"] if one) / _FRAMES * 1000
    memory = max(one.memory for one in spent["whole"] if one)
    yield Figure("encoder alone, veryfast", alone, "CPU ms/frame", None, holds=True)
    yield Figure("whole render, veryfast", whole, "CPU ms/frame", None, holds=True)
    yield Figure("encoder's share of the render", alone / whole, "", 0.85, alone / whole >= 0.85, "encoder alone")  # noqa: PLR2004
    yield Figure("peak memory of a render", memory, "MB", _MOST_MEMORY, memory <= _MOST_MEMORY)
    for peer, (_, _, goal) in _PEERS.items():
        times = [one.seconds for one in spent.get(peer, []) if one]
        if not times:
            yield Figure("times as fast, same job", None, "x", goal, None, f"{peer} (missing)")
            continue
        ratio = min(times) / _FRAMES * 1000 / whole
        yield Figure("times as fast, same job", ratio, "x", goal, ratio >= goal, peer)


def _peer(command: list[str]) -> Spent | None:
    """Run a peer; none if it is not there or cannot do the job, and then it says why."""
    try:
        return run(command)
    except (RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        return None


def _theirs(folder: Path, peer: str) -> Path:
    photos = [str(_CATALOG / photo) for photo in _PHOTOS]
    job = {
        "photos": photos, "size": _SIZE, "seconds": _SECONDS, "fps": _FPS, "fade": _FADE, "preset": "veryfast",
        "crf": 19, "upscale": _PEERS[peer][1], "out": str(folder / "peer.mp4"),
    }  # fmt: skip
    return _written(folder / f"{len(list(folder.iterdir()))}.json", job)


def _ours(folder: Path) -> Path:
    motions = ("zoom_in", "pan_right", "zoom_out", "pan_up")
    fade = {"kind": "cross_fade", "d": round(_FADE * 1000)}
    each = _SECONDS * 1000 // len(_PHOTOS)
    shots = [
        {"d": each, "m": {"asset": photo, "motion": motions[i], "transition": fade}}
        for i, photo in enumerate(_PHOTOS)
    ]
    title = [{"s": 300, "d": 4_000, "m": {"text": "Halden 200 Bluetooth Speaker"}}]
    music = [{"d": _SECONDS * 1000, "m": {"mood": "upbeat"}}]
    tracks = [{"tt": 0, "sg": shots}, {"tt": 1, "sg": music}, {"tt": 7, "sg": title}]
    draft = {"m": {"width": _SIZE[0], "height": _SIZE[1], "fps": _FPS}, "t": tracks}
    assets = {photo: str(_CATALOG / photo) for photo in _PHOTOS}
    return _written(folder / "job.json", {"draft": draft, "assets": assets, "out": str(folder / "whole.mp4")})


def _written(path: Path, job: dict[str, Any]) -> Path:
    path.write_text(json.dumps(job))
    return path
