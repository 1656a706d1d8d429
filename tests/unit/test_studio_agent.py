"""The editor: what a prompt says → what the draft has."""

from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightreel.catalog.clips import quotable
from nightreel.studio.agent.corpus import Mark, facts_between, photos_of, read_corpus, score_all
from nightreel.studio.agent.cutting import Cut, Photo, build, lengths, shares, timed
from nightreel.studio.agent.editing import Edit, edit
from nightreel.studio.agent.lettering import Text
from nightreel.studio.agent.lexicon import lexicons, vocabulary
from nightreel.studio.agent.script import Say, is_silent, write_script
from nightreel.studio.agent.standing import cut_of
from nightreel.studio.agent.wishes import Length, Reading
from nightreel.studio.draft import Motion, Role, read_draft

PHOTOS = photos_of(4)
OURS = (
    "Create a 15-second vertical 9:16 product video from all uploaded photos in their order, "
    'with smooth transitions and upbeat music. Title: "手工粗陶咖啡杯". Subtitle: "¥168.00".'
)
CORPUS = sorted((Path(__file__).parent / "prompts").glob("*.txt"))


@pytest.mark.parametrize("corpus", CORPUS, ids=[path.stem for path in CORPUS])
def test_a_prompt_gives_what_it_asks_for_and_nothing_else(corpus: Path) -> None:
    """Every prompt of the corpus gives its timeline, leaves the rest, and says what it did not understand."""
    scored = score_all(read_corpus(corpus.read_text(encoding="utf-8")))
    wrong = [f"{one.mark}: {one.case.prompt}: {one.got}" for one in scored if one.mark is not Mark.FULLY]
    assert len(scored) > 50
    assert not wrong


SHOWN = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=40).map(
    lambda text: " ".join(quotable(text.replace("\\", "/")).split())
)


@settings(max_examples=80, deadline=None)
@given(st.lists(SHOWN.filter(bool), min_size=9, max_size=9))
def test_what_our_own_client_says_gives_exactly_that(said: list[str]) -> None:
    """Whatever a brief's texts hold, the sentences that it becomes give these texts and everything else they name."""
    title, subtitle, cta, price, old, font, brand, one, other = said
    prompt = (
        "Create a 15-second vertical 9:16 product video from all uploaded photos in their order, with wipe "
        f'transitions and lo-fi music. Title: "{title}". Subtitle: "{subtitle}". Call to action: "{cta}". '
        f'Price: "{price}" (was "{old}"). Style: bold. Brand colours #112233, #445566. Font "{font}". '
        f'End card "{brand}". Captions: "{one}", "{other}".'
    )
    assert facts_between(Cut(photos=PHOTOS, seed=1), _made(prompt)) == {
        "transitions": "wipe",
        "music": "lo-fi",
        "title": title,
        "subtitle": subtitle,
        "cta": cta,
        "price": price,
        "old": old,
        "style": "bold",
        "colors": "#112233 #445566",
        "font": font,
        "end_card": brand,
        "caption": f"{one} / {other}",
    }


# ------------------------------------------------------------------ edits

BASES = (
    OURS,
    'Each photo 3 seconds, square, hard cuts, no music. Captions: "One", "Two". Price tag "€59" (was "€89").',
    '20 seconds, bold style, brand colours #ff0000. Title "A" from 2 to 5 s. End card "Acme". First photo 6 seconds.',
    "30 seconds, 16:9, zoom in on photo 2, wipe into the third photo, lo-fi music at 20 %",
)
EDITS = (
    ("make it 25 seconds", {"seconds", "each"}),
    ("7 seconds shorter", {"seconds", "each"}),
    ("no music", {"music"}),
    ("cinematic music", {"music"}),
    ("music quieter", {"volume"}),
    ("remove all text", {role.value + at for role in Role for at in ("", "@")} | {"old"}),
    ('title "New"', {"title"}),
    ('add the captions "Three", "Four"', {"caption", "caption@"}),
    ("swap the first two photos", {"order"}),
    ("reverse the order", {"order"}),
    ("put photo 4 first", {"order"}),
    ("remove the third photo", {"order", "seconds", "length@:3", "motion@:3", "into@:3"}),
    ("second photo longer", {"length@:2", "seconds"}),
    ("4:5", {"size"}),
    ("wipes", {"transitions", "into@*"}),
    ("transitions going up", {"way"}),
    ("transitions of 0.9 seconds", {"lead"}),
    ("keep the photos still", {"motion", "motion@*"}),
    ("pan left on photo 3", {"motion@:3"}),
    ("playful style", {"style"}),
    ("font Lora", {"font"}),
    ("brand colours navy and gold", {"colors"}),
)
TALK = (
    "thanks",
    "you're great!",
    "what's the weather?",
    "谢谢",
    "I love the title",
    "how long is it?",
    "今天天气怎么样",
    "",
)


