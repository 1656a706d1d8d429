"""What the agent does on its stream: tool calls, heartbeats, and words that believe in a screen."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from nightreel.studio.agent.cutting import Cut
from nightreel.studio.agent.editing import Edit

_CJK = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")


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
    """Return what is done and said for *edit*."""
    chinese = language.lower().startswith("zh") or len(_CJK.findall(prompt)) > len(_LATIN.findall(prompt))
    if edit.cut is None or not edit.changed:
        return Script((Beat(),), (Say(_nothing(edit, chinese=chinese)),))
    tool = "generate_video" if edit.new else "update_timeline"
    look = (Call("call-1", "list_media", {}), Answer("call-1", "list_media", {"count": len(edit.cut.photos)}, {}))
    before = (Beat(), *(look if edit.new else ()), Call("call-2", tool, _arguments(edit.cut, edit.changed)), Beat())
    result = Answer("call-2", tool, {"status": "success"}, {"draft_ready": True})
    return Script(before, (result, Beat(), Say("" if silent else _told(edit, edit.cut, chinese=chinese))))


def _arguments(cut: Cut, changed: tuple[str, ...]) -> dict[str, Any]:
    facts = cut.model_dump(mode="json", include=set(changed) - {"photos", "seed"})
    return facts | ({"photos": len(cut.photos)} if "photos" in changed else {})


def _nothing(edit: Edit, *, chinese: bool) -> str:
    if edit.cut is None:
        return (
            "还没有可用的照片。请打开素材面板并上传照片。"
            if chinese
            else "There are no photos to work with yet. Open the media panel and upload some first."
        )
    return (
        "时间线没有变化。您可以告诉我时长、转场、音乐、标题或画幅。"
        if chinese
        else "The timeline stays as it is. Tell me a duration, transitions, music, a title or an aspect to change."
    )


def _told(edit: Edit, cut: Cut, *, chinese: bool) -> str:
    seconds = f"{cut.seconds:g}"
    size = f"{cut.canvas[0]}x{cut.canvas[1]}"
    if chinese:
        did = f"已用 {len(cut.photos)} 张照片完成剪辑" if edit.new else "已更新时间线"
        return f"{did}：{seconds} 秒，{size}。可在时间线中预览，点击“导出”按钮即可导出视频。"
    did = f"Your {len(cut.photos)} photos are on the timeline" if edit.new else "The timeline is updated"
    return f"{did}: {seconds} seconds, {size}. Preview in timeline, then click the Export button to save your video."
