"""Feed files as rows: encodings, delimiters and quotes as they are met, each row with its line."""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from nightreel.errors import SourceError

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_FIELD_LIMIT = 4 * 1024 * 1024


@dataclass(frozen=True)
class Row:
    """One row: its first line in the file, its cells by column, and what is wrong with it."""

    line: int
    cells: dict[str, str]
    problem: str = ""


def read_table(data: bytes, name: str) -> tuple[tuple[str, ...], list[Row]]:
    """Return the columns of the feed *name* (as identifiers: "Image Src" is `image_src`) and its rows.

    Rows before the header that begin with `#` are help texts and are skipped, and so are empty rows.

    Raises:
        SourceError: it is no text in UTF-8 or UTF-16, or has no header.
    """
    csv.field_size_limit(_FIELD_LIMIT)
    text = _decoded(data, name)
    try:
        records = _records(text, _delimiter(text, name))
    except csv.Error as error:
        raise SourceError(f"{name} cannot be read as a table: {error}.") from None
    while records and records[0][1][0].startswith("#"):
        records.pop(0)
    if not records:
        raise SourceError(f"{name} is empty.", hint="Its first row names the columns.")
    columns = tuple(identifier(cell) for cell in records[0][1])
    return columns, [_row(line, cells, columns) for line, cells in records[1:]]


def identifier(column: str) -> str:
    """Return a column's name as a field's: lower case, `_` for what is no letter or digit, no `g:`."""
    word = column.strip().lower().removeprefix("g:")
    return re.sub(r"\W+", "_", word).strip("_")


def _decoded(data: bytes, name: str) -> str:
    encoding = next((encoding for bom, encoding in _BOMS if data.startswith(bom)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "Save the feed as UTF-8 (in a spreadsheet: “CSV UTF-8”)."
        raise SourceError(f"{name}, line {line}: this is no {encoding.upper()} text.", hint=hint) from None


def _delimiter(text: str, name: str) -> str:
    if name.lower().endswith(".tsv"):
        return "\t"
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    header = next(lines, "")
    return max(",;\t", key=header.count)


def _records(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Parse with quotes; where a stray quote in a TSV has swallowed cells, without."""
    quoted = list(_parse(text, delimiter, csv.QUOTE_MINIMAL))
    if delimiter != "\t" or _even(quoted):
        return quoted
    bare = list(_parse(text, delimiter, csv.QUOTE_NONE))
    return bare if _even(bare) else quoted


def _parse(text: str, delimiter: str, quoting: Literal[0, 3]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, quoting=quoting)
    line = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = reader.line_num + 1


def _even(records: Iterable[tuple[int, list[str]]]) -> bool:
    return len({len(cells) for _, cells in records}) <= 1


def _row(line: int, cells: list[str], columns: tuple[str, ...]) -> Row:
    problem = ""
    if any(cell.strip() for cell in cells[len(columns) :]):
        problem = f"has {len(cells)} cells where the header names {len(columns)}; is a comma or quote left bare?"
    padded = [*cells, *([""] * (len(columns) - len(cells)))]
    return Row(line, {column: cell.strip() for column, cell in zip(columns, padded, strict=False) if column}, problem)
