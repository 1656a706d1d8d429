"""Read a prompt: what it asks for, and nothing that it does not say. The grammar behind :class:`wishes.Reader`."""

from nightreel.studio.agent.lengths import read_lengths
from nightreel.studio.agent.looks import read_canvas, read_design, read_language, read_motions
from nightreel.studio.agent.photos import read_photos
from nightreel.studio.agent.row import Row, read_row
from nightreel.studio.agent.sounds import read_sounds
from nightreel.studio.agent.talk import drop_talk, leftovers, read_back, read_colored, read_unable
from nightreel.studio.agent.texts import Unclear, read_texts
from nightreel.studio.agent.transitions import read_transitions
from nightreel.studio.agent.wishes import Arrange, Length, Reading, Wish


def read_prompt(prompt: str, *, first: bool = False) -> Reading:
    """Return what *prompt*, in the languages of the lexicons and any mixture of them, asks for.

    Args:
        prompt: what the user says.
        first: whether nothing stands on the timeline yet.
    """
    row = read_row(prompt)
    talk = drop_talk(row, first=first)
    back = read_back(row)
    create, anew = _creates(row)
    count = _count(row)
    unclear: Unclear = []
    unable = tuple(dict.fromkeys(read_unable(row)))
    texts = read_texts(row, unclear)
    looks = [*read_canvas(row), *read_motions(row), *read_transitions(row)]
    sounds = read_sounds(row)
    design = [*read_design(row), *read_language(row)]
    lengths = read_lengths(row)
    photos = read_photos(row, first=first or anew)
    wishes: list[Wish] = [*([back] if back else []), *photos, *lengths, *looks, *sounds, *texts, *design]
    unable = tuple(dict.fromkeys([*unable, *read_colored(row)]))
    left = tuple(leftovers(row, first=first or anew))
    return Reading(
        wishes=tuple(sorted(wishes, key=_rank)),
        create=create,
        anew=anew,
        count=count,
        unknown=left,
        unable=unable,
        unclear=tuple(unclear),
        talk=talk,
    )


def _rank(wish: Wish) -> int:
    """Order what hangs on other wishes: which photos, then the whole's length, then the photos' own."""
    if isinstance(wish, Arrange):
        return 0 if wish.how in {"all", "add"} else 1
    return 3 if isinstance(wish, Length) and wish.photos is not None else 2


def _creates(row: Row) -> tuple[bool, bool]:
    """Return whether a video is asked for, and whether it is one instead of that which stands."""
    again = row.having("act.anew")
    made = [at for at in row.having("act.create") if at not in row.kept | row.gone]
    named = [
        at
        for at in made
        if row.in_part(at, "topic.video", "topic.photo", "every", "count", "pick") and not _is_other(row, at)
    ]
    row.claim(*again, *named)
    shown = row.having("act.show", "topic.video", "topic.photo", "every", "count", "about")
    return bool(again or made or shown), bool(again or named)


def _is_other(row: Row, place: int) -> bool:
    """Whether what is made is no video: `create a title "New"`, "make the video 20 seconds long"."""
    following = row.next(place)
    while row.has(
        following,
        "stop",
        "manner",
        "style",
        "one",
        "word",
        "time",
        "format",
        "ratio",
        "speed",
        "mood",
        "long",
        "side",
        "fresh",
    ):
        following = row.next(following)
    return row.has(following, "role", "topic.music", "topic.transition", "topic.text", "topic.motion")


def _count(row: Row) -> int:
    """Return how many photos are spoken of."""
    for place in row.having("count"):
        value = row[place].value
        if isinstance(value, int):
            row.claim(place)
            return value
    return 0
