"""Words meant for a screen, turned into what this client does.

The backend believes that its user sits before an editor. What describes content stays; what describes the screen
goes, and is named as an action instead. Data-driven: a table, read from top to bottom.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What a client does instead of what a screen phrase asks its user to do."""

    EXPORT = "runs the export"
    TRACKS = "shows the track summary"
    CREDITS = "reads the credits"
    STATE = "reads the state"
    EDIT = "sends an edit as a prompt"
    API = "does it by the API"


@dataclass(frozen=True)
class Spoken:
    """What remains of a text, and what its screen phrases ask for, each action once and in order."""

    text: str
    actions: tuple[Action, ...] = ()


_TABLE: Sequence[tuple[Action, str]] = (
    (
        Action.EXPORT,
        r"\bexport”?\"? (?:button|icon|menu|panel|option)\b|\b(?:click|tap|press|hit)(?:ing)? “?\"?export\b",
    ),
    (
        Action.EXPORT,
        r"(?:导出|export)”?\s?(?:按钮|菜单|图标|选项)|(?:点击|点按|按下?).{0,12}(?:导出|export)|^\W*导出\W*$",
    ),
    (Action.TRACKS, r"\bpreview\b.{0,20}\b(?:in|on) (?:the |your )?timeline\b|\bpreview\b.{0,8}时间[线轴]"),
    (Action.TRACKS, r"(?:时间[线轴]|timeline).{0,6}预览|预览.{0,6}(?:时间[线轴]|timeline)"),
    (
        Action.CREDITS,
        r"\b(?:check|see|visit|go to) (?:your |the )?(?:\w+ ?> ?)?(?:account|billing|balance|subscription)\b",
    ),
    (Action.CREDITS, r"(?:查看|检查|前往|打开|check ).{0,4}(?:账户|帐户|账单)"),
    (Action.EDIT, r"\bdrag(?:ging)? (?:and drop|the|your|it|a|an|this|that)\b|\bdrag[-/]|\bdrag(?= ?[^\x00-\x7f])"),
    (Action.EDIT, r"\bdrop (?:it|the \w+|your \w+) (?:on|in|into|onto)\b"),
    (Action.EDIT, r"拖拽|拖动|拖放"),
    (Action.STATE, r"\b(?:open(?:ing)?|go to) (?:\S+ ){0,4}(?:panel|tab|menu|sidebar|dialog|window|drawer)\b"),
    (
        Action.STATE,
        r"(?:打开|前往|\bopen).{0,12}(?:面板|菜单|窗口|侧边栏|标签|panel|tab|menu)|在.{0,8}面板[中里上]?(?:选择|选取|找到)",
    ),
    (Action.API, r"\b(?:click|tap|press)(?:ing)? (?:(?:on|the|your|here)\b|[^\w\s])|\bclick(?= )(?! tracks?\b)"),
    (
        Action.API,
        r"\b(?:press|hit) (?:play|pause|save|delete|enter|space|(?:the )?\w+ button)\b|\bscroll (?:down|up) to\b",
    ),
    (Action.API, r"点击|点按|单击|双击"),
)
_PHRASES = tuple((action, re.compile(pattern, re.IGNORECASE | re.ASCII)) for action, pattern in _TABLE)
"""With ASCII word borders: a text may mix both languages without a space between them."""

_SENTENCE = re.compile(r"[^.!?。！？\n]*(?:[.!?](?=[\s\"”’)]|$)[\"”’)]*|[。！？]+[”’」]*|\n|[.!?](?!\s)|$)")
_CLAUSE = re.compile(
    r".+?(?:[,;，；]\s*(?:(?:and|then|so|but)\s+)?|(?<!drag)\s+(?:and then|and|then)\s+|$)", re.IGNORECASE | re.DOTALL
)
_LOOSE = re.compile(r"[\s,;，；]*(?:\b(?:and|then|so|but)\b)?\s*$", re.IGNORECASE)


def translate(text: str) -> Spoken:
    """Return *text* without screen phrases, and the actions that they stand for."""
    kept: list[str] = []
    actions: list[Action] = []
    for sentence in _sentences(text):
        said, found = _translated(sentence)
        kept.append(said)
        actions += found
    return Spoken(_tidy("".join(kept)), tuple(dict.fromkeys(actions)))


def action_of(phrase: str) -> Action | None:
    """Return what *phrase* stands for; None if it describes content."""
    return next((action for action, pattern in _PHRASES if pattern.search(phrase)), None)


def _sentences(text: str) -> list[str]:
    return [found.group() for found in _SENTENCE.finditer(text) if found.group()]


def _translated(sentence: str) -> tuple[str, list[Action]]:
    """Return what of *sentence* is about content, and its actions."""
    whole = action_of(sentence)
    if whole is None:
        return sentence, []
    clauses = [found.group() for found in _CLAUSE.finditer(sentence)]
    found = [action_of(clause) for clause in clauses]
    actions = [action for action in found if action] or [whole]
    content = "".join(clause for clause, action in zip(clauses, found, strict=True) if action is None)
    content = _LOOSE.sub("", content.rstrip(".!?。！？ \n"))
    if not re.search(r"\w", content):
        return ("\n" if sentence.endswith("\n") else ""), actions
    end = "。" if sentence.rstrip().endswith("。") else "."
    return f"{_lead(sentence)}{content.strip()}{end}", actions


def _lead(sentence: str) -> str:
    return sentence[: len(sentence) - len(sentence.lstrip())]


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]{2,}", " ", text)).strip()
