"""The agent's events, out of both documented shapes; and what a run said, put together from them.

Pure: text in, values out. What is learnt from real streams (google-adk 1.18 and 2.13): text counts in non-partial
events only and without `thought`; tool calls count in non-partial events only; an event may come twice with one
`id`; an error comes under HTTP 200, as an event with `errorCode` or as a bare `{"error": …}`, sometimes as both.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

from nightreel.models import digest
from nightreel.nemo.answers import words
from nightreel.nemo.parsed import list_in, object_in


class EventKind(StrEnum):
    """What an event is about."""

    PARTIAL = "partial"
    TEXT = "text"
    THOUGHT = "thought"
    TOOL_CALL = "tool call"
    TOOL_RESULT = "tool result"
    STATE = "state"
    HEARTBEAT = "heartbeat"
    WAITING = "waiting"
    """Ours: a sentence for people, every two minutes in which nothing but pings came, or nothing at all."""
    ERROR = "error"


@dataclass(frozen=True)
class AgentEvent:
    """One event, for whoever watches a run.

    Attributes:
        text: what is said, or the error.
        name: the tool's, or the error's code.
        data: the tool's arguments or result, or the state's changes.
        shown: this text repeats partial events that came before it: show it once.
        plain: of the plain shape, whose texts may be pieces of one.
    """

    kind: EventKind
    text: str = ""
    name: str = ""
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    shown: bool = False
    plain: bool = False


HEARTBEAT = AgentEvent(EventKind.HEARTBEAT)
_QUIET = {"", "[DONE]"}
_TEMPORARY = "i encountered a temporary issue"
_SENTENCE_ENDS = (".", "!", "?", ":", "。", "！", "？", "：", "\n", "…")


def read_event(frame: Mapping[str, Any]) -> list[AgentEvent]:
    """Return what *frame* holds, in order; nothing for one of an unknown kind."""
    if ("type" in frame and "content" not in frame) or isinstance(frame.get("content"), str):
        return _plain(frame)
    partial = frame.get("partial") is True
    events = [event for part in _parts(frame) if (event := _part(part, partial=partial))]
    if changes := object_in(_either(object_in(frame.get("actions")), "stateDelta", "state_delta")):
        events.append(AgentEvent(EventKind.STATE, data=changes))
    if error := _error(frame):
        events.append(error)
    return events


class Transcript:
    """What a run has said so far."""

    def __init__(self) -> None:
        self.events: list[AgentEvent] = []
        self.heartbeats = 0
        self.malformed = 0
        self.frames = 0
        self._seen: set[str] = set()
        self._partial = ""

    def take(self, data: str) -> list[AgentEvent]:
        """Take one frame's data; return its events. A frame that is no JSON is counted and left out."""
        if data.strip() in _QUIET:
            return [] if data.strip() else self.beat()
        try:
            frame = json.loads(data)
        except (ValueError, RecursionError):
            self.malformed += 1
            return []
        if not isinstance(frame, dict):
            self.malformed += 1
            return []
        return self._take(cast("dict[str, Any]", frame))

    def beat(self) -> list[AgentEvent]:
        """Count a heartbeat."""
        self.heartbeats += 1
        return [HEARTBEAT]

    def _take(self, frame: Mapping[str, Any]) -> list[AgentEvent]:
        if frame.get("type") in ("heartbeat", "ping"):
            return self.beat()
        self.frames += 1
        if frame.get("partial") is not True and self._repeated(frame):
            return []
        events = [self._noted(event) for event in read_event(frame)]
        self.events += [event for event in events if event.kind is not EventKind.PARTIAL]
        return events

    def _repeated(self, frame: Mapping[str, Any]) -> bool:
        """Whether this very event has come before under its id."""
        if not isinstance(frame.get("id"), str):
            return False
        mark = digest({name: value for name, value in frame.items() if name != "timestamp"})
        repeated = mark in self._seen
        self._seen.add(mark)
        return repeated

    def _noted(self, event: AgentEvent) -> AgentEvent:
        if event.kind is EventKind.PARTIAL:
            self._partial += event.text
        elif event.kind is EventKind.TEXT:
            shown = bool(self._partial) and self._partial.strip().endswith(event.text.strip())
            self._partial = ""
            return AgentEvent(event.kind, event.text, shown=shown, plain=event.plain)
        return event

    @property
    def error(self) -> AgentEvent | None:
        """The first error event."""
        return next((event for event in self.events if event.kind is EventKind.ERROR), None)

    @property
    def text(self) -> str:
        """What was said; a closing "temporary issue" after good answers is left out."""
        texts = [event for event in self.events if event.kind is EventKind.TEXT]
        good = len(texts) > 1 or any(event.kind is EventKind.TOOL_RESULT for event in self.events)
        if texts and good and texts[-1].text.strip().lower().startswith(_TEMPORARY):
            texts.pop()
        said = ""
        for event in texts:
            said = _joined(said, event)
        return said.strip()


