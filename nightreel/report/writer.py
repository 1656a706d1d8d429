"""Writes the report's two files, each whole."""

from pathlib import Path

from nightreel.files import write_whole
from nightreel.report.model import RunReport
from nightreel.report.page import page


def write_report(report: RunReport, out: Path) -> Path:
    """Write `report.json` and `report.html` into *out*; return the page's path.

    Raises:
        OSError: the folder cannot be written.
    """
    write_whole(out / "report.json", (report.model_dump_json(indent=2) + "\n").encode())
    return write_whole(out / "report.html", page(report).encode())
