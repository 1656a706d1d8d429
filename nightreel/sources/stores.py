"""Buckets by their address (s3://bucket/prefix, gs://…, az://container/prefix), and their errors in words.

Credentials come from the settings or from the provider's usual places (environment, files, the machine's role). An
error of a store may quote requests and answers: it is told by its kind alone.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import AzureStore, GCSStore, ObjectStore, S3Store

from nightreel.errors import SourceError
from nightreel.settings import Settings

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

FAILS: Final = (BaseError, OSError, ValueError)
"""What a store raises (obstore: some operations raise built-in errors)."""

_ADDRESS = re.compile(r"(?i)(s3|gs|az)://([^/?#\s@:]+)(?:/(.*))?", re.DOTALL)
_STORES: Final[Mapping[str, Callable[..., ObjectStore]]] = {"s3": S3Store, "gs": GCSStore, "az": AzureStore}
_OPTIONS: Final = {
    "s3": ("endpoint", "access_key_id", "secret_access_key", "region"),
    "gs": ("base_url", "", "service_account_key", ""),
    "az": ("endpoint", "account_name", "account_key", ""),
}
"""What each provider's store calls endpoint, key, secret and region; "" where it has none."""

_RETRY: "RetryConfig" = {
    "max_retries": 4,
    "retry_timeout": timedelta(seconds=60),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=5), "base": 2},
}
_PIECE_SECONDS = timedelta(seconds=120)
_MISSING = re.compile(r"NoSuchBucket|ContainerNotFound|404 Not Found")
_ROLE = re.compile(r"169\.254\.169\.254|metadata\.google\.internal")
"""Where a cloud's machine asks for its role's keys: what is tried when there are no others."""

_KEYS: Final = {
    "s3": "Set NIGHTREEL_BUCKET_KEY and NIGHTREEL_BUCKET_SECRET, or Amazon's own variables.",
    "gs": "Set NIGHTREEL_BUCKET_SECRET to the service account's JSON, or Google's own variables.",
    "az": "Set NIGHTREEL_BUCKET_KEY to the account's name and NIGHTREEL_BUCKET_SECRET to its key, "
    "or Azure's own variables.",
}
_REFUSED = re.compile(r"\b(401|403)\b")


@dataclass(frozen=True)
class Address:
    """Where a bucket is.

    Attributes:
        scheme: of its provider: s3, gs or az.
        bucket: its name; Azure calls it a container.
        prefix: without slashes at its ends; "" for all of the bucket.
    """

    scheme: str
    bucket: str
    prefix: str = ""

    def __str__(self) -> str:
        return f"{self.scheme}://{self.bucket}" + (f"/{self.prefix}" if self.prefix else "")


def is_bucket(source: str) -> bool:
    """Tell whether *source* is a bucket's address, well formed or not."""
    return bool(re.match(r"(?i)(s3|gs|az):", source))


def address_of(text: str) -> Address:
    """Read a bucket's address.

    Raises:
        SourceError: it is none; it may hold a secret, and is not repeated.
    """
    match = _ADDRESS.fullmatch(text.strip())
    hint = "Write s3://bucket/prefix, gs://bucket/prefix or az://container/prefix; no key belongs into it."
    if match is None:
        raise SourceError("This is no address of a bucket.", hint=hint)
    scheme, bucket, prefix = match[1].lower(), match[2], (match[3] or "").strip("/")
    if any(part in {"", ".", ".."} for part in prefix.split("/")) and prefix:
        raise SourceError(f"{scheme}://{bucket}/… has empty or dotted parts in its prefix.", hint=hint)
    return Address(scheme, bucket, prefix)


def endpoint_of(address: Address, settings: Settings) -> str:
    """Return where the bucket at *address* is served; "" for at its provider."""
    return settings.bucket_endpoint or (settings.aws_endpoint if address.scheme == "s3" else "")


def open_store(address: Address, settings: Settings) -> ObjectStore:
    """Open the bucket at *address*; nothing is sent yet. Keys are relative to its prefix.

    Raises:
        SourceError: the settings do not do.
    """
    endpoint = endpoint_of(address, settings)
    options: ClientConfig = {
        "connect_timeout": timedelta(seconds=10),
        "timeout": _PIECE_SECONDS,
        "allow_http": endpoint.startswith("http://"),
    }
    key, secret = settings.bucket_key.get_secret_value(), settings.bucket_secret.get_secret_value()
    values = zip(_OPTIONS[address.scheme], (endpoint, key, secret, settings.bucket_region), strict=True)
    config: Any = {name: value for name, value in values if name and value}
    try:
        return _STORES[address.scheme](
            address.bucket, prefix=address.prefix or None, config=config, client_options=options, retry_config=_RETRY
        )
    except FAILS:
        raise SourceError(
            f"{address} cannot be opened with these settings.",
            hint=f"{_KEYS[address.scheme]} Check NIGHTREEL_BUCKET_ENDPOINT if it is set.",
        ) from None


def bare(etag: str | None) -> str:
    """Return *etag* without its quotes: Azure's listings have none, its other answers do. "" if there is none."""
    return (etag or "").strip('"')


def trouble(address: Address, error: Exception) -> SourceError:
    """Return what *error* of the store at *address* means, without what it quotes."""
    text = str(error)
    if _ROLE.search(text):
        return SourceError(f"No credentials for {address} were found.", hint=_KEYS[address.scheme])
    if isinstance(error, (PermissionDeniedError, UnauthenticatedError)) or _REFUSED.search(text):
        return SourceError(f"{address} may not be used with these credentials.", hint=_KEYS[address.scheme])
    if isinstance(error, FileNotFoundError) or _MISSING.search(text):
        return SourceError(f"There is no {address}.", hint="Check the bucket's name, and NIGHTREEL_BUCKET_ENDPOINT.")
    return SourceError(
        f"{address} does not answer.", hint="Check the network and NIGHTREEL_BUCKET_ENDPOINT; run again."
    )
