"""What a studio can be told: where its data is, which documented forms it speaks, how generous it is."""

import os
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from nightreel.clock import Clock, SystemClock
from nightreel.models import MAX_FILE_BYTES, Tariff
from nightreel.studio.faults import Schedule
from nightreel.studio.tempo import OwnTempo, ServiceTempo, Tempo

RENDERS_OF_A_SERVICE = 64
"""Renders at once in a rehearsal: they only wait."""

WEEK = 7 * 24 * 3600.0
"""Seconds that an anonymous token, its credits and a claim token live."""


class Dialect(StrEnum):
    """One documented alternative each (protocol.md). Of each group the studio speaks the first by itself.

    Events: adk-events, snake-case, plain-events. Their texts: partial-events (pieces, then the whole), whole-events.
    Renders: wrapped-render, flat-render. Failures: both-errors (HTTP status and code), http-errors, envelope-errors.
    """

    ADK_EVENTS = "adk-events"
    SNAKE_CASE = "snake-case"
    PLAIN_EVENTS = "plain-events"
    PARTIAL_EVENTS = "partial-events"
    WHOLE_EVENTS = "whole-events"
    WRAPPED_RENDER = "wrapped-render"
    FLAT_RENDER = "flat-render"
    BOTH_ERRORS = "both-errors"
    HTTP_ERRORS = "http-errors"
    ENVELOPE_ERRORS = "envelope-errors"


GROUPS = (
    (Dialect.ADK_EVENTS, Dialect.SNAKE_CASE, Dialect.PLAIN_EVENTS),
    (Dialect.PARTIAL_EVENTS, Dialect.WHOLE_EVENTS),
    (Dialect.WRAPPED_RENDER, Dialect.FLAT_RENDER),
    (Dialect.BOTH_ERRORS, Dialect.HTTP_ERRORS, Dialect.ENVELOPE_ERRORS),
)


@dataclass(frozen=True, kw_only=True)
class StudioOptions:
    """Everything that can be set.

    Attributes:
        data: the data folder; one studio at a time.
        dialects: the documented forms to speak where they are not the first of their group.
        rehearse: take the service's time for everything, and make placeholders instead of rendering.
        renders_at_once: renders that are worked on at once; 0 means one a core, 64 in a rehearsal.
        render_module: what `python -m` runs for a render (see `render_child`).
        fonts: a folder with the user's own fonts.
        segment_bytes: what the renderers may keep on the disk, so that an edit renders only what it changes.
        local_credits: what the local default account is given once.
        anonymous_credits: what an anonymous account is given a week.
        anonymous_a_week: new anonymous accounts a week; 0 means any number, one more answers 429.
        anonymous_exports: whether an anonymous account may export; if not, its export answers 402.
        silent_share: share of the edits whose stream ends with no text.
        seed: decides, with session and sequence number, which edits those are, how photos move, and how long things
            take in a rehearsal.
        pace: factor on the agent's waits; 0 works at once.
        heartbeat: seconds of silence on a stream before a heartbeat is sent.
        link_seconds: how long a signed link serves.
        max_file_bytes: of one uploaded file; more answers 4002.
        max_files: of one upload.
        max_request_bytes: of one upload, all files together.
        faults: what goes wrong; None: nothing does.
        private_urls: whether an upload by URL may reach this machine's own network.
    """

    data: Path
    dialects: frozenset[Dialect] = frozenset()
    clock: Clock = field(default_factory=SystemClock)
    rehearse: bool = False
    renders_at_once: int = 0
    render_module: str = "nightreel.studio.renderer"
    fonts: Path | None = None
    segment_bytes: int = 2 * 1024**3
    tariff: Tariff = field(default_factory=Tariff)
    local_credits: int = 1_000_000
    anonymous_credits: int = 100
    anonymous_a_week: int = 0
    anonymous_exports: bool = True
    silent_share: float = 0.3
    seed: int = 0
    pace: float = 1.0
    heartbeat: float = 15.0
    link_seconds: float = 3600.0
    max_file_bytes: int = MAX_FILE_BYTES
    max_files: int = 100
    max_request_bytes: int = 4 * 1024**3
    faults: Schedule | None = None
    private_urls: bool = False

    def __post_init__(self) -> None:
        for group in GROUPS:
            chosen = sorted(self.dialects.intersection(group))
            if len(chosen) > 1:
                raise ValueError(f"the dialects {' and '.join(chosen)} exclude each other; choose one")

    def speaks(self, dialect: Dialect) -> bool:
        """Whether *dialect* is the form of its group that is spoken."""
        group = next(group for group in GROUPS if dialect in group)
        chosen = self.dialects.intersection(group)
        return dialect in chosen if chosen else dialect is group[0]

    @property
    def render_slots(self) -> int:
        """Renders that are worked on at once."""
        return self.renders_at_once or (RENDERS_OF_A_SERVICE if self.rehearse else os.cpu_count() or 1)

    @property
    def tempo(self) -> Tempo:
        """How long things take."""
        return ServiceTempo(self.seed) if self.rehearse else OwnTempo(self.pace)
