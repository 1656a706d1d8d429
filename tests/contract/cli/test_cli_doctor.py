"""`nightreel doctor`: what it says of a service that is well, and of everything that can be wrong."""

import asyncio
import json
import re
import sqlite3
import tomllib
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nightreel.cli.doctor import orchestration
from nightreel.clock import SystemClock
from nightreel.ledger import open_ledger
from nightreel.ledger.records import ClipStatus
from nightreel.models import Clip, Format, Photo
from nightreel.settings import load_settings
from nightreel.studio import fonts
from nightreel.studio.options import Dialect

Command = Callable[..., Any]
Serve = Callable[..., AbstractContextManager[str]]
Examine = Callable[..., "Report"]


@dataclass(frozen=True)
class Report:
    """What a doctor has said: a line of mark, finding and remedy by what was looked at."""

    code: int
    lines: dict[str, str]
    forms: dict[str, str]


@pytest.fixture
def examine(command: Command) -> Callable[..., Report]:
    """Give what calls the doctor, and reads what it says."""

    def examined(*options: str) -> Report:
        done = command("doctor", "--json", *options)
        told = json.loads(done.out)
        marks = {"well": "✓", "warning": "!", "bad": "✗", "unknown": "·"}
        lines = {it["what"]: f"{marks[it['state']]} {it['found']} → {it['mend']}" for it in told["findings"]}
        assert told["ok"] == (done.code == 0)
        return Report(done.code, lines, told["forms"])

    return examined


@pytest.mark.parametrize(
    ("dialects", "errors"),
    [
        ([], "an HTTP status and a code"),
        ([Dialect.HTTP_ERRORS, Dialect.FLAT_RENDER], "an HTTP status alone"),
        ([Dialect.ENVELOPE_ERRORS, Dialect.PLAIN_EVENTS], "a code under HTTP 200"),
    ],
    ids=["both", "http", "envelope"],
)
def test_a_service_that_is_well_is_told_with_its_forms(
    examine: Examine, serve: Serve, dialects: list[Dialect], errors: str
) -> None:
    """Token, balance, session and state are looked at, and no prompt; the error form is the one that is spoken."""
    with serve(*dialects) as url:
        told = examine()
    assert told.code == 0, told
    assert {line[0] for line in told.lines.values()} == {"✓", "·"}, told
    assert url in told.lines["service"]
    assert "1000000 available" in told.lines["credits"]
    assert told.lines["error form"].startswith(f"✓ {errors} (1002")
    assert (told.forms["errors"], told.forms["events"]) == (errors, "cannot be told without a prompt")


def test_findings_are_a_table_with_their_remedies(command: Command, serve: Serve) -> None:
    """A line each: mark, name, what was found; below it how to mend it."""
    with serve(bearer="nmv_usr_wrong"):
        done = command("doctor")
    lines = done.out.splitlines()
    assert any(line.startswith("✓  home ") for line in lines)
    (place,) = (number for number, line in enumerate(lines) if line.startswith("✗  token "))
    assert lines[place + 1].strip().startswith("→ Set NEMO_TOKEN")
    assert "nmv_usr_wrong" not in done.out + done.err
    assert "to be mended" in done.err


def test_a_token_that_is_refused_is_named(examine: Examine, serve: Serve) -> None:
    """The service answers, the token is wrong: what hangs on it is left out, and the setting is named."""
    with serve(bearer="nmv_usr_wrong") as url:
        told = examine()
    assert told.code == 2
    assert told.lines["service"].startswith(f"✓ {url}")
    assert told.lines["token"].startswith("✗")
    assert "NEMO_TOKEN" in told.lines["token"]
    assert told.lines["session"].startswith("·")


