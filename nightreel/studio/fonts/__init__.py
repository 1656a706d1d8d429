"""The typefaces that texts are set in, all under the SIL Open Font License (its texts stand beside them)."""

from pathlib import Path

FOLDER = Path(__file__).parent

NARROW = (
    "Inter-SemiBold",
    "NotoSansArabic-SemiBold",
    "NotoSansHebrew-SemiBold",
    "NotoSansDevanagari-SemiBold",
    "NotoSansThai-SemiBold",
)
"""What serves wherever a design has no typeface of its own for a script."""

CHINESE, JAPANESE, KOREAN = "NotoSansSC-Bold", "NotoSansJP-Bold", "NotoSansKR-Bold"
EMOJI = "NotoEmoji-Bold"


def bundled(name: str) -> Path:
    """Return the file of one of our typefaces."""
    return FOLDER / f"{name}.ttf"


LATIN_STRONG, LATIN = bundled("Inter-SemiBold"), bundled("Inter-Medium")
"""Of a rehearsal's placeholders."""
