"""The report: its JSON against the published schema, its page against hostile words."""
# pyright: reportUnknownMemberType=false
# jsonschema's validators are typed in part.

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from nightreel.errors import BudgetExceeded, NeedsPerson, NightreelError, PhotoRejected, RenderFailed, TokenRejected
from nightreel.models import Check, Clip, Delivery, Engine, Format, Platform, Rendition
from nightreel.report import (
    ClipReport,
    ClipStatus,
    CreditsReport,
    PhotoWarning,
    RunReport,
    exit_code_of,
    made,
    not_made,
    write_report,
)
from nightreel.report.data import data_of
from nightreel.report.page import headline
from nightreel.report.schema import SCHEMA_FILE, schema_text

START = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
HOSTILE = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>{{ 7*7 }}{% raw %}\u202e</style>"


def a_clip(out: Path, title: str = "手工粗陶咖啡杯", *, status: ClipStatus = ClipStatus.MADE) -> ClipReport:
    """Make the report of a clip that stands in *out*."""
    clip = Clip(product="NR-MUG-350", format=Format.VERTICAL, photos=(), prompt="A video.", title=title)
    stem = out / "NR-MUG-350" / "NR-MUG-350_9x16"
    delivery = Delivery(
        clip=clip.name,
        video=stem.with_suffix(".mp4"),
        cover=stem.with_suffix(".jpg"),
        record=stem.with_suffix(".json"),
        seconds=15.0,
        size=12_300_000,
        sha256="a" * 64,
        credits=100,
        checks=(Check(name="duration", ok=True, found="15.00 s", wanted="15 s ±0.25 s"),),
    )
    return made(clip, delivery, out, status=status, took=41.0)


def a_report(*clips: ClipReport, **more: Any) -> RunReport:  # noqa: ANN401 - any field
    """Make a run's report."""
    given = {
        "run_id": "run_1",
        "engine": Engine.LOCAL,
        "source": "data/catalog",
        "started": START,
        "ended": START + timedelta(seconds=161),
        "exit_code": exit_code_of(clips),
        "clips": clips,
    }
    return RunReport.model_validate(given | more)


class Page(HTMLParser):
    """What a browser makes of a page: its tags with attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of all *tag*s."""
        return [attributes for name, attributes in self.tags if name == tag]


def read(path: Path) -> Page:
    """Parse the page at *path*."""
    return Page(path.read_text(encoding="utf-8"))


def test_the_published_schema_is_the_models_own() -> None:
    """`report.schema.json` is what the models say today, and a valid schema (`python -m nightreel.report.schema`)."""
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text()
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text()))


def test_the_written_json_fits_the_schema_and_reads_back(tmp_path: Path) -> None:
    """A report with every kind of clip validates, and is the same report when it is read again."""
    report = a_report(
        a_clip(tmp_path),
        a_clip(tmp_path, status=ClipStatus.UNCHANGED),
        not_made("NR-1", PhotoRejected, "a.jpg is no photo.", "Replace it."),
        not_made("NR-2", NeedsPerson, "Nobody knows.", format=Format.SQUARE, spent=100),
        credits=CreditsReport(planned=300, actual=200, reserved=100, budget=500, available=999),
        photo_warnings=(PhotoWarning(product="NR-1", photo="b.jpg", text="It is small."),),
        notes=("A folder is not in the feed.",),
    )
    write_report(report, tmp_path)
    text = (tmp_path / "report.json").read_text(encoding="utf-8")
    jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))).validate(json.loads(text))
    assert RunReport.model_validate_json(text) == report
    assert json.loads(text)["outcome"] == "needs a person"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.json"]


