"""Photos, one after the other, in one decoder's process with its limits; run as a module, with their paths.

Prints the most memory, in MB, that the process ever had: what an operator sees of it, shared libraries included.
"""

import resource
import sys
from dataclasses import replace
from pathlib import Path

from nightreel.images.decoders import Decoders
from nightreel.images.photos import probe


def main() -> None:
    """Do it; what a child had is known when it has ended."""
    decoders = Decoders(1)
    for path in map(Path, sys.argv[1:]):
        probe(path, path.name, look=lambda fd, order: decoders.look(fd, replace(order, encode=True)))
    decoders.close()
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
