"""Music and how loud it is."""

from collections.abc import Iterator

from nightreel.studio.agent.row import Row
from nightreel.studio.agent.wishes import Music, Volume, Wish

_NEAR = 3
_FACTORS = {
    ("up", ""): 1.5,
    ("up", "bit"): 1.25,
    ("up", "much"): 2.0,
    ("down", ""): 0.6,
    ("down", "bit"): 0.8,
    ("down", "much"): 0.35,
}
"""What "louder" and "quieter" mean, with "a bit" and "much"."""


_AROUND = (
    "topic.music", "topic.sound", "degree", "act.set", "target", "too", "size", "more", "less", "to", "by", "at",
    "factor",
)  # fmt: skip


def read_sounds(row: Row) -> list[Wish]:
    """Return what is said about music and loudness."""
    silent = _silent(row)
    if silent is not None:
        return silent
    return [*_volumes(row), *_music(row)]


def _silent(row: Row) -> list[Wish] | None:
    """Return the wish for silence, if there is one: "no music", "mute it"."""
    mute = [place for place in row.having("act.mute_all") if not row.has(row.next(place), "topic.music", "own")]
    gone = [
        place
        for place in row.having("topic.music", "own", "mood")
        if place in row.gone and not row[place].any("style", "manner") | ("topic.sound" in row[place])
    ]
    gone = [place for place in gone if "topic.music" in row[place] or "own" in row[place]]
    clips = [place for place in row.having("topic.sound") if place in row.gone]
    row.claim(*mute, *gone, *clips)
    row.claim(*(place for place in row.having("topic.music", "own") if place in row.kept))
    if mute or gone or clips:
        replaced = (
            [at for at in row.having("own", "mood") if at not in row.gone and _is_mood(row, at)]
            if gone and not mute
            else []
        )
        if replaced:
            return None
        return [Music("")]
    return None


def _volumes(row: Row) -> Iterator[Wish]:
    spoken = row.having("topic.volume", "loud", "loudness", "level")
    spoken += [
        at
        for at in row.having("turned")
        if row.in_piece(at, "topic.music", "topic.sound") and row.in_piece(at, "act.set", "act.move")
    ]
    share = [
        place
        for place in row.having("share")
        if row.in_part(place, "topic.music", "topic.sound", "topic.volume", "loud")
    ]
    if not spoken and not share:
        return
    share += [at for at in spoken if row.has(at, "level")]
    anchors = [*spoken, *share]
    anchor = anchors[0]
    if not share and _is_elsewhere(row, anchor):
        return
    clips = row.in_piece(anchor, "topic.sound") and not row.in_piece(anchor, "topic.music")
    sounds = [at for at in row.part(anchor) if row.has(at, *_AROUND) and row.gap(at, anchor) <= _NEAR]
    factor = next((at for at in [*sounds, *anchors] if row.has(at, "factor", "loudness")), None)
    degree = next((row[at].means["degree"] for at in sounds if row.has(at, "degree")), "")
    way = _way(row, [at for at in anchors if row.has(at, "loud", "turned")], sounds, shared=bool(share))
    way = way if share or factor is None or row.having("loud") else None
    row.claim(*anchors, *sounds)
    if share:
        value = row[share[0]].value
        amount = value if isinstance(value, float) else float(row[share[0]].means.get("level", "0"))
        if way is not None and any(row.has(at, "by") for at in (share[0] - 1, share[0] - 2)):
            yield Volume(1 + amount if way == "up" else max(0.0, 1 - amount), relative=True, clips=clips)
        else:
            yield Volume(min(1.0, amount), clips=clips)
    elif factor is not None:
        value = row[factor].value
        yield Volume(
            value
            if isinstance(value, float)
            else float(row[factor].means.get("loudness", row[factor].means.get("factor", "1"))),
            relative=True,
            clips=clips,
        )
    elif way is not None:
        yield Volume(_FACTORS.get((way, degree), _FACTORS[way, ""]), relative=True, clips=clips)