def test_an_anonymous_account_is_shown_with_what_it_may_spend(
    examine: Examine, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a token an anonymous one is fetched, as a run would, and kept."""
    with serve():
        monkeypatch.delenv("NEMO_TOKEN")
        lines = examine().lines
    assert "anonymous" in lines["token"]
    assert "100 available" in lines["credits"]


def test_a_service_that_cannot_be_reached_is_named(examine: Examine, serve: Serve) -> None:
    """Nobody listens there: that is said once, with the setting to look at."""
    with serve():
        pass
    told = examine()
    lines = told.lines
    assert told.code == 2
    assert lines["service"].startswith("✗")
    assert "NEMO_API_URL" in lines["service"]
    assert lines["credits"].startswith("·")


def _clip() -> Clip:
    photo = Photo(path=Path("/a.jpg"), name="a.jpg", sha256="a" * 64, size=1, kind="jpeg", width=9, height=9)
    return Clip(product="mug", format=Format.SQUARE, photos=(photo,), prompt="Show a mug.")


def _write_journal(kind: str = "", *, stopped: bool = False) -> Path:
    """Make a journal; with a clip that failed of an error of *kind*."""

    async def write() -> None:
        async with open_ledger(load_settings(), SystemClock()) as ledger:
            account = await ledger.credits.open_account("cloud", "own")
            if kind:
                claim = await ledger.claims.claim(_clip(), "cloud", "own", None)
                await ledger.journal.failed(claim, ClipStatus.FAILED, kind, "it failed", "")
            if stopped:
                await ledger.credits.stop(account, "too few credits", available=3)

    asyncio.run(write())
    return load_settings().home_dir / "nightreel.db"


def test_a_plan_that_forbids_exports_is_told_of(examine: Examine, serve: Serve) -> None:
    """The last export was answered by 402: the doctor says so without making one."""
    with serve():
        _write_journal("ExportForbidden", stopped=True)
        told = examine()
    lines = told.lines
    assert told.code == 2
    assert lines["exports"].startswith("✗")
    assert "402" in lines["exports"]
    assert lines["spending"].startswith("!")
    assert "--resume" in lines["spending"]
    assert lines["database"].startswith("✓")


def _of_a_newer_schema(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")


def _of_an_older_schema(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '0001'")


def _changed(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE clip SET status = 'made'")


def _torn(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[4096 * 3 : 4096 * 6] = bytes(4096 * 3)
    file.write_bytes(data)


def _overwritten(file: Path) -> None:
    file.write_bytes(b"no database" * 500)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_of_a_newer_schema, "✗ .*9999"),
        (_of_an_older_schema, "! .*0001.*the next run upgrades it"),
        (_changed, "✗ .*the journal tells failed, the table shows made"),
        (_torn, "✗ "),
        (_overwritten, "✗ .*no database that we can read"),
    ],
    ids=["newer", "older", "changed by hand", "torn", "no database"],
)
def test_a_database_that_is_not_sound_is_told_of(
    examine: Examine, serve: Serve, harm: Callable[[Path], None], said: str
) -> None:
    """Newer, older, changed by hand, damaged: each is said, and nothing is changed."""
    with serve():
        file = _write_journal("DraftRejected")
        harm(file)
        before = file.read_bytes()
        told = examine()
    assert re.match(said, told.lines["database"]), told
    assert told.code == (0 if said.startswith("!") else 2)
    assert file.read_bytes() == before


def test_a_machine_that_is_not_fit_is_told_of(
    examine: Examine, serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file where a folder should be, a font that is gone, a Prefect of another version: each with its remedy."""
    (tmp_path / "file").write_text("in the way")

    def version(name: str) -> str:
        return {"prefect": "3.9.0", "fastapi": "0.150.0", "sqlalchemy": "2.0.58"}[name]

    monkeypatch.setattr(orchestration, "version", version)
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "broken.ttf").write_text("no font")
    monkeypatch.setattr(fonts, "FOLDER", tmp_path / "fonts")
    with serve():
        told = examine("--out", str(tmp_path / "file" / "out"))
    lines = told.lines
    assert told.code == 2
    assert "--out" in lines["output"]
    assert "broken.ttf" in lines["fonts"]
    assert "prefect is 3.9.0" in lines["Prefect"]
    assert {lines[what][0] for what in ("output", "fonts", "Prefect")} == {"✗"}


@pytest.mark.parametrize(
    ("name", "installed", "said"),
    [
        ("sqlalchemy", "2.1.0", "sqlalchemy is 2.1.0, and has to be <2.1: Prefect's scheduler fails at each turn"),
        ("sqlalchemy", "2.1.0b2", "sqlalchemy is 2.1.0b2, and has to be <2.1"),
        ("fastapi", "0.151.0", "fastapi is 0.151.0, and has to be <0.151"),
    ],
)
def test_versions_that_do_not_go_together_are_told_of(
    name: str, installed: str, said: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before `up` starts anything that would look well and start no run: which, what is wanted, and what to do."""
    real = orchestration.version

    def version(asked: str) -> str:
        return installed if asked == name else real(asked)

    monkeypatch.setattr(orchestration, "version", version)
    told = command("up", "--check", "--port", "0")
    assert told.code == 2, told
    assert f"✗ Prefect: {said}" in told.out
    assert "→ Install from requirements.lock (make clean, make demo)" in told.out


def test_what_goes_together_is_what_is_installed() -> None:
    """The doctor, pyproject.toml and prefect.yaml name the same versions."""
    root = Path(__file__).parents[3]
    wanted = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    for name, fit in orchestration.TOGETHER.items():
        (line,) = [line for line in wanted if re.match(rf"{name}\b(?!-)", line)]
        assert line.endswith(f"{fit.sign}{fit.wanted}"), line
    prefect = orchestration.TOGETHER["prefect"].wanted
    assert f"prefect-version: {prefect}\n" in (root / "deployments" / "prefect.yaml").read_text(encoding="utf-8")


def test_the_record_is_fit_to_be_shown(
    command: Command, serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Requests, statuses and shapes stand in it as in our fixtures; no token, no id, no address of anybody's."""
    record = tmp_path / "record.json"
    with serve(Dialect.ENVELOPE_ERRORS) as url:
        monkeypatch.delenv("NEMO_TOKEN")
        monkeypatch.setenv("NEMO_CLIENT_ID", "6f0c1c1e-2a50-4a3e-9c39-cafecafecafe")
        assert command("doctor", "--record", str(record)).code == 0
        kept = json.loads((load_settings().home_dir / "nemo_tokens.json").read_text())[url]
    text = record.read_text()
    for secret in (kept["token"], kept["user_id"], kept["client_id"], url, str(Path.home())):
        assert secret not in text
    told = json.loads(text)
    paths = [(each["request"]["method"], each["request"]["path"]) for each in told["exchanges"]]
    assert paths[0] == ("POST", "/api/auth/anonymous-token")
    assert ("POST", "/run_sse") not in paths
    assert told["exchanges"][0]["request"]["headers"]["X-Client-Id"] == "{client_id}"
    assert set(told["exchanges"][0]["answer"]["body"]["data"]) == {"token", "user_id", "expires_at", "credits"}
    last = told["exchanges"][-1]
    assert (last["answer"]["status"], last["answer"]["body"]["code"]) == (200, 1002)
    assert record.stat().st_mode & 0o777 == 0o600
