"""A bucket reads like a folder: against a real S3 server, with names and failures of all kinds."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.catalog import Overrides, read_catalog
from nightreel.errors import PhotoChanged, PhotoRejected, SourceError
from nightreel.images import Intake
from nightreel.settings import Settings, load_settings
from nightreel.sources import Bucket, download, open_source
from nightreel.sources import bucket as buckets
from nightreel.sources.relisting import Keys, signed
from nightreel.sources.stores import address_of, open_store
from tests.unit.sources.conftest import NAME, Server, busy, cut, forbidden, picture

Open = Callable[[], Bucket]
BRIEF = b"seconds: 5\nproducts:\n  mug:\n    photos: 1\n"
FEED = b"id\ttitle\timage_link\nM1\tMug\timages/deep/1.jpg\nM2\tCup\timages/none.jpg\n"
ONE, TWO = picture(40), picture(90)


async def read(bucket: Bucket, settings: Settings) -> tuple[Any, int]:
    """Return the catalog, and how many photos were decoded for it."""
    async with Intake(settings.photo_cache) as intake:
        return await read_catalog(bucket, Overrides(), intake), intake.decoded


async def test_product_folders_and_briefs(s3: Server, bucket: Open, settings: Settings) -> None:
    """Folders, briefs at the top and in a product, and hidden things are what they are in a folder."""
    s3.fill(
        {
            "catalog/brief.yaml": BRIEF,
            "catalog/mug/2.jpg": TWO,
            "catalog/mug/10.jpg": ONE,
            "catalog/lamp/a.jpg": ONE,
            "catalog/lamp/brief.yaml": b"seconds: 9\n",
            "catalog/lamp/deep/" + "a/" * 490 + "1.jpg": ONE,
            "catalog/lamp/.hidden.jpg": ONE,
            "catalog/empty/": b"",
            "other/cup/1.jpg": ONE,
        }
    )
    catalog, _ = await read(bucket(), settings)
    found = {product.id: ([photo.name for photo in product.photos], product.brief) for product in catalog.products}
    assert catalog.notes == ("lamp/deep is a folder inside a product; it is not looked into.",)
    assert found["mug"][0] == ["mug/2.jpg"]
    assert found["lamp"][0] == ["lamp/a.jpg"]
    assert (found["mug"][1].seconds, found["lamp"][1].seconds) == (5, 9)
    assert not any("hidden" in path or "10.jpg" in path for path in s3.downloads()), "only what is needed"


async def test_what_has_not_changed_is_not_downloaded(s3: Server, bucket: Open, settings: Settings) -> None:
    """A second look lists, and nothing else; a replaced object alone is downloaded again, and its old copy goes."""
    s3.fill({"catalog/mug/1.jpg": ONE, "catalog/lamp/1.jpg": ONE})
    first, _ = await read(bucket(), settings)
    s3.asked.clear()
    again, decoded = await read(bucket(), settings)
    assert (again, decoded, s3.downloads()) == (first, 0, [])
    s3.fill({"catalog/mug/1.jpg": TWO})
    changed, decoded = await read(bucket(), settings)
    assert (decoded, s3.downloads()) == (1, [f"/{NAME}/catalog/mug/1.jpg"])
    assert changed.products[0] == first.products[0]
    assert changed.products[1].photos[0].sha256 != first.products[1].photos[0].sha256
    assert len(list(settings.bucket_cache.glob("*/*/*"))) == 2


async def test_a_feed_names_its_photos(s3: Server, bucket: Open, settings: Settings) -> None:
    """A feed at the top rules, or is named itself; photos are relative to it, and a missing one is one product's."""
    s3.fill({"catalog/products.tsv": FEED, "catalog/images/deep/1.jpg": ONE})
    named = open_source(f"s3://{NAME}/catalog/products.tsv", settings)
    assert isinstance(named, Bucket)
    for source in (bucket(), named):
        catalog, _ = await read(source, settings)
        assert [product.id for product in catalog.products] == ["M1"]
        assert "products.tsv, line 3: images/none.jpg does not exist." in catalog.rejected[0].reason


def test_ten_thousand_objects(s3: Server, bucket: Open) -> None:
    """They are listed in pages, and none is opened."""
    s3.fill({f"catalog/p{number // 10:04}/{number % 10}.jpg": b"x" for number in range(10_000)})
    source = bucket()
    assert len(source.entries()) == 1000
    assert [entry.name for entry in source.entries("p0999")] == [f"p0999/{number}.jpg" for number in range(10)]
    assert len(s3.asked) == 10


