"""Secrets stay out of what is written: log records are cleaned as they are made, messages by one function.

httpx logs every URL with its query at INFO, and a service may echo what it was sent. What is hidden here is every
secret that was named, anything that looks like a token, and the query of every URL (a signed link is a secret too).
"""

import logging
import re
from collections.abc import Callable
from typing import Any

from pydantic import SecretStr

MASK = "[hidden]"

_LOOKS = (
    (re.compile(r"(?i)\b(bearer\s+)[^\s\"',;]+"), rf"\1{MASK}"),
    (re.compile(r"\b(?:nmv_usr|clm)_[A-Za-z0-9._~+/=-]+"), MASK),
    (re.compile(r"(https?://[^\s?#\"'<>]+)\?[^\s\"'<>]*"), r"\1?…"),
)
_OURS = frozenset({"nightreel", "httpx", "httpcore", "prefect"})


class Redactor(logging.Filter):
    """Hides secrets in texts and in log records; keeps them to compare with, and shows them to nobody."""

    def __init__(self) -> None:
        super().__init__()
        self._secrets: set[str] = set()

    def hide(self, secret: SecretStr) -> None:
        """Hide *secret* from now on, wherever it stands."""
        if value := secret.get_secret_value():
            self._secrets.add(value)

    def clean(self, text: str) -> str:
        """Return *text* without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        for looks, instead in _LOOKS:
            text = looks.sub(instead, text)
        return text

    def clean_error(self, error: Exception) -> Exception:
        """Take secrets out of what *error* says, whoever is told of it; return it."""
        error.args = tuple(self.clean(arg) if isinstance(arg, str) else arg for arg in error.args)
        return error

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean *record*, its traceback too; every record passes."""
        record.msg, record.args = self.clean(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self.clean(record.exc_text)
        return True


REDACTOR = Redactor()
"""The process's own: logging is global, and so is what must not be in it."""


class CleanRecords:
    """Makes log records without secrets, ours, the HTTP client's and Prefect's: whatever handler they go to."""

    def __init__(self, make: Callable[..., logging.LogRecord]) -> None:
        self._make = make

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:  # noqa: ANN401 - as the factory it wraps
        """Make one."""
        record = self._make(*args, **kwargs)
        if record.name.partition(".")[0] in _OURS:
            REDACTOR.filter(record)
        return record


def guard_logs() -> None:
    """Have secrets taken out of log records as they are made; a second call changes nothing."""
    make = logging.getLogRecordFactory()
    if not isinstance(make, CleanRecords):
        logging.setLogRecordFactory(CleanRecords(make))
