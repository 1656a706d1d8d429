"""What an edit did, told by comparing the drafts before and after it: three edits in ten say nothing themselves.

Whatever a draft holds is compared, to the last key of a segment's `m`. Keys that we know have words of their own,
others are told by their names, and where only the documented short names are there, by number, place and length:
nobody is left with silence.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nightreel.nemo.parsed import object_in
from nightreel.nemo.saying import Language, language_of
from nightreel.nemo.summary import segments_of, summarise
from nightreel.nemo.wire import State

_NAMES = ("text", "name", "title", "mood", "asset")
"""Keys of `m` that say what a segment is, most telling first."""

_TOLD = {"text", "name", "title", "role"}
"""Told by the segment's name, not as changed keys."""

_BY_PLACE = ("motion", "transition.kind", "transition.d", "transition.direction")
"""Keys that go with a segment's place: where segments come, go or change places, they are no news of their own."""

_APART = 0.05
"""Seconds that nobody sees: under two frames."""

_MISSING = object()


@dataclass(frozen=True)
class Piece:
    """A segment: *start* and *duration* in seconds, its `m` as flat keys."""

    kind: str
    start: float
    duration: float
    m: Mapping[str, Any]

    @property
    def thing(self) -> str:
        """The kind, or the role of a text."""
        role = self.m.get("role")
        return str(role) if self.kind == "text" and role else "title" if self.kind == "text" else self.kind

    @property
    def mark(self) -> str:
        """What makes it the same one before and after: what it shows, or is for."""
        if self.kind == "audio":
            return "music" if self.name else ""
        names = {"video": ("asset", "name"), "text": ("role", "text", "title")}.get(self.kind, _NAMES)
        return next((str(self.m[name]) for name in names if self.m.get(name)), "")

    @property
    def name(self) -> str:
        """What people call it; "" without a name."""
        return next((str(self.m[name]) for name in _NAMES if self.m.get(name)), "")

    @property
    def end(self) -> float:
        """Where it ends."""
        return self.start + self.duration


def changes(before: Mapping[str, Any], after: Mapping[str, Any], language: str = "en") -> list[str]:
    """Return what is different in the draft *after*, a sentence each; nothing if nothing is."""
    if before == after:
        return []
    return list(_Teller(language_of(language)).tell(before, after)) or [language_of(language).say("elsewhere")]


