"""Days, as somebody types them to `nightreel social`."""

from datetime import date

import pytest

from nightreel.cli.social import parse_day
from nightreel.errors import ConfigurationError

WEDNESDAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("today", 25),
        ("Tomorrow", 26),
        ("wednesday", 25),
        ("wed", 25),
        ("fri", 27),
        ("2026-11-30", 30),
    ],
)
def test_a_day_is_a_date_or_the_next_of_its_name(typed: str, day: int) -> None:
    """Today counts as the next one."""
    assert parse_day(typed, WEDNESDAY) == date(2026, 11, day)


@pytest.mark.parametrize(("typed", "told"), [("someday", "someday is no day"), ("2026-11-24", "2026-11-24 is over")])
def test_what_is_no_coming_day_is_named(typed: str, told: str) -> None:
    """What is over cannot be changed."""
    with pytest.raises(ConfigurationError, match=told):
        parse_day(typed, WEDNESDAY)
