"""The report in a real browser: it plays, searches, takes a review by keyboard, and whoever cannot see reads it."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from nightreel.errors import NeedsPerson, RenderFailed
from nightreel.models import Check, Engine, Format, Platform, Rendition
from nightreel.report import ClipReport, ClipStatus, CreditsReport, PhotoWarning, RunReport, not_made, write_report
from nightreel.reviews import ReviewFile

START = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
AXE = Path(__file__).with_name("axe.min.js")
TITLES = ("Clay mug", "Table lamp", "手工粗陶咖啡杯", "<b>Speaker</b>")


def a_clip(number: int, **more: Any) -> ClipReport:  # noqa: ANN401 - any field
    """Tell of a video that was made."""
    product = f"NR-{number}"
    checks = tuple(
        Check(name=name, ok=(name, number) != ("loudness", 1), found="as it is", wanted="as it should be")
        for name in ("duration", "loudness")
    )
    given = ClipReport(
        product=product,
        title=TITLES[number % 4],
        format=Format.VERTICAL if number % 2 else Format.SQUARE,
        status=ClipStatus.MADE,
        seconds=1.0,
        size=1000,
        sha256=f"{number:064x}",
        credits=100,
        took=40.0 + number,
        video=f"{product}/{product}.mp4",
        cover="",
        checks=checks,
        key=f"key{number}",
    )
    return given.model_copy(update=more)


def a_night(folder: Path, video: Path, count: int = 4) -> str:
    """Write a night's report of *count* videos, the first of which is there; return its address."""
    clips = [a_clip(number) for number in range(count)]
    (folder / "NR-0").mkdir()
    shutil.copy(video, folder / "NR-0" / "NR-0.mp4")
    unfit = Rendition(platform=Platform.YOUTUBE, ok=False, how="not fit", checks=(clips[1].checks[1],))
    clips[2] = a_clip(2, renditions=(unfit, Rendition(platform=Platform.TIKTOK, ok=True, file="NR-2.mp4")))
    report = RunReport(
        run_id="run_1",
        engine=Engine.LOCAL,
        source="catalog",
        started=START,
        ended=START + timedelta(minutes=4),
        exit_code=4,
        clips=(
            *clips,
            not_made("NR-8", RenderFailed, "The export failed.", "Run `nightreel` again."),
            not_made("NR-9", NeedsPerson, "Nobody knows.", format=Format.WIDE, spent=100),
        ),
        credits=CreditsReport(planned=500, actual=400, reserved=100, spent_today=400, spent_ever=900),
        photo_warnings=(PhotoWarning(product="NR-1", photo="a.jpg", text="It is small."),),
        notes=("A folder is not in the feed.",),
    )
    return write_report(report, folder).as_uri()


def saved(page: Page) -> dict[str, Any]:
    """Save the review, and read it."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Save review.json").click()
    return json.loads(Path(download.value.path()).read_text(encoding="utf-8"))


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_nothing_is_in_the_way_of_anybody(
    browser: Browser,
    tmp_path: Path,
    video: Path,
    width: int,
    scheme: Any,  # noqa: ANN401 - a literal of playwright's
) -> None:
    """On a phone and a desktop, light and dark, before and in a review: axe finds nothing, and nothing is cut off."""
    context = browser.new_context(
        viewport={"width": width, "height": 844},
        color_scheme=scheme,
        reduced_motion="reduce",
        bypass_csp=True,  # for axe alone, which is put into the page
    )
    page = context.new_page()
    page.goto(a_night(tmp_path, video))
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for _ in range(2):
        found = page.evaluate("axe.run().then((found) => found.violations.map((one) => [one.id, one.nodes[0].html]))")
        assert found == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("button", name="Review", exact=True).click()
        page.keyboard.press("c")
    context.close()


def test_a_video_plays_in_place(page: Page, tmp_path: Path, video: Path) -> None:
    """The file beside the page is loaded under the page's own policy, and plays."""
    page.goto(a_night(tmp_path, video))
    seconds = page.locator("video").first.evaluate(
        "(video) => new Promise((then, fail) => { video.onloadedmetadata = () => then(video.duration);"
        " video.onerror = () => fail(video.error.message); video.load(); video.preload = 'metadata'; })"
    )
    assert seconds == pytest.approx(1.0, abs=0.1)


