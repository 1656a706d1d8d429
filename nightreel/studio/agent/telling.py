"""What the agent says of an edit: what it did, did not understand and cannot do. In the user's language."""

from collections.abc import Iterator

from nightreel.studio.agent.cutting import Cut, lengths_of
from nightreel.studio.agent.editing import Edit
from nightreel.studio.agent.lettering import Text
from nightreel.studio.agent.lexicon import Lexicon
from nightreel.studio.draft import AudioMeta

_MOST_TEXT = 60
"""Letters of a text that are repeated."""


def tell(edit: Edit, lexicon: Lexicon) -> str:
    """Return the whole answer to a prompt."""
    said = [_done(edit, lexicon), *problems(edit, lexicon)]
    if edit.cut is not None and edit.changed:
        said.append(lexicon.say("screen"))
    return _joined(said, lexicon)


def problems(edit: Edit, lexicon: Lexicon) -> list[str]:
    """Return what was not understood, and what cannot be done, a sentence each."""
    reading = edit.reading
    missed = [lexicon.say(key, **_named(facts, lexicon)) for key, facts in edit.missed if key in _WHOLE]
    unable = [lexicon.name("unable", name) for name in reading.unable]
    unable += [lexicon.say(key, **_named(facts, lexicon)) for key, facts in edit.missed if key not in _WHOLE]
    unknown = [lexicon.say("quote", text=_short(text)) for text in reading.unknown]
    unclear = [_unclear(key, said, lexicon) for key, said in reading.unclear]
    told = [*missed]
    told += [lexicon.say("unable", list=lexicon.list(unable))] if unable else []
    told += [lexicon.say("unknown", list=lexicon.list([*unknown, *unclear]))] if unknown or unclear else []
    return told


_CONTENT = {"thanks", "praise", "bye", "yes", "wait"}
"""Talk of people who want nothing: they need not hear what else could be done."""

_WHOLE = {"no_undo", "no_redo", "no_photo_left"}
"""What is a sentence by itself."""


def _unclear(key: str, said: str, lexicon: Lexicon) -> str:
    return lexicon.say(key, text=_short(said), role=lexicon.name("role", said))


def _named(facts: dict[str, object], lexicon: Lexicon) -> dict[str, object]:
    return {**facts, **({"role": lexicon.name("role", str(facts["role"]))} if "role" in facts else {})}


def _short(text: str) -> str:
    return text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - 1].rstrip() + "…"


def _done(edit: Edit, lexicon: Lexicon) -> str:
    """Return what became of the timeline."""
    if edit.cut is None:
        return _nothing_to_cut(edit, lexicon)
    if not edit.changed:
        return _nothing(edit, lexicon)
    cut = edit.cut
    facts = {"photos": len(cut.photos), "seconds": f"{cut.seconds:g}", "size": _size(cut)}
    steps = [lexicon.say("undone" if edit.back > 0 else "redone", n=abs(edit.back))] if edit.back else []
    did = [*steps, *(_all(cut, lexicon) if edit.new else changes(edit.before or cut, cut, lexicon))]
    first = "made" if len(cut.photos) != 1 else "made_one"
    made = lexicon.say(first if edit.new else "updated", **facts)
    return _joined([made, lexicon.say("did", list=lexicon.list(did)) if did else ""], lexicon)


def _nothing_to_cut(edit: Edit, lexicon: Lexicon) -> str:
    """Return why there is no timeline, and what makes one."""
    if not edit.photos:
        return lexicon.say("no_photos")
    return _joined([_small_talk(edit, lexicon), lexicon.say("able")], lexicon)


def _small_talk(edit: Edit, lexicon: Lexicon) -> str:
    return lexicon.says[edit.reading.talk] if edit.reading.talk in {"thanks", "hello", "bye"} else ""


def _joined(sentences: list[str], lexicon: Lexicon) -> str:
    """Return sentences one after the other, as the language parts them."""
    return ("" if lexicon.says["stop"] == "。" else " ").join(sentence for sentence in sentences if sentence)


def _nothing(edit: Edit, lexicon: Lexicon) -> str:
    """Return why nothing changed, and what could."""
    reading = edit.reading
    talk = _small_talk(edit, lexicon)
    same = lexicon.say("as_asked") if reading.wishes and not edit.missed else lexicon.say("same")
    said = [talk, same]
    if reading.talk == "question" and edit.cut is not None:
        said.append(lexicon.say("stands", list=lexicon.list(facts_of(edit.cut, lexicon))))
    elif reading.talk == "blame":
        said.append(lexicon.say("what_instead"))
    if not reading.wishes and not reading.unable and reading.talk not in _CONTENT:
        said.append(lexicon.say("able"))
    return _joined(said, lexicon)


def facts_of(cut: Cut, lexicon: Lexicon) -> list[str]:
    """Return the timeline in a few words."""
    return [
        lexicon.say("photos", n=len(cut.photos)),
        lexicon.say("seconds", n=f"{cut.seconds:g}"),
        _size(cut),
        *_all(cut, lexicon),
    ]


def changes(before: Cut, cut: Cut, lexicon: Lexicon) -> list[str]:
    """Return what is different, a few words each; nothing that is told anyway."""
    return [
        *_photos(before, cut, lexicon),
        *_lengths(before, cut, lexicon),
        *_transitions(before, cut, lexicon),
        *_motions(before, cut, lexicon),
        *_sound(before, cut, lexicon),
        *_texts(before, cut, lexicon),
        *_design(before, cut, lexicon),
    ]


