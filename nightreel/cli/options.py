"""Options that several commands take, and the request they make up."""

from pathlib import Path
from typing import Annotated

import typer

from nightreel.models import Engine, Format, Request

Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="A folder of product folders, a folder with a feed at its top, or a feed file (.csv, .tsv).",
    ),
]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Where videos and the report go.")]
EngineChoice = Annotated[
    Engine | None,
    typer.Option(
        "--engine",
        help="Who makes the videos: the studio on this machine, or the cloud service.",
        show_default="local",
    ),
]
Formats = Annotated[
    list[Format] | None,
    typer.Option(
        "--format", "-f", help="Make this format, over the brief's. May be given again.", show_default="the brief's"
    ),
]
Prompt = Annotated[
    str,
    typer.Option(
        "--prompt", metavar="TEXT", help="The prompt, over the brief's; may hold {{ title }}, {{ price }}, …"
    ),
]
Budget = Annotated[
    int | None, typer.Option("--budget", metavar="N", min=0, help="Spend at most N credits in this run.")
]
Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="ID", help="Only this product. May be given again.")
]
Remake = Annotated[
    list[str] | None,
    typer.Option("--remake", metavar="ID", help="Buy this product's videos again, though nothing changed."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show the log, Prefect's own too.")]


def request_of(
    source: str,
    to: Path,
    engine: Engine | None,
    formats: list[Format] | None,
    prompt: str,
    budget: int | None,
    only: list[str] | None,
    remake: list[str] | None,
) -> Request:
    """Return what the options ask for."""
    return Request(
        source=source,
        out=to,
        engine=engine,
        formats=tuple(formats or ()),
        prompt=prompt,
        budget=budget,
        only=tuple(only or ()),
        remake=tuple(remake or ()),
    )
