"""Checks of how the file is packed."""

from nightreel.quality.checks.rule import Evidence, Span, Verdict, Wanted, rule, within

_META = "Instagram and Facebook: moov first, no edit lists; YouTube: fast start"
_MB = 1024 * 1024


@rule("moov first", bool, _META, mend="remux")
def index_first(seen: Evidence, _wanted: Wanted, _limit: bool) -> Verdict:  # noqa: FBT001 - every check has these
    """The index stands before the pictures, in one piece: a browser plays while it loads."""
    packing = seen.packing
    plain = packing.index_first and not packing.fragments
    found = "fragmented" if packing.fragments else ("first" if plain else "behind the pictures")
    return Verdict(plain, found, "first")


@rule("edit list", bool, _META, mend="remux")
def no_edit_list(seen: Evidence, _wanted: Wanted, _limit: bool) -> Verdict:  # noqa: FBT001 - as above
    """There is no edit list."""
    count = seen.packing.edit_lists
    return Verdict(count == 0, str(count) if count else "none", "none")


@rule("brand", tuple[str, ...], "ISO/IEC 14496-12, 4.3", mend="remux")
def brand(seen: Evidence, _wanted: Wanted, limit: tuple[str, ...]) -> Verdict:
    """The major brand is one of plain MP4s."""
    major = seen.packing.brands[0] if seen.packing.brands else "none"
    return Verdict(major in limit, major, " or ".join((", ".join(limit[:-1]), limit[-1])))


@rule("upright", bool, "not every player turns a picture that says it should be")
def upright(seen: Evidence, _wanted: Wanted, _limit: bool) -> Verdict:  # noqa: FBT001 - as above
    """No track asks the player to turn its picture."""
    return Verdict(not seen.packing.turned, "turned" if seen.packing.turned else "upright", "upright")


@rule("file size", Span, "the platform's limit", mend="size")
def file_size(seen: Evidence, _wanted: Wanted, limit: Span) -> Verdict:
    """The file is as large as the platform takes, in MB."""
    return within(seen.size / _MB, limit, "MB")
