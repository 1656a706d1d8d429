"""Feed files as rows, one at a time: encodings, delimiters and quotes as they are met, each row with its line.

A quote that is opened and never closed would take the rest of the file for one cell: such a row is read as if it had
no quotes where that fits the header, else it is told by its line, and reading goes on with the very next line.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Literal

from nightreel.errors import SourceError

MAX_LINE = 4 * 1024 * 1024
MAX_ROW = 1024 * 1024
MAX_COLUMNS = 2000
MAX_BROKEN = 1000
"""So many rows with a quote that is never closed, and the file is given up: each costs a second reading."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
)
_DELIMITERS = ",;\t|"
_UNCLOSED = "opens a quote that is never closed."
_SURROGATE = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True)
class Row:
    """One row: its first line in the file, its cells by column, and what is wrong with it."""

    line: int
    cells: dict[str, str]
    problem: str = ""


@dataclass(frozen=True)
class Table:
    """A feed as a table: the columns as they are written, and the rows, which can be read once."""

    columns: tuple[str, ...]
    rows: Iterator[Row]


def read_table(file: BinaryIO, name: str) -> Table:
    """Read the head of the feed *name*; its rows, with cells by the column's name as it is written, come as a stream.

    Rows before the header that begin with `#` are help texts and are skipped, and so are empty rows.

    Raises:
        SourceError: it is no text in UTF-8 or UTF-16, or has no header.
    """
    csv.field_size_limit(MAX_LINE)
    lines = _Lines(io.TextIOWrapper(file, _encoding(file), errors="surrogateescape", newline=""), name)
    delimiter = _delimiter(lines, name)
    for line, cells, _ in _records(lines, delimiter, None):
        if not cells[0].lstrip().startswith("#"):
            columns = _columns(cells, line, name)
            return Table(columns, _rows(lines, delimiter, columns))
    raise SourceError(f"{name} is empty.", hint="Its first row names the columns.")


def identifier(column: str) -> str:
    """Return a column's name as a field's: lower case, `_` for what is no letter or digit, no `g:`."""
    word = column.strip().lower().removeprefix("g:")
    return re.sub(r"\W+", "_", word).strip("_")


class _Lines:
    """The lines of a text, counted; those of the record at hand are kept, so that they can be read again."""

    def __init__(self, text: io.TextIOWrapper, name: str) -> None:
        self._text, self.name = text, name
        self.record: list[str] = []
        self._again: list[str] = []
        self._read = 0
        self._ended = False
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else self._next()
        if self.record and self._size + len(line) > MAX_ROW:
            self._again.append(line)
            raise csv.Error(_UNCLOSED)
        self.record.append(line)
        self._size += len(line)
        return line

    def _next(self) -> str:
        if self._ended:
            raise StopIteration
        try:
            line = self._text.readline(MAX_LINE)
        except UnicodeDecodeError as error:
            raise _no_text(self.name, self.line, error.encoding) from None
        if not line:
            self._text.detach()  # the file is the caller's, and stays open
            self._ended = True
            raise StopIteration
        if len(line) == MAX_LINE:
            raise SourceError(f"{self.name}, line {self.line}: it is longer than any row of a feed.")
        self._read += 1
        return line.replace("\0", "")

    @property
    def line(self) -> int:
        """The number of the line that comes next."""
        return self._read + 1 - len(self._again)

    def begin(self) -> int:
        """Begin a record; return its line."""
        self.record, self._size = [], 0
        return self.line

    def back_to(self, kept: int) -> None:
        """Read the lines of the record again, all but the first *kept*."""
        self._again += self.record[kept:][::-1]
        del self.record[kept:]

    def peek(self) -> str:
        """Return the first line that says something and is no help row; all are read again."""
        self.begin()
        found = next((line for line in self if line.strip() and not line.lstrip('" ').startswith("#")), "")
        self.back_to(0)
        self.begin()
        return found


