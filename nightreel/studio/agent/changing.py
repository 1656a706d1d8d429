"""Carry wishes out: each changes what it names of a cut, and nothing else. Pure."""

from collections.abc import Callable
from typing import Any

from nightreel.studio.agent.arranging import arrange
from nightreel.studio.agent.bench import Bench
from nightreel.studio.agent.cutting import LEAST, LONGEST, SHORTEST, Photo, timed
from nightreel.studio.agent.lettering import Text
from nightreel.studio.agent.picks import Pick
from nightreel.studio.agent.transitions import MANNERS
from nightreel.studio.agent.wishes import (
    Arrange,
    Canvas,
    Design,
    Erase,
    Length,
    Motions,
    Music,
    Pace,
    Place,
    Rewrite,
    Speak,
    Transitions,
    Volume,
    When,
    Wish,
    Write,
)
from nightreel.studio.draft import AudioMeta, Motion, Role, Style, TransitionKind

DEFAULT_MOOD = "upbeat"
_QUICK, _SLOW = 300, 1_000
"""Milliseconds of a transition in a quick and in a slow video."""

_QUICK_PHOTO, _SLOW_PHOTO = 1.8, 4.5
"""Seconds of a photo in a quick and in a slow video whose length nobody named."""

_FULL = 1080
"""The shorter side of a full picture, in pixels."""


def carry_out(wish: Wish, bench: Bench) -> None:
    """Carry one wish out."""
    act: Callable[[Any, Bench], None] | None = _ACTS.get(type(wish))
    if act is not None:
        act(wish, bench)


# ------------------------------------------------------------------ lengths


def _length(wish: Length, bench: Bench) -> None:
    if wish.photos is not None and wish.photos.every:
        change = wish.amount * len(bench.cut.photos)
        _whole(bench, bench.cut.seconds * wish.amount if wish.how == "times" else bench.cut.seconds + change)
    elif wish.photos is not None:
        _photo_length(wish, wish.photos, bench)
    elif wish.how == "each":
        bench.change_photos(range(len(bench.cut.photos)), length=None)
        _whole(bench, wish.amount * len(bench.cut.photos), each=wish.amount)
    else:
        now = bench.cut.seconds
        whole = {
            "set": wish.amount,
            "add": now + wish.amount,
            "times": round(now * wish.amount, 1),
            "most": min(now, wish.amount),
            "least": max(now, wish.amount),
        }[wish.how]
        _whole(bench, whole)


def _whole(bench: Bench, seconds: float, *, each: float | None = None) -> None:
    """Set the whole's length, within what can be made."""
    kept = round(min(LONGEST, max(SHORTEST, seconds)), 3)
    if kept != round(seconds, 3):
        bench.miss("out_of_range", seconds=f"{seconds:g}")
        each = None
    if kept == bench.cut.seconds and each is None:
        return
    bench.set(seconds=kept, each=each)


def _photo_length(wish: Length, pick: Pick, bench: Bench) -> None:
    """Give photos a length of their own; the video grows only where nothing is left to share."""
    now = timed(round(bench.cut.seconds * 1000), bench.cut.photos)
    for place in bench.places(pick):
        asked = {"add": now[place] + 1000 * wish.amount, "times": now[place] * wish.amount}.get(
            wish.how, 1000 * wish.amount
        )
        most = bench.cut.photos[place].longest or round(1000 * LONGEST)
        bench.change_photos([place], length=round(min(most, max(100, asked))))
    own = [photo.length for photo in bench.cut.photos if photo.length is not None]
    free = len(bench.cut.photos) - len(own)
    needed = sum(own) + LEAST * free
    if own and (needed > round(1000 * bench.cut.seconds) or not free):
        _whole(bench, needed / 1000)


def _pace(wish: Pace, bench: Bench) -> None:
    fast = wish.factor < 1
    bench.set(lead=_QUICK if fast else _SLOW)
    if wish.lengths:
        seconds = (
            (_QUICK_PHOTO if fast else _SLOW_PHOTO) * len(bench.cut.photos)
            if bench.new
            else bench.cut.seconds * wish.factor
        )
        scaled = [
            None if photo.length is None else max(100, round(photo.length * wish.factor))
            for photo in bench.cut.photos
        ]
        bench.set(
            photos=tuple(
                photo.model_copy(update={"length": length})
                for photo, length in zip(bench.cut.photos, scaled, strict=True)
            )
        )
        bench.set(seconds=round(min(LONGEST, max(SHORTEST, seconds)), 1), each=None)


# ------------------------------------------------------------------ pictures


def _canvas(wish: Canvas, bench: Bench) -> None:
    size = wish.size or bench.cut.canvas
    if wish.side is not None and wish.side != min(size):
        size = (_even(size[0] * wish.side / min(size)), _even(size[1] * wish.side / min(size)))
    bench.set(canvas=size)


def _even(pixels: float) -> int:
    return round(pixels / 2) * 2


def _transitions(wish: Transitions, bench: Bench) -> None:
    if wish.into is not None and wish.kinds:
        places = [place for place in bench.places(wish.into) if place > 0]
        bench.change_photos(places, transition=wish.kinds[0])
    elif wish.kinds is not None:
        bench.set(transitions=wish.kinds)
        bench.change_photos(range(len(bench.cut.photos)), transition=None)
    elif (
        wish.some and wish.direction is None and wish.lead is None and bench.cut.transitions == (TransitionKind.CUT,)
    ):
        bench.set(transitions=MANNERS["smooth"])
    if wish.direction is not None:
        bench.set(direction=wish.direction)
    if wish.lead is not None:
        bench.set(lead=wish.lead)


