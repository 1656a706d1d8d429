"""The encoder alone: frames that were made beforehand, encoded; run as a module, with the path of a job.

Prints the processor seconds of the encoding, so that the making of the frames does not count.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from nightreel.studio.audio import soundtrack
from nightreel.studio.draft import read_draft
from nightreel.studio.render.encoder import Coding, encode_picture, encode_sound
from nightreel.studio.render.plan import plan_frames
from nightreel.studio.render.reel import Reel


def main() -> None:
    """Encode the job's frames."""
    job: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text())
    draft = read_draft(job["draft"])
    plan = plan_frames(draft)
    sound = soundtrack(draft, plan.seconds)
    frames = list(Reel(draft, plan, {name: Path(path) for name, path in job["assets"].items()}))
    coding = Coding(*job["coding"])
    before = time.process_time()
    encode_picture(frames, (draft.m.width, draft.m.height), plan.fps, coding)
    encode_sound(sound)
    print(time.process_time() - before)


if __name__ == "__main__":
    main()
