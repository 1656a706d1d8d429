"""A whole render with an encoder's settings of one's own; run as a module, with the path of a job."""

import json
import sys
from pathlib import Path
from typing import Any

from nightreel.studio.draft import read_draft
from nightreel.studio.render import render
from nightreel.studio.render.encoder import Coding
from nightreel.studio.render.memory import keep_little


def main() -> None:
    """Render the job's video, as the renderer's own process does."""
    keep_little()
    job: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text())
    assets = {name: Path(path) for name, path in job["assets"].items()}
    render(read_draft(job["draft"]), assets, Path(job["out"]), quality=Coding(*job["coding"]))


if __name__ == "__main__":
    main()
