"""`python -m nightreel.studio.renderer JOB.json`: `nightreel.studio.render`, sooner at work and sooner gone."""

import gc
import os
import sys


def _main() -> None:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its threads have nothing to do, and take time to start
    gc.disable()  # nothing that is imported is ever let go: looking for what could be takes a fifth of the start
    from nightreel.studio.render.__main__ import main  # noqa: PLC0415 - not before

    gc.freeze()
    gc.enable()
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # all is written; what the libraries tidy up goes with the process anyway


if __name__ == "__main__":
    _main()