def _encoding(file: BinaryIO) -> str:
    head = file.read(4)
    file.seek(0)
    told = next((encoding for bom, encoding in _BOMS if head.startswith(bom)), "")
    if not told and head[1:2] == b"\0":
        return "utf-16-le"
    return told or ("utf-16-be" if head[:1] == b"\0" else "utf-8")


def _no_text(name: str, line: int, encoding: str) -> SourceError:
    hint = "Save the feed as UTF-8 (in a spreadsheet: “CSV UTF-8”)."
    return SourceError(f"{name}, line {line}: this is no {encoding.upper()} text.", hint=hint)


def _delimiter(lines: _Lines, name: str) -> str:
    try:
        header = lines.peek()
    except csv.Error:
        header = ""
    if name.lower().endswith(".tsv") and "\t" in header:
        return "\t"
    return max(_DELIMITERS, key=header.count)


def _columns(cells: Sequence[str], line: int, name: str) -> tuple[str, ...]:
    if any(_SURROGATE.search(cell) for cell in cells):
        raise _no_text(name, line, "utf-8")
    if len(cells) > MAX_COLUMNS:
        raise SourceError(f"{name} has {len(cells)} columns; at most {MAX_COLUMNS} are read.")
    return tuple(cell.strip() for cell in cells)


def _rows(lines: _Lines, delimiter: str, columns: tuple[str, ...]) -> Iterator[Row]:
    for line, cells, problem in _records(lines, delimiter, len(columns)):
        yield _row(line, cells, columns, problem)


def _records(lines: _Lines, delimiter: str, width: int | None) -> Iterator[tuple[int, list[str], str]]:
    """Yield line, cells and problem of each record; *width* is what the header has, None before it is known."""
    broken = 0
    while True:
        line = lines.begin()
        try:
            cells = next(_reader(lines, delimiter), None)
        except csv.Error:
            cells = []
        else:
            if cells is None:
                return
        problem = ""
        if (not cells and lines.record[0].strip()) or _swallowed(cells, lines, width):
            broken += 1
            if broken > MAX_BROKEN:
                hint = "Write quotes inside a cell twice, or export the feed as TSV."
                raise SourceError(
                    f"{lines.name}: over {MAX_BROKEN} rows open quotes that are never closed.", hint=hint
                )
            lines.back_to(1)
            cells, problem = _alone(lines.record[0], delimiter, width)
        if any(cell.strip() for cell in cells):
            yield line, cells, problem


def _reader(lines: Iterator[str], delimiter: str, quoting: Literal[0, 3] = csv.QUOTE_MINIMAL) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=quoting == csv.QUOTE_MINIMAL)


def _swallowed(cells: Sequence[str], lines: _Lines, width: int | None) -> bool:
    """Tell whether a record of several lines is none: it has another number of cells than the header."""
    return width is not None and len(lines.record) > 1 and len(cells) != width


def _alone(line: str, delimiter: str, width: int | None) -> tuple[list[str], str]:
    """Read a line whose quotes do not close: as if they were letters, if that gives as many cells as the header."""
    bare = next(_reader(iter([line]), delimiter, csv.QUOTE_NONE))
    fits = len(bare) == width or width is None
    return bare, "" if fits else _UNCLOSED


def _row(line: int, cells: list[str], columns: tuple[str, ...], problem: str) -> Row:
    if not problem and any(cell.strip() for cell in cells[len(columns) :]):
        problem = f"has {len(cells)} cells where the header names {len(columns)}; is a comma or quote left bare?"
    if any(_SURROGATE.search(cell) for cell in cells):
        problem = "is no UTF-8 text. Save the feed as UTF-8."
        cells = [_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", cell) for cell in cells]
    padded = [*cells, *([""] * (len(columns) - len(cells)))]
    return Row(line, {column: cell.strip() for column, cell in zip(columns, padded, strict=False) if column}, problem)
