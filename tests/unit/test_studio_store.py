"""The studio's file: an old one is read on, a newer one is refused."""

import sqlite3
from pathlib import Path

import pytest

from nightreel.errors import SchemaError
from nightreel.studio.accounts import LOCAL, open_local, read
from nightreel.studio.faults import Endpoint
from nightreel.studio.incidents import count
from nightreel.studio.store import STEPS, VERSION, connect, transaction


def first_version(path: Path) -> None:
    """Leave what the first version of the studio leaves: an account with credits."""
    old = sqlite3.connect(path, isolation_level=None)
    old.executescript(f"{STEPS[0]} PRAGMA user_version = 1;")
    open_local(old, "nmv_usr_canary", 700, now=0.0)
    old.close()


def test_a_file_of_the_first_version_is_read_on(tmp_path: Path) -> None:
    """It gets the tables that came later, once, and keeps what it has."""
    first_version(tmp_path / "studio.db")
    for wanted in (1, 2):
        db = connect(tmp_path / "studio.db")
        with transaction(db):
            assert read(db, LOCAL).granted == 700
            assert count(db, Endpoint.RUN, "mug") == wanted
        assert db.execute("PRAGMA user_version").fetchone()[0] == VERSION
        db.close()


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    """A studio that does not know a file's tables leaves it alone, and says what to do."""
    connect(tmp_path / "studio.db").close()
    newer = sqlite3.connect(tmp_path / "studio.db")
    newer.execute(f"PRAGMA user_version = {VERSION + 1}")
    newer.close()
    with pytest.raises(SchemaError, match="newer studio"):
        connect(tmp_path / "studio.db")
