"""`nightreel doctor`: what is wrong, and how to mend it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nightreel.cli.options import EngineChoice, Json, Rehearse
from nightreel.cli.shell import err, out, run_async
from nightreel.cli.view import table
from nightreel.errors import ConfigurationError
from nightreel.settings import load_settings

if TYPE_CHECKING:
    from nightreel.checkup import Finding

_MARKS = {"good": "✓", "note": "!", "bad": "✗"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(
    engine: EngineChoice = None,
    rehearse: Rehearse = False,
    record: Annotated[
        Path | None,
        typer.Option("--record", metavar="FILE", help="Write a transcript of what was said, without secrets."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Look at everything that a night needs: token, balance, session, state, folders, journal, fonts, Prefect.

    No prompt is sent and nothing is bought. With `--engine cloud` it proves the whole way to the service, and says
    which of the documented forms it speaks. `--record` keeps methods, paths, statuses and the shapes of bodies, fit
    for a bug report: no token, id, text, link or amount.

    Exit codes: 0 all is well · 2 something is to be mended.
    """
    from nightreel.checkup import Sign, examine
    from nightreel.nemo.recorder import Recorder

    recorder = Recorder()
    with err.status("Looking…"):
        found = [_fonts(), *run_async(examine(load_settings(engine=engine, rehearse=rehearse or None), recorder))]
    if record is not None:
        _write(recorder.records, record)
    if as_json:
        out.print_json(data=[finding.model_dump(mode="json") for finding in found])
    else:
        _show(found)
    raise typer.Exit(2 if any(finding.sign is Sign.BAD for finding in found) else 0)


def _fonts() -> "Finding":
    """Look whether the typefaces can be read, and have letters."""
    from nightreel.checkup import Finding, Sign
    from nightreel.studio.fonts import CHINESE, LATIN, LATIN_STRONG
    from nightreel.studio.fonts.glyphs import covered

    try:
        letters = len(covered(LATIN) & covered(LATIN_STRONG) | covered(CHINESE))
    except (OSError, KeyError, ValueError) as error:
        return Finding(about="fonts", sign=Sign.BAD, found=f"{error}", mend="Install Nightreel anew.")
    return Finding(about="fonts", sign=Sign.GOOD, found=f"letters for {letters} characters, Chinese among them")


def _write(records: object, to: Path) -> None:
    try:
        to.write_text(json.dumps(records, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{to} cannot be written ({error.strerror}).", hint="Choose another file.") from None
    err.print(f"Transcript: {to}", markup=False)


def _show(found: "list[Finding]") -> None:
    rows = [(_MARKS[finding.sign.value], finding.about, finding.found) for finding in found]
    out.print(table("", ("", "what", "found"), rows))
    for finding in found:
        if finding.mend:
            out.print(f"→ {finding.about}: {finding.mend}", markup=False)
