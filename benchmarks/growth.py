"""`python -m benchmarks.growth [--clips 1000]`: a large night and one after it; rows and bytes of the journal."""

import argparse
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.scale import rehearse

_RATE = 600
_AT_ONCE = 32


def main() -> int:
    """Rehearse two nights; 1 if the second, in which nothing was new, has left more than word of itself."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.growth", description="What a night leaves.")
    options.add_argument("--clips", type=int, default=1000)
    count = options.parse_args().clips
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        journal = folder / "home" / "rehearsal" / "nightreel.db"
        first = rehearse(folder, range(count), _AT_ONCE, _RATE)
        before, size = _rows(journal), journal.stat().st_size
        rehearse(folder, (), _AT_ONCE, _RATE)
        after = _rows(journal)
        grown = sum(after.values()) - sum(before.values())
    table = Table("table", "rows", "a clip", title=f"{count} clips, {first.wall:.0f} s, {first.memory:.0f} MB")
    for name, rows in before.items():
        table.add_row(name, str(rows), f"{rows / count:.1f}")
    Console().print(table)
    Console().print(f"{size / count / 1024:.1f} kB of journal a clip; the night after added {grown} rows")
    return int(grown > len(before))


def _rows(journal: Path) -> dict[str, int]:
    with closing(sqlite3.connect(journal)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counted = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608 - of our schema
    return {name: rows for name, rows in sorted(counted.items()) if rows}


if __name__ == "__main__":
    sys.exit(main())
