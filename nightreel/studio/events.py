"""A run's steps as bytes of an event stream, in the documented shapes (protocol.md, "Message")."""

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nightreel.nemo.wire import APP_NAME
from nightreel.studio.agent.script import Answer, Beat, Call, Say, Step, Trouble
from nightreel.studio.options import Dialect, StudioOptions

_PIECE = re.compile(r".{1,48}(?:\s|$)|.{1,24}", re.DOTALL)
"""Where a text is broken into partial events."""


@dataclass
class Encoder:
    """Writes one run's stream."""

    options: StudioOptions
    run: str = field(default_factory=lambda: f"e-{secrets.token_hex(12)}")
    _beats: int = 0

    def encode(self, step: Step, at: datetime) -> Iterator[bytes]:
        """Yield the frames that tell *step*, which happened *at* that time."""
        if self.options.speaks(Dialect.PLAIN_EVENTS):
            yield from (_data(event) for event in _plain(step))
        elif isinstance(step, Beat):
            yield self._beat()
        else:
            for event in self._adk(step):
                yield _data(self._envelope(event, at))

    def _beat(self) -> bytes:
        """Alternate between the two signs of life that are seen: a comment and empty data."""
        self._beats += 1
        return b": heartbeat\n\n" if self._beats % 2 else b"data:\n\n"

    def _adk(self, step: Step) -> Iterator[dict[str, Any]]:
        if isinstance(step, Say):
            yield from self._text(step.text)
        elif isinstance(step, Call):
            called = {"id": step.id, "name": step.name, "args": step.arguments}
            yield _content({"functionCall": called})
        elif isinstance(step, Answer):
            answered = {"id": step.id, "name": step.name, "response": step.response}
            yield {**_content({"functionResponse": answered}, role="user"), "actions": {"stateDelta": step.delta}}
        elif isinstance(step, Trouble):
            yield {"errorCode": step.code, "errorMessage": step.message}

    def _text(self, text: str) -> Iterator[dict[str, Any]]:
        """Yield the pieces, then one whole event that repeats them."""
        if text and self.options.speaks(Dialect.PARTIAL_EVENTS):
            for piece in _PIECE.findall(text):
                yield {**_content({"text": piece}), "partial": True}
        yield _content(*([{"text": text}] if text else []))

    def _envelope(self, event: dict[str, Any], at: datetime) -> dict[str, Any]:
        whole = {
            **event,
            "invocationId": self.run,
            "author": APP_NAME,
            "actions": event.get("actions", {"stateDelta": {}}),
            "id": secrets.token_hex(16),
            "timestamp": at.timestamp(),
        }
        return _snake(whole) if self.options.speaks(Dialect.SNAKE_CASE) else whole


def _content(*parts: dict[str, Any], role: str = "model") -> dict[str, Any]:
    return {"content": {"parts": list(parts), "role": role}}


_SNAKE = {
    "functionCall": "function_call",
    "functionResponse": "function_response",
    "invocationId": "invocation_id",
    "stateDelta": "state_delta",
    "errorCode": "error_code",
    "errorMessage": "error_message",
}


def _snake(event: dict[str, Any]) -> dict[str, Any]:
    """Return *event* with the shape's own keys in snake_case; what tools say stays as it is."""
    renamed = {_SNAKE.get(key, key): value for key, value in event.items()}
    renamed["actions"] = {_SNAKE.get(key, key): value for key, value in renamed["actions"].items()}
    if "content" in renamed:
        parts = [{_SNAKE.get(key, key): value for key, value in part.items()} for part in renamed["content"]["parts"]]
        renamed["content"] = {**renamed["content"], "parts": parts}
    return renamed


def _plain(step: Step) -> Iterator[dict[str, Any]]:
    if isinstance(step, Say):
        if step.text:
            yield {"type": "text", "content": step.text}
    elif isinstance(step, Call):
        yield {"type": "tool_call", "name": step.name, "args": step.arguments}
    elif isinstance(step, Answer):
        yield {"type": "tool_result", "name": step.name, "result": step.response}
    elif isinstance(step, Trouble):
        yield {"type": "error", "code": step.code, "error": step.message}
    else:
        yield {"type": "heartbeat"}


def _data(event: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(event, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()
