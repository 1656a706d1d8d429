"""Prices as feeds write them ("24.99 USD", "USD 1,299.00", "24,99 €") and as people read them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

_NUMBER = re.compile(r"\d[\d.,'’\s]*")
_CODE = re.compile(r"\b[A-Z]{3}\b")
_SIGNS = {"€": "EUR", "£": "GBP", "¥": "CNY", "$": "USD", "₹": "INR", "₩": "KRW", "元": "CNY"}
_CENTS = 2


@dataclass(frozen=True)
class Price:
    """An amount and its ISO 4217 code ("" when the feed names none)."""

    amount: Decimal
    currency: str

    def text(self, locale: Locale) -> str:
        """Write it the way people of *locale* do."""
        return _written(self.amount, self.currency, locale)


@lru_cache(maxsize=4096)
def _written(amount: Decimal, currency: str, locale: Locale) -> str:
    """Write a price; thousands of products share few."""
    if currency:
        return format_currency(amount, currency, locale=locale)
    return format_decimal(amount, locale=locale, format="#,##0.00")


def parse_price(text: str, currency: str = "") -> Price | None:
    """Read a price; *currency* holds where the text names none. None when it is no price."""
    number = _NUMBER.search(text)
    if number is None:
        return None
    try:
        amount = Decimal(_plain(number.group()))
    except InvalidOperation:
        return None
    code = _CODE.search(text)
    sign = next((_SIGNS[char] for char in text if char in _SIGNS), "")
    return Price(amount, (code.group() if code else "") or sign or currency)


def price_fields(fields: Mapping[str, str], locale: Locale) -> dict[str, str]:
    """Return `price` and `old_price` for people: the sale price first, if there is one.

    A price that cannot be read is left as it stands.
    """
    currency = fields.get("currency", "").strip().upper()
    regular_text, sale_text = fields.get("price", "").strip(), fields.get("sale_price", "").strip()
    regular, sale = parse_price(regular_text, currency), parse_price(sale_text, currency)
    shown = regular.text(locale) if regular else regular_text
    if sale is None:
        return {"price": shown, "old_price": ""}
    if regular is None:
        return {"price": sale.text(locale), "old_price": ""}
    if sale.amount >= regular.amount:
        return {"price": shown, "old_price": ""}
    return {"price": sale.text(locale), "old_price": shown}


def sale_fields(fields: Mapping[str, str], locale: Locale) -> dict[str, str]:
    """Return `sale_start` and `sale_end` as people write dates: those of a sale price that has some, else empty."""
    period = _period(fields.get("sale_price_effective_date", "")) if fields.get("sale_price") else None
    if period is None:
        return {"sale_start": "", "sale_end": ""}
    start, end = (format_date(moment.date(), "medium", locale=locale) for moment in period)
    return {"sale_start": start, "sale_end": end}


def without_past_sale(fields: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Return *fields* with `sale_price` empty where `sale_price_effective_date` says that *now* is outside."""
    if _on_sale(fields.get("sale_price_effective_date", ""), now):
        return dict(fields)
    return {**fields, "sale_price": ""}


def _plain(number: str) -> str:
    """Return *number* with a point for its decimals and nothing between its thousands."""
    text = re.sub(r"[\s'’]", "", number).rstrip(".,")
    last = max(text.rfind("."), text.rfind(","))
    if last < 0:
        return text
    both, decimals = "." in text and "," in text, len(text) - last - 1
    if not both and (text.count(text[last]) > 1 or (text[last] == "," and decimals > _CENTS)):
        return re.sub(r"[.,]", "", text)
    return f"{re.sub(r'[.,]', '', text[:last])}.{text[last + 1 :]}"


def _on_sale(period: str, now: datetime) -> bool:
    """Tell whether *now* is within *period*; one that cannot be read does not count."""
    found = _period(period)
    return found is None or _aware(found[0], now) <= now <= _aware(found[1], now)


def _period(text: str) -> tuple[datetime, datetime] | None:
    """Read "start/end" (ISO 8601)."""
    start, _, end = text.strip().partition("/")
    try:
        return datetime.fromisoformat(start.strip()), datetime.fromisoformat(end.strip())
    except ValueError:
        return None


def _aware(moment: datetime, now: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
