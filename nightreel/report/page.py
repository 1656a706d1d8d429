"""The report as one page: no request to anywhere; videos and covers by relative links.

Every word in it may come from outside (titles of a feed, file names, a server's message). So all of it is escaped by
jinja2, a link is always a quoted path below the page's folder, and a content security policy lets only this page's
own style and script (by their hashes), pictures and videos through. Without its script the page shows everything but
the checks that hold; with it, videos are searched, filtered and reviewed. A night of thousands stays usable: the
browser lays out what is near, covers come when they are, and a check's words stand in the page once.
"""

import base64
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from nightreel.models import Check, Format, Platform
from nightreel.platforms import MANNERS
from nightreel.report.data import data_of
from nightreel.report.model import ClipReport, ClipStatus, PhotoWarning, RunReport

_HERE = Path(__file__).parent
_MINUTE = 60
_KILO = 1000
_AT_ONCE = 24
"""Covers that are loaded with the page; the others when they are near."""

_SLOWEST = 5
_EXTRAS = {".srt": "SRT", ".vtt": "VTT", ".txt": "Post"}
_KINDS = {
    "needs-person": "Needs a person",
    "failed": "Failed",
    "skipped": "Skipped",
    "made": "New",
    "delivered-again": "Delivered again",
    "unchanged": "Unchanged",
    "checks": "Failed checks",
    "unfit": "Not for every platform",
    "noted": "Photo notes",
}
_PRESENT = (ClipStatus.MADE, ClipStatus.RESTORED, ClipStatus.UNCHANGED)


def page(report: RunReport) -> str:
    """Return *report* as a self-contained HTML page."""
    shown = [clip for clip in report.clips if clip.status in _PRESENT and clip.video]
    photos = _by_product(report.photo_warnings)

    def kinds_of(clip: ClipReport) -> str:
        return " ".join(_kinds(clip, photos))

    timed = sorted((clip for clip in shown if clip.took is not None), key=lambda clip: clip.took or 0.0, reverse=True)
    there = {clip.product for clip in shown}
    return _template().render(
        report=report,
        style=Markup(_file("page.css")),  # noqa: S704 - our own file
        script=Markup(_file("page.js")),  # noqa: S704 - our own file
        data=Markup(data_of(report, shown)),  # noqa: S704 - escaped there
        policy=_policy(),
        headline=headline(report),
        shown=shown,
        missing=sorted(
            (clip for clip in report.clips if clip.status not in _PRESENT),
            key=lambda clip: clip.status is not ClipStatus.NEEDS_PERSON,
        ),
        counts=[(status, count) for status in ClipStatus if (count := report.count(status))],
        kinds_of=kinds_of,
        kinds=_counted(_kinds(clip, photos) for clip in report.clips),
        formats=[one for one in Format if any(clip.format is one for clip in report.clips)],
        photos=photos,
        loose=[warning for warning in report.photo_warnings if warning.product not in there],
        at_once=_AT_ONCE,
        slowest=timed[:_SLOWEST],
        median=timed[len(timed) // 2].took if timed else 0.0,
        made_seconds=sum(clip.seconds or 0.0 for clip in timed),
    )


def _by_product(warnings: Iterable[PhotoWarning]) -> defaultdict[str, list[PhotoWarning]]:
    found = defaultdict[str, list[PhotoWarning]](list)
    for warning in warnings:
        found[warning.product].append(warning)
    return found


def _kinds(clip: ClipReport, photos: Mapping[str, Sequence[PhotoWarning]]) -> list[str]:
    """Return what a clip can be filtered by."""
    found = [clip.status.value.replace(" ", "-")]
    found += ["checks"] if not all(check.ok for check in clip.checks) else []
    found += ["unfit"] if not all(one.ok for one in clip.renditions) else []
    found += ["noted"] if photos.get(clip.product) else []
    return found


def _counted(kinds: Iterable[Iterable[str]]) -> list[tuple[str, str, int]]:
    """Return the kinds that there are, in words and counted; none where all are of one."""
    count = Counter(kind for found in kinds for kind in found)
    return [(kind, words, count[kind]) for kind, words in _KINDS.items() if count[kind]] if len(count) > 1 else []


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
    filters: dict[str, Callable[..., object]] = {
        "link": _link,
        "bytes": _bytes,
        "span": _span,
        "moment": _moment,
        "verdict": _verdict,
        "checks_passed": _passed,
        "number": "{:,}".format,
        "label": _label,
        "code": _code,
        "folder": _folder,
        "kind": _kind,
        "platform": _platform,
    }
    environment.filters.update(filters)
    return environment.get_template("page.html")


@cache
def _file(name: str) -> str:
    """Read one of the page's own files."""
    return (_HERE / name).read_text(encoding="utf-8")


def _policy() -> str:
    """Return the page's content security policy; `file:` is for pages opened from a disk, where 'self' is nothing."""
    return (
        f"default-src 'none'; style-src '{_hash('page.css')}'; script-src '{_hash('page.js')}'; "
        "img-src 'self' file: data:; media-src 'self' file:; base-uri 'none'; form-action 'none'"
    )


def _hash(name: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(_file(name).encode()).digest()).decode()


def _folder(path: str) -> str:
    """Return the folder of the file at *path*, with its slash."""
    return path[: path.rfind("/") + 1]


def _kind(path: str) -> str:
    """Say what stands beside a video."""
    return _EXTRAS.get(PurePosixPath(path).suffix, PurePosixPath(path).suffix.lstrip(".").upper())


def _platform(platform: Platform) -> str:
    return MANNERS[platform].title


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
    """Write *size* for people: "12.3 MB", in one piece."""
    value, unit = float(size), "B"
    for larger in ("kB", "MB", "GB"):
        if value < _KILO:
            break
        value, unit = value / _KILO, larger
    return f"{value:.0f}\xa0{unit}" if unit == "B" else f"{value:.1f}\xa0{unit}"


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
    """Say how many of *checks* failed."""
    return f"{sum(not check.ok for check in checks)} of {_count(len(checks), 'check')} failed"


def _passed(count: int, failed: Sequence[Check]) -> str:
    """Say how many checks passed, beside those that *failed*."""
    return f"{_count(count, 'other')} passed" if failed else f"{_count(count, 'check')} passed"


def _count(number: int, noun: str) -> str:
    """Write *number* with *noun* in its right form."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
