"""The editor: what a prompt says → what the draft has."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightreel.studio.agent.cutting import Cut, Photo, build, lengths, shares
from nightreel.studio.agent.editing import edit
from nightreel.studio.agent.reading import read_prompt
from nightreel.studio.agent.script import Say, is_silent, write_script
from nightreel.studio.draft import Direction, Motion, TransitionKind, read_draft

PHOTOS = tuple(Photo(asset=f"asset_{n}", name=f"{n}.jpg") for n in range(4))
OURS = (
    "Create a 15-second vertical 9:16 product video from all uploaded photos in their order, "
    'with smooth transitions and upbeat music. Title: "手工粗陶咖啡杯". Subtitle: "¥168.00".'
)
FADE, CUT, WIPE, SLIDE, BLACK, WHITE, PUSH, WHIP, ZOOM, BLUR = (
    TransitionKind.CROSS_FADE,
    TransitionKind.CUT,
    TransitionKind.WIPE,
    TransitionKind.SLIDE,
    TransitionKind.DIP_BLACK,
    TransitionKind.DIP_WHITE,
    TransitionKind.PUSH,
    TransitionKind.WHIP,
    TransitionKind.ZOOM,
    TransitionKind.BLUR,
)
SMOOTH = (FADE, ZOOM, FADE, BLUR)
LEFT, RIGHT, UP, DOWN = Direction
Facts = dict[str, object]
FIRST_CUTS: list[tuple[str, Facts]] = [
    (
        OURS,
        {
            "seconds": 15,
            "canvas": (1080, 1920),
            "transitions": SMOOTH,
            "music": "upbeat",
            "texts": {"title": "手工粗陶咖啡杯", "subtitle": "¥168.00"},
        },
    ),
    (
        "Make a square 20s ad with lo-fi music and wipes",
        {"seconds": 20, "canvas": (1080, 1080), "music": "lo-fi", "transitions": (WIPE,)},
    ),
    (
        "a minute and a half, 16:9, dip to black, cinematic",
        {"seconds": 90, "canvas": (1920, 1080), "transitions": (BLACK,), "music": "cinematic"},
    ),
    (
        "Thirty-second clip, hard cuts, no music, headline: Urban Dreams.",
        {"seconds": 30, "music": "", "transitions": (CUT,), "texts": {"title": "Urban Dreams"}},
    ),
    ("15 seconds, smooth transitions, no text", {"seconds": 15, "transitions": SMOOTH, "texts": {}}),
    ("0.5 second cross-fades, 12 seconds in all", {"seconds": 12, "transitions": (FADE,), "lead": 500}),
    ("Show each photo for 3 seconds with slide transitions", {"seconds": 12, "transitions": (SLIDE,)}),
    (
        'A 10 second video. Title: "20 seconds of square lo-fi". 4:5',
        {"seconds": 10, "canvas": (1080, 1350), "music": "upbeat", "texts": {"title": "20 seconds of square lo-fi"}},
    ),
    ('Title: "6.1" Phone", calm background music', {"texts": {"title": '6.1" Phone'}, "music": "ambient"}),
    ('Title: "The \\"best\\" lamp"', {"texts": {"title": 'The "best" lamp'}}),
    (
        "for TikTok, with the words “Hello” at the top",
        {"canvas": (1080, 1920), "texts": {"title": "Hello"}, "position": "top"},
    ),
    (
        "制作一个三十秒的竖屏视频，使用平滑转场和轻快的音乐。标题：“手工粗陶咖啡杯”，副标题：“¥168”",
        {
            "seconds": 30,
            "canvas": (1080, 1920),
            "transitions": SMOOTH,
            "music": "upbeat",
            "texts": {"title": "手工粗陶咖啡杯", "subtitle": "¥168"},
        },
    ),
    ("生成15秒横版视频，不要音乐，硬切", {"seconds": 15, "canvas": (1920, 1080), "music": "", "transitions": (CUT,)}),
    (
        "一分半，方形，电影感配乐，每张照片之间用擦除",
        {"seconds": 90, "canvas": (1080, 1080), "music": "cinematic", "transitions": (WIPE,)},
    ),
]
EDITS: list[tuple[str, Facts]] = [
    ("make it 20 seconds", {"seconds": 20}),
    ("make the video 20 seconds long", {"seconds": 20}),
    ('create a title "New"', {"texts": {"title": "New", "subtitle": "¥168.00"}}),
    ("change it from 15 seconds to 25 seconds", {"seconds": 25}),
    ("5 seconds shorter please", {"seconds": 10}),
    ("extend it by 5 seconds", {"seconds": 20}),
    ("remove the title", {"texts": {"subtitle": "¥168.00"}}),
    ("remove the title and subtitle", {"texts": {}}),
    ('change the title to "New"', {"texts": {"title": "New", "subtitle": "¥168.00"}}),
    ("no music", {"music": ""}),
    ("more playful music", {"music": "playful"}),
    ("no transitions", {"transitions": (CUT,)}),
    ("switch from 9:16 to 16:9", {"canvas": (1920, 1080)}),
    ("keep the photos still, no motion", {"still": True}),
    ("改成二十秒", {"seconds": 20}),
    ("缩短5秒", {"seconds": 10}),
    ("删除副标题", {"texts": {"title": "手工粗陶咖啡杯"}}),
    ("去掉标题和副标题", {"texts": {}}),
    ("标题改为「海蓝釉」", {"texts": {"title": "海蓝釉", "subtitle": "¥168.00"}}),
    ("音乐换成舒缓的", {"music": "ambient"}),
]


TRANSITIONS: list[tuple[str, Facts]] = [
    ("with wipes", {"transitions": (WIPE,)}),
    ("push transitions", {"transitions": (PUSH,)}),
    ("推入转场", {"transitions": (PUSH,)}),
    ("slide and push transitions", {"transitions": (SLIDE, PUSH)}),
    ("zoom through from photo to photo", {"transitions": (ZOOM,)}),
    ("a slow zoom in and smooth transitions", {"transitions": SMOOTH}),
    ("blurred background, gentle transitions", {"transitions": (FADE,)}),
    ("blur transitions and white flashes", {"transitions": (BLUR, WHITE)}),
    ("whip pans between the photos", {"transitions": (WHIP,)}),
    ("甩镜转场", {"transitions": (WHIP,)}),
    ("模糊转场，再来闪白", {"transitions": (BLUR, WHITE)}),
    ("缩放转场", {"transitions": (ZOOM,)}),
    ("dynamic transitions", {"transitions": (PUSH, ZOOM, WHIP, WIPE)}),
    ("动感转场", {"transitions": (PUSH, ZOOM, WHIP, WIPE)}),
    ("fades to black", {"transitions": (BLACK,)}),
    ("transitions that push up", {"transitions": (PUSH,), "direction": UP}),
    ("wipe from the left", {"transitions": (WIPE,), "direction": RIGHT}),
    ("wipes from top to bottom", {"transitions": (WIPE,), "direction": DOWN}),
    ("slide transitions to the right", {"transitions": (SLIDE,), "direction": RIGHT}),
    ("向上推入转场", {"transitions": (PUSH,), "direction": UP}),
    ("从右向左擦除", {"transitions": (WIPE,), "direction": LEFT}),
    ("1.2 second wipes", {"transitions": (WIPE,), "lead": 1_200}),
    ("0.8秒的推入转场", {"transitions": (PUSH,), "lead": 800}),
    ("slow cross-fade transitions", {"transitions": (FADE,), "lead": 1_000}),
    ("quick dips to white", {"transitions": (WHITE,), "lead": 300}),
    ("快速擦除", {"transitions": (WIPE,), "lead": 300}),
    ("a slideshow of push-up bars", {}),
    ("text on the left, put it down", {}),
]


@pytest.mark.parametrize(("prompt", "facts"), TRANSITIONS)
def test_a_prompt_names_transitions_their_way_and_their_length(prompt: str, facts: Facts) -> None:
    """Kinds, directions and lengths are taken from a prompt in either language, and only where they are meant."""
    wish = read_prompt(prompt)
    said = {"transitions": wish.transitions, "direction": wish.direction, "lead": wish.lead}
    assert {name: value for name, value in said.items() if value is not None} == facts


@pytest.mark.parametrize(("prompt", "facts"), FIRST_CUTS)
def test_a_first_prompt_decides_the_cut(prompt: str, facts: Facts) -> None:
    """What a first prompt says, in English or Chinese, is what the cut has; a quoted title is only a title."""
    cut = edit(prompt, None, PHOTOS, "en", 1).cut
    assert cut is not None
    assert {name: getattr(cut, name) for name in facts} == facts


@pytest.mark.parametrize(("prompt", "facts"), EDITS)
def test_an_edit_changes_what_it_names_and_nothing_else(prompt: str, facts: Facts) -> None:
    """A later prompt changes the named facts; every other fact, and every photo's motion, stays."""
    before = edit(OURS, None, PHOTOS, "en", 1).cut
    assert before is not None
    made = edit(prompt, before, PHOTOS, "en", 2)
    assert made.cut == before.model_copy(update=facts)
    assert set(made.changed) == set(facts)


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
    assert made.cut == Cut(photos=PHOTOS, canvas=(1080, 1080), seed=2)


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


def test_even_lengths_need_no_luck() -> None:
    """An awkward total is shared out to the millisecond."""
    assert lengths(10_000, 3) == [3333, 3333, 3334]