def _named(cut: Cut, named: set[str]) -> set[str]:
    """Return the facts that an edit may change; "length@:2" is of the photo that stands second."""
    places = {f":{place}": photo.asset for place, photo in enumerate(cut.photos, 1)}
    parts = [name.partition("@") for name in named]
    return {f"{name}{at}{places.get(place, place)}" for name, at, place in parts}


def _made(base: str) -> Cut:
    cut = edit(base, None, PHOTOS, "en", 1).cut
    assert cut is not None
    return cut


def _bare(cut: Cut | None) -> Cut | None:
    """Return a cut without its history."""
    return None if cut is None else cut.model_copy(update={"past": (), "future": ()})


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(BASES), st.lists(st.sampled_from(EDITS), min_size=1, max_size=6))
def test_an_edit_changes_what_it_names_and_can_be_undone(base: str, said: list[tuple[str, set[str]]]) -> None:
    """Whatever stands, an edit changes only what it names; undo brings each state back in turn, redo the last."""
    cut, states = _made(base), list[Cut]()
    for prompt, named in said:
        made = edit(prompt, cut, PHOTOS, "en", 2)
        assert made.cut is not None
        changed = facts_between(cut, made.cut)
        assert not [name for name in changed if not any(fnmatch(name, one) for one in _named(cut, named))]
        assert read_draft(build(made.cut).wire()) == build(made.cut)
        if made.changed:
            states.append(cut)
        cut = made.cut
    last = cut
    for state in reversed(states):
        undone = edit("undo", cut, PHOTOS, "en", 2).cut
        assert _bare(undone) == _bare(state)
        assert undone is not None
        cut = undone
    assert edit("undo", cut, PHOTOS, "en", 2).changed == ()
    if states:
        assert _bare(edit("redo", edit("undo", last, PHOTOS, "en", 2).cut, PHOTOS, "en", 2).cut) == _bare(last)


def test_undo_and_a_further_wish_can_be_undone_apart() -> None:
    """What is asked for in the same breath as an undo is a change of its own: it is taken back first."""
    longer = edit("25 seconds", _made(OURS), PHOTOS, "en", 2).cut
    both = edit("undo and make it square", longer, PHOTOS, "en", 2).cut
    assert both is not None
    assert facts_between(_made(OURS), both) == {"size": "1080x1080"}
    assert _bare(edit("undo", both, PHOTOS, "en", 2).cut) == _made(OURS)


@pytest.mark.parametrize("base", BASES)
def test_what_an_edit_names_is_all_that_the_draft_shows(base: str) -> None:
    """A new title leaves picture and sound as they are; other music, picture and texts; swapped photos, the texts."""
    before = build(_made(base))
    titled, musical, swapped = (
        build(_made_on(base, prompt)) for prompt in ('title "New"', "music: ambient", "swap the last two photos")
    )
    assert (titled.video, titled.audio) == (before.video, before.audio)
    assert [segment.m.asset for segment in musical.video] == [segment.m.asset for segment in before.video]
    assert musical.text == before.text
    assert (swapped.text, swapped.audio) == (before.text, before.audio)
    assert swapped.video[0] == before.video[0]


def _made_on(base: str, prompt: str) -> Cut:
    cut = edit(prompt, _made(base), PHOTOS, "en", 2).cut
    assert cut is not None
    return cut


@pytest.mark.parametrize("base", BASES)
def test_a_draft_tells_the_cut_that_gives_it(base: str) -> None:
    """A draft that is read back gives the same draft again, so that an edit can be tried on it."""
    draft = build(_made(base))
    assert build(cut_of(read_draft(draft.wire()))) == draft


