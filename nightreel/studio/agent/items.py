"""A prompt as a row of items: words with all their meanings, numbers, and quoted texts that nobody looks into."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from nightreel.studio.agent.lexicon import fold, vocabulary

_PAIRS = {"“": "”", "「": "」", "『": "』", "«": "»", "《": "》", "【": "】", "„": "“", '"': '"', "'": "'", "‘": "’"}
_ENDS = (
    r"(?=\s*(?:$|[.,;:!?)\n。，；：！？）、]|[-–—+&(（/]|[\u4e00-\u9fff]"
    r"|(?:and|with|at|in|on|as|for|to|from|until|throughout|was|now|then|instead)\b))"
)
"""What may follow a closing straight quote."""

_STRAIGHT = {'"', "'"}


def _quote(number: int, opening: str, closing: str) -> str:
    if opening not in _STRAIGHT:
        return rf"{opening}(?P<q{number}>(?:\\.|[^\\])*?){closing}"
    inside = r"(?:\\.|[^\\])" if opening == '"' else r"[^'\n]|(?<=\w)'(?=\w)"
    return rf"(?<![\w\d]){opening}(?=\S)(?P<q{number}>(?:{inside})*?)(?:(?<!\d){closing}(?!\w)|{closing}{_ENDS})"


_QUOTED = re.compile("|".join(_quote(n, *pair) for n, pair in enumerate(_PAIRS.items())), re.DOTALL)
_EMPTY = re.compile(r'""|“”')
_MONEY = r"(?:[€$£¥₩₹]|us\$|hk\$|rmb\s|eur\s|usd\s|chf\s)"
_UNIT_OF_MONEY = r"(?:€|元|块钱?|円|(?:usd|eur|gbp|cny|rmb|chf|dollars?|euros?|pounds?|kr|yuan|bucks)\b)"
_AMOUNT = r"\d[\d.,]*\d|\d"
_TOKEN = re.compile(
    r"(?P<text>\x1f\x1e*)"
    r"|(?P<file>[\w\u4e00-\u9fff][\w-]*\.(?:jpe?g|png|webp|gif|mp4|mov|avi|webm|mkv|mp3|wav|m4a|aac|heic)\b)"
    r"|(?P<hex>#(?:[0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-z]))"
    rf"|(?P<price>{_MONEY}\s?(?:{_AMOUNT})|(?:{_AMOUNT})\s?{_UNIT_OF_MONEY})"
    r"|(?P<pixels>(?<!\d)\d{3,4}\s*[x×*]\s*\d{3,4}(?!\d))"
    r"|(?P<ratio>(?<![\d.:])\d{1,2}\s*(?:[:x×/比]|\bby\b)\s*\d{1,2}(?![\d:%])(?!\s*(?:sec|s\b|秒)))"
    r"|(?P<clock>(?<!\d)\d{1,2}['′分m]\s?\d{1,2}(?:[\"″s秒])?(?!\d))"
    r"|(?P<times>\d+(?:\.\d+)?\s?(?:x|×|倍)(?!\w))"
    r"|(?P<ordinal>\d+(?:st|nd|rd|th)\b)"
    r"|(?P<number>\d+(?:[.,]\d+)?)"
    r"|(?P<chinese>[零一二两兩三四五六七八九十百]+)"
    r"|(?P<name>[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:com|net|org|shop|store|io|co|cn|de|eu|uk|fr|info)\b)"
    r"|(?P<word>[a-z\u00c0-\u024f]+(?:'[a-z]+)?|[\u3400-\u9fff])"
    r"|(?P<strong>[!?;。！？；\n]|\.(?!\w)|\.(?=[a-z]))"
    r"|(?P<weak>[,，])"
    r"|(?P<mark>[^\s])"
)
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2, "兩": 2}
_HOLES = {0x1F: " ", 0x1E: " "}
"""What stands for quoted texts while the rest is read, and so may not stand in a prompt."""

_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Item:
    """One word, number, text or mark.

    Attributes:
        text: as it stands in the prompt.
        start, end: where.
        means: its meanings, kind → value; "text", "number", "strong" and the like for what no language has.
        value: of a number, a text, and of what is made of several items.
        part: the number of its sentence.
        piece: the number of its piece: what commas and words like "but" part.
    """

    text: str
    start: int
    end: int
    means: Mapping[str, str] = field(default_factory=dict[str, str])
    value: object = None
    part: int = 0
    piece: int = 0

    @cached_property
    def keys(self) -> frozenset[str]:
        """Its meanings, as "kind" and as "kind.value"."""
        return frozenset(self.means) | {f"{kind}.{value}" for kind, value in self.means.items()}

    def __contains__(self, kind: str) -> bool:
        """Whether it has a meaning of *kind*; "kind.value" asks for that one."""
        return kind in self.keys

    def any(self, *kinds: str) -> bool:
        """Whether it has a meaning of one of *kinds*."""
        return not self.keys.isdisjoint(kinds)


def read_items(prompt: str) -> list[Item]:
    """Return *prompt* as items, sentences and pieces numbered."""
    prompt = prompt.translate(_HOLES)
    texts, masked = _take_texts(prompt)
    tokens = [(match.lastgroup or "", match.group(), match.start()) for match in _TOKEN.finditer(fold(masked))]
    tokens = [token for token in tokens if not _is_hyphen(token, masked)]
    return _numbered(list(_items(tokens, texts, prompt)))


def without_texts(prompt: str) -> str:
    """Return *prompt* without its quoted texts."""
    return "".join(letter for letter in _take_texts(prompt.translate(_HOLES))[1] if letter not in "\x1f\x1e")


def chinese_number(digits: str) -> int:
    """Read "十五", "三十", "两百"."""
    total, digit = 0, 0
    for letter in digits:
        if letter in "十百":
            total, digit = total + (digit or 1) * (10 if letter == "十" else 100), 0
        else:
            digit = digit * 10 + _DIGITS[letter]
    return total + digit


def clean(text: str) -> str:
    """Return a text as it is shown: in one line, of bounded length."""
    return " ".join(text.replace('\\"', '"').split())[:500]


def _take_texts(prompt: str) -> tuple[dict[int, str], str]:
    """Return the quoted texts by their place, and the prompt with a hole of the same size for each."""
    texts: dict[int, str] = {}
    masked = list(prompt)
    for match in [*_QUOTED.finditer(prompt), *_EMPTY.finditer(prompt)]:
        if match.start() in texts or masked[match.start()] in "\x1f\x1e":
            continue
        texts[match.start()] = clean(next((group for group in match.groups() if group is not None), ""))
        masked[match.start() : match.end()] = "\x1f" + "\x1e" * (match.end() - match.start() - 1)
    return texts, "".join(masked)


def _is_hyphen(token: tuple[str, str, int], text: str) -> bool:
    """Whether *token* joins words ("30-second", "cross-fade"); between numbers it means "to"."""
    kind, said, start = token
    after = text[start + 1 : start + 2]
    return (
        kind == "mark" and said in "-‐‑" and text[max(0, start - 1) : start].strip() != "" and after.isalpha()
    ) or (said == "#" and after.isalpha())


def _items(tokens: list[tuple[str, str, int]], texts: dict[int, str], prompt: str) -> Iterator[Item]:
    words = vocabulary()
    lemmas = [words.lemma(said) if kind == "word" else said for kind, said, _ in tokens]
    at = 0
    while at < len(tokens):
        kind, said, start = tokens[at]
        length, means = _phrase(lemmas, tokens, at)
        if length:
            last = tokens[at + length - 1]
            end = last[2] + len(last[1])
            value = _value(kind, said) if length == 1 else None
            own = {_KINDS[kind]: ""} if length == 1 and kind in {"strong", "weak"} else _NOTHING
            if length == 1 and kind == "chinese":
                own = {"number": said}
            yield Item(prompt[start:end], start, end, {**means, **own}, value)
            at += length
            continue
        value = texts[start] if kind == "text" else _value(kind, said)
        yield Item(prompt[start : start + len(said)], start, start + len(said), {_KINDS[kind]: said}, value)
        at += 1


_KINDS = {
    "text": "text", "file": "file", "hex": "hex", "price": "money", "pixels": "pixels", "ratio": "ratio",
    "clock": "clock", "times": "factor", "ordinal": "ord", "number": "number", "chinese": "number", "word": "word",
    "name": "word",
    "strong": "strong", "weak": "weak", "mark": "mark",
}  # fmt: skip


def _value(kind: str, said: str) -> object:
    if kind == "number":
        return float(said.replace(",", "."))
    if kind == "chinese":
        return float(chinese_number(said))
    if kind == "times":
        return float(re.sub(r"[^\d.]", "", said))
    return int(said[:-2]) if kind == "ordinal" else said


def _phrase(lemmas: list[str], tokens: list[tuple[str, str, int]], at: int) -> tuple[int, Mapping[str, str]]:
    """Return how many tokens the longest phrase from *at* has, and what it means; 0 for none.

    A word is taken as it stands before it is taken without its ending.
    """
    words = vocabulary()
    raw = [said for _, said, _ in tokens[at : at + 8]]
    near = lemmas[at : at + 8]
    most = max(words.longest.get(raw[0], 0), words.longest.get(near[0], 0))
    for length in range(min(most, len(raw)), 0, -1):
        for form in (tuple(raw[:length]), tuple(near[:length])):
            if form in words.phrases:
                return length, words.phrases[form]
    return 0, _NOTHING


_VERBS = {
    "remove",
    "add",
    "set",
    "use",
    "keep",
    "swap",
    "reverse",
    "move",
    "start",
    "end",
    "show",
    "only",
    "create",
    "undo",
}


def _is_verb(items: list[Item], place: int) -> bool:
    """Whether a new clause begins: "… and make it square"."""
    while place < len(items) and "stop" in items[place] and "act" not in items[place]:
        place += 1
    return (
        place < len(items)
        and items[place].means.get("act") in _VERBS
        and not items[place].any("role", "topic", "stop")
    )


def _numbered(items: list[Item]) -> list[Item]:
    """Number sentences and pieces."""
    made: list[Item] = []
    part = piece = 0
    for place, item in enumerate(items):
        if (item.any("but", "then") and "stop" not in item) or (item.any("and") and _is_verb(items, place + 1)):
            piece += 1
        made.append(replace(item, part=part, piece=piece))
        if "strong" in item:
            part, piece = part + 1, piece + 1
        elif "weak" in item:
            piece += 1
    return made