def test_the_policy_holds_against_what_words_could_do(browser: Browser, tmp_path: Path, video: Path) -> None:
    """A title that is markup is a text; script that gets into the page is not run, and the browser says so."""
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(a_night(tmp_path, video))
    expect(page.get_by_role("heading", name="<b>Speaker</b>")).to_be_visible()
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))")
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<button onclick=\"window.ran = 1\">Go on</button>')"
    )
    page.get_by_role("button", name="Go on").click()
    assert page.evaluate("window.ran") is None
    assert len([text for text in refused if "Content Security Policy" in text]) == 2
    page.close()


def test_videos_are_searched_and_filtered(page: Page, tmp_path: Path, video: Path) -> None:
    """Words, kinds and formats narrow what is shown, failures too; where nothing fits, that is said."""
    page.goto(a_night(tmp_path, video))
    shown = page.locator(".clip:visible")
    expect(shown).to_have_count(6)
    page.keyboard.press("/")
    page.keyboard.type("粗陶")
    expect(shown).to_have_count(1)
    page.get_by_label("Search products").fill("export failed")
    expect(page.get_by_role("heading", name="NR-8")).to_be_visible()
    expect(page.get_by_role("heading", name="Videos", exact=True)).to_be_hidden()
    page.get_by_label("Search products").fill("no such thing")
    expect(page.get_by_text("Nothing here is like that.")).to_be_visible()
    page.get_by_label("Search products").fill("")
    page.get_by_role("button", name="Failed checks 1").click()
    expect(shown).to_have_count(1)
    page.get_by_role("button", name="Not for every platform 1").click()
    expect(page.get_by_text("YouTube")).to_be_visible()
    page.get_by_role("button", name="All 6").click()
    page.get_by_label("Format").select_option("16x9")
    expect(page.get_by_role("heading", name="NR-9")).to_be_visible()
    expect(shown).to_have_count(1)


def test_checks_that_hold_are_shown_when_asked_for(page: Page, tmp_path: Path, video: Path) -> None:
    """The folded checks open into a table of what was found and wanted."""
    page.goto(a_night(tmp_path, video))
    card = page.locator("article").nth(1)
    card.get_by_text("1 other passed").click()
    assert card.locator("tbody").inner_text().split("\t") == ["✓ duration", "as it is", "as it should be"]


def test_a_night_is_reviewed_by_keyboard(page: Page, tmp_path: Path, video: Path) -> None:
    """a, c, r and u decide and take back, j and k move; what was decided survives a reload, and becomes a file."""
    address = a_night(tmp_path, video)
    page.goto(address)
    page.get_by_role("button", name="Review").click()
    for key in ("a", "c"):
        page.keyboard.press(key)
    page.keyboard.type("Make it slower, a bit. jkar")
    page.keyboard.press("Escape")
    for key in ("j", "r", "r", "k", "u"):
        page.keyboard.press(key)
    expect(page.locator("#done")).to_have_text("3")
    page.reload()
    page.get_by_role("button", name="Review").click()
    expect(page.locator("#done")).to_have_text("3")
    review = saved(page)
    told = [(one["product"], one["key"], one["verdict"], one["text"]) for one in review["decisions"]]
    assert told == [
        ("NR-0", "key0", "approve", ""),
        ("NR-1", "key1", "change", "Make it slower, a bit. jkar"),
        ("NR-3", "key3", "reject", ""),
    ]
    assert ReviewFile.model_validate(review).run_id == "run_1"


def test_a_change_without_words_is_no_decision(page: Page, tmp_path: Path, video: Path) -> None:
    """Nothing could be sent; it is neither counted nor saved. The rest can be approved at once."""
    page.goto(a_night(tmp_path, video))
    page.get_by_role("button", name="Review").click()
    page.keyboard.press("c")
    assert saved(page)["decisions"] == []
    page.get_by_role("button", name="Approve the rest").click()
    assert [one["verdict"] for one in saved(page)["decisions"]] == ["approve"] * 3


def test_thousands_of_videos_stay_usable(page: Page, tmp_path: Path, video: Path) -> None:
    """Of two thousand videos few are laid out, covers wait, and any is found by its name."""
    page.goto(a_night(tmp_path, video, 2000))
    page.get_by_label("Search products").fill("NR-1234")
    expect(page.locator(".card:visible")).to_have_count(1)
    page.get_by_label("Search products").fill("")
    page.get_by_role("button", name="Review").click()
    page.keyboard.press("a")
    expect(page.locator("#done")).to_have_text("1")
    assert page.locator(".verdict").count() < 100
