"""Carry wishes out: each changes what it names of a cut, and nothing else. Pure."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from nightreel.studio.agent.amounts import Pick
from nightreel.studio.agent.cutting import LEAST, LONGEST, SHORTEST, Cut, Photo, lengths_of
from nightreel.studio.agent.lettering import Text
from nightreel.studio.agent.looks import MANNERS
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


@dataclass
class Bench:
    """A cut at work.

    Attributes:
        photos: all of the session, in order.
        sounds: its sound files, likewise.
        new: whether the cut is made anew.
        origin: the photos as they are numbered: as they stood before the prompt.
        missed: what could not be done, as sentences of the lexicon with their facts.
    """

    cut: Cut
    photos: Sequence[Photo]
    sounds: Sequence[Photo]
    new: bool = False
    missed: list[tuple[str, dict[str, object]]] = field(default_factory=list[tuple[str, dict[str, object]]])
    origin: tuple[Photo, ...] = ()

    def __post_init__(self) -> None:
        """Number the photos: all that a prompt says of them counts as they stood before it."""
        self.origin = self.cut.photos

    def set(self, **update: Any) -> None:  # noqa: ANN401 - as pydantic takes them
        """Change fields of the cut."""
        self.cut = self.cut.model_copy(update=update)

    def miss(self, key: str, **facts: object) -> None:
        """Note what could not be done."""
        if (key, facts) not in self.missed:
            self.missed.append((key, facts))

    def places(self, pick: Pick) -> list[int]:
        """Return the places of the picked photos, from 0; notes those that are not there."""
        now = {photo.asset: place for place, photo in enumerate(self.cut.photos)}
        if pick.every:
            return list(now.values())
        count = len(self.origin)
        found: list[int] = []
        for number in pick.places:
            place = (count - 1) // 2 if number == 0 else number - 1 if number > 0 else count + number
            if 0 <= place < count:
                found += [now[asset]] if (asset := self.origin[place].asset) in now else []
            else:
                self.miss("no_such_photo", n=number, count=count)
        for name in pick.names:
            place = next((at for at, photo in enumerate(self.cut.photos) if photo.name.lower() == name.lower()), None)
            if place is None:
                self.miss("no_such_file", name=name)
            else:
                found.append(place)
        return list(dict.fromkeys(found))

    def change_photos(self, places: Sequence[int], **update: Any) -> None:  # noqa: ANN401 - as above
        """Change what was asked for some photos."""
        self.set(
            photos=tuple(
                photo.model_copy(update=update) if place in places else photo
                for place, photo in enumerate(self.cut.photos)
            )
        )


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
    now = lengths_of(bench.cut, round(bench.cut.seconds * 1000))
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
            bench.set(track=found[-1].asset, track_name=found[-1].name)
        else:
            bench.miss("no_such_file" if wish.file else "no_own_music", name=wish.file)
    elif wish.mood == "any":
        if bench.new and bench.sounds:
            bench.set(track=bench.sounds[-1].asset, track_name=bench.sounds[-1].name)
        elif not bench.cut.track:
            bench.set(music=bench.cut.music or DEFAULT_MOOD)
    else:
        bench.set(music=wish.mood, track="", track_name="")


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


# ------------------------------------------------------------------ photos


def _arrange(wish: Arrange, bench: Bench) -> None:
    before = bench.cut.photos
    photos = [
        photo if photo.look is not None else photo.model_copy(update={"look": at}) for at, photo in enumerate(before)
    ]
    made = _HOWS[wish.how](wish, bench, photos)
    if [photo.asset for photo in made] == [photo.asset for photo in before]:
        return
    if not made:
        bench.miss("no_photo_left")
        return
    bench.set(photos=tuple(made))
    if bench.cut.each is not None:
        _whole(bench, bench.cut.each * len(made), each=bench.cut.each)


def _swap(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    places = bench.places(wish.photos)
    if len(places) == 2:  # noqa: PLR2004 - two change places
        one, other = places
        photos[one], photos[other] = photos[other], photos[one]
    return photos


def _move(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    moved = [photos[place] for place in bench.places(wish.photos)]
    rest = [photo for photo in photos if photo not in moved]
    if wish.by is not None:
        beside = [photos[place] for place in bench.places(wish.by)]
        if not beside or beside[0] in moved:
            return photos
        at = rest.index(beside[0]) + wish.after
    else:
        at = len(rest) + 1 + wish.to if wish.to < 0 else wish.to - 1
        if not 0 <= at <= len(rest):
            bench.miss("no_such_photo", n=wish.to, count=len(photos))
            return photos
    return rest[:at] + moved + rest[at:]


def _without(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    gone = bench.places(wish.photos)
    return [photo for place, photo in enumerate(photos) if place not in gone]


def _only(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    """Return the picked ones in the timeline's order; "the first five" of three are the three."""
    places = bench.places(wish.photos)
    return [photo for place, photo in enumerate(photos) if place in places] if places else photos


def _add(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    """Return the photos with picked ones of the session that are not on the timeline."""
    session = Bench(bench.cut.model_copy(update={"photos": tuple(bench.photos)}), bench.photos, ())
    picked = [bench.photos[place] for place in session.places(wish.photos)]
    bench.missed += session.missed
    return photos + _new(picked, photos)


def _new(picked: Sequence[Photo], photos: list[Photo]) -> list[Photo]:
    there = {photo.asset for photo in photos}
    look = 1 + max((photo.look or 0 for photo in photos), default=-1)
    fresh = [photo for photo in picked if photo.asset not in there]
    return [photo.model_copy(update={"look": look + turn}) for turn, photo in enumerate(fresh)]


def _all(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    del wish
    return photos + _new(bench.photos, photos)


def _reverse(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    del wish, bench
    return photos[::-1]


def _shuffle(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    """Return another order, the same for the same timeline."""
    del wish
    order = "".join(photo.asset for photo in photos)
    mixed = sorted(
        photos, key=lambda photo: hashlib.sha256(f"{bench.cut.seed}{order}{photo.asset}".encode()).digest()
    )
    return mixed if mixed != photos else mixed[1:] + mixed[:1]


def _uploaded(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    del wish
    order = {photo.asset: place for place, photo in enumerate(bench.photos)}
    return sorted(photos, key=lambda photo: order.get(photo.asset, len(order)))


def _order(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    named = [photos[place] for place in bench.places(wish.photos)]
    return named + [photo for photo in photos if photo not in named]


_HOWS: dict[str, Callable[[Arrange, Bench, list[Photo]], list[Photo]]] = {
    "swap": _swap, "reverse": _reverse, "shuffle": _shuffle, "uploaded": _uploaded, "move": _move,
    "remove": _without, "only": _only, "add": _add, "all": _all, "order": _order,
}  # fmt: skip
_ACTS: dict[type, Callable[[Any, Bench], None]] = {
    Length: _length, Pace: _pace, Canvas: _canvas, Transitions: _transitions, Motions: _motions, Music: _music,
    Volume: _volume, Write: _write, Erase: _erase, Place: _place, Rewrite: _rewrite, Design: _design, Speak: _speak, Arrange: _arrange,
}  # fmt: skip