def _motions(wish: Motions, bench: Bench) -> None:
    if wish.photos is None or wish.photos.every:
        bench.change_photos(range(len(bench.cut.photos)), motion=None)
        bench.set(motions=wish.kinds)
    else:
        kind: Motion | None = wish.kinds[0] if wish.kinds else None
        bench.change_photos(bench.places(wish.photos), motion=kind)


# ------------------------------------------------------------------ sound


def _music(wish: Music, bench: Bench) -> None:
    if wish.file is not None:
        found = [sound for sound in bench.sounds if not wish.file or sound.name.lower() == wish.file.lower()]
        if found:
            bench.set(**_track(found[-1]))
        else:
            bench.miss("no_such_file" if wish.file else "no_own_music", name=wish.file)
    elif wish.mood == "any":
        if bench.new and bench.sounds:
            bench.set(**_track(bench.sounds[-1]))
        elif not bench.cut.track:
            bench.set(music=bench.cut.music or DEFAULT_MOOD)
    else:
        bench.set(music=wish.mood, **_track(None))


def _volume(wish: Volume, bench: Bench) -> None:
    if wish.clips:
        now = bench.cut.clips or 0.5
        bench.set(clips=round(min(1.0, now * wish.amount if wish.relative else wish.amount), 3))
    else:
        loud = AudioMeta().volume if bench.cut.volume is None else bench.cut.volume
        bench.set(volume=round(min(1.0, loud * wish.amount if wish.relative else wish.amount), 3))


# ------------------------------------------------------------------ texts


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _timed(when: When | None) -> dict[str, Any]:
    if when is None:
        return {}
    return {"start": _ms(when.start), "end": _ms(when.end), "lasts": _ms(when.lasts), "whole": when.whole}


def _write(wish: Write, bench: Bench) -> None:
    """Write texts of a role in place of those that it has; where and when stays as it was, unless it is said."""
    before = bench.cut.of(wish.role)
    kept = (
        {
            "position": before[0].position,
            "start": before[0].start,
            "end": before[0].end,
            "lasts": before[0].lasts,
            "whole": before[0].whole,
        }
        if before
        else {}
    )
    if len(before) != len(wish.texts):
        kept = {"position": kept["position"]} if kept else {}
    said = kept | _timed(wish.when) | ({"position": wish.position} if wish.position else {})
    new = [
        Text.model_validate({"role": wish.role, "text": text, "old": wish.old[:100], **said}) for text in wish.texts
    ]
    others = [text for text in bench.cut.texts if text.role is not wish.role]
    bench.set(texts=tuple(sorted([*others, *new], key=lambda text: list(Role).index(text.role))))


def _erase(wish: Erase, bench: Bench) -> None:
    gone = [
        text
        for text in bench.cut.texts
        if text.role in wish.roles or (wish.text and text.text.lower() == wish.text.lower())
    ]
    if not gone and not bench.new and len(wish.roles) == 1:
        bench.miss("no_such_text", role=wish.roles[0])
    bench.set(texts=tuple(text for text in bench.cut.texts if text not in gone))


def _rewrite(wish: Rewrite, bench: Bench) -> None:
    same = [text for text in bench.cut.texts if text.text.lower() == wish.text.lower()]
    if not same:
        bench.miss("no_such_words", text=wish.text)
    bench.set(
        texts=tuple(text.model_copy(update={"text": wish.new}) if text in same else text for text in bench.cut.texts)
    )


def _place(wish: Place, bench: Bench) -> None:
    update = _timed(wish.when) | ({"position": wish.position} if wish.position else {})
    if not any(wish.role in {None, text.role} for text in bench.cut.texts):
        if wish.role is not None:
            bench.miss("no_such_text", role=wish.role)
        return
    bench.set(
        texts=tuple(
            text.model_copy(update=update) if wish.role in {None, text.role} else text for text in bench.cut.texts
        )
    )


def _design(wish: Design, bench: Bench) -> None:
    if wish.style is not None:
        bench.set(style=Style(wish.style))
    if wish.colors is not None:
        bench.set(colors=wish.colors)
    if wish.font is not None:
        bench.set(font=wish.font)


def _speak(wish: Speak, bench: Bench) -> None:
    bench.set(language=wish.language)


def _arrange(wish: Arrange, bench: Bench) -> None:
    made = arrange(wish, bench)
    if [photo.asset for photo in made] == [photo.asset for photo in bench.cut.photos]:
        return
    if not made:
        bench.miss("no_photo_left")
        return
    bench.set(photos=tuple(made))
    if bench.cut.each is not None:
        _whole(bench, bench.cut.each * len(made), each=bench.cut.each)


_ACTS: dict[type, Callable[[Any, Bench], None]] = {
    Length: _length, Pace: _pace, Canvas: _canvas, Transitions: _transitions, Motions: _motions, Music: _music,
    Volume: _volume, Write: _write, Erase: _erase, Place: _place, Rewrite: _rewrite, Design: _design, Speak: _speak,
    Arrange: _arrange,
}  # fmt: skip


def _track(sound: Photo | None) -> dict[str, object]:
    """Return what a cut holds of a file that is its music; of none where there is none."""
    if sound is None:
        return {"track": "", "track_name": "", "track_seconds": None, "track_beats": ()}
    return {
        "track": sound.asset,
        "track_name": sound.name,
        "track_seconds": sound.seconds,
        "track_beats": sound.beats,
    }