def test_a_schema_reader_would_notice_a_wrong_report(tmp_path: Path) -> None:
    """The schema is strict: a missing field, an unknown one and a wrong status are refused."""
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
    good = json.loads(a_report(a_clip(tmp_path)).model_dump_json())
    broken = [
        {**good, "run_id": None},
        {**good, "extra": 1},
        {**good, "clips": [{**good["clips"][0], "status": "ok"}]},
    ]
    assert validator.is_valid(good)
    assert not any(validator.is_valid(report) for report in broken)


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    """Markup in any field is shown as text: it makes no tag, no attribute, no style and no template."""
    clip = a_clip(tmp_path, HOSTILE).model_copy(update={"product": HOSTILE, "reason": HOSTILE})
    report = a_report(
        clip,
        not_made(HOSTILE, RenderFailed, HOSTILE, HOSTILE, title=HOSTILE),
        source=HOSTILE,
        run_id=HOSTILE,
        photo_warnings=(PhotoWarning(product=HOSTILE, photo=HOSTILE, text=HOSTILE),),
        notes=(HOSTILE,),
    )
    page = read(write_report(report, tmp_path))
    assert page.text.count("<script>alert(1)</script>") == 12
    assert "{{ 7*7 }}" in page.text
    assert page.of("script") == [{"type": "application/json", "id": "data"}, {}]
    assert not page.of("img")
    assert not any(name.startswith("on") or name == "style" for _, attributes in page.tags for name in attributes)
    assert len(page.of("style")) == 1


def test_commands_in_hints_are_set_as_code(tmp_path: Path) -> None:
    """What a hint has between backticks is a code element; a stray one stays, markup is escaped."""
    hints = ("Run `nightreel <all>`.", "A ` alone <b>.")
    clips = (not_made("p", RenderFailed, "no", hint) for hint in hints)
    text = write_report(a_report(*clips), tmp_path).read_text(encoding="utf-8")
    assert "Run <code>nightreel &lt;all&gt;</code>." in text
    assert "A ` alone &lt;b&gt;." in text


def test_hostile_file_names_stay_relative_links(tmp_path: Path) -> None:
    """A file's name never becomes a scheme, a host, a query or a fragment, and leads to the file."""
    names = ["javascript:alert(1).mp4", "a b/#1?.mp4", "//evil.example/a.mp4"[2:], "100%.mp4", "杯.mp4"]
    page = read(
        write_report(a_report(*(a_clip(tmp_path).model_copy(update={"video": name}) for name in names)), tmp_path)
    )
    links = [video["src"] for video in page.of("video")]
    assert links == [
        "./javascript%3Aalert%281%29.mp4",
        "./a%20b/%231%3F.mp4",
        "./evil.example/a.mp4",
        "./100%25.mp4",
        "./%E6%9D%AF.mp4",
    ]


@pytest.mark.parametrize("path", ["/etc/passwd", "../a.mp4", "a/../../b.mp4", "..\\a.mp4"])
def test_no_link_leaves_the_folder(path: str) -> None:
    """A path outside the report's folder is refused when the report is made."""
    with pytest.raises(ValidationError, match="inside the report's folder"):
        ClipReport(product="p", status=ClipStatus.MADE, video=path)


def test_what_no_text_file_can_hold_is_replaced(tmp_path: Path) -> None:
    """Bytes of a name that are no UTF-8, and control characters, are shown as replacement characters."""
    report = a_report(source="cat\udce9log\x00\x1b[31m", notes=("a\ud800b",))
    page = read(write_report(report, tmp_path))
    assert "cat\ufffdlog\ufffd\ufffd[31m" in page.text
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["notes"] == ["a\ufffdb"]


