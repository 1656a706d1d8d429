"""`python -m nightreel.studio.render JOB.json`: one render in a process of its own.

The job is `{"draft": {…}, "assets": {"<id>": "/path"}, "out": "/path.mp4", "quality": "high"}`, and where they are
wanted `"cache": "/folder"`, `"cache_bytes": …`, `"cores": …` and `"fonts": "/folder"` (see
:class:`nightreel.studio.render.Means`).
Standard output carries JSON lines: `{"progress": 0.0}` up to 1.0, then `{"done": {"seconds": …, "frames": …,
"size": …, "made": …}}` and exit code 0, or `{"failed": "reason for people"}` and exit code 1. The process ends when
its standard input ends, or on a signal; it leaves no half file.
"""

import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from nightreel import files, tether
from nightreel.errors import AssetUnusable, NightreelError
from nightreel.studio.draft import read_draft
from nightreel.studio.render.cache import MOST_BYTES
from nightreel.studio.render.film import Means, render
from nightreel.studio.render.memory import keep_little


class Job(BaseModel):
    """What is to be rendered, and where to."""

    draft: dict[str, Any]
    assets: dict[str, Path]
    out: Path
    quality: str = "high"
    cache: Path | None = None
    cache_bytes: int = Field(MOST_BYTES, gt=0)
    cores: int = Field(0, ge=0, le=256)
    fonts: Path | None = None


class _Progress:
    """Prints a line for every whole per cent."""

    def __init__(self) -> None:
        self._last = -1

    def __call__(self, share: float) -> None:
        if (percent := int(share * 100)) > self._last:
            self._last = percent
            _say({"progress": percent / 100})


def _say(line: dict[str, Any]) -> None:
    print(json.dumps(line, ensure_ascii=False), flush=True)  # noqa: T201 - this is the protocol


def _give_up(*_: object) -> None:
    files.give_up()
    os._exit(1)


def main(arguments: list[str]) -> int:
    """Carry out the job named on the command line; return the exit code."""
    keep_little()
    try:
        job = Job.model_validate_json(Path(arguments[0]).read_bytes())
        tether.end_with_parent(_give_up)
        signal.signal(signal.SIGTERM, _give_up)
        draft = read_draft(job.draft)
        means = Means(job.cache, job.cache_bytes, job.cores, job.fonts)
        done = render(draft, job.assets, job.out, quality=job.quality, progress=_Progress(), means=means)
    except AssetUnusable as error:
        _say({"failed": f"{error.message} Upload it again."})
        return 1
    except (NightreelError, OSError, ValidationError, ValueError, IndexError) as error:
        _say({"failed": str(error)})
        return 1
    _say({"done": asdict(done)})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
