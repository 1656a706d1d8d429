"""`nightreel`: the entry point; commands stand in their own modules."""

import logging
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from nightreel import __version__
from nightreel.cli import (
    balance,
    books,
    chat,
    check,
    clean,
    doctor,
    edit,
    inspect,
    plan,
    prompts,
    reconcile,
    run,
    serve,
    sheet,
    watch,
)
from nightreel.cli.shell import INTERRUPTED, Stopped, complain, err
from nightreel.errors import NightreelError

app = typer.Typer(
    name="nightreel",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="**Catalog photos in, finished videos out, every night.**\n\n"
    "Try it: `nightreel run data/catalog --out out`. "
    "Without further settings the videos are made by the studio on this machine, free and with no account; "
    "with `--engine cloud` and `NEMO_TOKEN` by the NemoVideo service.",
    epilog="Exit codes: 0 all made · 1 some clips failed · 2 wrong usage or configuration · "
    "3 budget or credits exhausted · 4 a person must decide · 130, 143 interrupted, resumable.",
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"nightreel {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say it.")] = False,
) -> None:
    """Catalog photos in, finished videos out, every night."""


for module in (
    run, plan, watch, check, chat, edit, prompts, books, balance, sheet, inspect, reconcile, doctor, serve, clean,
):  # fmt: skip
    module.register(app)


def main() -> None:
    """Run the command line, and end with its exit code."""
    sys.exit(invoke(sys.argv[1:]))


def invoke(arguments: list[str]) -> int:
    """Run one command; return its exit code."""
    try:
        code = typer.main.get_command(app)(arguments, prog_name="nightreel", standalone_mode=False)
    except NightreelError as error:
        complain(error)
        return error.exit_code
    except Stopped as stopped:
        err.print("Stopped. Everything made is kept; the same command goes on from here.")
        return stopped.exit_code
    except typer.TyperException as error:
        _show(error)
        return 2
    except (typer.Abort, KeyboardInterrupt):
        err.print("Stopped; nothing was done. `--yes` answers questions for you.", markup=False)
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - nobody above us could do more than tell it
        complain(_unforeseen(error))
        return 1
    return code if isinstance(code, int) else 0


def _unforeseen(error: Exception) -> NightreelError:
    """Return *error* in one line, without secrets; its trace goes to the log, which -v shows."""
    from nightreel.nemo.redact import REDACTOR

    logging.getLogger("nightreel").info("unforeseen", exc_info=error)
    said = REDACTOR.clean(f"{type(error).__name__}: {error}".partition("\n")[0])
    return NightreelError(said, hint="What was made is kept; the same command goes on from here, and -v shows more.")


def _show(error: typer.TyperException) -> None:
    """Say what is wrong with the command line, in typer's own way where it has one; it does not export that class."""
    show: Callable[[], None] | None = getattr(error, "show", None)
    if show is not None:
        show()
    else:
        err.print(error.format_message(), markup=False)
