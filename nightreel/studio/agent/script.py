"""What the agent does on its stream: tool calls, heartbeats, and words that believe in a screen."""

import hashlib
from dataclasses import dataclass
from typing import Any

from nightreel.studio.agent.cutting import Cut
from nightreel.studio.agent.editing import Edit
from nightreel.studio.agent.items import without_texts
from nightreel.studio.agent.lexicon import language_of
from nightreel.studio.agent.telling import problems, tell


@dataclass(frozen=True)
class Say:
    """A text; "" is an event with nothing in it."""

    text: str


@dataclass(frozen=True)
class Call:
    """A tool is called."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """A tool has answered; *delta* is what it changed in the session's state."""

    id: str
    name: str
    response: dict[str, Any]
    delta: dict[str, Any]


@dataclass(frozen=True)
class Beat:
    """A sign of life."""


@dataclass(frozen=True)
class Trouble:
    """The run failed."""

    code: str
    message: str


Step = Say | Call | Answer | Beat | Trouble


@dataclass(frozen=True)
class Script:
    """A run's steps before and after the draft is written."""

    before: tuple[Step, ...]
    after: tuple[Step, ...]


def is_silent(session: str, seq: int, seed: int, share: float) -> bool:
    """Whether this edit's stream ends with no text."""
    digest = hashlib.sha256(f"{seed}:{session}:{seq}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < share


def write_script(edit: Edit, prompt: str, language: str, *, silent: bool) -> Script:
    """Return what is done and said for *edit*; a silent one still says what it did not do."""
    lexicon = language_of(without_texts(prompt), language)
    if edit.cut is None or not edit.changed:
        return Script((Beat(),), (Say(tell(edit, lexicon)),))
    tool = "generate_video" if edit.new else "update_timeline"
    look = (Call("call-1", "list_media", {}), Answer("call-1", "list_media", {"count": len(edit.cut.photos)}, {}))
    before = (Beat(), *(look if edit.new else ()), Call("call-2", tool, _arguments(edit.cut, edit.changed)), Beat())
    result = Answer("call-2", tool, {"status": "success"}, {"draft_ready": True})
    quiet = silent and not problems(edit, lexicon)
    return Script(before, (result, Beat(), Say("" if quiet else tell(edit, lexicon))))


def _arguments(cut: Cut, changed: tuple[str, ...]) -> dict[str, Any]:
    facts = cut.model_dump(mode="json", include=set(changed) - {"photos", "seed"})
    return facts | ({"photos": len(cut.photos)} if "photos" in changed else {})
