"""What decides without asking anybody: verdicts on drafts, evidence in states, names of files."""

import hashlib
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.clips.evidence import Verdict, charged, compare, fingerprint
from nightreel.clips.files import folders_of, places_of, safe_name
from nightreel.clips.verdict import Judgement, judge
from nightreel.models import Clip, Format, Made, Photo
from nightreel.nemo import wire

PHOTOS = tuple(
    Photo(path=Path(f"/{n}.jpg"), name=f"{n}.jpg", sha256=str(n) * 64, size=1, kind="jpeg", width=9, height=9)
    for n in range(2)
)
CLIP = Clip(product="mug", format=Format.VERTICAL, photos=PHOTOS, prompt="…", title="手工粗陶咖啡杯", seconds=15)


def _draft(
    *,
    seconds: float = 15.0,
    photos: int = 2,
    music: bool = True,
    title: str = CLIP.title,
    width: int = 1080,
    height: int = 1920,
) -> dict[str, Any]:
    ms = seconds * 1000
    segments = [{"d": ms / 2, "m": {"asset": f"a{number % photos}"}} for number in range(2)]
    tracks: list[dict[str, Any]] = [{"tt": 0, "sg": segments}]
    tracks += [{"tt": 1, "sg": [{"d": ms, "m": {}}]}] if music else []
    tracks += [{"tt": 7, "sg": [{"d": 3000, "m": {"text": title}}]}] if title else []
    return {"d": ms, "m": {"width": width, "height": height}, "t": tracks}


def _documented(draft: dict[str, Any]) -> dict[str, Any]:
    """Strip a draft to the names that protocol.md documents."""
    documented = {"t", "tt", "sg", "d"}
    return json.loads(
        json.dumps(draft), object_hook=lambda part: {name: part[name] for name in part if name in documented}
    )


def test_a_draft_as_it_was_asked_for_is_clean() -> None:
    """Nothing is said of it, by the documented names alone and by the studio's own."""
    assert judge(_draft(), CLIP, strict=True) == Judgement()
    assert judge(_documented(_draft()), CLIP, strict=False) == Judgement()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seconds": 20.0}, "lasts 20 s"),
        ({"photos": 1}, "1 of 2 photos"),
        ({"music": False}, "no music"),
        ({"title": ""}, "no title"),
        ({"title": "Something else"}, "its title"),
        ({"width": 1920, "height": 1080}, "1920x1080"),
    ],
)
def test_the_studio_is_held_to_everything(changes: dict[str, Any], said: str) -> None:
    """Each deviation is a fault of its own, in words."""
    (fault,) = judge(_draft(**changes), CLIP, strict=True).faults
    assert said in fault


def test_the_cloud_is_held_to_documented_names() -> None:
    """Duration and an empty timeline refuse a draft; missing music or title is a warning."""
    bare = _documented(_draft(music=False, title=""))
    found = judge(bare, CLIP, strict=False)
    assert found.faults == ()
    assert found.warnings == ("it has no music", "it has no title")
    assert judge(_documented(_draft(seconds=15.6)), CLIP, strict=False).faults
    assert not judge(_documented(_draft(seconds=15.4)), CLIP, strict=False).faults
    assert judge({}, CLIP, strict=False).faults == ("no photo is on its timeline",)
    assert judge({"t": [{"tt": 0, "sg": []}, None], "d": "soon"}, CLIP, strict=False).faults


def test_a_state_tells_whether_a_prompt_was_made() -> None:
    """Only another draft with something on it proves it; only the same state excludes it."""
    before = fingerprint(wire.State())
    assert compare(before, wire.State()) is Verdict.AS_BEFORE
    assert compare(before, wire.State(draft=_draft())) is Verdict.MADE
    assert compare(before, wire.State(draft={"t": []})) is Verdict.UNCLEAR
    assert compare(before, wire.State(generated_media=[{}])) is Verdict.UNCLEAR
    assert compare(fingerprint(wire.State(draft=_draft())), wire.State(draft=_draft())) is Verdict.AS_BEFORE