def test_only_so_many_words_are_read() -> None:
    """What a prompt says after its first 250 words is told not to be understood; nothing of it is carried out."""
    prompt = "make it 20 seconds. " + "and then " * 400 + "no music."
    made = edit(prompt, _made(OURS), PHOTOS, "en", 2)
    assert facts_between(_made(OURS), made.cut or _made(OURS)) == {"seconds": "20"}
    assert made.reading.unknown


@given(st.sampled_from(BASES), st.text(max_size=60), st.sampled_from(TALK))
def test_no_prompt_breaks_anything(base: str, noise: str, talk: str) -> None:
    """Whatever is typed, there is a draft that can be read, and an answer to it."""
    made = edit(f"{talk} {noise}", _made(base), PHOTOS, "en", 2)
    assert made.finished is None or read_draft(made.finished.wire()) == made.finished
    assert _said(made, f"{talk} {noise}")


@pytest.mark.parametrize("talk", TALK)
@pytest.mark.parametrize("base", BASES)
def test_chatter_is_no_edit(base: str, talk: str) -> None:
    """Thanks, praise and questions change nothing, and so cost nothing."""
    made = edit(talk, _made(base), PHOTOS, "en", 2)
    assert (made.changed, made.finished) == ((), None)


def test_a_session_of_an_older_studio_goes_on() -> None:
    """A cut that was kept with texts by role and one position for them is read."""
    kept = Cut.model_validate_json(
        '{"photos": [{"asset": "1"}], "texts": {"title": "Mug"}, "position": "top", "still": true, "seconds": 9}'
    )
    assert kept.texts == (Text(role=Role.TITLE, text="Mug", position="top"),)
    assert kept.motions == (Motion.HOLD,)


def test_the_history_is_bounded_and_survives_in_the_record() -> None:
    """The last twenty changes can be taken back, also from a record that was written down."""
    cut = _made(OURS)
    for seconds in range(20, 50):
        cut = edit(f"{seconds} seconds", cut, PHOTOS, "en", 2).cut or cut
    cut = Cut.model_validate_json(cut.model_dump_json())
    assert len(cut.past) == 20
    undone = edit("undo everything", cut, PHOTOS, "en", 2)
    assert undone.cut is not None
    assert (undone.cut.seconds, undone.back) == (29, 20)


# ------------------------------------------------------------------ words


def test_every_language_says_the_same_things() -> None:
    """The lexicons have the same sentences, with the same facts in them, and the same kinds of terms."""
    english, *others = lexicons().values()
    for other in others:
        assert set(other.says) - {"plain_comma"} == set(english.says)
        for key, template in english.says.items():
            assert set(_holes(other.says[key])) == set(_holes(template)), key


def _holes(template: str) -> list[str]:
    return [piece.split("}")[0] for piece in template.split("{")[1:]]


@pytest.mark.parametrize(
    ("word", "taken"),
    [
        *(("transistions", "transitions"), ("musik", "music"), ("secounds", "seconds"), ("titel", "title")),
        *((word, word) for word in ("tiles", "lamb", "mug", "sofa", "bottle", "house", "horse", "market")),
    ],
)
def test_a_slip_is_mended_and_another_word_is_not(word: str, taken: str) -> None:
    """A long word with a slip or two is read; short words, and words of their own, are never taken for others."""
    assert vocabulary().lemma(word) == taken


def test_quoted_words_are_never_looked_into() -> None:
    """What stands in quotes is written as it is, whatever it seems to ask for or however it is spelt."""
    quoted = "no musik, 20 secounds, undo"
    made = edit(f'Title: "{quoted}"', _made(OURS), PHOTOS, "en", 2)
    assert facts_between(_made(OURS), made.cut or _made(OURS)) == {"title": quoted}


def test_another_reader_may_understand_prompts() -> None:
    """Whatever reads a prompt stands behind one interface; the rest stays the same."""

    def read(prompt: str, *, first: bool) -> Reading:
        return Reading(wishes=(Length(len(prompt)),), create=first)

    made = edit("twelve bytes", None, PHOTOS, "en", 1, read=read)
    assert made.cut is not None
    assert made.cut.seconds == 12


