"""`nightreel studio`: the embedded engine, for as long as one wants it."""

from pathlib import Path
from typing import Annotated

import typer

from nightreel.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(studio)


def studio(
    port: Annotated[int, typer.Option("--port", metavar="N", help="0 takes a free one.", min=0, max=65535)] = 8765,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="Its data folder.", show_default="NIGHTREEL_HOME/studio"),
    ] = None,
    dialect: Annotated[
        list[str] | None,
        typer.Option("--dialect", metavar="NAME", help="Speak another documented form; may be given again."),
    ] = None,
    renders: Annotated[
        int, typer.Option("--renders-at-once", metavar="N", help="0 is one a core.", min=0, max=64)
    ] = 0,
) -> None:
    """Run the studio: it speaks the NemoVideo API on loopback and renders real videos.

    `nightreel run` finds it by its data folder, and starts one by itself when there is none. Its local account's
    bearer is in the file `token` of the data folder.
    """
    from nightreel.studio import server

    folder = data or load_settings().studio_data
    arguments = ["--data", str(folder), "--port", str(port), "--renders-at-once", str(renders)]
    raise typer.Exit(server.main([*arguments, *(f"--dialect={name}" for name in dialect or [])]))