@pytest.mark.parametrize(
    ("fell", "others", "expected"),
    [(0, 500, False), (99, 0, False), (100, 0, True), (100, 100, None), (300, 200, True)],
)
def test_the_balance_tells_whether_a_failure_was_charged(fell: int, others: int, *, expected: bool | None) -> None:
    """Between what others may have taken and what is missing there may be no answer; then none is given."""
    assert charged(fell, 100, others) is expected


@given(st.text(max_size=300))
def test_any_product_has_a_safe_folder(text: str) -> None:
    """A name from a feed is one path component, short, and never a way out of the folder."""
    name = safe_name(text)
    assert name == Path(name).name
    assert name not in {"", ".", ".."}
    assert len(name.encode()) <= 255
    assert not set(name) & set('/\\:*?"<>|\0\n')


@given(st.text(max_size=20), st.text(max_size=20))
def test_two_products_never_share_a_folder(one: str, other: str) -> None:
    """Different names stay different, even where letters had to be replaced."""
    assert one == other or safe_name(one) != safe_name(other)


def _clips(*products: str) -> list[Clip]:
    return [CLIP.model_copy(update={"product": product, "prompt": f"A video of {product}."}) for product in products]


def _delivered(clip: Clip, folder: str) -> Made:
    video = Path("/out") / folder / f"{folder}_9x16.mp4"
    return Made(
        key=clip.key,
        product=clip.product,
        format=clip.format,
        recipe=1,
        status="made",
        photos=(),
        prompt=clip.prompt,
        video=video,
    )


def _one_to_a_system(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


@given(st.lists(st.text(alphabet="aAbBsSßẞıIiİéÉe\u0301µΜσςΣ.- ", min_size=1, max_size=4), unique=True, max_size=8))
def test_no_two_products_are_one_where_case_does_not_count(products: list[str]) -> None:
    """On macOS and on Windows, too, each product of a catalog has a folder of its own."""
    folders = folders_of(_clips(*products))
    assert len({_one_to_a_system(folder) for folder in folders.values()}) == len(products)
    assert len({folder.upper() for folder in folders.values()}) == len(products)


def test_plain_ids_keep_their_plain_names() -> None:
    """Only who comes second carries a piece of its hash; its files are called after its folder."""
    mug, lamp, small = _clips("NR-MUG-350", "NR-LMP-360", "nr-mug-350")
    folders = folders_of([mug, lamp, small])
    assert folders == {
        "NR-MUG-350": "NR-MUG-350",
        "NR-LMP-360": "NR-LMP-360",
        "nr-mug-350": "nr-mug-350_" + hashlib.sha256(b"nr-mug-350").hexdigest()[:8],
    }
    placed = small.model_copy(update={"folder": folders["nr-mug-350"]})
    assert places_of(placed, Path("/out")).video.name == f"{folders['nr-mug-350']}_9x16.mp4"
    assert placed.key == small.key
    assert places_of(mug, Path("/out")).video == Path("/out/NR-MUG-350/NR-MUG-350_9x16.mp4")


def test_a_folder_stays_its_products_whatever_the_catalog_does() -> None:
    """Products that come, go or change places move no delivered video, and never overwrite another's."""
    mug, small = _clips("Mug", "mug")
    made = [_delivered(small, "mug")]
    for catalog in ([mug, small], [small, mug], [mug]):
        assert folders_of(catalog, made)["Mug"].startswith("Mug_")
        assert folders_of(catalog, made).get("mug", "mug") == "mug"
    both = [_delivered(mug, folders_of([mug], made)["Mug"]), *made]  # in whichever order the journal has them
    assert folders_of([mug, small], both) == folders_of([mug, small], made)
    renamed = small.model_copy(update={"product": "MUG"})
    assert folders_of([renamed], made) == {"MUG": "MUG"}  # the same video, under another id: it is its own
