"""Mistakes of one file, told together: whoever mends one sees the next at once."""

from collections.abc import Generator
from contextlib import contextmanager
from operator import itemgetter

from nightreel.errors import BriefError

MOST = 20
"""So many are told; what is no brief at all may have thousands."""


class Mistakes:
    """What is wrong in the file *name*, or with what it is for."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: list[tuple[int, BriefError]] = []

    @contextmanager
    def kept(self, line: int = 0) -> Generator[None]:
        """Keep a mistake that this block finds in *line*, and go on behind it."""
        try:
            yield
        except BriefError as error:
            self.keep(error, line)

    def keep(self, error: BriefError, line: int = 0) -> None:
        """Keep a mistake in *line*."""
        self._found.append((line, error))

    def tell(self) -> None:
        """End here if there are any.

        Raises:
            BriefError: with all of them in the file's order, a line each; a single one as it was found.
        """
        found = [error for _, error in sorted(self._found, key=itemgetter(0))]
        if len(found) == 1:
            raise found[0]
        if found:
            lines = [f"  {error}" for error in found[:MOST]]
            lines += [f"  And {len(found) - MOST} more."] if len(found) > MOST else []
            raise BriefError("\n".join((f"{self._name} has {len(found)} mistakes:", *lines)))