def _way(row: Row, loud: list[int], sounds: list[int], *, shared: bool) -> str | None:
    """Return "up" or "down", as the first such word says; a "no" right before it turns it round."""
    if not loud:
        words = [at for at in sounds if row.has(at, "more", "less", *(["size"] if shared else []))]
        return ("up" if row.has(words[0], "more") else "down") if words else None
    way = row[loud[0]].means.get("loud") or row[loud[0]].means["turned"]
    refused = [at for at in range(max(0, loud[0] - 2), loud[0]) if row.has(at, "no")]
    row.claim(*refused)
    return way if not refused else "down" if way == "up" else "up"


def _is_elsewhere(row: Row, place: int) -> bool:
    """Whether a word like "小一点" or "loud" is about something that makes no sound."""
    return row.in_piece(
        place, "role", "topic.text", "topic.photo", "pick", "unable", "topic.style", "motion"
    ) and not row.in_piece(place, "topic.music", "topic.sound", "topic.volume")


def _music(row: Row) -> Iterator[Wish]:
    own = [place for place in row.having("own") if place not in row.gone]
    files = [
        place for place in row.having("pick") if row[place].text.lower().endswith((".mp3", ".wav", ".m4a", ".aac"))
    ]
    spoken = [place for place in row.having("topic.music") if place not in row.gone]
    mood = _mood(row)
    row.claim(*own, *files, *spoken)
    if own or files:
        row.claim(
            *(
                at
                for place in [*own, *files]
                for at in row.piece(place)
                if row.has(at, "act.add", "act.use", "act.set")
            )
        )
        yield Music("", file=row[files[0]].text if files else "")
    elif mood is not None:
        row.claim(
            *(
                at
                for at in row.piece(mood)
                if row.has(
                    at,
                    "act.add",
                    "act.set",
                    "act.use",
                    "more",
                    "act.swap",
                    "target",
                    "topic.style",
                    "design",
                    "degree",
                    "act.create",
                )
            )
        )
        yield Music(row[mood].means["mood"])
    elif spoken and not any(
        at in row.claimed and row[at].any("loud", "topic.volume", "share") for at in row.part(spoken[0])
    ):
        row.claim(*(at for place in spoken for at in row.piece(place) if row.has(at, "act.add", "act.use")))
        yield Music("any")


def _mood(row: Row) -> int | None:
    """Return the mood that is nearest to the music; without such a word, the first that is no look of a text."""
    found = [place for place in row.having("mood") if place not in row.gone | row.kept and _is_mood(row, place)]
    if not found:
        return None
    best = min(found, key=lambda place: (row.distance(place, "topic.music"), place))
    row.claim(*(place for place in found if row.gap(place, best) <= _NEAR and not _is_both(row, place)))
    return best


def _is_both(row: Row, place: int) -> bool:
    """Whether a word is about the whole video, its looks and its music: "a playful video"."""
    return (
        "style" in row[place]
        and row.distance(place, "topic.video") < 1
        and row.distance(place, "topic.music") > _NEAR
    )


def _is_mood(row: Row, place: int) -> bool:
    quick = "speed" in row[place] and row.in_part(place, "topic.cuts")
    if not row[place].any("style", "manner", "loud", "speed"):
        return True
    if "speed" in row[place] and not quick and row.in_part(place, "topic.music"):
        return True
    music = row.distance(place, "topic.music")
    other = row.distance(
        place, "topic.transition", "topic.style", "role", "topic.text", "kind", "topic.motion", "motion", "topic.cuts"
    )
    if row[place].any("manner", "style") and not row[place].any("speed"):
        other = min(other, row.distance(place, "design"))
    if music <= _NEAR + 1:
        return music <= other
    if row[place].any("loud", "speed") or ("manner" in row[place] and other <= _NEAR):
        return False
    return other > (_NEAR if row[place].any("style", "manner") else 1)
