"""What a run did, for people (`report.html`) and for machines (`report.json`, described by `report.schema.json`)."""

from nightreel.report.model import (
    ClipReport,
    ClipStatus,
    CreditsReport,
    PhotoWarning,
    Review,
    RunReport,
    exit_code_of,
    left_out,
    made,
    not_made,
)
from nightreel.report.writer import write_report

__all__ = [
    "ClipReport",
    "ClipStatus",
    "CreditsReport",
    "PhotoWarning",
    "Review",
    "RunReport",
    "exit_code_of",
    "left_out",
    "made",
    "not_made",
    "write_report",
]
