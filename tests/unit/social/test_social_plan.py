"""Whose turn it is: rotation, lots, preferences, and what a person has changed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.social import Candidate, Planned, Record, Rules, Sale, Slot, candidate, fold, plan
from nightreel.social.rules import Kind

MONDAY = date(2026, 11, 23)


def rules(**slot: Any) -> Rules:  # noqa: ANN401 - a slot's fields
    """Return rules of one slot, without repeats in thirty days."""
    return Rules(seed="spring", slots=(Slot(name="daily", **slot),))


def several(count: int) -> list[Candidate]:
    """Return so many products."""
    return [Candidate(product=f"P{number:02d}") for number in range(count)]


def shown(planned: Sequence[Planned]) -> list[list[str]]:
    """Return the products of each slot."""
    return [[pick.product for pick in each.picks] for each in planned]


def after(*told: tuple[str, Mapping[str, Any]]) -> Record:
    """Return the record of what was told."""
    return fold(told)


@given(
    st.integers(1, 12), st.integers(1, 5), st.sampled_from(["turn", "any"]), st.integers(0, 40), st.text(max_size=5)
)
def test_nothing_comes_again_within_the_window_while_there_are_others(
    products: int, count: int, pick: str, window: int, seed: str
) -> None:
    """And no product twice in one slot; as many as were asked for come while there are that many."""
    some = several(products)
    by = rules(count=count, pick=pick).model_copy(update={"seed": seed, "window": window})
    last: dict[str, date] = {}
    for each in plan(by, some, Record(), MONDAY, 21):
        picks = [it.product for it in each.picks]
        assert len(picks) == len(set(picks)) == min(count, products)
        fresh = [it.product for it in some if it.product not in last or (each.day - last[it.product]).days > window]
        again = [it for it in picks if it not in fresh]
        assert not again or set(fresh) <= set(picks), "a repeat, while there were others"
        last |= dict.fromkeys(picks, each.day)


def test_in_turn_each_has_its_day_before_any_has_two() -> None:
    """Even beyond the window: who was shown longest ago comes first."""
    by = rules(count=2).model_copy(update={"window": 1})
    in_turn = [product for each in shown(plan(by, several(10), Record(), MONDAY, 15)) for product in each]
    for start in (0, 10, 20):
        assert len(set(in_turn[start : start + 10])) == 10


def test_the_same_seed_and_day_give_the_same_pick() -> None:
    """Written down, so that any machine and release is held to it; the catalog's order is no matter."""
    by = rules(count=3, pick="any", weights={"gift": 4})
    some = [
        one.model_copy(update={"tags": frozenset({"gift"})}) if one.product > "P05" else one for one in several(9)
    ]
    first = shown(plan(by, some, Record(), MONDAY, 2))
    assert first == [["P07", "P00", "P06"], ["P02", "P04", "P05"]]
    assert first == shown(plan(by, some[::-1], Record(), MONDAY, 2))
    assert first != shown(plan(by.model_copy(update={"seed": "autumn"}), some, Record(), MONDAY, 2))


def test_weights_make_a_product_so_many_times_as_likely() -> None:
    """Of two products, one with weight three comes first in three of four days."""
    by = rules(pick="any", weights={"gift": 3}).model_copy(update={"window": 0})
    some = [Candidate(product="A", tags=frozenset({"gift"})), Candidate(product="B")]
    came = Counter(each[0] for each in shown(plan(by, some, Record(), MONDAY, 400)))
    assert 270 < came["A"] < 330


def test_preferences_go_before_turns() -> None:
    """New arrivals first, then what is on sale at that hour, then the others; each says why it comes."""
    sale = Sale(begins=datetime(2026, 11, 24, tzinfo=UTC), ends=datetime(2026, 11, 24, 12, tzinfo=UTC))
    some = [*several(3), Candidate(product="NEW"), Candidate(product="SALE", sale=sale)]
    record = after(
        ("seen", {"day": "2026-10-01", "products": ["P00", "P01", "P02", "SALE"]}),
        ("seen", {"day": "2026-11-20", "products": ["NEW"]}),
    )
    planned = plan(rules(pick=["new", "sale", "turn"]), some, record, MONDAY, 3)
    assert [(each.picks[0].product, each.picks[0].why) for each in planned[:2]] == [
        ("NEW", "new"),
        ("SALE", "on sale until 2026-11-24 12:00"),
    ]
    assert planned[2].picks[0].why == "in turn"


def test_what_was_there_from_the_beginning_is_not_new() -> None:
    """A catalog that is seen for the first time has no arrivals; what comes into it later has, for two weeks."""
    by, some = rules(pick="new", count=5), several(3)
    assert shown(plan(by, some, Record(), MONDAY, 1)) == [[]]
    record = after(("seen", {"day": "2026-11-01", "products": ["P00", "P01"]}))
    by = by.model_copy(update={"window": 0})
    assert shown(plan(by, some, record, MONDAY, 15)) == [["P02"]] * 14 + [[]]