def _all(cut: Cut, lexicon: Lexicon) -> list[str]:
    """Return what a new cut has."""
    kinds = [
        lexicon.say(
            "transitions", list=lexicon.list([lexicon.name("kind", kind) for kind in dict.fromkeys(cut.transitions)])
        )
    ]
    sound = [_music(cut, lexicon)]
    texts = [_text(text, lexicon) for text in cut.texts]
    bare = Cut(
        photos=cut.photos, language=cut.language, transitions=cut.transitions, seconds=cut.seconds, each=cut.each
    )
    return [*kinds, *_motions(bare, cut, lexicon), *sound, *texts, *_design(bare, cut, lexicon)]


def _size(cut: Cut) -> str:
    return f"{cut.canvas[0]}x{cut.canvas[1]}"


def _photos(before: Cut, cut: Cut, lexicon: Lexicon) -> Iterator[str]:
    old, new = [photo.asset for photo in before.photos], [photo.asset for photo in cut.photos]
    gone, added = len([one for one in old if one not in new]), len([one for one in new if one not in old])
    if gone:
        yield lexicon.say("removed", n=gone)
    if added:
        yield lexicon.say("added", n=added)
    if not gone and not added and old != new:
        yield lexicon.say(
            "order", list=lexicon.list([photo.name or str(old.index(photo.asset) + 1) for photo in cut.photos])
        )


def _lengths(before: Cut, cut: Cut, lexicon: Lexicon) -> Iterator[str]:
    if cut.each is not None and cut.each != before.each:
        yield lexicon.say("each", seconds=f"{cut.each:g}")
    own = {photo.asset: photo.length for photo in before.photos}
    shown = lengths_of(cut, round(cut.seconds * 1000))
    for place, photo in enumerate(cut.photos):
        if photo.length is not None and photo.length != own.get(photo.asset):
            yield lexicon.say(
                "photo_length", photo=_nth(place, lexicon), seconds=f"{round(shown[place] / 1000, 2):g}"
            )


def _nth(place: int, lexicon: Lexicon) -> str:
    return lexicon.say("nth", n=place + 1)


def _transitions(before: Cut, cut: Cut, lexicon: Lexicon) -> Iterator[str]:
    if cut.transitions != before.transitions:
        kinds = [lexicon.name("kind", kind) for kind in dict.fromkeys(cut.transitions)]
        yield lexicon.say("transitions", list=lexicon.list(kinds))
    own = {photo.asset: photo.transition for photo in before.photos}
    for place, photo in enumerate(cut.photos):
        if photo.transition is not None and photo.transition != own.get(photo.asset):
            yield lexicon.say(
                "transition_at", photo=_nth(place, lexicon), kind=lexicon.name("kind", photo.transition)
            )
    if cut.lead != before.lead:
        yield lexicon.say("lead", seconds=f"{cut.lead / 1000:g}")
    if cut.direction != before.direction:
        yield lexicon.say("direction", way=lexicon.name("way", cut.direction))


def _motions(before: Cut, cut: Cut, lexicon: Lexicon) -> Iterator[str]:
    if cut.motions != before.motions:
        kinds = [lexicon.name("motion", kind) for kind in cut.motions]
        yield lexicon.say("motion", list=lexicon.list(kinds)) if kinds else lexicon.say("vary")
    own = {photo.asset: photo.motion for photo in before.photos}
    for place, photo in enumerate(cut.photos):
        if photo.motion is not None and photo.motion != own.get(photo.asset):
            yield lexicon.say("motion_at", photo=_nth(place, lexicon), kind=lexicon.name("motion", photo.motion))


def _music(cut: Cut, lexicon: Lexicon) -> str:
    if cut.track:
        return lexicon.say("own_music", name=cut.track_name)
    return lexicon.say("music", mood=lexicon.name("mood", cut.music)) if cut.music else lexicon.say("no_music")


def _sound(before: Cut, cut: Cut, lexicon: Lexicon) -> Iterator[str]:
    if (cut.music, cut.track) != (before.music, before.track):
        yield _music(cut, lexicon)
    if cut.volume != before.volume:
        loud = AudioMeta().volume if cut.volume is None else cut.volume
        yield lexicon.say("volume", percent=f"{100 * loud:g}")
    if cut.clips != before.clips:
        yield lexicon.say("clips_volume", percent=f"{100 * cut.clips:g}")


def _text(text: Text, lexicon: Lexicon) -> str:
    role = lexicon.name("role", text.role)
    said = lexicon.say("struck" if text.old else "text", role=role, text=_short(text.text), old=text.old)
    where = [lexicon.name("position", text.position)] if text.position else []
    if text.start is not None and text.start >= 0 and text.end is not None:
        where.append(lexicon.say("from_to", start=f"{text.start / 1000:g}", end=f"{text.end / 1000:g}"))
    return lexicon.say("at", text=said, where=lexicon.list(where)) if where else said


def _texts(before: Cut, cut: Cut, lexicon: Lexicon) -> Iterator[str]:
    roles = {text.role for text in cut.texts}
    for text in cut.texts:
        if text not in before.texts:
            yield _text(text, lexicon)
    for text in before.texts:
        if text not in cut.texts and text.role not in roles:
            yield lexicon.say("no_text", role=lexicon.name("role", text.role), text=_short(text.text))


def _design(before: Cut, cut: Cut, lexicon: Lexicon) -> Iterator[str]:
    if cut.style != before.style:
        yield lexicon.say("style", style=lexicon.name("style", cut.style))
    if cut.colors != before.colors:
        yield lexicon.say("colors", list=lexicon.list(list(cut.colors)) or "–")
    if cut.font != before.font:
        yield lexicon.say("font", font=cut.font or "–")
    if cut.language != before.language:
        yield lexicon.say("language", language=lexicon.name("language", cut.language))
