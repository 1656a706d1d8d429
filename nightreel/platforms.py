"""What a platform asks for beside the file: an aspect, and a text of bounded length. Pure.

What it asks of the file itself is a preset of checks (`quality/presets.yaml`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from nightreel.models import Format, Platform

_TALL, _PORTRAIT, _SQUARE, _WIDE = Format.VERTICAL, Format.PORTRAIT, Format.SQUARE, Format.WIDE


class Manner(NamedTuple):
    """How a platform is served.

    Attributes:
        title: its name, for people.
        formats: the aspects that it takes, the best first.
        text: the most characters of a post's text; 0 where there is none.
        hashtags: the most of them.
    """

    title: str
    formats: tuple[Format, ...]
    text: int
    hashtags: int = 30


MANNERS: Mapping[Platform, Manner] = MappingProxyType(
    {
        Platform.TIKTOK: Manner("TikTok", (_TALL, _SQUARE, _WIDE), 2200),
        Platform.REELS: Manner("Instagram Reels", (_TALL,), 2200),
        Platform.INSTAGRAM_FEED: Manner("Instagram feed", (_PORTRAIT, _SQUARE, _WIDE), 2200),
        Platform.STORIES: Manner("Stories", (_TALL,), 0),
        Platform.FACEBOOK_REELS: Manner("Facebook Reels", (_TALL,), 2200),
        Platform.SHORTS: Manner("YouTube Shorts", (_TALL, _PORTRAIT, _SQUARE), 100),
        Platform.YOUTUBE: Manner("YouTube", (_WIDE, _SQUARE, _PORTRAIT, _TALL), 5000, 60),
        Platform.X: Manner("X", (_WIDE, _SQUARE, _PORTRAIT, _TALL), 280),
        Platform.LINKEDIN: Manner("LinkedIn", (_WIDE, _SQUARE, _PORTRAIT, _TALL), 3000),
        Platform.PINTEREST: Manner("Pinterest", (_TALL, _PORTRAIT, _SQUARE, _WIDE), 500),
        Platform.MERCHANT: Manner("Google Merchant", (_WIDE, _SQUARE, _PORTRAIT, _TALL), 0),
    }
)
"""The texts' limits are the platforms' of 2026; a Short's text is its title."""

_LIGHT = re.compile(r"[\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
_LINK = re.compile(r"https?://\S+")
_LINK_WEIGHS = 23
_APART = re.compile(r"[,;>/|\n]+")
_LONGEST_TAG = 40


def formats_for(formats: Sequence[Format], platforms: Iterable[Platform]) -> tuple[Format, ...]:
    """Return *formats*, and for each platform that takes none of them the one that it takes best."""
    wanted = list(formats)
    for platform in platforms:
        if not set(MANNERS[platform].formats) & set(wanted):
            wanted.append(MANNERS[platform].formats[0])
    return tuple(wanted)


def platforms_of(format_: Format, formats: Sequence[Format], platforms: Iterable[Platform]) -> tuple[Platform, ...]:
    """Return the *platforms* that are served in *format_*, where all of *formats* are made: each in its best one."""
    return tuple(
        platform
        for platform in platforms
        if next((one for one in MANNERS[platform].formats if one in formats), None) is format_
    )


def hashtags_of(words: str) -> tuple[str, ...]:
    """Return hashtags of words with commas (a category: `>`) between them: "Home > Tea cups" → #Home, #TeaCups."""
    tags = ("".join(_capital(word) for word in re.split(r"[^\w]+", piece)) for piece in _APART.split(words))
    found = dict.fromkeys(f"#{tag[:_LONGEST_TAG]}" for tag in tags if tag and not tag.isdigit())
    return tuple(found)


def post_text(text: str, hashtags: Sequence[str]) -> str:
    """Return a post's text: the words, and below them the hashtags."""
    return "\n\n".join(part for part in (text.strip(), " ".join(hashtags)) if part)


def fitted(platform: Platform, text: str, hashtags: Sequence[str]) -> tuple[str, str]:
    """Return the post's text as *platform* takes it, and what had to be left out, as a sentence; "" if nothing.

    Hashtags go first, the last before the others; then the words are cut at a word's end.
    """
    manner = MANNERS[platform]
    if not manner.text:
        return "", ""
    kept = list(hashtags[: manner.hashtags])
    while kept and weight(platform, post_text(text, kept)) > manner.text:
        kept.pop()
    words = text if weight(platform, text) <= manner.text else _cut(platform, text, manner.text)
    told = [f"{len(hashtags) - len(kept)} of {len(hashtags)} hashtags"] if len(kept) < len(hashtags) else []
    told += ["the end of the words"] if words != text else []
    left = f"Left out, for {manner.title} takes {manner.text} characters: {' and '.join(told)}." if told else ""
    return post_text(words, kept), left


def weight(platform: Platform, text: str) -> int:
    """Return how many characters *platform* counts in *text*: for X, a link is 23, a letter of most scripts 2."""
    if platform is not Platform.X:
        return len(text)
    links = len(_LINK.findall(text))
    return links * _LINK_WEIGHS + sum(1 if _LIGHT.match(char) else 2 for char in _LINK.sub("", text))


def _cut(platform: Platform, text: str, most: int) -> str:
    words = text.split(" ")
    while len(words) > 1 and weight(platform, " ".join(words) + "…") > most:
        words.pop()
    short = " ".join(words)
    while short and weight(platform, short + "…") > most:
        short = short[:-1]
    return short + "…"


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
