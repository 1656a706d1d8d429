"""S3's listing, asked for by hand: for buckets in which some key is no path.

obstore takes keys for paths, and one that holds `..`, `//` or a control character fails the whole listing: whoever
may write one object could stop a catalog. Here all keys are listed; whoever asks leaves out what is no path.
"""

import hashlib
import hmac
import os
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote_plus

import httpx
from defusedxml import ElementTree  # pyright: ignore[reportMissingTypeStubs, reportMissingModuleSource] - it has none

from nightreel.clock import SystemClock
from nightreel.errors import SourceError
from nightreel.settings import Settings
from nightreel.sources.stores import Address, endpoint_of, trouble

if TYPE_CHECKING:
    from obstore import ObjectMeta

_EMPTY = hashlib.sha256(b"").hexdigest()
_SPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"
_MOST = 16 * 1024 * 1024
"""Bytes of a page at most: a thousand keys are one or two million."""


class Keys(NamedTuple):
    """What requests are signed with."""

    key: str
    secret: str
    token: str
    region: str


def keys_of(address: Address, settings: Settings) -> Keys | None:
    """Return what requests to *address* are signed with; None if it is no S3, or a role's keys are not known here."""
    found = Keys(
        settings.bucket_key.get_secret_value() or os.environ.get("AWS_ACCESS_KEY_ID", ""),
        settings.bucket_secret.get_secret_value() or os.environ.get("AWS_SECRET_ACCESS_KEY", ""),
        os.environ.get("AWS_SESSION_TOKEN", ""),
        settings.bucket_region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
    )
    return found if address.scheme == "s3" and found.key and found.secret else None


def is_path(key: str) -> bool:
    """Tell whether *key* can be asked for: no part of it is empty or dots, and no character a control character."""
    parts = key.removesuffix("/").split("/")
    strange = any(unicodedata.category(char) == "Cc" for char in key)
    return not strange and not any(part in {"", ".", ".."} for part in parts)


def relist(address: Address, settings: Settings, keys: Keys) -> "Iterator[ObjectMeta]":
    """List the objects under *address*, with keys relative to it, those that are no paths as well.

    Raises:
        SourceError: it does not answer, or not as S3 does.
    """
    base = endpoint_of(address, settings).rstrip("/") or f"https://s3.{keys.region}.amazonaws.com"
    prefix = f"{address.prefix}/" if address.prefix else ""
    query = {"list-type": "2", "encoding-type": "url", "prefix": prefix}
    with httpx.Client(timeout=30, follow_redirects=False) as client:
        while True:
            page = _page(client, f"{base}/{quote(address.bucket)}", query, keys, address)
            yield from (_meta(item, prefix) for item in page.iter(f"{_SPACE}Contents"))
            token = page.findtext(f"{_SPACE}NextContinuationToken")
            if not token:
                return
            query["continuation-token"] = token


def _page(client: httpx.Client, place: str, query: Mapping[str, str], keys: Keys, address: Address) -> Any:  # noqa: ANN401 - defusedxml has no types
    asked = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(query.items()))
    url = httpx.URL(f"{place}?{asked}")
    try:
        with client.stream("GET", url, headers=signed(url, asked, keys, SystemClock().now())) as answer:
            body = bytearray()
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > _MOST:
                    raise SourceError(f"{address} answers with more than a listing's page.")
        if not answer.is_success:
            raise trouble(address, ValueError(f"{answer.status_code}"))
        return ElementTree.fromstring(bytes(body))
    except (httpx.HTTPError, ElementTree.ParseError, ValueError) as error:
        raise trouble(address, error) from None


def _meta(item: Any, prefix: str) -> "ObjectMeta":  # noqa: ANN401 - defusedxml has no types
    return {
        "path": unquote_plus(item.findtext(f"{_SPACE}Key", "")).removeprefix(prefix),
        "last_modified": datetime.fromisoformat(item.findtext(f"{_SPACE}LastModified", "")),
        "size": int(item.findtext(f"{_SPACE}Size", "")),
        "e_tag": item.findtext(f"{_SPACE}ETag"),
        "version": None,
    }


def signed(url: httpx.URL, query: str, keys: Keys, now: datetime) -> dict[str, str]:
    """Return the headers of a GET without a body, signed (AWS Signature Version 4)."""
    moment, day = f"{now:%Y%m%dT%H%M%SZ}", f"{now:%Y%m%d}"
    headers = {"host": url.netloc.decode(), "x-amz-content-sha256": _EMPTY, "x-amz-date": moment}
    headers |= {"x-amz-security-token": keys.token} if keys.token else {}
    names = ";".join(sorted(headers))
    lines = [f"{name}:{headers[name]}" for name in sorted(headers)]
    request = "\n".join(["GET", url.raw_path.decode().partition("?")[0], query, *lines, "", names, _EMPTY])
    scope = f"{day}/{keys.region}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = f"AWS4{keys.secret}".encode()
    for part in (day, keys.region, "s3", "aws4_request"):
        key = _hmac(key, part)
    signature = _hmac(key, text).hex()
    credential = f"Credential={keys.key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**headers, "authorization": f"AWS4-HMAC-SHA256 {credential}"}


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
