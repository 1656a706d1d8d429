"""The encoder alone: a job's frames and its sound, encoded as a render does; run as a module, with the job's path.

Frames are made beforehand, segment by segment. Prints the processor seconds of the encoding, and of nothing else.
"""

import json
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from nightreel.studio.audio import soundtrack
from nightreel.studio.draft import read_draft
from nightreel.studio.render.encoder import Coding, encode_picture, encode_sound
from nightreel.studio.render.plan import plan_frames
from nightreel.studio.render.reel import Reel
from nightreel.studio.render.segments import borders


def main() -> None:
    """Encode the job's frames."""
    job: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text())
    draft = read_draft(job["draft"])
    plan = plan_frames(draft)
    reel = Reel(draft, plan, {name: Path(path) for name, path in job["assets"].items()})
    size, coding = (draft.m.width, draft.m.height), Coding(*job["coding"])
    spent = _spent(encode_sound, soundtrack(draft, plan.seconds))
    for first, end in pairwise(borders(plan)):
        spent += _spent(encode_picture, [reel.frame(number) for number in range(first, end)], size, plan.fps, coding)
    print(spent)


def _spent(encode: Callable[..., bytes], *given: object) -> float:
    before = time.process_time()
    encode(*given)
    return time.process_time() - before


if __name__ == "__main__":
    main()
