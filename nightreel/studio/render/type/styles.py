"""The designs that a draft's `style` names, as data: to add one, name it in `draft.Style` and give it a row here.

Sizes are shares of the picture's shorter side, everything else in ems of the text's own size; times are seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from nightreel.studio.draft import Role, Style


class Plate(StrEnum):
    """What a text stands on."""

    NONE = "none"
    BOX = "box"
    PILL = "pill"
    GLASS = "glass"  # dark, and the picture shows through a little
    FRAME = "frame"  # no plate: a thin line around
    BAR = "bar"  # no plate: a line at its beginning


class Move(StrEnum):
    """How a text comes in. It goes by fading."""

    RISE = "rise"
    WIPE = "wipe"
    FADE = "fade"
    POP = "pop"


@dataclass(frozen=True, slots=True)
class Look:
    """How the texts of one role are set.

    Attributes:
        size: share of the picture's shorter side.
        lines: as many at most, unless the text is very long.
        head: in the design's typeface for headings, or in the one for text.
        upper: in capitals, where a script has them.
        tracking: between letters.
        leading: from baseline to baseline.
        plate: what it stands on.
        accent: whether the plate has the accent's colour; else the second of the brand's, or white.
    """

    size: float
    lines: int = 2
    head: bool = False
    upper: bool = False
    tracking: float = 0.0
    leading: float = 1.2
    plate: Plate = Plate.NONE
    accent: bool = False


@dataclass(frozen=True, slots=True)
class Design:
    """One style.

    Attributes:
        heads, texts: typefaces by name, in the order in which they are asked for a glyph.
        wide: for Japanese, before our usual one.
        looks: by role.
        accent, card: of plates and lines, and of the card at the end, where the brand has no colours.
        rule: a short line in the accent's colour above the title.
        centred: or beginning at the side where reading begins.
        gap: between texts that stand together.
        move, comes, goes, stagger: how texts come in, and how long that takes.
        weight: of the user's own typeface, for headings.
    """

    heads: tuple[str, ...]
    texts: tuple[str, ...]
    looks: Mapping[Role, Look]
    accent: str
    card: str
    wide: tuple[str, ...] = ()
    rule: bool = False
    centred: bool = False
    gap: float = 0.35
    move: Move = Move.RISE
    comes: float = 0.55
    goes: float = 0.35
    stagger: float = 0.14
    weight: int = 700


CLEAN = Design(
    heads=("Inter-SemiBold",),
    texts=("Inter-Medium",),
    accent="#ffffff",
    card="#16181d",
    looks={
        Role.TITLE: Look(0.094, lines=3, head=True, tracking=-0.012, leading=1.2),
        Role.SUBTITLE: Look(0.058, tracking=-0.005),
        Role.LOWER_THIRD: Look(0.050, plate=Plate.BAR, leading=1.3),
        Role.PRICE: Look(0.074, lines=1, head=True, tracking=-0.012),
        Role.CTA: Look(0.050, lines=1, head=True, plate=Plate.PILL, accent=True),
        Role.CAPTION: Look(0.046, lines=3, plate=Plate.GLASS, leading=1.3),
        Role.END_CARD: Look(0.125, lines=3, head=True, tracking=-0.015, leading=1.2),
    },
    weight=600,
)

BOLD = Design(
    heads=(
        "RobotoCondensed-Black",
        "NotoSansArabic-Black",
        "NotoSansHebrew-Black",
        "NotoSansDevanagari-Black",
        "NotoSansThai-Black",
    ),
    texts=("RobotoCondensed-Bold",),
    accent="#ffd60a",
    card="#ffd60a",
    looks={
        Role.TITLE: Look(0.132, lines=3, head=True, upper=True, tracking=-0.005, leading=1.04),
        Role.SUBTITLE: Look(0.064, plate=Plate.BOX, accent=True),
        Role.LOWER_THIRD: Look(0.056, head=True, upper=True, plate=Plate.BOX, accent=True),
        Role.PRICE: Look(0.098, lines=1, head=True, plate=Plate.BOX, accent=True),
        Role.CTA: Look(0.060, lines=1, head=True, upper=True, tracking=0.02, plate=Plate.BOX, accent=True),
        Role.CAPTION: Look(0.052, lines=3, plate=Plate.GLASS, leading=1.25),
        Role.END_CARD: Look(0.175, lines=3, head=True, upper=True, leading=1.04),
    },
    gap=0.32,
    move=Move.WIPE,
    comes=0.4,
    goes=0.25,
    stagger=0.10,
    weight=900,
)

EDITORIAL = Design(
    heads=(
        "PlayfairDisplay-SemiBold",
        "GFSDidot-Regular",
        "NotoNaskhArabic-SemiBold",
        "FrankRuhlLibre-SemiBold",
        "NotoSerifDevanagari-SemiBold",
    ),
    texts=("Inter-Medium",),
    accent="#f3ead7",
    card="#f3ead7",
    looks={
        Role.TITLE: Look(0.100, lines=3, head=True, leading=1.16, tracking=-0.005),
        Role.SUBTITLE: Look(0.040, upper=True, tracking=0.14, leading=1.5),
        Role.LOWER_THIRD: Look(0.036, upper=True, tracking=0.14, leading=1.5, plate=Plate.BAR),
        Role.PRICE: Look(0.070, lines=1, head=True),
        Role.CTA: Look(0.036, lines=1, upper=True, tracking=0.16, plate=Plate.FRAME),
        Role.CAPTION: Look(0.044, lines=3, plate=Plate.GLASS, leading=1.35),
        Role.END_CARD: Look(0.135, lines=3, head=True, leading=1.16),
    },
    rule=True,
    gap=0.55,
    move=Move.FADE,
    comes=0.9,
    goes=0.5,
    stagger=0.22,
    weight=600,
)

PLAYFUL = Design(
    heads=("Fredoka-SemiBold", "MPLUSRounded1c-ExtraBold", "BalooBhaijaan2-Bold", "Baloo2-Bold"),
    texts=("Fredoka-Medium", "MPLUSRounded1c-ExtraBold", "BalooBhaijaan2-Bold", "Baloo2-Bold"),
    wide=("MPLUSRounded1c-ExtraBold",),
    accent="#ff5a4f",
    card="#ff5a4f",
    looks={
        Role.TITLE: Look(0.108, lines=3, head=True, leading=1.12),
        Role.SUBTITLE: Look(0.056, plate=Plate.PILL, accent=True),
        Role.LOWER_THIRD: Look(0.052, head=True, plate=Plate.PILL, accent=True),
        Role.PRICE: Look(0.080, lines=1, head=True, plate=Plate.PILL, accent=True),
        Role.CTA: Look(0.054, lines=1, head=True, plate=Plate.PILL),
        Role.CAPTION: Look(0.048, lines=3, plate=Plate.GLASS, leading=1.25),
        Role.END_CARD: Look(0.140, lines=3, head=True, leading=1.12),
    },
    centred=True,
    gap=0.36,
    move=Move.POP,
    comes=0.5,
    goes=0.3,
    stagger=0.12,
    weight=700,
)

DESIGNS: Mapping[Style, Design] = {
    Style.CLEAN: CLEAN,
    Style.BOLD: BOLD,
    Style.EDITORIAL: EDITORIAL,
    Style.PLAYFUL: PLAYFUL,
}
