"""`social.yaml`: what it may say, and how a mistake in it is told."""

from pathlib import Path

import pytest

from nightreel import quality
from nightreel.errors import ConfigurationError
from nightreel.models import Format, Platform
from nightreel.social import parse_rules, read_rules
from nightreel.social.rules import DAYS, Kind, format_of

RULES = """\
seed: spring
window: 10
timezone: Europe/Berlin
slots:
  - days: [mon, Wednesday]
    time: "09:00"
    platforms: [tiktok, instagram-feed]
    count: 2
    pick: [new, turn]
    weights: {sale: 3}
  - name: evening
    platforms: x
    tags: gift
"""


def test_rules_are_read_as_they_are_written() -> None:
    """One value may stand where several may; a slot without a name is called by its time."""
    rules = parse_rules(RULES)
    first, second = rules.slots
    assert (first.name, first.days, first.pick) == ("09:00", ("mon", "wed"), (Kind.NEW, Kind.TURN))
    assert first.formats == (Format.VERTICAL, Format.PORTRAIT)
    assert (second.name, second.days, second.platforms, second.tags) == ("evening", DAYS, ("x",), ("gift",))


def test_no_rules_are_rules(tmp_path: Path) -> None:
    """Without a file, or with an empty one, two products a day come in turn."""
    empty = tmp_path / "social.yaml"
    empty.touch()
    for path in (None, tmp_path / "none.yaml", empty):
        (slot,) = read_rules(path).slots
        assert (slot.count, slot.pick, slot.days) == (2, (Kind.TURN,), DAYS)


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("tiktok", "tictok", 'line 7, platforms: There is no platform "tictok". Did you mean "tiktok"?'),
        ("count", "cuont", 'line 8: there is no key "cuont". Did you mean "count"?'),
        ("window", "windw", 'line 2: there is no key "windw". Did you mean "window"?'),
        ("count: 2", "count: two", 'line 8, count: "two" does not fit.'),
        ("sale: 3", "sale: 0", 'line 10, sale: "0" does not fit.'),
        ("mon,", "mun,", 'line 5, days: There is no day "mun".'),
        ("[new, turn]", "[old]", "line 9, pick:"),
        ("Europe/Berlin", "Europe/Berln", 'line 3, timezone: There is no time zone "Europe/Berln".'),
        ("name: evening", 'name: "09:00"', "Two slots are called 09:00."),
        ("count: 2", "time: 10:00", "line 8: time stands here twice."),
        ("seed: spring", "seed: [", "line 3: expected"),
        ("slots:", "slots: []\nother:", "social.yaml, line"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_was_meant(was: str, now: str, told: str) -> None:
    """File, line and key; of a misspelt word the one that was probably meant."""
    with pytest.raises(ConfigurationError) as error:
        parse_rules(RULES.replace(was, now, 1))
    assert str(error.value).startswith("social.yaml")
    assert told in str(error.value)


@pytest.mark.parametrize("platform", Platform)
def test_each_platform_gets_a_format_that_it_takes(platform: Platform) -> None:
    """Its preset's own check of the aspect says so."""
    wanted = quality.preset(platform).limits["aspect"]
    width, height = format_of(platform).canvas
    assert any(_within(width / height, str(one)) for one in wanted), wanted


def _within(aspect: float, limit: str) -> bool:
    bounds = sorted(float(one.split(":")[0]) / float(one.split(":")[1]) for one in limit.split(" to "))
    return bounds[0] - 1e-6 <= aspect <= bounds[-1] + 1e-6
