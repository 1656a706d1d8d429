"""The job in ffmpeg: zoompan and xfade, plain or from a larger picture. Run as a script, with the path of a job."""
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import imageio_ffmpeg


def _graph(job: dict[str, Any]) -> str:
    width, height = job["size"]
    fps, fade, count = job["fps"], job["fade"], len(job["photos"])
    each = job["seconds"] / count
    wide, high = (round(side * job["upscale"]) for side in (width, height))
    parts: list[str] = []
    for number in range(count):
        frames = round((each + (fade if number else 0)) * fps)
        parts.append(
            f"[{number}:v]scale={wide}:{high}:force_original_aspect_ratio=increase,crop={wide}:{high},"
            f"zoompan=z='1+0.12*on/{frames}':x='(iw-iw/zoom)/2':y='(ih-ih/zoom)/2':d={frames}:s={width}x{height}"
            f":fps={fps},setsar=1,format=yuv420p[p{number}]"
        )
    last = "p0"
    for number in range(1, count):
        parts.append(f"[{last}][p{number}]xfade=duration={fade}:offset={number * each - fade}[x{number}]")
        last = f"x{number}"
    return ";".join([*parts, f"[{last}]format=yuv420p[out]"])  # last: xfade may turn the stream into 4:4:4 in silence


def main() -> None:
    """Write the job's video."""
    job: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text())
    inputs = [part for photo in job["photos"] for part in ("-i", photo)]
    encoder = ["-c:v", "libx264", "-preset", job["preset"], "-crf", str(job["crf"]), "-threads", "1"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *inputs, "-filter_complex", _graph(job)]
    subprocess.run([*command, "-map", "[out]", *encoder, "-t", str(job["seconds"]), job["out"]], check=True)


main()
