"""Catalogs from end to end: the sample catalog, folders, feeds, and everything that can be wrong with them."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nightreel.images.intake
from nightreel.catalog import Catalog, Overrides, plan, read_catalog
from nightreel.clock import ManualClock
from nightreel.errors import BriefError, DiskFull, PhotoRejected, SettingsError, SourceError
from nightreel.images import Intake
from nightreel.models import Format
from nightreel.sources import Folder

SAMPLE = Path(__file__).parents[2] / "data" / "catalog"


def _save(file: Path, seed: int = 1) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (10, 12, 3), np.uint8)
    Image.fromarray(pixels).resize((900, 750)).save(file)


async def _read(source: Path | str, home: Path, **options: object) -> Catalog:
    async with Intake(home / "photos") as intake:
        return await read_catalog(source, Overrides(), intake, **options)  # pyright: ignore[reportArgumentType]


# --------------------------------------------------------------------------- the sample


async def test_the_sample_catalog_is_planned(own_home: Path) -> None:
    """The four sample products, in JPEG, PNG, WEBP and HEIC, are all fit, and their prompts read well."""
    catalog = await _read(SAMPLE, own_home)
    assert not catalog.rejected
    assert not catalog.notes
    kinds = {photo.kind for product in catalog.products for photo in product.photos}
    assert kinds == {"jpeg", "png", "webp", "heic"}
    assert sum(len(product.photos) for product in catalog.products) == 16
    assert not any(photo.warnings for product in catalog.products for photo in product.photos)
    assert [photo.name for photo in catalog.products[0].photos] == [
        "NR-MUG-350/hero.jpg",
        "NR-MUG-350/IMG_2031.jpg",
        "NR-MUG-350/mug-detail.webp",
        "NR-MUG-350/mug-top.jpg",
    ]
    clips = plan(catalog.products, catalog.rejected).clips
    assert [(clip.title, clip.language) for clip in clips] == [
        ("手工粗陶咖啡杯", "zh"),
        ("Ambre Nocturne Eau de Parfum", "en"),
        ("Fungi Table Lamp", "en"),
        ("Halden 200 Bluetooth Speaker", "en"),
    ]
    assert 'Price: "¥168.00".' in clips[0].prompt
    assert 'Price: "$98.00" (was "$129.00").' in clips[2].prompt


async def test_an_unchanged_catalog_decodes_nothing(own_home: Path) -> None:
    """The second reading of the same files, good and bad, opens no decoder; a touched file is looked at again."""
    source = own_home / "catalog"
    shutil.copytree(SAMPLE / "NR-LMP-360", source / "lamp")
    (source / "bad").mkdir()
    (source / "bad" / "x.jpg").write_text("words")
    async with Intake(own_home / "photos") as intake:
        first = await read_catalog(source, Overrides(), intake)
        ready = [await intake.normalise(photo) for photo in first.products[0].photos]
        assert intake.decoded == 5
    async with Intake(own_home / "photos") as intake:
        assert await read_catalog(source, Overrides(), intake) == first
        assert [await intake.normalise(photo) for photo in first.products[0].photos] == ready
        assert intake.decoded == 0
        _save(source / "lamp" / "lamp_front.jpg")
        again = await read_catalog(source, Overrides(), intake)
        assert intake.decoded == 1
    before, after = first.products[0].photos, again.products[0].photos
    assert [a.sha256 == b.sha256 for a, b in zip(before, after, strict=True)] == [True, True, True, False]


async def test_a_spoilt_memory_is_begun_anew(own_home: Path) -> None:
    """A memory file that is no database costs a second look, not the run."""
    _save(own_home / "catalog" / "cup" / "a.jpg")
    (own_home / "photos").mkdir(parents=True)
    (own_home / "photos" / "seen.db").write_bytes(b"spoilt" * 1000)
    catalog = await _read(own_home / "catalog", own_home)
    assert [product.id for product in catalog.products] == ["cup"]
    assert (own_home / "photos" / "seen.db").read_bytes().startswith(b"SQLite format 3")


async def test_a_cache_that_cannot_be_written_is_a_setting_to_mend(own_home: Path) -> None:
    """Where no photos can be kept, the error names the folder and the setting."""
    own_home.mkdir()
    (own_home / "photos").write_text("a file")
    with pytest.raises(SettingsError, match=r"cannot be kept in .*photos.*NIGHTREEL_HOME"):
        Intake(own_home / "photos")


async def test_a_full_disk_is_told_as_such(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk ends the reading with DiskFull, and leaves no part of a photo behind."""
    _save(own_home / "catalog" / "cup" / "a.jpg")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match="No space is left for photos"):
        await _read(own_home / "catalog", own_home)
    assert not [found for found in (own_home / "photos").iterdir() if "part" in found.name or ".jpg" in found.name]


