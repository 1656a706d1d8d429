"""`nightreel feed`: supplemental feeds of the finished videos' addresses."""

from pathlib import Path
from typing import Annotated

import typer

from nightreel.cli.shell import out
from nightreel.errors import ConfigurationError
from nightreel.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(feed)


def feed(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="A run's output folder.", show_default="out")
    ] = None,
    base_url: Annotated[
        str,
        typer.Option(
            "--base-url", metavar="URL", help="Where that folder is served.", show_default="NIGHTREEL_BASE_URL"
        ),
    ] = "",
) -> None:
    """Write the finished videos' addresses as supplemental feeds, for the shop's own to take in.

    `feed-merchant.tsv` for Google Merchant Center (`id`, `video_link`) and `feed-meta.csv` for Meta (`id`,
    `video[0].url`): one row a product, with its best video for the place. With `NIGHTREEL_BASE_URL` set, each run
    writes them.
    """
    from nightreel.delivery import Entry, write_feeds
    from nightreel.report import RunReport

    settings = load_settings()
    where, base = folder or settings.out, base_url or settings.base_url
    if not base:
        raise ConfigurationError(
            "Nobody said where the videos are served.", hint="Say --base-url https://host/folder."
        )
    try:
        report = RunReport.model_validate_json((where / "report.json").read_bytes())
    except (OSError, ValueError):
        raise ConfigurationError(
            f"There is no report in {where}.", hint="`nightreel run` writes one; name its --out."
        ) from None
    entries = [
        Entry(clip.product, clip.format, clip.seconds or 0.0, clip.video, clip.renditions)
        for clip in report.clips
        if clip.video and clip.format is not None
    ]
    looked_at = {clip.product for clip in report.clips}
    for path in write_feeds(entries, where, base, others=looked_at):
        out.print(str(path), markup=False, soft_wrap=True)
