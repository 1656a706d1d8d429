"""From a draft back to the cut that gives it, so that an edit can be tried on any draft. Pure."""

from collections.abc import Sequence

from nightreel.studio.agent.cutting import Cut, Photo, build, lengths_of
from nightreel.studio.agent.lettering import Text, lay_out
from nightreel.studio.agent.transitions import MANNERS
from nightreel.studio.draft import Direction, Draft, Segment, TextMeta, TransitionKind, VideoMeta


def cut_of(draft: Draft) -> Cut:
    """Return a cut that gives *draft*, as nearly as cuts can: what a cut has no word for is as it would be made.

    Raises:
        ValueError: it shows no photo.
    """
    if not draft.video:
        raise ValueError("it shows no photo.")
    cut = _plain(draft)
    cut = cut.model_copy(update={"transitions": _kinds(draft.video), **_sound(draft)})
    cut = cut.model_copy(update={"photos": _photos(draft.video, cut)})
    texts = tuple(_text(segment) for segment in draft.text)
    return cut.model_copy(update={"texts": _loosened(texts, draft)})


def _plain(draft: Draft) -> Cut:
    """Return the cut without what each photo has of its own."""
    meta = draft.m
    moving = [segment.m.transition for segment in draft.video if segment.m.transition.kind is not TransitionKind.CUT]
    leads = {transition.d for transition in moving}
    return Cut(
        photos=tuple(Photo(asset=segment.m.asset, name=segment.m.name) for segment in draft.video),
        seconds=draft.d / 1000,
        canvas=(meta.width, meta.height),
        direction=moving[0].direction if moving else Direction.LEFT,
        lead=leads.pop() if len(leads) == 1 and len(moving) > 1 else 0,
        clips=max(segment.m.volume for segment in draft.video),
        style=meta.style,
        colors=meta.colors,
        font=meta.font,
        language=meta.language,
        seed=meta.seed,
    )


def _kinds(video: Sequence[Segment[VideoMeta]]) -> tuple[TransitionKind, ...]:
    """Return the round of transitions that explains the most of them; of several, the shortest."""
    shown = [segment.m.transition.kind for segment in video[1:]]
    rounds = [(kind,) for kind in dict.fromkeys(shown)] + list(MANNERS.values())
    return max(
        rounds or [(TransitionKind.CROSS_FADE,)],
        key=lambda kinds: sum(kind is kinds[turn % len(kinds)] for turn, kind in enumerate(shown)),
    )


def _sound(draft: Draft) -> dict[str, object]:
    if not draft.audio:
        return {"music": ""}
    meta = draft.audio[0].m
    bed = build(Cut(photos=(Photo(asset=""),))).audio[0].m
    loud = {} if meta.volume == bed.volume else {"volume": meta.volume}
    if meta.source == "asset":
        return {"track": meta.asset, "track_name": meta.name, **loud}
    return {"music": meta.mood, **loud}


def _photos(video: Sequence[Segment[VideoMeta]], cut: Cut) -> tuple[Photo, ...]:
    """Return the photos, each with what it shows that the cut alone would not give it."""
    made = build(cut)
    photos = [
        photo.model_copy(
            update={
                "motion": None if there.m.motion is given.m.motion else there.m.motion,
                "transition": None if there.m.transition.kind is given.m.transition.kind else there.m.transition.kind,
            }
        )
        for photo, there, given in zip(cut.photos, video, made.video, strict=True)
    ]
    even = lengths_of(cut, sum(segment.d for segment in video))
    if even == [segment.d for segment in video]:
        return tuple(photos)
    return tuple(photo.model_copy(update={"length": segment.d}) for photo, segment in zip(photos, video, strict=True))


def _text(segment: Segment[TextMeta]) -> Text:
    meta = segment.m
    return Text(
        role=meta.role,
        text=meta.text,
        old=meta.old,
        position=None if meta.position == "bottom" else meta.position,
        start=segment.s,
        end=segment.s + segment.d,
    )


def _loosened(texts: tuple[Text, ...], draft: Draft) -> tuple[Text, ...]:
    """Return the texts; those that are seen when their role is seen anyway say nothing of it."""
    free = tuple(text.model_copy(update={"start": None, "end": None}) for text in texts)
    given = {(one.m.text, one.m.role): (one.s, one.d) for one in lay_out(free, draft.d)}
    there = {(one.m.text, one.m.role): (one.s, one.d) for one in draft.text}
    return tuple(
        loose if given[text.text, text.role] == there[text.text, text.role] else text
        for loose, text in zip(free, texts, strict=True)
    )
