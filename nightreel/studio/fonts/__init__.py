"""The typefaces that titles are set in, all under the SIL Open Font License (its texts stand beside them)."""

from pathlib import Path

FOLDER = Path(__file__).parent
LATIN_STRONG = FOLDER / "Inter-SemiBold.ttf"
LATIN = FOLDER / "Inter-Medium.ttf"
CHINESE = FOLDER / "NotoSansSC-Bold.ttf"
