"""`nightreel clean`: what can go."""

import shutil
from pathlib import Path

import typer
from rich.filesize import decimal
from rich.markup import escape

from nightreel.cli.options import Yes
from nightreel.cli.shell import out, run_async
from nightreel.errors import ConfigurationError
from nightreel.settings import Settings, load_settings, make_home


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(clean)


def clean(yes: Yes = False) -> None:
    """Free space: caches, kept masters and old renders. Asks first, and not while videos are being made.

    Journal, ledger and delivered videos stay, and so do the photos that the studio was sent: with them, a delivered
    video that you delete afterwards is exported again, which is free.
    """
    settings = load_settings().model_copy(update={"rehearse": False})
    make_home(settings)
    if at_work := run_async(_at_work(settings)):
        raise ConfigurationError(f"{at_work}.", hint="Clean up when it has ended.")
    found = {what: (path, _size(path)) for what, path in removable(settings).items() if path.exists()}
    found = {what: (path, size) for what, (path, size) in found.items() if size}
    if not found:
        out.print("Nothing to clean.")
        return
    for what, (path, size) in found.items():
        out.print(f"{decimal(size):>10}  {what}  [dim]{escape(str(path))}[/]")
    if not yes:
        typer.confirm("Remove these?", abort=True)
    for path, _ in found.values():
        shutil.rmtree(path)
    out.print(f"{decimal(sum(size for _, size in found.values()))} freed.")


async def _at_work(settings: Settings) -> str:
    """Say who is using what would be removed; nobody: nothing."""
    from nightreel.ledger import open_ledger
    from nightreel.studio.keeper import running

    for data in (settings.studio_data, settings.rehearsal_dir / "studio"):
        if running(data) is not None:
            return f"A studio is at work on {data}"
    async with open_ledger(settings) as ledger:
        held = await ledger.claims.held()
    return f"{held} clips are being made" if held else ""


def removable(settings: Settings) -> dict[str, Path]:
    """Return what can go, by what it is."""
    return {
        "normalised photos (made again when needed)": settings.photo_cache,
        "copies of buckets' photos (downloaded again when needed)": settings.bucket_cache,
        "kept masters of delivered videos": settings.masters,
        "what a worker that was killed had not put into its bucket (it is put by the next run)": settings.staging,
        "old renders of the studio": settings.studio_data / "videos",
        "pieces of the studio's renders (made again when needed)": settings.studio_data / "segments",
        **_of_rehearsals(settings),
    }


def _of_rehearsals(settings: Settings) -> dict[str, Path]:
    """Return what can go of rehearsals: everything, where their journal goes with it."""
    place = settings.rehearsal_dir
    if settings.database_url.get_secret_value():
        return {"kept masters of rehearsals": place / "masters", "old placeholders": place / "studio" / "videos"}
    return {"rehearsals: their journal, ledger and placeholders": place}


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
