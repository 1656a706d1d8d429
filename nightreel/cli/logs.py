"""The log of a command: quiet unless asked, and without secrets always."""

import logging

from rich.logging import RichHandler

from nightreel.cli.shell import err
from nightreel.nemo.redact import REDACTOR


def set_up(*, verbose: bool) -> None:
    """Send the log to the terminal: our warnings, or with *verbose* all that we do and what others warn of."""
    handler = RichHandler(console=err, show_path=False, rich_tracebacks=False, markup=False)
    handler.addFilter(REDACTOR)
    if not verbose:
        handler.addFilter(logging.Filter("nightreel"))  # Prefect's services log under names of their own
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("nightreel").setLevel(logging.INFO if verbose else logging.WARNING)
