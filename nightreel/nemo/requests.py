"""Requests in plain words: which of them need no prompt, and so cost nothing.

Only a request that is about the video as it stands (its file, its state, the account) is kept from the agent: what
says how the video shall be goes there, whatever words it holds.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Request(StrEnum):
    """What somebody wants."""

    EXPORT = "export"
    CREDITS = "credits"
    STATUS = "status"
    UPLOAD = "upload"
    PROMPT = "prompt"

    @property
    def sends_prompt(self) -> bool:
        """Whether it goes to the agent, which is paid for."""
        return self is Request.PROMPT


@dataclass(frozen=True)
class Way:
    """A way to ask: words that may lead, one that must be there, words that may follow; `|` between alternatives."""

    request: Request
    lead: str
    core: str
    follow: str
    gap: str = " "

    def matches(self, said: str) -> bool:
        """Whether *said* is made of these words and no others."""
        lead, follow = f"(?:(?:{self.lead}){self.gap})*", f"(?:{self.gap}(?:{self.follow}))*"
        return re.fullmatch(f"{lead}(?:{self.core}){follow}", said, re.IGNORECASE) is not None


_SHOW = r"show|show me|check|see|what|what's|what is|how|how is|how many|the|my|current"
_WAYS: Sequence[Way] = (
    Way(
        Request.EXPORT,
        "and",
        "export|download",
        r"it|this|that|again|the|my|video|file|clip|result|final|as|in|to|mp4|hd",
    ),
    Way(Request.EXPORT, "and", "(?:send|give|get) me (?:the|my)", "final|finished|video|file|clip"),
    Way(Request.CREDITS, _SHOW, "credits?|balance", "do|i|have|left|remaining|are|is|got|balance"),
    Way(Request.STATUS, _SHOW, "status|state|tracks?|timeline|progress", "of|the|video|it|is|session"),
    Way(
        Request.UPLOAD,
        "let me",
        "upload",
        r"it|this|these|a|an|the|my|some|more|new|another|\d+|photos?|pictures?|images?|files?|videos?",
    ),
    Way(Request.EXPORT, "把|我的|视频|成片", "导出|下载", "一下|我的|视频|成片|文件|它|这个", gap=""),
    Way(Request.EXPORT, "把|我的", "视频(?:发给我|给我)", "来", gap=""),
    Way(
        Request.CREDITS,
        "查看|查询|看看|我的|账户|当前|还有|还剩|剩余|多少|的",
        "积分|余额",
        "还有|还剩|剩|多少|是|呢|吗",
        gap="",
    ),
    Way(
        Request.STATUS,
        "查看|显示|看看|当前|项目|视频|的",
        "状态|轨道|时间线|进度",
        "如何|怎么样|是什么|呢|吗",
        gap="",
    ),
    Way(Request.UPLOAD, "我要|再", "上传", "一下|一张|几张|一些|新的|我的|更多|照片|图片|文件|视频|素材", gap=""),
)
_POLITE = re.compile(
    r"^(?:(?:please|ok(?:ay)?|now|hey|hi|just|can you|could you|would you|i want to|i'd like to|let's)[\s,]+)+"
    r"|^(?:请|麻烦|帮我|现在|好的|可以|我想)+[，,]?",
    re.IGNORECASE,
)
_TRAILING = re.compile(r"[\s,，]*(?:please|now|thanks|thank you|谢谢|吧)?[\s.!?。！？~]*$", re.IGNORECASE)


def classify(text: str, *, files: bool = False) -> Request:
    """Return what *text* asks for.

    Args:
        text: as it was typed.
        files: whether files were handed over with it.
    """
    said = _bare(text)
    found = next((way.request for way in _WAYS if way.matches(said)), Request.PROMPT)
    return Request.UPLOAD if files and not said else found


def _bare(text: str) -> str:
    """Return *text* without what is only polite."""
    return _TRAILING.sub("", _POLITE.sub("", " ".join(text.replace("’", "'").split()))).strip()
