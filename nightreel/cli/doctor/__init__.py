"""`nightreel doctor`: what is wrong, and how to mend it. It sends no prompt, and leaves the journal as it is."""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from nightreel.cli.options import EngineChoice, Json, Out, Rehearse
from nightreel.cli.shell import err, out, run_async
from nightreel.cli.view import table
from nightreel.errors import ConfigurationError, SettingsError
from nightreel.files import write_whole
from nightreel.settings import Settings, load_settings, make_home

if TYPE_CHECKING:
    from nightreel.cli.doctor.findings import Finding
    from nightreel.cli.doctor.service import Examination


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(
    engine: EngineChoice = None,
    rehearse: Rehearse = False,
    to: Out = None,
    record: Annotated[
        Path | None,
        typer.Option(
            "--record", metavar="FILE", help="Write what went over the wire, without secrets: for a bug report."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """What is wrong, and how to mend it: folders, codecs, fonts, database, Prefect, and the service.

    The service is asked for the balance, an empty session, its state, and a session that is not there: no prompt is
    sent, no credit moves. Which of the documented forms it speaks is told as far as that shows it. Exit code 0 when
    all is well, 2 otherwise; what is marked ! works, and is worth knowing.
    """
    settings = load_settings(engine=engine, rehearse=rehearse or None)
    with err.status("Looking…"):
        findings, examination = run_async(_examine(settings, to or settings.out))
    if record is not None:
        _write(record, settings, findings, examination)
    ill = any(finding.state == "bad" for finding in findings)
    if as_json:
        told = {"ok": not ill, "findings": [finding.model_dump() for finding in findings]}
        out.print_json(data={**told, "forms": examination.forms.model_dump()})
    else:
        _show(findings)
        err.print("All is well." if not ill else "Something is to be mended.", style="dim")
    if ill:
        raise typer.Exit(ConfigurationError.exit_code)


async def _examine(settings: Settings, folder: Path) -> "tuple[list[Finding], Examination]":
    """Look at everything at once; the service's own checks come one after the other."""
    from nightreel.cli.doctor import books, machine, orchestration
    from nightreel.cli.doctor.findings import in_thread, looked_at
    from nightreel.cli.doctor.service import Examination
    from nightreel.clock import SystemClock
    from nightreel.ledger.health import Exports

    clock = SystemClock()
    with contextlib.suppress(SettingsError):  # told below
        make_home(settings)
    try:
        before = await books.exports_so_far(settings)
    except Exception:  # noqa: BLE001 - what is wrong with the database is told below
        before = Exports()
    examination = Examination(settings, clock, before)
    found = await asyncio.gather(
        in_thread("folders", lambda: machine.folders(settings, folder)),
        in_thread("codecs", machine.codecs),
        in_thread("fonts", lambda: machine.fonts(settings)),
        looked_at("database", lambda: books.books(settings)),
        in_thread("Prefect", orchestration.versions),
        looked_at("Prefect server", lambda: orchestration.server(settings, clock)),
        looked_at("service", examination.findings),
    )
    return [finding for several in found for finding in several], examination


def _show(findings: "Sequence[Finding]") -> None:
    from nightreel.cli.doctor.findings import MARKS

    styles = {"well": "green", "warning": "yellow", "bad": "red", "unknown": "dim"}
    drawn = table("", ("", "", ""), (), headed=False)
    for it in findings:
        said = Text(it.found) + Text(f"\n→ {it.mend}" if it.mend else "", style="dim")
        drawn.add_row(Text(MARKS[it.state], style=styles[it.state]), Text(it.what), said)
    out.print(drawn)


def _write(record: Path, settings: Settings, findings: "Sequence[Finding]", examination: "Examination") -> None:
    from nightreel.cli.doctor.transcript import transcript

    told = transcript(settings.engine.value, findings, examination.forms, examination.exchanges)
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    try:
        write_whole(record, text.encode(), mode=0o600)
    except OSError as error:
        raise SettingsError(f"{record} cannot be written ({error.strerror}).", hint="Name another file.") from error
    err.print(f"What went over the wire stands in {record}: shapes, and no secrets.", markup=False, soft_wrap=True)