# ------------------------------------------------------------------ what it says


def _said(made: Edit, prompt: str, language: str = "en", *, silent: bool = False) -> str:
    last = [*write_script(made, prompt, language, silent=silent).after][-1]
    assert isinstance(last, Say)
    return last.text


def test_it_says_what_it_did_and_what_it_did_not() -> None:
    """Of a prompt that is understood in part, the part is done, and the rest is named, in the user's language."""
    prompt = "make it 20 seconds, add a voice-over and wibble the frobnicator"
    english = _said(edit(prompt, _made(OURS), PHOTOS, "en", 2), prompt)
    assert "20 seconds" in english
    assert "I cannot do: voices" in english
    assert "wibble" in english
    prompt = "改成20秒，加配音"
    chinese = _said(edit(prompt, _made(OURS), PHOTOS, "en", 2), prompt)
    assert "20 秒" in chinese
    assert "我做不到：配音" in chinese


def test_a_silent_edit_still_says_what_it_could_not_do() -> None:
    """Silence is for what was done as asked; nobody has to guess what was not."""
    prompt = "make it 20 seconds with a voice-over"
    assert "voices" in _said(edit(prompt, _made(OURS), PHOTOS, "en", 2), prompt, silent=True)


def test_a_question_is_answered_with_what_stands() -> None:
    """Who asks is told how the video is."""
    prompt = "how long is the video?"
    assert "4 photos, 15 seconds, 1080x1920" in _said(edit(prompt, _made(OURS), PHOTOS, "en", 2), prompt)


def test_the_first_cut_comes_without_music_and_title() -> None:
    """A first cut has two stages: the picture alone, then music and titles over the same picture."""
    made = edit(OURS, None, PHOTOS, "en", 1)
    assert made.first is not None
    assert made.finished is not None
    assert [track.tt for track in made.first.t] == [0]
    assert [track.tt for track in made.finished.t] == [0, 1, 7]
    assert made.first.video == made.finished.video
    assert [segment.m.text for segment in made.finished.text] == ["手工粗陶咖啡杯", "¥168.00"]
    assert read_draft(made.finished.wire()) == made.finished


def test_nothing_is_made_without_photos_or_without_a_wish() -> None:
    """A prompt without photos, and one that asks for nothing, change nothing."""
    assert edit(OURS, None, (), "en", 1).cut is None
    before = edit(OURS, None, PHOTOS, "en", 1).cut
    assert edit("thanks, lovely", before, PHOTOS, "en", 2).changed == ()


def test_a_video_asked_for_anew_forgets_the_old_one() -> None:
    """A second "create a video" begins afresh: with all photos, other motions, and only what it says itself."""
    before = edit(OURS, None, PHOTOS[:2], "en", 1).cut
    made = edit("Create another video, square", before, PHOTOS, "en", 2)
    assert made.new
    assert _bare(made.cut) == Cut(photos=PHOTOS, canvas=(1080, 1080), seed=2)
    assert _bare(edit("undo", made.cut, PHOTOS, "en", 3).cut) == before


def test_new_photos_join_when_they_are_asked_for() -> None:
    """Photos uploaded after the first cut are used once a prompt names all, or the new, photos."""
    before = edit(OURS, None, PHOTOS[:2], "en", 1).cut
    assert before is not None
    shorter = edit("make it 10 seconds", before, PHOTOS, "en", 2).cut
    joined = edit("add the new photos", before, PHOTOS, "en", 2).cut
    assert shorter is not None
    assert joined is not None
    assert (len(shorter.photos), len(joined.photos)) == (2, 4)


