"""VMAF: what viewers say of a picture against its original, 0..100, as Netflix's model foretells it.

About 95 passes for the original; six points are a difference that half the viewers see. The libraries that we render
with lack it; the ffmpeg that MoviePy brings has it.
"""

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from nightreel.studio.render.pixels import Bytes

_ASK = "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())"


def ffmpeg_of(peers: Path | None) -> str:
    """Return the peers' ffmpeg; "" if there is none, or one without VMAF."""
    if peers is None or not peers.exists():
        return ""
    program = subprocess.run([str(peers), "-c", _ASK], capture_output=True, text=True, check=False).stdout.strip()
    filters = subprocess.run([program, "-v", "quiet", "-filters"], capture_output=True, text=True, check=False)
    return program if "libvmaf" in filters.stdout else ""


def scores(
    program: str, sent: Sequence[Bytes], came: Sequence[Bytes], size: tuple[int, int], every: int
) -> list[float]:
    """Return the scores of every so many pictures: I420 buffers that came against those that were *sent*."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{size[0]}x{size[1]}"]
        inputs: list[str] = []
        for what, pictures in (("came", came), ("sent", sent)):
            with (folder / what).open("wb") as file:
                file.writelines(picture.tobytes() for picture in pictures)
            inputs += [*raw, "-i", str(folder / what)]
        log = folder / "scores.json"
        asked = f"libvmaf=n_subsample={every}:log_fmt=json:log_path={log}"
        command = [program, "-v", "error", *inputs, "-lavfi", asked, "-f", "null", "-"]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        return [frame["metrics"]["vmaf"] for frame in json.loads(log.read_text())["frames"]]
