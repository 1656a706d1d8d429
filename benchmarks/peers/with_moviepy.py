"""The job in MoviePy 2: photos that are zoomed and cross-faded. Run as a script, with the path of a job."""
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import moviepy


def _zoom(each: float) -> Callable[[float], float]:
    return lambda second: 1 + 0.12 * second / each


def main() -> None:
    """Write the job's video."""
    job: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text())
    width, height = job["size"]
    each = job["seconds"] / len(job["photos"])
    clips: list[Any] = []
    for number, photo in enumerate(job["photos"]):
        clip = moviepy.ImageClip(photo).resized(height=height).with_duration(each + (job["fade"] if number else 0))
        clip = clip.resized(_zoom(each)).with_start(max(0.0, number * each - job["fade"])).with_position("center")
        clips.append(clip.with_effects([moviepy.vfx.CrossFadeIn(job["fade"])] if number else []))
    whole = moviepy.CompositeVideoClip(clips, size=(width, height)).with_duration(job["seconds"])
    whole.write_videofile(
        job["out"],
        fps=job["fps"],
        codec="libx264",
        preset=job["preset"],
        threads=1,
        ffmpeg_params=["-crf", str(job["crf"]), "-pix_fmt", "yuv420p"],
        logger=None,
    )


main()