@settings(max_examples=60, deadline=None)
@given(seconds=st.floats(1, 180), count=st.integers(1, 60), seed=st.integers(0, 2**31))
def test_segments_fill_the_video_exactly(seconds: float, count: int, seed: int) -> None:
    """Without music segments are even, contiguous and sum up to the length; a transition fits into its segment."""
    photos = tuple(Photo(asset=str(n)) for n in range(count))
    draft = build(Cut(photos=photos, seconds=seconds, music="", seed=seed))
    shares = [segment.d for segment in draft.video]
    assert sum(shares) == draft.d == round(seconds * 1000)
    assert max(shares) - min(shares) <= 1
    assert [segment.s for segment in draft.video] == [sum(shares[:n]) for n in range(count)]
    assert all(segment.m.transition.d <= min(700, segment.d // 2) for segment in draft.video)
    assert [segment.m.asset for segment in draft.video] == [photo.asset for photo in photos]


@given(st.lists(st.none() | st.integers(1, 9_000), min_size=1, max_size=9), st.integers(1_000, 60_000))
def test_a_clip_gets_no_more_time_than_it_lasts(longest: list[int | None], total: int) -> None:
    """What clips that are over sooner leave goes to the others, evenly; the video is as long as asked."""
    given_ = shares(total, longest)
    assert sum(given_) == total
    if None not in longest:
        return
    for most, length in zip(longest, given_, strict=True):
        assert most is None or length <= most
    free = [length for most, length in zip(longest, given_, strict=True) if most is None or length < most]
    assert max(free) - min(free) <= 1


def test_clips_too_short_together_are_held_at_their_ends() -> None:
    """Clips alone that do not fill the video share it evenly."""
    assert shares(9_000, [1_000, 2_000, 2_500]) == [3_000, 3_000, 3_000]


def test_clips_and_animations_stand_on_the_timeline_like_photos() -> None:
    """A clip is trimmed to its segment or has a shorter one; an animation begins again; neither is moved over."""
    clip, gif = Photo(asset="clip", seconds=1.5), Photo(asset="gif", seconds=0.4, loops=True)
    video = build(Cut(photos=(PHOTOS[0], clip, gif, PHOTOS[1]), seconds=12, music="")).video
    assert [segment.d for segment in video] == [3_500, 1_500, 3_500, 3_500]
    assert [segment.m.motion is Motion.HOLD for segment in video] == [False, True, True, False]
    assert all(segment.m.start == 0 for segment in video)


def test_motions_vary_and_repeat_for_one_seed() -> None:
    """No photo moves like its neighbour, none stands still, and one seed gives one draft."""
    cut = Cut(photos=PHOTOS * 3, seconds=30, seed=7)
    motions = [segment.m.motion for segment in build(cut).video]
    assert all(one != other for one, other in pairwise(motions))
    assert Motion.HOLD not in motions
    assert build(cut) == build(cut)
    assert all(400 <= segment.m.transition.d <= 700 for segment in build(cut).video[1:])


def test_a_third_of_the_edits_says_nothing() -> None:
    """About 30 % of the edits end with no text, decided by session and sequence number alone."""
    silent = [is_silent(f"sess_{n}", 1, 0, 0.3) for n in range(2_000)]
    assert 0.26 < sum(silent) / len(silent) < 0.34
    made = edit(OURS, None, PHOTOS, "en", 1)
    assert write_script(made, OURS, "en", silent=True).after[-1] == Say("")


def test_the_agent_believes_in_a_screen() -> None:
    """Answers carry GUI phrases, in the language of the prompt."""
    english = write_script(edit(OURS, None, PHOTOS, "en", 1), OURS, "en", silent=False).after[-1]
    prompt = "制作一个15秒的视频"
    chinese = write_script(edit(prompt, None, PHOTOS, "en", 1), prompt, "en", silent=False).after[-1]
    assert isinstance(english, Say)
    assert isinstance(chinese, Say)
    assert "click the Export button" in english.text
    assert "点击“导出”" in chinese.text


@given(st.lists(st.none() | st.integers(100, 60_000), min_size=1, max_size=9), st.integers(9_000, 120_000))
def test_a_length_that_was_asked_for_holds(own: list[int | None], total: int) -> None:
    """Photos with a length of their own have it where there is room; all are seen, and the sum is the video."""
    made = timed(total, [Photo(asset=str(n), length=length) for n, length in enumerate(own)])
    assert sum(made) == total
    assert min(made) > 0
    fixed, free = sum(length or 0 for length in own), own.count(None)
    if free and fixed + 500 * free <= total:
        assert all(length in {None, got} for length, got in zip(own, made, strict=True))


def test_even_lengths_need_no_luck() -> None:
    """An awkward total is shared out to the millisecond."""
    assert lengths(10_000, 3) == [3333, 3333, 3334]
