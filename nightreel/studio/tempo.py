"""How long the studio takes: its own few moments, or in a rehearsal what the service is seen to take. Pure.

Seconds of the studio's clock. A rehearsal draws them by its seed and by what is asked for (prompt and place of the
prompt in its session; draft), never by ids or by time: the same night takes the same time again.
"""

import hashlib
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol

from nightreel.studio.agent.editing import Edit
from nightreel.studio.draft import Draft


class Kind(Enum):
    """What a prompt comes to; the value is how long it takes at the service, in seconds (protocol.md, "Message")."""

    TEXT = (5.0, 15.0)
    EDIT = (10.0, 30.0)
    GENERATION = (100.0, 300.0)

    @classmethod
    def of(cls, edit: Edit) -> "Kind":
        """Return what *edit* is."""
        if edit.cut is None or not edit.changed:
            return cls.TEXT
        return cls.GENERATION if edit.new else cls.EDIT


RENDER = (30.0, 90.0)
"""An export, from its start to its end (protocol.md, "Export")."""

SECOND_STAGE = (10.0, 40.0)
"""From a stream's end to music and title: seen to come by themselves, no document says when."""

_WORK = 0.9
"""Share of a run after which its draft is written; the rest is talk."""


class Pace(NamedTuple):
    """How long one run takes.

    Attributes:
        work: until its draft is written.
        talk: from there to the stream's end.
        second_stage: from there to music and title.
    """

    work: float
    talk: float
    second_stage: float


class Tempo(Protocol):
    """Says how long things take."""

    def run(self, edit: Edit, prompt: str, seq: int, steps: tuple[int, int]) -> Pace:
        """Return the pace of a run that has so many *steps* before and after its draft is written."""
        ...

    def render(self, draft: Draft) -> float:
        """Return how long an export takes at least."""
        ...


@dataclass(frozen=True)
class OwnTempo:
    """The studio's own: as fast as it is, but for a moment a step; *pace* is a factor on those."""

    pace: float = 1.0
    step: float = 0.25
    second_stage: float = 1.5

    def run(self, edit: Edit, prompt: str, seq: int, steps: tuple[int, int]) -> Pace:
        """Return a moment a step."""
        del edit, prompt, seq
        before, after = steps
        return Pace(self.pace * self.step * before, self.pace * self.step * after, self.pace * self.second_stage)

    def render(self, draft: Draft) -> float:
        """Return 0: it takes what rendering takes."""
        del draft
        return 0.0


@dataclass(frozen=True)
class ServiceTempo:
    """The service's, as it was seen; *seed* decides where in each range."""

    seed: int = 0

    def run(self, edit: Edit, prompt: str, seq: int, steps: tuple[int, int]) -> Pace:
        """Return what a run of this kind takes."""
        del steps
        whole = self._draw(Kind.of(edit).value, "run", seq, prompt)
        return Pace(_WORK * whole, (1 - _WORK) * whole, self._draw(SECOND_STAGE, "second stage", seq, prompt))

    def render(self, draft: Draft) -> float:
        """Return what an export takes."""
        return self._draw(RENDER, "render", draft.m.seed, draft.m.title, draft.m.width, draft.m.height)

    def _draw(self, between: tuple[float, float], *what: object) -> float:
        digest = hashlib.sha256(repr((self.seed, *what)).encode()).digest()
        low, high = between
        return low + (high - low) * int.from_bytes(digest[:8], "big") / 2**64
