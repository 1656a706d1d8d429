"""Google's and Azure's buckets serve as Amazon's do: each client against a server that speaks its provider's API.

Google's is moto's: the XML API, which obstore speaks, is Amazon's but for conditions and tokens. Azure's is Azurite,
where NIGHTREEL_TEST_AZURE names one's endpoint (`.ci/azurite` starts one).
"""

import base64
import hashlib
import hmac
import json
import os
import uuid
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

import httpx
import pytest

from nightreel.errors import PhotoChanged, SourceError
from nightreel.settings import Settings, load_settings
from nightreel.sources import Bucket, Outbox, open_source, put
from nightreel.sources.stores import address_of, open_store
from tests.unit.sources.conftest import Server, picture

AZURE = os.environ.get("NIGHTREEL_TEST_AZURE", "")
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Azurite's own, the same everywhere."""

NAMES = ("mug/front.jpg", "mug/bäck é.jpg", "lämp #2/1+1%.jpg")


def _google(s3: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    account = {"disable_oauth": True, "client_email": "", "private_key": "", "private_key_id": ""}
    monkeypatch.setenv("NIGHTREEL_BUCKET_ENDPOINT", s3.url)
    monkeypatch.setenv("NIGHTREEL_BUCKET_KEY", "")
    monkeypatch.setenv("NIGHTREEL_BUCKET_SECRET", json.dumps({**account, "gcs_base_url": s3.url}))
    s3.backend.create_bucket("shop", "us-east-1")  # a name without hyphens: moto does not read them escaped
    return "gs://shop/catalog"


def _azure(_: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    if not AZURE:
        pytest.skip("NIGHTREEL_TEST_AZURE names no Azurite")
    monkeypatch.setenv("NIGHTREEL_BUCKET_ENDPOINT", AZURE)
    monkeypatch.setenv("NIGHTREEL_BUCKET_KEY", ACCOUNT)
    monkeypatch.setenv("NIGHTREEL_BUCKET_SECRET", KEY)
    container = f"shop-{uuid.uuid4().hex}"
    _make_container(container)
    return f"az://{container}/catalog"


def _make_container(name: str) -> None:
    """Make one, signed with the account's key; obstore makes none."""
    headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2021-12-02"}
    said = "".join(f"{key}:{value}\n" for key, value in headers.items())
    text = "PUT" + "\n" * 12 + f"{said}/{ACCOUNT}/{ACCOUNT}/{name}\nrestype:container"
    signature = base64.b64encode(hmac.digest(base64.b64decode(KEY), text.encode(), hashlib.sha256)).decode()
    headers["Authorization"] = f"SharedKey {ACCOUNT}:{signature}"
    assert httpx.put(f"{AZURE}/{name}?restype=container", headers=headers).status_code == 201


@pytest.fixture(params=[_google, _azure], ids=["gs", "az"])
def place(
    request: pytest.FixtureRequest,
    s3: Server,
    own_home: Path,  # noqa: ARG001 - a home of its own
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """Give the address of a folder in an empty bucket, and settings that lead there."""
    make: Callable[[Server, pytest.MonkeyPatch], str] = request.param
    return make(s3, monkeypatch)


def _fill(place: str, settings: Settings, **contents: bytes) -> None:
    store = open_store(address_of(place), settings)
    for key, data in contents.items():
        store.put(key, data)


def _opened(place: str, settings: Settings) -> Bucket:
    source = open_source(place, settings)
    assert isinstance(source, Bucket)
    return source


def test_a_catalog_is_read_whatever_its_names(place: str) -> None:
    """Folders and photos are listed in order and downloaded to their last byte, also with names that need escapes."""
    settings = load_settings()
    contents = {name: picture(number) for number, name in enumerate(NAMES)}
    _fill(place, settings, **contents)
    source = _opened(place, settings)
    assert [entry.name for entry in source.entries()] == ["lämp #2", "mug"]
    found = [*source.entries("mug"), *source.entries("lämp #2")]
    assert {entry.key: entry.local().read_bytes() for entry in found} == contents


def test_an_object_that_was_replaced_is_not_taken_for_the_listed_one(place: str) -> None:
    """Replaced between listing and download it is refused; listed anew, it is another."""
    settings = load_settings()
    _fill(place, settings, **{"mug/1.jpg": b"first"})
    (listed,) = _opened(place, settings).entries("mug")
    _fill(place, settings, **{"mug/1.jpg": b"other"})
    with pytest.raises(PhotoChanged):
        listed.local()
    (again,) = _opened(place, settings).entries("mug")
    assert again.stamp != listed.stamp
    assert again.local().read_bytes() == b"other"


def test_results_are_put_once(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small files and such as go in parts stand there whole; again, none is sent; taken back, they are gone."""
    monkeypatch.setattr(put, "PART", 5 * 1024 * 1024)
    files = {"mug/mug.jpg": tmp_path / "small", "mug/mug.mp4": tmp_path / "large"}
    files["mug/mug.jpg"].write_bytes(b"small")
    files["mug/mug.mp4"].write_bytes(os.urandom(11 * 1024 * 1024))
    settings = load_settings()
    assert Outbox(place, settings).put(files) == 2
    assert Outbox(place, settings).put(files) == 0
    there = {entry.key: entry.local().read_bytes() for entry in _opened(place, settings).entries("mug")}
    assert there == {key: path.read_bytes() for key, path in files.items()}
    files["mug/mug.jpg"].write_bytes(b"other")
    assert Outbox(place, settings).put(files) == 1
    assert Outbox(place, settings).take_back([*files, "mug/none"]) == 2
    assert not _opened(place, settings).entries()


def test_errors_say_what_to_set(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No such bucket, keys that do not do, nobody there: each is told with its next step, and no secret."""
    scheme = place[:2]
    with pytest.raises(SourceError, match=f"There is no {scheme}://nobody-has-this"):
        _opened(f"{scheme}://nobody-has-this/x", load_settings()).entries()
    monkeypatch.setenv("NIGHTREEL_BUCKET_SECRET", "canary {")
    with pytest.raises(SourceError, match="cannot be opened with these settings") as caught:
        open_source(place, load_settings())
    assert "canary" not in str(caught.value)
    wanted = {"gs": "service account", "az": "account's name"}
    assert wanted[scheme] in caught.value.hint
