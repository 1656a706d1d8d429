"""What a draft must be to be rendered: its shots follow one another, and last as long as it says."""

from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.studio.draft import read_draft

Lengths = st.lists(st.integers(1, 9_000), min_size=1, max_size=6)


def _wire(lengths: list[int], **named: Any) -> dict[str, Any]:  # noqa: ANN401 - of a draft
    shots = [{"d": length, "m": {"asset": "a1"}} for length in lengths]
    return {"t": [{"tt": 7, "sg": []}, {"tt": 0, "sg": shots}], **named}


@given(lengths=Lengths)
def test_shots_that_say_no_start_follow_one_another(lengths: list[int]) -> None:
    """As the protocol's drafts have them; what was read reads the same again, and so does one that says it all."""
    draft = read_draft(_wire(lengths))
    assert [shot.s for shot in draft.video] == [0, *accumulate(lengths[:-1])]
    assert draft.d == sum(lengths)
    assert read_draft(draft.wire()) == draft


@given(lengths=Lengths, data=st.data())
def test_a_shot_that_starts_elsewhere_is_named(lengths: list[int], data: st.DataObject) -> None:
    """With its place and value, and when it is its turn: it would be seen then, and heard at another time."""
    place = data.draw(st.integers(0, len(lengths) - 1))
    turn = sum(lengths[:place])
    wire = _wire(lengths)
    start = wire["t"][1]["sg"][place]["s"] = data.draw(st.integers(1, 600_000).filter(lambda said: said != turn))
    with pytest.raises(ValueError, match=rf"^draft\.t\.1\.sg\.{place}\.s: {start}, but it comes on at {turn} ms$"):
        read_draft(wire)


def test_a_length_that_is_not_its_shots_is_named() -> None:
    """A draft of 100 ms with four seconds of shots; one without shots says what it likes."""
    with pytest.raises(ValueError, match=r"^draft\.d: 100, but its video segments last 4000 ms$"):
        read_draft(_wire([1_000, 3_000], d=100))
    assert read_draft({"d": 100, "t": []}).d == 100


def test_shots_that_are_too_long_together_are_refused() -> None:
    """Each may have ten minutes, and all together no more."""
    with pytest.raises(ValueError, match=r"sg\.1\.d: 1, which makes more than 600000 ms"):
        read_draft(_wire([600_000, 1]))
