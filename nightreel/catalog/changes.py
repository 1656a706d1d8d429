"""What differs between a clip as it is asked for and as it was made before, in sentences: pure."""

import re
from collections.abc import Iterable

from nightreel.catalog.templates import fields_of
from nightreel.models import Brief, Clip, Made

_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+")
_QUOTED = {
    "title": re.compile(r'(?<!\w)Title: "([^"]*)"\.'),
    "subtitle": re.compile(r'(?<!\w)Subtitle: "([^"]*)"\.'),
    "cta": re.compile(r'(?<!\w)Call to action: "([^"]*)"\.'),
}
_NAMES = {"title": "title", "subtitle": "subtitle", "cta": "call to action"}
_FIRST = re.compile(
    r"Create an? (?P<length>[\d.]+-second) \w+ [\d:]+ product video from all uploaded photos in their order, "
    r"with (?P<transitions>.*?) and (?P<music>[^.]*? music)\."
)


def changes(clip: Clip, before: Made, brief: Brief | None = None) -> list[str]:
    """Say what differs: which photo, which text and the fields that *brief* makes it of, which wish."""
    told = _photo_changes(clip, before)
    told += _text_changes(clip.prompt, before.prompt, brief or Brief())
    told += _wishes(clip.prompt, before.prompt)
    if _without_known(clip.prompt) != _without_known(before.prompt):
        told += _words(clip.prompt, before.prompt)
    return told or ["The language, the length or how photos are sent changed."]


def _photo_changes(clip: Clip, before: Made) -> list[str]:
    now = tuple(photo.sha256 for photo in clip.photos)
    added = [photo.name for photo in clip.photos if photo.sha256 not in before.photos]
    gone = len(set(before.photos) - set(now))
    told: list[str] = []
    if added:
        told.append(f"New or changed: {', '.join(added)}.")
    if gone > len(added):
        told.append(f"{gone - len(added)} fewer of the photos before.")
    if not told and now != before.photos:
        told.append("The photos are in another order.")
    return told


def _text_changes(now: str, was: str, brief: Brief) -> Iterable[str]:
    for key, pattern in _QUOTED.items():
        new, old = _found(pattern, now), _found(pattern, was)
        if new == old:
            continue
        fields = ", ".join(sorted(fields_of(getattr(brief, key))))
        name = _NAMES[key].capitalize() + (f" ({fields})" if fields else "")
        yield f"{name}: {_shown(old)} → {_shown(new)}."


def _wishes(now: str, was: str) -> Iterable[str]:
    new, old = _FIRST.search(now), _FIRST.search(was)
    if new and old:
        for name, value in new.groupdict().items():
            if value != old[name]:
                yield f"{name.capitalize()}: {old[name]} → {value}."


def _words(now: str, was: str) -> list[str]:
    """Name sentences of the brief's own words that are new."""
    known = set(_SENTENCE.split(_without_known(was)))
    told = [f"Now asked: {part}" for part in _SENTENCE.split(_without_known(now)) if part and part not in known]
    return told or ["The prompt is shorter or in another order."]


def _without_known(prompt: str) -> str:
    """Return what the brief's own words make of *prompt*: ours, which are compared piece by piece, gone."""
    for pattern in (*_QUOTED.values(), _FIRST):
        prompt = pattern.sub("", prompt)
    return " ".join(prompt.replace("No title.", "").split())


def _found(pattern: re.Pattern[str], prompt: str) -> str:
    found = pattern.search(prompt)
    return found.group(1) if found else ""


def _shown(text: str) -> str:
    return f'"{text}"' if text else "none"
