"""The planner: what a run would do and cost, decided by values alone."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.catalog import Plan, Rejected, clips_of, plan
from nightreel.errors import ConfigurationError
from nightreel.models import RECIPE, Brief, Clip, Format, Made, Photo, Product, Tariff, digest


def _photo(content: str) -> Photo:
    return Photo(
        path=Path(f"/{content}.jpg"),
        name=f"{content}.jpg",
        sha256=digest(content),
        size=1,
        kind="jpeg",
        width=900,
        height=900,
    )


def _product(name: str, photos: Sequence[str] = ("a", "b"), brief: Brief | None = None, **fields: str) -> Product:
    return Product(
        id=name,
        fields={"title": name, "price": "5 USD", **fields},
        photos=tuple(_photo(content) for content in photos),
        brief=brief or Brief(),
    )


def _made(clip: Clip, status: str = "made", recipe: int = RECIPE) -> Made:
    return Made.model_validate(
        {
            "key": clip.key,
            "product": clip.product,
            "format": clip.format,
            "recipe": recipe,
            "status": status,
            "photos": [photo.sha256 for photo in clip.photos],
            "prompt": clip.prompt,
        }
    )


def _journal(*products: Product, status: str = "made", recipe: int = RECIPE) -> dict[str, Made]:
    return {clip.key: _made(clip, status, recipe) for product in products for clip in clips_of(product)}


def _statuses(found: Plan) -> list[str]:
    return [item.status for item in found.items]


def test_everything_is_new_at_first() -> None:
    """With an empty journal every clip is new, and costs its first cut."""
    found = plan([_product("A"), _product("B")], tariff=Tariff(first_cut=100, export=1))
    assert (_statuses(found), found.credits, len(found.clips)) == (["new", "new"], 202, 2)


def test_what_is_made_costs_nothing() -> None:
    """What the journal holds as made is unchanged: nothing to make, nothing to pay."""
    product = _product("A", brief=Brief(formats=(Format.VERTICAL, Format.SQUARE)))
    found = plan([product], made=_journal(product))
    assert (_statuses(found), found.credits, found.clips) == (["unchanged"] * 2, 0, ())


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (_product("A", ("a", "c")), "New or changed: c.jpg."),
        (_product("A", ("a", "b", "c")), "New or changed: c.jpg."),
        (_product("A", ("a",)), "1 fewer of the photos before."),
        (_product("A", ("b", "a")), "The photos are in another order."),
        (_product("A", price="6 USD"), 'Subtitle (price): "$5.00" → "$6.00".'),
        (_product("A", title="Ay"), 'Title (title): "A" → "Ay".'),
        (_product("A", brief=Brief(subtitle="")), 'Subtitle: "$5.00" → none.'),
        (_product("A", brief=Brief(seconds=8)), "Length: 15-second → 8-second."),
        (_product("A", brief=Brief(music="lo-fi")), "Music: upbeat music → lo-fi music."),
        (_product("A", brief=Brief(cta="Shop now")), 'Call to action: none → "Shop now".'),
        (_product("A", brief=Brief(prompt="Slowly.")), "Now asked: Slowly."),
        (_product("A", brief=Brief(cutout=True)), "The language, the length or how photos are sent changed."),
    ],
)
def test_a_change_is_told(after: Product, reason: str) -> None:
    """A changed clip says which photo or which sentence changed."""
    (item,) = plan([after], made=_journal(_product("A"))).items
    assert (item.status, item.reason, item.credits) == ("changed", reason, 100)


def test_a_newer_recipe_never_buys_by_itself() -> None:
    """A clip of an older recipe is named as such and left; `remake` buys it, by product or by clip."""
    product = _product("A")
    journal = _journal(product, recipe=RECIPE - 1)
    assert _statuses(plan([product], made=journal)) == ["older recipe"]
    assert plan([product], made=journal).credits == 0
    for name in ("A", "A 9x16"):
        again = plan([product], made=journal, remake=[name])
        assert (_statuses(again), again.credits, len(again.clips)) == (["remake"], 100, 1)


@pytest.mark.parametrize(("status", "again"), [("open", "unfinished"), ("failed", "remake"), ("person", "remake")])
def test_what_was_begun_is_taken_up(status: str, again: str) -> None:
    """A clip that was begun is gone on with; one that came to no good end is bought again when that is asked for."""
    product = _product("A")
    journal = _journal(product, status=status)
    assert _statuses(plan([product], made=journal)) == ["unfinished"]
    found = plan([product], made=journal, remake=["A"])
    assert (_statuses(found), found.credits, len(found.clips)) == ([again], 100, 1)


def test_what_was_given_up_is_made_on_request_only() -> None:
    """A clip that a person gave up is listed, costs nothing and is not made, unless it is remade."""
    product = _product("A")
    journal = _journal(product, status="given up")
    found = plan([product], made=journal)
    assert (_statuses(found), found.credits, found.clips) == (["given up"], 0, ())
    assert _statuses(plan([product], made=journal, remake=["A"])) == ["remake"]


@pytest.mark.parametrize("status", ["open", "failed", "person"])
def test_what_is_paid_for_costs_nothing_more(status: str) -> None:
    """To go on with a clip whose prompt was made, or may have been, is free; to buy it again is not."""
    product = _product("A")
    journal = {key: made.model_copy(update={"paid": True}) for key, made in _journal(product, status=status).items()}
    assert plan([product], made=journal).credits == 0
    assert plan([product], made=journal, remake=["A"]).credits == (0 if status == "open" else 100)


def test_what_is_gone_or_unfit_is_listed() -> None:
    """Vanished products and formats and unfit products are in the plan, and cost nothing."""
    both = Brief(formats=(Format.VERTICAL, Format.SQUARE))
    journal = _journal(_product("A", brief=both), _product("B"), _product("C"))
    found = plan([_product("A")], [Rejected(product="B", reason="b.jpg is no photo.")], journal)
    assert [(item.product, item.status, item.reason) for item in found.items] == [
        ("A", "unchanged", ""),
        ("B", "unfit", "b.jpg is no photo."),
        ("A", "vanished", "The brief does not ask for this format."),
        ("C", "vanished", "No longer in the catalog."),
    ]
    assert not found.clips


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("/home/shop", True),
        ("shop", True),
        ("./shop/", True),
        ("/home/other", False),
        ("other", False),
        ("op", False),
        ("s3://home/shop", False),
        ("", False),
    ],
)
def test_what_another_catalog_has_does_not_vanish(kept: str, told: bool) -> None:  # noqa: FBT001 - a case
    """What was made from elsewhere is not missed here; paths that older journals kept as typed are understood."""
    journal = {
        key: made.model_copy(update={"source": kept}) for key, made in _journal(_product("A"), _product("B")).items()
    }
    found = plan([_product("A")], made=journal, source="/home/shop")
    assert _statuses(found) == ["unchanged", *(["vanished"] if told else [])]


def test_the_very_same_video_is_not_bought_twice() -> None:
    """A product that would come to the very same video as another is unfit, and says which."""
    same = Brief(title="Sale", subtitle="")
    first, second = plan([_product("A", brief=same), _product("B", brief=same)]).items
    assert (first.status, second.status) == ("new", "unfit")
    assert "very same video as A 9x16" in second.reason


def test_a_renamed_product_is_not_bought_again() -> None:
    """The same photos and words under another id are what was made already."""
    same = Brief(title="Sale", subtitle="")
    found = plan([_product("NEW", brief=same)], made=_journal(_product("OLD", brief=same)))
    assert [(item.status, item.reason) for item in found.items] == [("unchanged", "Made as OLD.")]


def test_only_and_remake_must_name_what_is_there() -> None:
    """A name that is not in the catalog is an error with a suggestion, before anything is planned."""
    for only, remake in ((["LAMB"], []), ([], ["LAMB"])):
        with pytest.raises(ConfigurationError, match=r'no LAMB in the catalog\. Did you mean "LAMP"'):
            plan([_product("LAMP"), _product("CUP")], only=only, remake=remake)
    assert [item.product for item in plan([_product("A"), _product("B")], only=["B"]).items] == ["B"]


def test_the_budget_is_compared_at_full_price() -> None:
    """The plan tells how many clips the budget reaches for, in order."""
    found = plan([_product(name) for name in "ABC"], budget_left=250)
    assert (found.credits, found.affordable) == (300, 2)
    assert [item.beyond for item in found.items] == [False, False, True]
    assert plan([_product("A")]).affordable == 1


def test_what_was_begun_is_paid_before_what_is_new() -> None:
    """The budget reaches first for what a run takes up first, wherever that stands in the catalog."""
    begun = _product("B")
    found = plan([_product("A"), begun], made=_journal(begun, status="open"), budget_left=100)
    assert [(item.product, item.beyond) for item in found.items] == [("A", True), ("B", False)]


_names = st.text("ABCDEF", min_size=1, max_size=2)
_products = st.dictionaries(
    _names, st.lists(st.sampled_from("abcde"), min_size=1, max_size=4, unique=True), max_size=6
)


@given(now=_products, before=_products, status=st.sampled_from(["made", "open", "failed", "person", "given up"]))
def test_every_plan_is_whole_and_settles(
    now: dict[str, list[str]], before: dict[str, list[str]], status: str
) -> None:
    """Every clip has one line; once all is made the next plan makes nothing; the order of products is free."""
    products = [_product(name, photos) for name, photos in now.items()]
    journal = _journal(*(_product(name, photos) for name, photos in before.items()), status=status)
    found = plan(products, made=journal)
    clips = [clip for product in products for clip in clips_of(product)]
    assert [item.clip for item in found.items if item.clip] == clips
    assert found.credits == sum(item.credits for item in found.items)
    assert {item.product for item in found.items if item.status == "vanished"} == set(before) - set(now)
    settled = plan(products, made={**journal, **{clip.key: _made(clip) for clip in clips}})
    assert not settled.clips
    assert settled.credits == 0
    turned = plan(products[::-1], made=journal)

    assert sorted(turned.items, key=repr) == sorted(found.items, key=repr)
