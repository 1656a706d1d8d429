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
    WAIT = "wait"
    """Not now: of something that is no prompt either."""
    PROMPT = "prompt"
    """Goes to the agent, which is paid for."""


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


_SHOW = r"show|show me|check|see|what|what's|what is|how|how is|how many|how much|the|my|current"
_WAYS: Sequence[Way] = (
    Way(
        Request.EXPORT,
        "and",
        "export|download",
        r"it|this|that|again|the|my|video|file|clip|result|final|as|in|to|mp4|hd",
    ),
    Way(Request.EXPORT, "and", "(?:send|give|get|hand) me (?:the|my|an?)", "final|finished|video|file|clip|mp4"),
    Way(Request.EXPORT, "and", "save|render", r"it|this|the|my|video|file|clip|final|result|as|an?|to|mp4|disk"),
    Way(Request.CREDITS, _SHOW, "credits?|balance", "do|i|have|left|remaining|are|is|got|balance"),
    Way(Request.STATUS, "and", "what does the (?:timeline|video|project) look like", "now|so far"),
    Way(Request.STATUS, _SHOW, "status|state|tracks?|timeline|progress", "of|the|video|it|is|session"),
    Way(
        Request.UPLOAD,
        "let me",
        "upload",
        r"it|this|these|a|an|the|my|some|more|new|another|\d+|photos?|pictures?|images?|files?|videos?",
    ),
    Way(
        Request.EXPORT,
        "把|将|我的|视频|成片|最终|文件",
        "导出|下载|保存",
        "一下|来|出来|到本地|我的|视频|成片|文件|它|这个|吧",
        gap="",
    ),
    Way(
        Request.EXPORT,
        "把|将|我的|最终的?|视频|成片|文件",
        "(?:发给|发|传给|给)我",
        "来|一下|视频|成片|文件|吧",
        gap="",
    ),
    Way(
        Request.CREDITS,
        "查看|查询|看看|我的|我|账户|当前|还有|还剩|剩余|多少|的",
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


_NOT = re.compile(
    r"^(?:do not|don't|dont|never|not|no need to)\s+(.*?)(?:\s+(?:yet|now|for now))?$"
    r"|^(?:先|暂时|请)*(?:别|不要|不用|先不|不)(?:急着)?(.*?)$",
    re.IGNORECASE,
)
_THEN = re.compile(
    r"[\s,;，；。.!！]*(?:\b(?:and then|and|then)\b|然后|接着|之后|再|并且?|，|,|。|\.\s)\s*", re.IGNORECASE
)


def requests_in(text: str, *, files: bool = False) -> list[tuple[Request, str]]:
    """Return what *text* asks for, in order: "make it 20 s, then export it" is a prompt and an export."""
    whole = classify(text, files=files)
    if whole is not Request.PROMPT:
        return [(whole, text)]
    for found in reversed(list(_THEN.finditer(text))):
        head, tail = text[: found.start()].strip(), text[found.end() :].strip()
        if head and tail and (last := classify(tail)) in {Request.EXPORT, Request.CREDITS, Request.STATUS}:
            return [*requests_in(head), (last, tail)]
    return [(whole, text)]


def classify(text: str, *, files: bool = False) -> Request:
    """Return what *text* asks for.

    Args:
        text: as it was typed.
        files: whether files were handed over with it.
    """
    said = _bare(text)
    found = _asked(said)
    if found is Request.PROMPT and (refused := _NOT.match(said)):
        inner = _asked(_bare(next((part for part in refused.groups() if part), "")))
        return found if inner is Request.PROMPT else Request.WAIT
    return Request.UPLOAD if files and not said else found


def _asked(said: str) -> Request:
    return next((way.request for way in _WAYS if way.matches(said)), Request.PROMPT)


def _bare(text: str) -> str:
    """Return *text* without what is only polite."""
    return _TRAILING.sub("", _POLITE.sub("", " ".join(text.replace("’", "'").split()))).strip()
