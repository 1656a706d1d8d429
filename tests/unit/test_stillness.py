"""What has changed and stands still again: nothing half copied is taken, and nothing is forgotten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.nights.stillness import FIRST_AGAIN, LAST_AGAIN, PATIENCE, Sight, Stillness, differences

SETTLE = 2.0


def sight(*stamps: str, words: str = "w", problem: str = "") -> Sight:
    """Return a product with photos 1.jpg, 2.jpg… of these stamps."""
    return Sight(words=words, files={f"{n}.jpg": stamp for n, stamp in enumerate(stamps, 1)}, problem=problem)


def test_a_photo_that_is_being_copied_waits() -> None:
    """While a file grows its product is not taken; once it has stood still it is, and only once."""
    still = Stillness(SETTLE)
    assert still.see({"mug": sight("10")}, 0) == (["mug"], [])
    assert still.see({"mug": sight("20")}, 1.5) == ([], [])
    still.see({"mug": sight("20")}, 3.0)
    assert not still.take(3.0)
    assert still.due(3.0) == 0.5
    still.see({"mug": sight("20")}, 3.5)
    assert still.take(3.5) == {"mug": (None, sight("20"))}
    assert not still.take(9.0)
    assert still.due(9.0) is None


def test_a_burst_is_one_batch() -> None:
    """What is ready waits for what comes with it, but not for ever: a file that never stands still stops nobody."""
    still = Stillness(SETTLE)
    still.see({"mug": sight("1"), "log": sight("0")}, 0)
    now = 0.0
    while now < PATIENCE * SETTLE - 1:
        now += 1
        still.see({"mug": sight("1"), "log": sight(str(now))}, now)
        assert not still.take(now)
    now += 1
    still.see({"mug": sight("1"), "log": sight(str(now))}, now)
    assert set(still.take(now)) == {"mug"}


def test_changes_during_a_run_are_seen_after_it() -> None:
    """A product that changes after it was taken comes again."""
    still = Stillness(SETTLE)
    for now in (0, 2):
        still.see({"mug": sight("1")}, now)
    assert still.take(2)
    for now in (100, 102):
        still.see({"mug": sight("2")}, now)
    assert still.take(102) == {"mug": (sight("1"), sight("2"))}


def test_what_failed_comes_again_later_and_later() -> None:
    """Each time it waits twice as long, to an hour at most; a change makes it new."""
    still = Stillness(SETTLE)
    for now in (0.0, 2.0):
        still.see({"mug": sight("1")}, now)
    assert still.take(2.0)
    now, waits = 2.0, list[float]()
    for _ in range(6):
        still.failed(["mug", "unknown"], now)
        wait = still.due(now)
        assert wait is not None
        assert not still.take(now + wait - 1)
        now += wait
        waits.append(wait)
        assert set(still.take(now)) == {"mug"}
    assert waits == [300.0, 600.0, 1200.0, 2400.0, 3600.0, 3600.0]
    still.failed(["mug"], now)
    still.see({"mug": sight("2")}, now + 1)
    still.see({"mug": sight("2")}, now + 3)
    assert still.take(now + 3)
    still.failed(["mug"], now + 4)
    assert still.due(now + 4) == FIRST_AGAIN < LAST_AGAIN


def test_what_is_gone_and_comes_back_is_new() -> None:
    """A product that vanishes is told and forgotten."""
    still = Stillness(SETTLE)
    for now in (0, 2):
        still.see({"mug": sight("1")}, now)
    still.take(2)
    assert still.see({}, 3) == ([], ["mug"])
    assert still.see({"mug": sight("1")}, 4) == (["mug"], [])
    still.see({"mug": sight("1")}, 6)
    assert still.take(6) == {"mug": (None, sight("1"))}


LOOKS = st.lists(
    st.tuples(
        st.floats(0.1, 5),
        st.dictionaries(st.sampled_from("abc"), st.integers(0, 2), max_size=3),
        st.booleans(),
    ),
    max_size=12,
)


@given(LOOKS)
def test_nothing_half_is_taken_and_nothing_is_forgotten(looks: list[tuple[float, dict[str, int], bool]]) -> None:
    """What is taken did not change for `settle`; in the end everything that is there was taken as it is."""
    still, now = Stillness(SETTLE), 0.0
    shown, since, taken = dict[str, int](), dict[str, float](), dict[str, int]()
    for wait, products, takes in [*looks, (1.0, looks[-1][1] if looks else {}, False), (PATIENCE * SETTLE, {}, True)]:
        now += wait
        if wait != PATIENCE * SETTLE:
            since |= {name: now for name, state in products.items() if shown.get(name) != state}
            shown = products
        still.see({name: sight(str(state)) for name, state in shown.items()}, now)
        for name in set(taken) - set(shown):
            del taken[name]
        for name, (_, there) in still.take(now).items() if takes else ():
            assert now - since[name] >= SETTLE
            assert there == sight(str(shown[name]))
            taken[name] = shown[name]
    assert taken == shown


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (None, sight("a", "b"), "mug: 2 photos"),
        (sight(problem="mug has no photos."), sight("a"), "mug: 1 photo"),
        (sight("a"), sight("b"), "mug: 1.jpg was replaced"),
        (sight("a"), sight("a", "b"), "mug: 2.jpg is new"),
        (sight("a", "b"), sight("a"), "mug: 2.jpg is gone"),
        (Sight(files={"mug/1.jpg": "a"}), Sight(files={"mug/2.jpg": "a"}), "mug: 1.jpg is now 2.jpg"),
        (
            Sight(files={"1": "a", "2": "b"}),
            Sight(files={"2": "b", "1": "a"}),
            "mug: its photos are in another order",
        ),
        (sight("a"), sight("a", words="v"), "mug: its brief or its fields changed"),
        (sight("a"), sight("a"), "mug: again"),
        (sight("a"), sight(problem="mug has no photos."), "mug has no photos."),
        (None, sight(problem="line 2 has no id."), "mug: line 2 has no id."),
    ],
)
def test_what_is_said_of_a_change(before: Sight | None, now: Sight, said: str) -> None:
    """New, replaced, gone and renamed photos, another order, other words: each has its sentence."""
    assert differences("mug", before, now) == said