async def test_photos_in_work_are_bounded(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many photos there are, only so many are decoded at once."""
    for index in range(12):
        _save(own_home / "catalog" / "cup" / f"{index}.jpg", index)
    inside: list[int] = []
    peak = 0
    examine = nightreel.images.intake.examine

    def counted(*arguments: object, **options: object) -> object:
        nonlocal peak
        inside.append(1)
        peak = max(peak, len(inside))
        try:
            return examine(*arguments, **options)  # pyright: ignore[reportArgumentType, reportCallIssue]
        finally:
            inside.pop()

    monkeypatch.setattr(nightreel.images.intake, "examine", counted)
    async with Intake(own_home / "photos", at_once=2) as intake:
        await read_catalog(own_home / "catalog", Overrides(), intake)
        assert intake.decoded == 12
    assert 1 <= peak <= 2


# --------------------------------------------------------------------------- folders


async def test_folders_are_products_in_natural_order(own_home: Path) -> None:
    """Each folder is a product, its photos in a person's order; other files are passed over, repeats dropped."""
    source = own_home / "catalog"
    for index, name in enumerate(("photo10.jpg", "photo2.jpg", "Photo1.JPG")):
        _save(source / "blue-mug" / name, index)
    shutil.copy(source / "blue-mug" / "photo2.jpg", source / "blue-mug" / "photo3.jpg")
    _save(source / "blue-mug" / "raw" / "x.jpg")
    shutil.copy(source / "blue-mug" / "photo2.jpg", source / "blue-mug" / ".hidden.jpg")
    (source / "blue-mug" / "notes.txt").write_text("buy milk")
    (source / "blue-mug" / "Thumbs.db").write_bytes(b"\0" * 100)
    _save(source / "NR-9" / "a.png", 7)
    (source / "NR-9" / "a.png").rename(source / "NR-9" / "no-extension")
    (source / "empty").mkdir()
    _save(source / "loose.jpg")
    catalog = await _read(source, own_home)
    mug, nine = catalog.products
    assert [photo.name for photo in mug.photos] == [
        "blue-mug/Photo1.JPG",
        "blue-mug/photo2.jpg",
        "blue-mug/photo10.jpg",
    ]
    assert (mug.fields["title"], nine.fields["title"]) == ("Blue mug", "NR-9")
    assert [photo.kind for photo in nine.photos] == ["png"]
    assert [(item.product, item.reason) for item in catalog.rejected] == [("empty", "empty has no photos.")]
    assert any("blue-mug/raw" in note for note in catalog.notes)
    assert any("loose.jpg is left out" in note for note in catalog.notes)


async def test_one_bad_photo_fails_one_product(own_home: Path) -> None:
    """Products with photos that are not fit are rejected with every reason; the others go on; nothing hangs."""
    source = own_home / "catalog"
    _save(source / "good" / "a.jpg")
    for name in ("words", "pipe", "link"):
        _save(source / name / "a.jpg", 2)
    (source / "words" / "b.jpg").write_text("words")
    (source / "words" / "c.jpg").write_text("")
    os.mkfifo(source / "pipe" / "b.jpg")
    (source / "link" / "b.jpg").symlink_to("/etc/passwd")
    (source / "outside").symlink_to(SAMPLE)
    catalog = await _read(source, own_home)
    assert [product.id for product in catalog.products] == ["good"]
    reasons = {item.product: (item.photo, item.reason) for item in catalog.rejected}
    assert reasons["words"][0] == "words/b.jpg"
    assert "words/b.jpg is no photo." in reasons["words"][1]
    assert "words/c.jpg is empty." in reasons["words"][1]
    assert "pipe/b.jpg is no regular file" in reasons["pipe"][1]
    assert "link/b.jpg is a link" in reasons["link"][1]
    assert catalog.notes == ("outside is a link; links are not followed.",)


async def test_odd_names_do_no_harm(own_home: Path) -> None:
    """Names with line ends, spaces and dashes are fine; one that is no UTF-8 is refused."""
    source = own_home / "catalog"
    _save(source / "-rf" / "a\nb.jpg")
    _save(source / "ünï 杯" / "--help.jpg")
    odd = Path(os.fsdecode(os.fsencode(source) + b"/odd/\xff.jpg"))
    odd.parent.mkdir()
    shutil.copy(source / "-rf" / "a\nb.jpg", odd)
    catalog = await _read(source, own_home)
    assert [product.id for product in catalog.products] == ["-rf", "ünï 杯"]
    assert [item.product for item in catalog.rejected] == ["odd"]
    assert "no UTF-8" in catalog.rejected[0].reason
    assert "\n" not in catalog.products[0].photos[0].name
    catalog.model_dump_json()


async def test_briefs_lie_over_each_other(own_home: Path) -> None:
    """The product's brief wins over the catalog's, key by key; fields fill what a folder cannot know."""
    source = own_home / "catalog"
    for name in ("one", "two", "three"):
        _save(source / name / "a.jpg")
        _save(source / name / "b.jpg", 2)
    (source / "brief.yaml").write_text(
        "seconds: 20\nmusic: none\nfields:\n  price: 5 EUR\n"
        "products:\n  two:\n    seconds: 8\n  tree:\n    seconds: 9\n"
    )
    (source / "two" / "brief.yaml").write_text("formats: [square]\nphotos: 1\nfields:\n  price: 7 EUR\n")
    async with Intake(own_home / "photos") as intake:
        catalog = await read_catalog(source, Overrides(prompt="Mine."), intake)
    one, _, two = catalog.products
    assert (one.brief.seconds, one.brief.music, one.fields["price"]) == (20, "none", "5 EUR")
    assert (two.brief.seconds, two.brief.music, two.fields["price"]) == (8, "none", "7 EUR")
    assert two.brief.formats == (Format.SQUARE,)
    assert len(two.photos) == 1
    assert {product.brief.prompt for product in catalog.products} == {"Mine."}
    assert catalog.notes == ('brief.yaml speaks of tree, which is not here. Did you mean "three"?',)
    (source / "one" / "brief.yaml").write_text("secconds: 5\n")
    with pytest.raises(BriefError, match=r'one/brief\.yaml, line 1: .*"secconds".*"seconds"'):
        await _read(source, own_home)


# --------------------------------------------------------------------------- feeds


_NEARLY = ("Brief.yaml", "BRIEF.YML", "brief.yaml.txt", "brief.txt", "brief", "breif.yaml", "briefs.yml")


@pytest.mark.parametrize(
    ("files", "name", "place"),
    [
        (("lamp/a.jpg",), "brief.yml", ""),
        (("lamp/a.jpg",), "brief.yml", "lamp/"),
        (("lamp/a.jpg", "feed.csv"), "brief.yml", ""),
        (("lamp/a.jpg", "feed.csv"), "brief.yml", "lamp/"),
        *((("lamp/a.jpg",), name, "lamp/") for name in _NEARLY),
    ],
)
async def test_a_brief_of_nearly_that_name_is_not_passed_over(
    files: tuple[str, ...], name: str, place: str, own_home: Path
) -> None:
    """A brief called nearly as one is ends the reading with what to call it; beside a brief, it is a note."""
    source = own_home / "catalog"
    _save(source / files[0])
    for feed in files[1:]:
        (source / feed).write_text("id,title,image_link\nlamp,Lamp,lamp/a.jpg\n")
    (source / place / name).write_text("title: Sold at a loss\n")
    with pytest.raises(BriefError, match=rf"^{place}{name} is not read\. Call it brief\.yaml\.$"):
        await _read(source, own_home)
    (source / place / "brief.yaml").write_text("title: Right\n")
    catalog = await _read(source, own_home)
    assert catalog.products[0].brief.title == "Right"
    assert catalog.notes == (f"{place}{name} is not read; {place}brief.yaml is.",)


async def test_files_that_only_begin_like_a_brief_are_let_be(own_home: Path) -> None:
    """A photo, a picture of a brief, a document and a folder beside the photos are no briefs."""
    source = own_home / "catalog"
    for name in ("brief.jpg", "briefs-white.png"):
        _save(source / "lamp" / name)
    for name in ("briefing.docx", "bright.yaml", "brief.md"):
        (source / "lamp" / name).write_text("words")
    (source / "brief").mkdir()
    _save(source / "brief" / "a.jpg")
    catalog = await _read(source, own_home)
    assert [product.id for product in catalog.products] == ["brief", "lamp"]
    assert len(catalog.products[1].photos) == 2
    assert not catalog.notes


async def test_a_feed_that_cannot_be_read_is_not_passed_over(own_home: Path) -> None:
    """A feed with an ending too many is an error: its photos' folder is no product. A spreadsheet is a note."""
    source = own_home / "catalog"
    _save(source / "images" / "a.jpg")
    for name in ("products.csv.txt", "feed.XML.gz"):
        (source / name).write_text("id,title,image_link\nlamp,Lamp,images/a.jpg\n")
        with pytest.raises(SourceError, match=rf"{name} is not read\..*feeds are \.csv, \.tsv and \.xml"):
            await _read(source, own_home)
        (source / name).unlink()
    (source / "products.xlsx").write_text("PK")
    catalog = await _read(source, own_home)
    assert catalog.notes == ("products.xlsx is not read; export it as CSV if it is a feed.",)


async def test_the_feed_rules(own_home: Path) -> None:
    """With a feed, its rows are the products, other folders are reported, bad rows reject themselves."""
    source = own_home / "catalog"
    for name in ("used/a.jpg", "used/b,c.jpg", "unused/a.jpg"):
        _save(source / name, len(name))
    (source / "outside.jpg").symlink_to(SAMPLE / "NR-MUG-350" / "hero.jpg")
    (source / "feed.csv").write_text(
        "id,title,image_link,additional_image_link\n"
        "A,Lamp,used/a.jpg,used/b%2Cc.jpg\n"
        "B,Up,../catalog/used/a.jpg,\n"
        "C,Case,used/A.JPG,\n"
        "D,Web,http://shop.example/a.jpg?key=s3cret,\n"
        "E,None,,\n"
        "F,Link,outside.jpg,\n"
        ",Nameless,used/a.jpg,\n"
        "G,Root,/etc/passwd,\n"
    )
    for place in (source, source / "feed.csv"):
        catalog = await _read(place, own_home)
        assert [(product.id, len(product.photos)) for product in catalog.products] == [("A", 2)]
        assert catalog.notes == ("Folder unused is not named by feed.csv; it is left out.",)
        reasons = {item.product: item.reason for item in catalog.rejected}
        assert "line 3: ../catalog/used/a.jpg points outside" in reasons["B"]
        assert "There is used/a.jpg: names must match" in reasons["C"]
        assert "shop.example/a.jpg: only https addresses are fetched" in reasons["D"]
        assert "s3cret" not in reasons["D"]
        assert "line 6 names no photo" in reasons["E"]
        assert "outside.jpg is behind a link" in reasons["F"]
        assert "line 8 has no id" in reasons["feed.csv, line 8"]
        assert "points outside" in reasons["G"]
    with pytest.raises(PhotoRejected, match="points outside"):
        Folder(source).file("used/../../x.jpg")


async def test_a_sale_that_is_over_is_over(own_home: Path) -> None:
    """A sale price counts only within its dates."""
    source = own_home / "catalog"
    _save(source / "a.jpg")
    (source / "feed.csv").write_text(
        "id,title,image_link,price,sale_price,sale_price_effective_date\n"
        "A,Lamp,a.jpg,9 USD,5 USD,2026-03-01T00:00+0000/2026-03-31T00:00+0000\n"
    )
    for month, price in ((2, "$9.00"), (3, "$5.00"), (4, "$9.00")):
        clock = ManualClock(datetime(2026, month, 10, tzinfo=UTC))
        (clip,) = plan((await _read(source, own_home, clock=clock)).products).clips
        assert f'Subtitle: "{price}"' in clip.prompt


async def test_only_opens_nothing_else(own_home: Path) -> None:
    """With `only`, no photo of another product is opened, and an unknown name is refused with a suggestion."""
    _save(own_home / "catalog" / "lamp" / "a.jpg")
    _save(own_home / "catalog" / "cup" / "a.jpg")
    async with Intake(own_home / "photos") as intake:
        catalog = await read_catalog(own_home / "catalog", Overrides(), intake, only=["lamp"])
        assert intake.decoded == 1
        assert [product.id for product in catalog.products] == ["lamp"]
        with pytest.raises(SourceError, match=r'no product lamb .*Did you mean "lamp"'):
            await read_catalog(own_home / "catalog", Overrides(), intake, only=["lamb"])


async def test_sources_that_are_none(own_home: Path) -> None:
    """A source that is missing, empty, without photos, elsewhere or ambiguous is an error that names it."""
    root = own_home / "sources"
    for name in ("empty", "texts", "loose", "twins"):
        (root / name).mkdir(parents=True)
    (root / "texts" / "notes.txt").write_text("words")
    _save(root / "loose" / "a.jpg")
    for name in ("a.csv", "b.tsv"):
        (root / "twins" / name).write_text("id\n")
    for source, words in (
        (root / "missing", "There is no folder or feed .*missing"),
        (root / "empty", "empty is empty"),
        (root / "texts", "texts has no photos"),
        (root / "loose", "loose has photos, but no product folders"),
        (root / "twins", "twins has several feeds: a.csv, b.tsv"),
        (root / "texts" / "notes.txt", "is no catalog"),
        ("web://bucket/prefix", "cannot be read"),
    ):
        with pytest.raises(SourceError, match=words) as caught:
            await _read(source, own_home)
        assert caught.value.hint
        assert caught.value.exit_code == 2