def test_what_cannot_be_had_or_is_not_meant_does_not_come() -> None:
    """Out of stock, without the words that are asked for, with those that are not wanted."""
    some = [
        Candidate(product="A", tags=frozenset({"gift"}), categories=frozenset({"home"})),
        Candidate(product="GONE", tags=frozenset({"gift"}), categories=frozenset({"home"}), stock=False),
        Candidate(product="OTHER", categories=frozenset({"home"})),
        Candidate(product="ADULT", tags=frozenset({"gift", "18+"}), categories=frozenset({"home"})),
    ]
    by = rules(count=4, tags=["Gift"], categories=["Home"], without=["18+"])
    assert shown(plan(by, some, Record(), MONDAY, 1)) == [["A"]]
    assert shown(plan(rules(count=4, tags=["gift"], without=["18+"], stock=False), some, Record(), MONDAY, 1)) in (
        [["A", "GONE"]],
        [["GONE", "A"]],
    )


def test_a_person_changes_what_comes() -> None:
    """A pin comes for sure, what is skipped does not; the days after follow from it."""
    some, by = several(6), rules(count=2)
    (a, b), (c, _), *_ = shown(plan(by, some, Record(), MONDAY, 3))
    tuesday = {"day": "2026-11-24"}
    record = after(("skipped", {**tuesday, "product": c}), ("pinned", {**tuesday, "product": a}))
    changed = plan(by, some, record, MONDAY, 3)
    assert changed[1].picks[0].product == a
    assert changed[1].picks[0].why == "pinned"
    assert c not in shown(changed)[1]
    assert c in shown(changed)[2], "whose turn it was comes the next day"
    assert shown(changed)[0] == [a, b]
    off = plan(by, some, after(("skipped", tuesday)), MONDAY, 2)[1]
    assert (off.off, off.picks) == (True, ())
    again = after(("skipped", tuesday), ("reset", tuesday))
    assert plan(by, some, again, MONDAY, 3) == plan(by, some, Record(), MONDAY, 3)


def test_what_was_dropped_stays_but_for_what_has_vanished() -> None:
    """The day's picks are kept, whatever came into the catalog since; the next takes the place of what is gone."""
    some, by = several(6), rules(count=2)
    record = after(("picked", {"day": MONDAY.isoformat(), "slot": "daily", "products": ["P05", "P04"]}))
    planned = plan(by, [*some, Candidate(product="AAA")], record, MONDAY, 1)[0]
    assert (shown([planned])[0], planned.dropped) == (["P05", "P04"], True)
    left = plan(by, some[:5], record, MONDAY, 1)[0]
    assert shown([left])[0][0] == "P04"
    assert len(left.picks) == 2
    assert left.notes == ("P05 is not in the catalog, or not fit; the next takes its place.",)


def test_two_slots_of_a_day_share_no_product() -> None:
    """Each slot is dealt with what the others of the day have taken."""
    by = Rules(slots=tuple(Slot(name=name, count=2, pick=(Kind.ANY,)) for name in ("a", "b")))
    for day in range(5):
        one, other = shown(plan(by, several(4), Record(), MONDAY + timedelta(day), 1))
        assert not set(one) & set(other)


@pytest.mark.parametrize(
    ("fields", "on_sale", "stock"),
    [
        ({"price": "20 EUR", "sale_price": "15 EUR"}, True, True),
        ({"price": "20 EUR", "sale_price": "25 EUR"}, False, True),
        ({"price": "20 EUR", "sale_price": ""}, False, True),
        ({"sale_price": "5", "sale_price_effective_date": "2026-11-01T00:00/2026-11-22T23:59"}, False, True),
        (
            {"sale_price": "5", "sale_price_effective_date": "2026-11-23T00:00+01:00/2026-11-24T00:00+01:00"},
            True,
            True,
        ),
        ({"sale_price": "5", "sale_price_effective_date": "soon"}, True, True),
        ({"availability": "Out of stock"}, False, False),
        ({"availability": "in_stock", "variant_inventory_qty": "0"}, False, False),
        ({"quantity": "3"}, False, True),
    ],
)
def test_a_feeds_fields_tell_sale_and_stock(fields: dict[str, str], on_sale: bool, stock: bool) -> None:  # noqa: FBT001
    """As Merchant, Meta and Shopify write them."""
    found = candidate("A", fields)
    moment = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert (found.sale is not None and found.sale.on(moment)) == on_sale
    assert found.stock == stock
