"""Options that several commands take, and the request they make up."""

from pathlib import Path
from typing import Annotated

import typer

from nightreel.errors import ConfigurationError
from nightreel.models import Engine, Format, Request
from nightreel.settings import load_settings

Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="A folder of product folders, a folder with a feed at its top, a feed file (.csv, .tsv, .xml), "
        "or a bucket with either: s3://bucket/prefix, gs://bucket/prefix, az://container/prefix.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", metavar="DIR", help="Where videos and the report go.", show_default="out, or rehearsal"
    ),
]
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
Put = Annotated[
    str,
    typer.Option(
        "--put", metavar="BUCKET", help="Put videos, covers, records and report there as well: s3://bucket/prefix."
    ),
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="FIELD=COLUMN",
        help="Which column of the feed a field is in, for feeds that are not Google Merchant's, Meta's or Shopify's: "
        "id=SKU, title=Name, photos=Pictures. May be given again.",
        show_default="by the columns",
    ),
]
Rehearse = Annotated[
    bool,
    typer.Option(
        "--rehearse",
        help="Try it for nothing: the studio takes as long as the service would and makes placeholders. "
        "Account, state and output folder are a rehearsal's own.",
    ),
]
Rate = Annotated[
    float | None,
    typer.Option(
        "--rate",
        metavar="N",
        min=0.1,
        max=3600,
        help="How fast time goes in the rehearsal: at 60, a minute in a second.",
        show_default="60, or as its studio goes",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show the log, Prefect's own too.")]


def video_file(to: Path, name: str) -> Path:
    """Return *to*, where a video called *name* shall go.

    Raises:
        ConfigurationError: it is a folder, or no .mp4.
    """
    if to.is_dir():
        raise ConfigurationError(f"--out {to}: this is a folder.", hint=f"Say --out {to / name}.mp4.")
    if to.suffix.lower() != ".mp4":
        raise ConfigurationError(f"--out {to}: a video is an .mp4.", hint=f"Say --out {to / name}.mp4.")
    return to


def request_of(
    source: str,
    to: Path | None,
    engine: Engine | None,
    formats: list[Format] | None,
    prompt: str,
    budget: int | None,
    only: list[str] | None,
    remake: list[str] | None,
    *,
    rehearse: bool,
    rate: float | None,
    put: str = "",
    mapping: list[str] | None = None,
) -> Request:
    """Return what the options ask for.

    Raises:
        SettingsError: they, or the settings, contradict themselves.
    """
    settings = load_settings(engine=engine, rehearse=rehearse or None, rate=rate)
    return Request(
        source=source,
        out=to or settings.out,
        engine=engine,
        formats=tuple(formats or ()),
        prompt=prompt,
        budget=budget,
        only=tuple(only or ()),
        remake=tuple(remake or ()),
        put=put,
        mapping=tuple(mapping or ()),
        rehearse=settings.rehearse,
        rate=rate,
    )
