"""From a product and its brief to the clips that are to be made: pure."""

import re
from collections.abc import Mapping

from nightreel.catalog.dress import quotable, sentences
from nightreel.catalog.templates import render, view
from nightreel.errors import BriefError
from nightreel.models import Brief, Clip, Format, Product

SHORTEST, LONGEST = 3, 180
"""Seconds, as in Brief."""

_ASPECT = {
    Format.VERTICAL: "vertical",
    Format.PORTRAIT: "portrait",
    Format.SQUARE: "square",
    Format.WIDE: "wide",
}
_AMOUNT = r"(?P<{0}>\d+(?:\.\d+)?)[\s-]*(?:s|secs?|seconds?|(?P<{0}m>min|minutes?))\b"
_LENGTH = re.compile(
    r"(?i)\b" + _AMOUNT.format("a") + r"(?=(?:[\s-]+[\w:-]+){0,5}?[\s-]+(?:video|clip|film|reel)\b)"
    r"|\bmake it\s+(?:an?\s+)?"
    + _AMOUNT.format("b")
    + r"|(?P<c>\d+(?:\.\d+)?)\s*(?:秒|(?P<cm>分))[^，。]{0,12}?(?:视频|短片)"
)
_NONE = {"", "none", "no", "off", "without"}


def clips_of(product: Product, brief: Brief | None = None) -> tuple[Clip, ...]:
    """Return the clips of *product*, one a format.

    Args:
        product: with its photos, in order.
        brief: instead of the product's own.

    Raises:
        BriefError: a template cannot be filled in; names the product.
    """
    brief = brief or product.brief
    try:
        fields = view({**product.fields, "id": product.id}, brief.locale or brief.language, brief.currency)
        return tuple(_clip(product, brief, format_, fields) for format_ in brief.formats)
    except BriefError as error:
        raise BriefError(f"{product.id}: {error.message}", hint=error.hint) from None


def _clip(product: Product, brief: Brief, format_: Format, fields: Mapping[str, str]) -> Clip:
    title = quotable(render(brief.title, fields, "title"))
    subtitle = quotable(render(brief.subtitle, fields, "subtitle"))
    cta = quotable(render(brief.cta, fields, "cta")) if brief.cta else ""
    seconds = _seconds(brief)
    specifics = specifics_of(brief, format_, title, subtitle, cta, seconds=seconds)
    return Clip(
        product=product.id,
        format=format_,
        photos=product.photos[: brief.photos],
        prompt=_prompt(brief, fields, specifics),
        title=title,
        seconds=seconds,
        music=not _is_none(brief.music),
        language=brief.language,
        cutout=brief.cutout,
        background="" if brief.cutout else brief.background,
    )


def _prompt(brief: Brief, fields: Mapping[str, str], specifics: str) -> str:
    """Return our own sentences, alone or with the brief's words: where they say `{{ specifics }}`, or before them.

    They come first because what is said first counts where the words name another length or another text.
    """
    specifics = " ".join((specifics, *sentences(brief, fields)))
    if not brief.prompt.strip():
        return specifics
    words = render(brief.prompt, {**fields, "specifics": specifics}, "prompt")
    return words if "specifics" in brief.prompt else f"{specifics} {words}"


def specifics_of(brief: Brief, format_: Format, title: str, subtitle: str, cta: str = "", *, seconds: float) -> str:
    """Say what must hold of the video, in the words that both engines read."""
    length = f"{seconds:g}-second "
    article = "an" if length.startswith("8") or int(seconds) in {11, 18} else "a"
    transitions = "hard cuts" if _is_none(brief.transitions) else f"{brief.transitions} transitions"
    music = "no music" if _is_none(brief.music) else f"{brief.music} music"
    video = f"{length}{_ASPECT[format_]} {format_.words} product video"
    sentences = [f"Create {article} {video} from all uploaded photos in their order, with {transitions} and {music}."]
    sentences += [f'Title: "{title}".'] if title else ["No title."]
    sentences += [f'Subtitle: "{subtitle}".'] if subtitle else []
    sentences += [f'Call to action: "{cta}".'] if cta else []
    return " ".join(sentences)


def _seconds(brief: Brief) -> float:
    """Return the length: what the brief's words ask for ("a 10-second video", "make it 10 seconds"), or its key."""
    found = _LENGTH.search(brief.prompt)
    if not found:
        return brief.seconds
    said = float(found["a"] or found["b"] or found["c"])
    seconds = said * 60 if found["am"] or found["bm"] or found["cm"] else said
    if not SHORTEST <= seconds <= LONGEST:
        raise BriefError(f"The prompt asks for {seconds:g} seconds; a video has {SHORTEST} to {LONGEST}.")
    return seconds


def _is_none(word: str) -> bool:
    return word.strip().lower() in _NONE