def _joined(said: str, event: AgentEvent) -> str:
    """Add a text: whole ones stand on lines of their own, pieces of one run on."""
    if event.plain and said.strip() == event.text.strip():
        return said
    whole = not event.plain or said.endswith(_SENTENCE_ENDS)
    return f"{said}\n{event.text}" if said and whole else said + event.text


def _plain(frame: Mapping[str, Any]) -> list[AgentEvent]:
    """Read the plain shape: `{"type":"text","content":"…"}`."""
    kind, name = frame.get("type"), str(frame.get("name") or "")
    if kind == "text" and isinstance(frame.get("content"), str):
        return [AgentEvent(EventKind.TEXT, frame["content"], plain=True)]
    if kind == "tool_call":
        return [AgentEvent(EventKind.TOOL_CALL, name=name, data=object_in(frame.get("args")))]
    if kind == "tool_result":
        return [AgentEvent(EventKind.TOOL_RESULT, name=name, data=object_in(frame.get("result")))]
    error = _error(frame)
    if error is None and kind == "error":
        said = frame.get("message") or frame.get("content") or "the agent gave up"
        error = AgentEvent(EventKind.ERROR, words(said), name=str(frame.get("code") or ""))
    return [error] if error else []


def _parts(frame: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [object_in(part) for part in list_in(object_in(frame.get("content")).get("parts"))]


def _part(part: Mapping[str, Any], *, partial: bool) -> AgentEvent | None:
    text = part.get("text")
    if isinstance(text, str) and text:
        if part.get("thought") is True:
            return AgentEvent(EventKind.THOUGHT, text)
        return AgentEvent(EventKind.PARTIAL if partial else EventKind.TEXT, text)
    if partial:
        return None
    if call := object_in(_either(part, "functionCall", "function_call")):
        return AgentEvent(EventKind.TOOL_CALL, name=str(call.get("name") or ""), data=object_in(call.get("args")))
    if result := object_in(_either(part, "functionResponse", "function_response")):
        data = object_in(result.get("response"))
        return AgentEvent(EventKind.TOOL_RESULT, name=str(result.get("name") or ""), data=data)
    return None


def _error(frame: Mapping[str, Any]) -> AgentEvent | None:
    """Read `errorCode`/`errorMessage`, a bare `{"error": …}`, or an envelope with a code."""
    code = _either(frame, "errorCode", "error_code")
    said = _either(frame, "errorMessage", "error_message")
    if code or said:
        return AgentEvent(EventKind.ERROR, words(said or code), name=words(code or ""))
    if bare := frame.get("error"):
        inner = object_in(bare)
        return AgentEvent(
            EventKind.ERROR,
            words(inner.get("message") or bare),
            name=words(inner.get("code") or frame.get("code") or ""),
        )
    number = frame.get("code")
    if isinstance(number, int) and number and "message" in frame:
        return AgentEvent(EventKind.ERROR, words(frame["message"]), name=str(number))
    return None


def _either(value: Mapping[str, Any], camel: str, snake: str) -> Any:  # noqa: ANN401 - parsed JSON
    return value.get(camel, value.get(snake))