class _Teller:
    """Tells in one language."""

    def __init__(self, language: Language) -> None:
        self._in = language

    def tell(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
        yield from self._length(*(summarise(State(draft=dict(draft))).seconds for draft in (before, after)))
        yield from self._draft(_flat(before.get("m")), _flat(after.get("m")))
        yield from self._title(before, after)
        then, now = _pieces(before), _pieces(after)
        stretched = _sum(then["video"]) != _sum(now["video"])
        for kind in then:
            named = any(piece.mark for piece in (*then[kind], *now[kind]))
            tracks = kind, then[kind], now[kind]
            yield from dict.fromkeys(self._named(*tracks, stretched=stretched) if named else self._nameless(*tracks))

    def _length(self, then: float, now: float) -> Iterator[str]:
        if abs(then - now) >= _APART:
            yield self._in.say("length" if then else "first length", now=self._s(now), then=self._s(then))

    def _draft(self, then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
        """Tell what is said of the whole: its size, its name, its looks. A first cut's are no news but its size."""
        sizes = [f"{one['width']}x{one['height']}" for one in (then, now) if "width" in one and "height" in one]
        if len(sizes) > 1 and sizes[0] != sizes[1]:
            yield self._in.say("size", now=sizes[1], then=sizes[0])
        for key in _differing(then, now, {"width", "height", "title", "seed"}) if then else ():
            yield self._in.say("draft", **self._values(f"m.{key}", then.get(key), now.get(key)))

    def _title(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
        """Tell the project's name, unless a text says the same."""
        then, now = (str(object_in(draft.get("m")).get("title") or "") for draft in (before, after))
        shown = {piece.name for draft in (before, after) for piece in _pieces(draft)["text"]}
        if then != now and not {then, now} - {""} <= shown:
            yield self._in.say("named" if now else "unnamed", now=self._in.quote(now))

    def _named(self, kind: str, then: Sequence[Piece], now: Sequence[Piece], *, stretched: bool) -> Iterator[str]:
        """Tell a track whose segments have names: which went, which came, what is different about the others."""
        pairs, gone, come = _matched(then, now)
        for piece in gone:
            yield self._piece("removed", piece)
        for piece in come:
            yield self._piece("added", piece)
        if kind == "video" and not _in_order(pairs):
            yield self._in.say("order", what=self._in.comma.join(piece.name for piece in now))
        moved = kind == "video" and (bool(gone or come) or not _in_order(pairs))
        common = _common(pairs) if kind == "video" and not moved else {}
        for key, (old, new) in common.items():
            yield self._in.say("all", **self._values(key, old, new))
        for old, new in pairs:
            what = self._called(new, now)
            if kind == "text" and old.name != new.name:
                quoted = {"now": self._in.quote(new.name), "then": self._in.quote(old.name)}
                yield self._say("text", new.thing, "", **quoted)
            yield from self._times(old, new, what, stretched=stretched or moved)
            for key in _differing(old.m, new.m, {*_TOLD, *common, *(_BY_PLACE if moved else ())}):
                yield self._say("key", new.thing, what, **self._values(key, old.m.get(key), new.m.get(key)))

    def _times(self, old: Piece, new: Piece, what: str, *, stretched: bool) -> Iterator[str]:
        """Tell when it is shown, unless it only went along with a video that became longer or shorter."""
        if new.kind == "video":
            if not stretched and abs(old.duration - new.duration) >= _APART:
                yield self._say("longer", new.thing, what, now=self._s(new.duration), then=self._s(old.duration))
        elif _moved(old, new) and not (stretched and abs(old.start - new.start) < _APART):
            yield self._say("place", new.thing, what, now=self._span(new), then=self._span(old))

    def _nameless(self, kind: str, then: Sequence[Piece], now: Sequence[Piece]) -> Iterator[str]:
        """Tell a track by the documented names alone: how many segments there are, and when."""
        if len(then) == len(now):
            for old, new in zip(then, now, strict=True):
                if kind != "video" and _moved(old, new):
                    yield self._say("place", new.thing, "", now=self._span(new), then=self._span(old))
                elif old.m != new.m:
                    yield self._in.say("unnamed change", thing=self._in.thing(new.thing))
        elif then and now:
            yield self._say("count", kind, "", now=len(now), then=len(then))
        else:
            for piece in now or then:
                yield self._say("added" if now else "removed", piece.thing, self._span(piece))

    def _piece(self, sentence: str, piece: Piece) -> str:
        """Tell a segment with its place and its time: 'Paradise Found', top, 0–3 s."""
        keys = [key for key in ("position", "volume") if piece.m.get(key) and piece.kind != "video"]
        details = [self._in.value(key, piece.m[key]) for key in keys]
        name = self._in.quote(piece.name) if piece.kind == "text" else piece.name
        return self._say(sentence, piece.thing, self._in.comma.join([name, *details, self._span(piece)]))

    def _called(self, piece: Piece, now: Sequence[Piece]) -> str:
        if piece.kind == "video":
            return f"{list(now).index(piece) + 1} ({piece.name})"
        return self._in.quote(piece.name) if piece.kind == "text" else ""

    def _values(self, key: str, then: object, now: object) -> dict[str, str]:
        return {
            "key": self._in.key(key),
            "Key": _upper(self._in.key(key)),
            "now": self._in.value(key, now),
            "then": self._in.value(key, then),
        }

    def _span(self, piece: Piece) -> str:
        return f"{_number(piece.start)}–{_number(piece.end)}{self._in.seconds}"

    def _s(self, seconds: float) -> str:
        return f"{_number(seconds)}{self._in.seconds}"

    def _say(self, sentence: str, thing: str, what: str, **parts: object) -> str:
        word = self._in.thing(thing)
        return self._in.say(sentence, thing=word, Thing=_upper(word), what=what, **parts)


def _pieces(draft: Mapping[str, Any]) -> dict[str, list[Piece]]:
    found: dict[str, list[Piece]] = {"video": [], "audio": [], "text": [], "other": []}
    for kind, start, duration, m in segments_of(State(draft=dict(draft))):
        found[kind].append(Piece(kind, start, duration, _flat(m)))
    return found


def _flat(value: object, prefix: str = "") -> dict[str, Any]:
    """Return nested keys as dotted ones."""
    flat: dict[str, Any] = {}
    for name, inner in object_in(value).items():
        inside = _flat(inner, f"{prefix}{name}.")
        flat |= inside or {f"{prefix}{name}": inner}
    return flat


def _matched(
    then: Sequence[Piece], now: Sequence[Piece]
) -> tuple[list[tuple[Piece, Piece]], list[Piece], list[Piece]]:
    """Pair the segments that are the same ones; return the pairs in their old order, those gone, those come."""
    waiting = list(now)
    pairs: list[tuple[Piece, Piece]] = []
    gone: list[Piece] = []
    for old in then:
        alike = [new for new in waiting if new.mark == old.mark]
        same = next((new for new in alike if new.name == old.name), alike[0] if alike else None)
        if same is None:
            gone.append(old)
        else:
            pairs.append((old, same))
            waiting = [one for one in waiting if one is not same]
    return pairs, gone, waiting


def _common(pairs: Sequence[tuple[Piece, Piece]]) -> dict[str, tuple[Any, Any]]:
    """Return the keys that two or more segments have changed alike, with the old and the new value."""
    changed: Counter[str] = Counter()
    values: dict[str, tuple[Any, Any]] = {}
    spread: set[str] = set()
    for old, new in pairs:
        for key in _differing(old.m, new.m, _TOLD):
            found = (old.m.get(key), new.m.get(key))
            changed[key] += 1
            if str(values.setdefault(key, found)[1]) != str(found[1]):
                spread.add(key)
    return {key: values[key] for key, count in changed.items() if count > 1 and key not in spread}


def _differing(then: Mapping[str, Any], now: Mapping[str, Any], without: set[str]) -> list[str]:
    keys = [key for key in {**then, **now} if key not in without]
    return [key for key in keys if then.get(key, _MISSING) != now.get(key, _MISSING)]


def _moved(old: Piece, new: Piece) -> bool:
    return abs(old.start - new.start) >= _APART or abs(old.end - new.end) >= _APART


def _in_order(pairs: Sequence[tuple[Piece, Piece]]) -> bool:
    """Whether those that stayed still stand in the order that they had."""
    starts = [new.start for _, new in pairs]
    return starts == sorted(starts)


def _sum(pieces: Sequence[Piece]) -> float:
    return sum(piece.duration for piece in pieces)


def _upper(word: str) -> str:
    return word[:1].upper() + word[1:]


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
