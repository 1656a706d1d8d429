"""`nightreel studio`: the embedded engine, for as long as one wants it."""

from pathlib import Path
from typing import Annotated

import typer

from nightreel.cli import render
from nightreel.cli.options import Rate
from nightreel.settings import load_settings
from nightreel.studio.faults import SHARE


def register(app: typer.Typer) -> None:
    """Add the command, and those below it."""
    group = typer.Typer(callback=studio, invoke_without_command=True)
    render.register(group)
    app.add_typer(group, name="studio")


def _list_faults(asked: bool) -> None:
    if asked:
        from nightreel.studio.faults import matrix

        typer.echo(matrix())
        raise typer.Exit


def studio(
    context: typer.Context,
    port: Annotated[int, typer.Option("--port", metavar="N", help="0 takes a free one.", min=0, max=65535)] = 8765,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="Its data folder.",
            show_default="studio, or rehearsal/studio, in NIGHTREEL_HOME",
        ),
    ] = None,
    dialect: Annotated[
        list[str] | None,
        typer.Option("--dialect", metavar="NAME", help="Speak another documented form; may be given again."),
    ] = None,
    renders: Annotated[
        int, typer.Option("--renders-at-once", metavar="N", help="0 is one a core.", min=0, max=64)
    ] = 0,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Take the service's time, and make placeholders instead of rendering.")
    ] = False,
    rate: Rate = None,
    faults: Annotated[
        int | None,
        typer.Option("--faults", metavar="SEED", help="Misbehave as services do; the same seed, the same faults."),
    ] = None,
    fault_share: Annotated[
        float,
        typer.Option(
            "--fault-share", metavar="X", min=0, max=1, help="Share of the requests that meet one, at most."
        ),
    ] = SHARE,
    only_fault: Annotated[
        list[str] | None,
        typer.Option("--only-fault", metavar="NAME", help="No fault but this one; may be given again."),
    ] = None,
    no_fault: Annotated[
        list[str] | None,
        typer.Option("--no-fault", metavar="NAME", help="All faults but this one; may be given again."),
    ] = None,
    _listed: Annotated[
        bool,
        typer.Option("--list-faults", callback=_list_faults, is_eager=True, help="Say which faults there are."),
    ] = False,
) -> None:
    """Run the studio: it speaks the NemoVideo API on loopback and renders real videos.

    `nightreel run` finds it by its data folder, and starts one by itself when there is none. Its local account's
    bearer is in the file `token` of the data folder.

    With `--rehearse` it takes as long as the service: 100 to 300 s for a timeline, 10 to 30 s for an edit, 30 to
    90 s for an export, all at `--rate` times the speed; an export is a placeholder. `nightreel run SOURCE --rehearse`
    finds it, and goes at its rate. Another runner needs `NEMO_API_URL`, the bearer in `NEMO_TOKEN`, and
    `NIGHTREEL_REHEARSE=1` with the same `NIGHTREEL_RATE`.

    With `--faults` it fails as services fail, for trying one's own pipeline: rate limits, errors before and after the
    work, connections that are reset anywhere, streams that end in silence, lengths that lie, tokens that expire,
    sessions that vanish, renders that fail. Which request meets which fault hangs on the seed alone, so a run can be
    played again; after one or two in a row a request goes well, so a run ends some time. `--list-faults` shows which
    there are; `GET /studio/faults` with the local bearer, which have happened. Best with `--rehearse`: some cost
    their victim a quarter of an hour of waiting.
    """
    if context.invoked_subcommand is not None:
        return
    from nightreel.studio import server

    settings = load_settings(rehearse=rehearse or None, rate=rate)
    arguments = ["--data", str(data or settings.studio_data), "--port", str(port), "--renders-at-once", str(renders)]
    arguments += ["--fonts", str(settings.fonts)]
    if settings.rehearse:
        arguments += ["--rehearse", *([f"--rate={settings.rate}"] if settings.rate is not None else [])]
    if faults is not None:
        arguments += [f"--faults={faults}", f"--fault-share={fault_share}"]
    arguments += [f"--only-fault={name}" for name in only_fault or []]
    arguments += [f"--no-fault={name}" for name in no_fault or []]
    raise typer.Exit(server.main([*arguments, *(f"--dialect={name}" for name in dialect or [])]))