def test_the_page_asks_nobody_for_anything(tmp_path: Path) -> None:
    """The policy lets only the page's own style and script through; every link is a file beside the page."""
    path = write_report(a_report(a_clip(tmp_path)), tmp_path)
    page = read(path)
    (policy,) = (meta["content"] for meta in page.of("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "; script-src 'sha256-" in policy
    assert "unsafe" not in policy
    assert "connect-src" not in policy
    links = [
        value
        for _, attributes in page.tags
        for name, value in attributes.items()
        if name in {"href", "src", "poster"}
    ]
    assert len(links) == 6
    assert all(link is not None and link.startswith(("./", "data:image/svg+xml,")) for link in links)
    assert not re.search(r"@import|url\(", path.read_text(encoding="utf-8"))


def test_no_word_ends_the_data_that_the_script_reads(tmp_path: Path) -> None:
    """A check's words stand in the page as JSON without a character that a script element could end with."""
    check = Check(name=HOSTILE, ok=True, found="</script><!--", wanted="\u2028")
    clip = a_clip(tmp_path).model_copy(update={"checks": (check, check), "key": "k"})
    text = data_of(a_report(clip), [clip])
    assert not re.search("[<>&\u2028]", text)
    data = json.loads(text)
    assert data["words"] == [HOSTILE, "</script><!--", "\u2028"]
    assert data["videos"][0]["checks"] == [[0, 1, 1, 2], [0, 1, 1, 2]]


def test_failed_checks_stand_open_and_others_are_counted(tmp_path: Path) -> None:
    """What a check found against what was wanted is read without a click where it failed."""
    bad = Check(name="loudness", ok=False, found="-20 LUFS", wanted="-15 to -13 LUFS")
    clip = a_clip(tmp_path)
    page = read(write_report(a_report(clip.model_copy(update={"checks": (*clip.checks, bad)})), tmp_path))
    assert "1 of 2 checks failed" in page.text
    assert "loudness is -20 LUFS, not -15 to -13 LUFS" in page.text
    assert "1 other passed" in page.text


def test_each_platform_says_which_file_it_takes_or_why_none(tmp_path: Path) -> None:
    """A file of its own is a link beside the master; one that is not fit names the check that it fails."""
    small = Rendition(platform=Platform.REELS, ok=True, file="a b.mp4", how="encoded smaller")
    short = Check(name="duration", ok=False, found="15 s", wanted="at least 30 s")
    unfit = Rendition(platform=Platform.YOUTUBE, ok=False, how="not fit", checks=(short,))
    clip = a_clip(tmp_path).model_copy(update={"renditions": (small, unfit)})
    page = read(write_report(a_report(clip), tmp_path))
    assert {"href": "./NR-MUG-350/a%20b.mp4", "download": None} in page.of("a")
    assert "YouTube" in page.text
    assert "duration is 15 s, not at least 30 s" in page.text


@pytest.mark.parametrize(
    ("kinds", "code", "outcome", "words"),
    [
        ((), 0, "made", "1 new video"),
        ((RenderFailed,), 1, "some failed", "1 of 2 videos ready"),
        ((RenderFailed, NeedsPerson), 4, "needs a person", "A decision is needed: 1 of 3 videos ready"),
        ((NeedsPerson, BudgetExceeded), 3, "out of credits", "Out of credits: 1 of 3 videos ready"),
        ((BudgetExceeded, TokenRejected), 2, "stopped", "Stopped: 1 of 3 videos ready"),
    ],
)
def test_the_gravest_clip_decides_the_exit_code(
    tmp_path: Path, kinds: tuple[type[NightreelError], ...], code: int, outcome: str, words: str
) -> None:
    """The first that holds of 2, 3, 4 and 1 is the run's exit code, and the headline says what it means."""
    report = a_report(a_clip(tmp_path), *(not_made("p", kind, "no") for kind in kinds))
    assert (report.exit_code, report.outcome, headline(report)) == (code, outcome, words)


def test_a_run_that_finds_everything_made_says_so(tmp_path: Path) -> None:
    """Unchanged clips cost nothing in this run, and their videos are still shown."""
    report = a_report(a_clip(tmp_path, status=ClipStatus.UNCHANGED), a_clip(tmp_path, status=ClipStatus.UNCHANGED))
    page = read(write_report(report, tmp_path))
    assert (headline(report), report.clips[0].credits) == ("Nothing new: 2 videos unchanged", 0)
    assert len(page.of("video")) == 2


def test_an_interrupted_run_says_so(tmp_path: Path) -> None:
    """Exit codes 130 and 143 read as interrupted, with what stands already."""
    report = a_report(a_clip(tmp_path), exit_code=143)
    assert (report.outcome, headline(report)) == ("interrupted", "Interrupted: 1 of 1 video ready")
