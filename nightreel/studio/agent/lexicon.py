"""The words of each language, as data: a file a language in `lexicons/`, read once, when the first prompt comes.

A term is a kind, a value and the phrases that mean it: `music: {topic: "music, soundtrack"}` says that both phrases
have the meaning *topic* = *music*. A phrase may have several meanings; who reads it takes the one that fits.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz.distance import OSA

FOLDER = Path(__file__).parent / "lexicons"
Means = Mapping[str, str]
"""Kind → value."""

_FIRST_TYPO, _SECOND_TYPO = 5, 8
"""Letters from which a word may have one slip, and two."""

_IDLE = {"stop", "polite", "chat", "ask", "praised", "about"}
"""Kinds of words that ask for nothing, and so are nobody's slip."""

_WORD = re.compile(r"[a-z\u00c0-\u024f]+(?:'[a-z]+)?|\d+(?:\.\d+)?|[\u3400-\u9fff]|[^\s]")
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0xFFE5: ord("¥"),
    ord("’"): ord("'"),
    ord("‘"): ord("'"),
}


def fold(text: str) -> str:
    """Return *text* in lower case, full-width letters as half-width ones; every character keeps its place."""
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text.translate(_FOLD))


def tokens_of(phrase: str) -> tuple[str, ...]:
    """Return the words of a phrase; hyphens part them, a Chinese character is one."""
    found = _WORD.findall(fold(phrase))
    return tuple(word for word in found if word != "-") or tuple(found)


@dataclass(frozen=True)
class Lexicon:
    """One language.

    Attributes:
        code: BCP 47.
        script: pattern of a letter that this language is written in.
        says: what the agent says: name → template.
        names: what it calls things, by "kind.value".
    """

    code: str
    script: re.Pattern[str]
    says: Mapping[str, str]
    names: Mapping[str, str]

    def say(self, key: str, /, **facts: object) -> str:
        """Return the sentence *key*, filled in."""
        return self.says[key].format(**facts)

    def name(self, kind: str, value: str) -> str:
        """Return what a thing is called; its own value where it has no name."""
        return self.names.get(f"{kind}.{value}", value.replace("_", " "))

    def list(self, parts: list[str]) -> str:
        """Return *parts* as a list in words."""
        return self.says["comma"].join(parts)


@dataclass
class Vocabulary:
    """All phrases of all languages, and how to find a word in them."""

    phrases: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict[tuple[str, ...], dict[str, str]])
    longest: dict[str, int] = field(default_factory=dict[str, int])
    endings: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    plain: set[str] = field(default_factory=set[str])

    def add(self, kind: str, value: str, phrase: str) -> None:
        """Let *phrase* mean *value*."""
        tokens = tokens_of(phrase)
        self.phrases.setdefault(tokens, {})[kind] = value
        self.longest[tokens[0]] = max(self.longest.get(tokens[0], 0), len(tokens))

    @cached_property
    def words(self) -> dict[str, list[str]]:
        """All single words that may be mistyped, by their first letter."""
        said = [tokens for tokens, means in self.phrases.items() if not set(means) <= _IDLE]
        words = {token for tokens in said for token in tokens if len(token) >= _FIRST_TYPO and token.isalpha()}
        by_letter: dict[str, list[str]] = {}
        for word in sorted(words):
            by_letter.setdefault(word[0], []).append(word)
        return by_letter

    @cached_property
    def known(self) -> set[str]:
        """Every word that some phrase has."""
        return {token for tokens in self.phrases for token in tokens}

    def lemma(self, word: str) -> str:
        """Return *word* as a phrase may have it: as it is, without its ending, or without a slip of the finger."""
        if word in self.known or word in self.plain or not word.replace("'", "").isalpha() or len(word) < 3:  # noqa: PLR2004
            return word
        for ending, instead in self.endings:
            stem = word[: -len(ending)] + instead
            if word.endswith(ending) and len(stem) >= 3 and stem in self.known:  # noqa: PLR2004
                return stem
        return self._mended(word)

    def _mended(self, word: str) -> str:
        """Return the one word that *word* is a slip away from; a short word, and one with several such, stays."""
        if len(word) < _FIRST_TYPO or unicodedata.category(word[0]) == "Lo":
            return word
        most = 1 if len(word) < _SECOND_TYPO else 2
        near = {
            other: distance
            for other in self.words.get(word[0], ())
            if abs(len(other) - len(word)) <= most
            and (distance := OSA.distance(word, other, score_cutoff=most)) <= most
        }
        best = [other for other, distance in near.items() if distance == min(near.values())]
        best = [other for other in best if (other,) in self.phrases] or best
        return best[0] if len(best) == 1 else word


@cache
def lexicons() -> dict[str, Lexicon]:
    """Return each language's lexicon, by its code."""
    return {code: _lexicon(code, data) for code, data in _files().items()}


def warm_up() -> None:
    """Have everything loaded and compiled that the first prompt would load."""
    vocabulary()


@cache
def vocabulary() -> Vocabulary:
    """Return the words of all languages together: a prompt may mix them."""
    made = Vocabulary()
    for data in _files().values():
        for kind, values in data["terms"].items():
            for value, phrases in values.items():
                for phrase in filter(None, re.split(r"\s*,\s*", phrases.strip())):
                    made.add(kind, str(value), phrase)
        made.endings += [(ending, instead) for ending, instead in data.get("endings", ())]
        made.plain |= set(data.get("plain", "").split())
    return made


def language_of(prompt: str, session: str) -> Lexicon:
    """Return the language to answer in: the one that most of *prompt* is written in, else the session's."""
    every = lexicons()
    written = {code: len(lexicon.script.findall(prompt)) for code, lexicon in every.items()}
    if max(written.values()) > 0:
        return every[max(written, key=lambda code: (written[code], code == session[:2].lower()))]
    return every.get(session[:2].lower(), every["en"])


@cache
def _files() -> dict[str, dict[str, Any]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times as fast, and not everywhere
    return {path.stem: yaml.load(path.read_bytes(), loader) for path in sorted(FOLDER.glob("*.yaml"))}  # noqa: S506 - both are safe


def _lexicon(code: str, data: dict[str, Any]) -> Lexicon:
    return Lexicon(code, re.compile(data["script"]), data["says"], data["names"])
