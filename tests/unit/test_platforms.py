"""Where videos go: aspects that platforms imply, hashtags, and texts that fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel import quality
from nightreel.catalog.briefs import parse_brief
from nightreel.catalog.clips import clips_of
from nightreel.errors import BriefError
from nightreel.models import Brief, Format, Platform, Product
from nightreel.platforms import MANNERS, fitted, formats_for, hashtags_of, platforms_of, post_text, weight

TALL, SQUARE, WIDE = Format.VERTICAL, Format.SQUARE, Format.WIDE


@pytest.mark.parametrize("platform", Platform)
def test_each_platform_has_a_preset_that_takes_its_formats(platform: Platform) -> None:
    """What a platform is served in is what its checks let pass."""
    limits = quality.preset(platform.value).limits["aspect"]
    for format_ in MANNERS[platform].formats:
        width, height = format_.canvas
        assert any(_within(width / height, limit) for limit in limits), (platform, format_, limits)


def _within(aspect: float, limit: str) -> bool:
    edges = [float(edge.split(":")[0]) / float(edge.split(":")[1]) for edge in limit.split(" to ")]
    return min(edges) - 0.01 <= aspect <= max(edges) + 0.01


def test_a_platform_that_needs_another_aspect_implies_it() -> None:
    """Reels adds an upright video to a wide one; what takes a format that is made anyway adds none."""
    assert formats_for((WIDE,), (Platform.REELS, Platform.YOUTUBE)) == (WIDE, TALL)
    assert formats_for((TALL,), (Platform.TIKTOK, Platform.YOUTUBE)) == (TALL,)


@given(st.lists(st.sampled_from(Format), min_size=1, unique=True), st.lists(st.sampled_from(Platform), unique=True))
def test_each_platform_is_served_once(formats: list[Format], platforms: list[Platform]) -> None:
    """Whatever is asked for, each platform gets a video of exactly one format, one that it takes."""
    wanted = formats_for(formats, platforms)
    served = [(one, format_) for format_ in wanted for one in platforms_of(format_, wanted, platforms)]
    assert sorted(one for one, _ in served) == sorted(platforms)
    assert all(format_ in MANNERS[one].formats for one, format_ in served)


def test_hashtags_are_made_of_the_words_of_fields() -> None:
    """A category's steps are words, spaces and marks go, numbers alone and repeats are left out."""
    assert hashtags_of("Home > Tea cups, Nordfell & Co., 2026, home, 手工 杯") == (
        "#Home",
        "#TeaCups",
        "#NordfellCo",
        "#手工杯",
    )


@given(st.sampled_from(Platform), st.text(max_size=400), st.lists(st.just("#Clay"), max_size=40))
def test_a_text_always_fits(platform: Platform, text: str, tags: list[str]) -> None:
    """However long the words are, a platform gets no more than it takes, and is told what was left out."""
    fit, left = fitted(platform, text, tags)
    assert weight(platform, fit) <= MANNERS[platform].text
    if MANNERS[platform].text and fit != post_text(text, tags):
        assert left


def test_x_counts_links_and_scripts_as_it_does() -> None:
    """A link is 23 whatever its length, a Chinese character 2."""
    assert weight(Platform.X, "a https://shop.example/" + "x" * 90) == 2 + 23
    assert weight(Platform.X, "手工") == 4
    assert weight(Platform.TIKTOK, "手工") == 2


def test_a_brief_names_platforms_and_a_mistake_is_told_with_what_was_meant() -> None:
    """Names are read as people write them."""
    assert parse_brief("platforms: [TikTok, Instagram Feed, tiktok]").values["platforms"] == (
        Platform.TIKTOK,
        Platform.INSTAGRAM_FEED,
    )
    with pytest.raises(BriefError, match="line 1, platforms: there is no platform") as told:
        parse_brief("platforms: [tiktock]")
    assert "tiktok" in (told.value.hint or "")


def test_platforms_change_no_key() -> None:
    """Where a video goes is not what it is: to name a platform makes nothing anew."""
    product = Product(id="mug", fields={"title": "Mug", "brand": "Nordfell", "price": "5 EUR"}, photos=())
    (plain,) = clips_of(product, Brief())
    (going,) = clips_of(product, Brief(platforms=(Platform.TIKTOK,)))
    assert plain.key == going.key
    assert (going.platforms, going.hashtags) == ((Platform.TIKTOK,), ("#Nordfell",))
    assert going.post.startswith("Mug · ")
