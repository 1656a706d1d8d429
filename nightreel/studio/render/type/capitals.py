"""Capitals, as each language writes them."""

import unicodedata

_TONOS = "\u0301"


def capitals(text: str, language: str) -> str:
    """Return *text* in capitals: Turkish keeps its dots, Greek drops its accents, scripts without capitals stay."""
    tongue = language.lower().split("-")[0]
    if tongue in ("tr", "az"):
        text = text.replace("i", "İ")
    upper = text.replace("ß", "ẞ").upper()
    return "".join(_bare(character) for character in upper)


def _bare(character: str) -> str:
    if "\u0386" <= character <= "\u03ab":
        parts = unicodedata.normalize("NFD", character)
        return unicodedata.normalize("NFC", parts.replace(_TONOS, ""))
    return character
