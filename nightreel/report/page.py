"""The report as one page: no script, no request to anywhere; videos and covers by relative links.

Every word in it may come from outside (titles of a feed, file names, a server's message). So all of it is escaped by
jinja2, a link is always a quoted path below the page's folder, and a content security policy lets only this page's
own style (by its hash), pictures and videos through.
"""

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from nightreel.models import Check
from nightreel.report.model import ClipStatus, RunReport

_HERE = Path(__file__).parent
_MINUTE = 60
_KILO = 1000
_PRESENT = (ClipStatus.MADE, ClipStatus.RESTORED, ClipStatus.UNCHANGED)


def page(report: RunReport) -> str:
    """Return *report* as a self-contained HTML page."""
    return _template().render(
        report=report,
        style=Markup(_style()),  # noqa: S704 - our own file
        policy=_policy(),
        headline=headline(report),
        shown=[clip for clip in report.clips if clip.status in _PRESENT and clip.video],
        missing=sorted(
            (clip for clip in report.clips if clip.status not in _PRESENT),
            key=lambda clip: clip.status is not ClipStatus.NEEDS_PERSON,
        ),
        counts=[(status, count) for status in ClipStatus if (count := report.count(status))],
    )


def headline(report: RunReport) -> str:
    """Say in a few words what the run came to."""
    made, there, every = report.count(ClipStatus.MADE), report.count(*_PRESENT), len(report.clips)
    if report.outcome == "made" and there == every:
        told = [_count(made, "new video")] if made else []
        told += [f"{count} {status.value}" for status in _PRESENT[1:] if (count := report.count(status))]
        return ", ".join(told)
    if report.outcome == "nothing new":
        return f"Nothing new: {_count(there, 'video')} unchanged" if there else "Nothing to make"
    why = {
        "interrupted": "Interrupted",
        "out of credits": "Out of credits",
        "needs a person": "A decision is needed",
        "stopped": "Stopped",
    }.get(report.outcome, "")
    found = f"{there} of {_count(every, 'video')} ready"
    return f"{why}: {found}" if why else found


@cache
def _template() -> Template:
    """Load the page's template."""
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "link": _link,
        "bytes": _bytes,
        "span": _span,
        "moment": _moment,
        "verdict": _verdict,
        "number": "{:,}".format,
        "label": _label,
        "code": _code,
    }
    return environment.get_template("page.html")


@cache
def _style() -> str:
    """Read the page's style."""
    return (_HERE / "page.css").read_text(encoding="utf-8")


def _policy() -> str:
    """Return the page's content security policy; `file:` is for pages opened from a disk, where 'self' is nothing."""
    own = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{own}'; img-src 'self' file: data:; media-src 'self' file:; "
        "base-uri 'none'; form-action 'none'"
    )


def _label(status: ClipStatus) -> str:
    """Say a clip's status as a person does."""
    return "needs a person" if status is ClipStatus.NEEDS_PERSON else status.value


def _code(text: str) -> Markup:
    """Escape *text*, and set what stands between backticks as code: a command to type."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:  # one backtick too many: they mean something else
        return escape(text)
    return Markup().join(
        Markup("<code>{}</code>").format(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces)
    )


def _link(path: str) -> str:
    """Return *path* as a relative URL: never a scheme, a host, a query or a fragment."""
    return "./" + quote(path)


def _bytes(size: int) -> str:
    """Write *size* for people: "12.3 MB"."""
    value, unit = float(size), "B"
    for larger in ("kB", "MB", "GB"):
        if value < _KILO:
            break
        value, unit = value / _KILO, larger
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"


def _span(seconds: float) -> str:
    """Write a duration for people: "15 s", "2 min 41 s"."""
    if seconds < _MINUTE:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _moment(at: datetime) -> str:
    """Write a time for people, in UTC."""
    return f"{at.astimezone(UTC):%-d %B %Y, %H:%M} UTC"


def _verdict(checks: Sequence[Check]) -> str:
    """Sum up *checks*."""
    bad = sum(not check.ok for check in checks)
    return f"{bad} of {_count(len(checks), 'check')} failed" if bad else f"{_count(len(checks), 'check')} passed"


def _count(number: int, noun: str) -> str:
    """Write *number* with *noun* in its right form."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