@pytest.mark.parametrize(
    "key",
    [
        "Mug/1.jpg",
        "ü/ä 1.jpg",
        "a%2Fb/%2e%2e.jpg",
        "q?x=1#f/*[1]{}.jpg",
        "back\\slash/a\\..\\..\\etc.jpg",
        "...../1.jpg",
        "~root/$(id).jpg",
        "n" * 505 + "/" + "m" * 506 + ".jpg",
        "con/nul.jpg",
    ],
)
async def test_strange_keys_are_names_and_never_paths(key: str, s3: Server, bucket: Open, settings: Settings) -> None:
    """Whatever a key looks like, its copy stands two folders below the cache, beside one that differs by case."""
    s3.fill({f"catalog/{key}": ONE, f"catalog/{key.swapcase()}": TWO, "catalog/lamp/1.jpg": ONE})
    catalog, _ = await read(bucket(), settings)
    hidden = key.startswith(".")
    assert len(catalog.products) == (1 if hidden else 2 if key == key.swapcase() else 3)
    for product in catalog.products:
        path = product.photos[0].path
        assert path.parents[2] == settings.bucket_cache
        assert path.resolve() == path
        assert path.read_bytes() in {ONE, TWO}


@given(st.text(min_size=1, max_size=300))
def test_any_key_gives_a_plain_file_name(key: str) -> None:
    """A copy's name is short, plain and never a dot, whatever the key."""
    name = buckets.plain(key)
    assert Path(name).name == name
    assert 0 < len(name) <= 60
    assert name.isascii()
    assert not name.startswith(".")


@pytest.mark.parametrize(
    "key", ["catalog/../up.jpg", "catalog/a//b.jpg", "catalog/bell\x07/1.jpg", "catalog/./1.jpg"]
)
async def test_keys_that_are_no_paths(key: str, s3: Server, bucket: Open, settings: Settings) -> None:
    """A key with empty, dotted or control parts is left out with a note, and takes nothing else with it."""
    s3.fill({key: ONE, "catalog/mug/ü 1+2%.jpg": ONE})
    catalog, _ = await read(bucket(), settings)
    assert [photo.name for product in catalog.products for photo in product.photos] == ["mug/ü 1+2%.jpg"]
    assert len(catalog.notes) == 1
    assert catalog.notes[0].startswith("1 objects are left out, whose keys are no paths: ")
    assert "\x07" not in catalog.notes[0]


def test_keys_that_are_no_paths_where_nobody_can_sign(
    s3: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a role's keys, which are not known here, such a key is named, with what to do."""
    s3.fill({"catalog/a//b.jpg": ONE, "catalog/mug/1.jpg": ONE})
    source = open_source(f"s3://{NAME}/catalog", settings)
    assert isinstance(source, Bucket)
    monkeypatch.setattr(source, "_relist", None)
    with pytest.raises(SourceError, match=r'has an object whose key cannot be used: ".*a//b\.jpg"'):
        source.entries()


def test_listings_are_signed_as_amazon_signs_its_example() -> None:
    """The example of "Authenticating Requests: GET Bucket (List Objects)" has this very signature."""
    keys = Keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", "us-east-1")
    query = "max-keys=2&prefix=J"
    url = httpx.URL(f"https://examplebucket.s3.amazonaws.com/?{query}")
    headers = signed(url, query, keys, datetime(2013, 5, 24, tzinfo=UTC))
    signature = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
    assert headers["authorization"].endswith(f"Signature={signature}")


async def test_a_large_bucket_with_a_bad_key(s3: Server, bucket: Open) -> None:
    """It is listed in pages all the same."""
    s3.fill({f"catalog/p{number // 10:03}/{number % 10}.jpg": b"x" for number in range(2500)})
    s3.fill({"catalog//": b"", "catalog/empty/": b""})
    source = bucket()
    assert len(source.entries()) == 251
    assert source.notes


async def test_cut_downloads_are_resumed(
    s3: Server, bucket: Open, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a 503 and answers that break off, the next request asks for what is missing, and the copy is whole."""
    monkeypatch.setattr(download, "PIECE", 64 * 1024)
    large = picture(200, 600)
    assert len(large) > 2 * 64 * 1024
    s3.fill({"catalog/mug/1.jpg": large})
    s3.faults += [busy, cut, cut, busy]
    (entry,) = bucket().entries("mug")
    assert entry.local().read_bytes() == large
    assert not s3.faults
    assert not list(settings.bucket_cache.rglob("*.part"))


async def test_a_server_that_only_breaks_off(
    s3: Server, bucket: Open, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A download that never moves on is given up: one product's trouble, and nothing is left behind."""

    def nothing(inner: Any, environ: dict[str, Any], start: Any) -> list[bytes]:  # noqa: ANN401 - as WSGI has it
        b"".join(inner(environ, start))
        return []

    s3.fill({"catalog/mug/1.jpg": ONE, "catalog/lamp/1.jpg": ONE})
    s3.when = lambda method, path: method == "GET" and path.endswith("mug/1.jpg")
    s3.faults += [nothing] * 1000
    monkeypatch.setattr(download, "TRIES", 1)
    catalog, _ = await read(bucket(), settings)
    assert [product.id for product in catalog.products] == ["lamp"]
    assert "mug/1.jpg cannot be downloaded now." in catalog.rejected[0].reason
    assert not list(settings.bucket_cache.rglob("*.part"))


async def test_an_object_that_changes_in_the_middle(
    s3: Server, bucket: Open, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pieces of two versions are never put together: the photo changed, and nothing of it is kept."""
    monkeypatch.setattr(download, "PIECE", 64 * 1024)

    def replaced(inner: Any, environ: dict[str, Any], start: Any) -> Any:  # noqa: ANN401 - as WSGI has it
        answer = b"".join(inner(environ, start))
        s3.fill({"catalog/mug/1.jpg": picture(210, 600)})
        return [answer]

    s3.fill({"catalog/mug/1.jpg": picture(200, 600)})
    s3.faults.append(replaced)
    (entry,) = bucket().entries("mug")
    with pytest.raises(PhotoChanged, match=r"mug/1\.jpg is no longer what was listed"):
        entry.local()
    s3.backend.delete_object(NAME, "catalog/mug/1.jpg")
    with pytest.raises(PhotoChanged):
        entry.local()
    assert not [path for path in settings.bucket_cache.rglob("*") if path.is_file()]


def test_a_photo_that_another_machine_has_listed(s3: Server, bucket: Open, settings: Settings) -> None:
    """It is asked for by its name alone, once; one that is gone, or leads elsewhere, is told."""
    s3.fill({"catalog/mug/1.jpg": ONE})
    path = bucket().fetched("mug/1.jpg")
    assert path.read_bytes() == ONE
    assert path.is_relative_to(settings.bucket_cache)
    assert bucket().fetched("mug/1.jpg") == path
    assert s3.downloads() == [f"/{NAME}/catalog/mug/1.jpg"]
    assert not [asked for _, asked in s3.asked if "list-type" in asked]
    assert bucket().entries("mug")[0].path == path, "the listing takes it for another"
    s3.backend.delete_object(NAME, "catalog/mug/1.jpg")
    with pytest.raises(PhotoChanged, match=r"mug/1\.jpg is gone"):
        bucket().fetched("mug/1.jpg")
    with pytest.raises(PhotoRejected):
        bucket().fetched("../other/1.jpg")


def test_bounds(s3: Server, bucket: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many objects are no catalog; one that is too large is not downloaded."""
    s3.fill({"catalog/mug/1.jpg": ONE, "catalog/mug/2.jpg": ONE})
    monkeypatch.setattr(download, "MAX_FILE_BYTES", 1000)
    with pytest.raises(PhotoRejected, match="at most"):
        bucket().entries("mug")[0].local()
    assert not s3.downloads()
    monkeypatch.setattr(buckets, "MAX_OBJECTS", 1)
    with pytest.raises(SourceError, match="more than 1 objects"):
        bucket().entries()


def test_errors_name_the_bucket_and_no_secret(
    s3: Server, bucket: Open, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Refused, missing, not answering: each is told with its next step; keys and secrets never are."""
    caplog.set_level(logging.DEBUG)
    s3.when = lambda _method, _path: True
    s3.faults.append(forbidden)
    with pytest.raises(SourceError, match="may not be used with these credentials") as refused:
        bucket().entries()
    missing = open_source("s3://no-such-bucket", settings)
    assert isinstance(missing, Bucket)
    with pytest.raises(SourceError, match="There is no s3://no-such-bucket"):
        missing.entries()
    assert "canary" not in f"{refused.value!r} {refused.value.__cause__} {caplog.text} {settings!r}"


def test_addresses(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - a home of its own
    """Three providers, each opened with the same settings; an address with a key in it is not repeated."""
    monkeypatch.setenv("NIGHTREEL_BUCKET_KEY", "name")
    monkeypatch.setenv("NIGHTREEL_BUCKET_SECRET", "c2VjcmV0")
    settings = load_settings()
    assert str(address_of("S3://b/a/c/")) == "s3://b/a/c"
    for address in ("s3://b/c", "az://b/c"):
        assert "secret" not in repr(open_store(address_of(address), settings)).lower()
    with pytest.raises(SourceError, match="gs://b/c cannot be opened with these settings"):
        open_store(address_of("gs://b/c"), settings)  # its secret is a service account's JSON
    for wrong in ("s3:/b", "s3://", "s3://key:canary@b/c", "s3://b/../c", "s3://b?x=canary"):
        with pytest.raises(SourceError) as caught:
            address_of(wrong)
        assert "canary" not in str(caught.value)
    assert open_source("photos", settings) == "photos"
