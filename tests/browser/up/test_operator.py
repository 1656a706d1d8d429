"""An operator's evening, in a real browser: deployments, a run from its form, its artifacts, a pause answered."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

Up = Any


def test_an_operator_runs_looks_and_decides(up: Up, page: Page, tmp_path: Path) -> None:
    """All deployments are there; a form's values reach its run, whose page shows the covers; an answer counts."""
    _sees_the_deployments(up, page)
    _starts_a_rehearsal(up, page, tmp_path)
    _sees_what_was_made(up, page, tmp_path)
    _answers_a_question(up, page, tmp_path)
    _approves_a_cut(up, page, tmp_path)


def _sees_the_deployments(up: Up, page: Page) -> None:
    for name in (
        "nightly",
        "on-demand",
        "watch",
        "social-drop",
        "quick-edit",
        "reconcile",
        "credits-report",
        "shard",
    ):
        _find(up, page, name)


def _starts_a_rehearsal(up: Up, page: Page, to: Path) -> None:
    _open_form(up, page, "on-demand")
    _field(page, "Output folder", "textarea").fill("tried")
    _field(page, "Only these products", "button").click()
    _field(page, "Only these products", "textarea").fill("MUG")
    _switch(page, "Rehearsal")
    page.screenshot(path=to / "form.png", full_page=True)
    page.get_by_role("button", name="Submit").click()
    run = up.run_in("on-demand", "COMPLETED", "FAILED", "CRASHED")
    assert run["state_type"] == "COMPLETED", run["state"]
    asked = run["parameters"]["request"]
    assert (asked["out"], asked["rehearse"], asked["only"]) == ("tried", True, ["MUG"])
    assert run["name"] == "catalog: MUG · rehearsal"
    assert {"1x1", "MUG"} <= set(run["tags"])
    assert (up.folder / "tried" / "MUG" / "MUG_1x1.mp4").is_file()


def _sees_what_was_made(up: Up, page: Page, to: Path) -> None:
    run = up.newest_run("on-demand")
    page.goto(f"{up.url}/runs/flow-run/{run['id']}")
    page.get_by_text("Artifacts", exact=True).first.click()
    for key in ("nightreel-plan", "nightreel-progress", "nightreel-clips", "nightreel-summary"):
        expect(page.get_by_text(key).first).to_be_visible()
    page.screenshot(path=to / "artifacts.png", full_page=True)
    page.get_by_text("nightreel-summary").first.click()
    cover = page.locator("img[src^='data:image/jpeg']").first
    expect(cover).to_be_visible()
    assert cover.evaluate("image => image.naturalWidth") > 50
    page.screenshot(path=to / "summary.png", full_page=True)


def _answers_a_question(up: Up, page: Page, to: Path) -> None:
    _open_form(up, page, "reconcile")
    _switch(page, "Ask me")
    page.get_by_role("button", name="Submit").click()
    run = up.run_in("reconcile", "PAUSED")
    page.goto(f"{up.url}/runs/flow-run/{run['id']}")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("What came of the prompt?").first).to_be_visible()
    expect(page.get_by_text("a second prompt in a row left no trace").first).to_be_visible()
    _switch(page, "Decide")
    page.screenshot(path=to / "pause.png", full_page=True)
    page.get_by_role("button", name="Submit").click()
    run = up.run_in("reconcile", "COMPLETED", "FAILED", "CRASHED")
    assert run["state"]["message"] == "0 wait for a person, 2 for the next run", run["state"]


def _approves_a_cut(up: Up, page: Page, to: Path) -> None:
    """A review's rough cut is looked at and approved: then it is the product's video."""
    _open_form(up, page, "review")
    _field(page, "Product", "textarea").fill("LAMP")
    _switch(page, "Rehearsal")
    page.get_by_role("button", name="Submit").click()
    run = up.run_in("review", "PAUSED", "FAILED", "CRASHED")
    page.goto(f"{up.url}/runs/flow-run/{run['id']}")
    page.get_by_text("Artifacts", exact=True).first.click()
    page.get_by_text("nightreel-review").first.click()
    expect(page.locator("img[src^='data:image/jpeg']").first).to_be_visible()
    page.goto(f"{up.url}/runs/flow-run/{run['id']}")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("LAMP 1x1, rough cut").first).to_be_visible()
    _choose(page, "What becomes of it?", "approve")
    page.screenshot(path=to / "review.png", full_page=True)
    page.get_by_role("button", name="Submit").click()
    run = up.run_in("review", "COMPLETED", "FAILED", "CRASHED")
    assert run["state"]["message"] == "LAMP 1x1 approved by a person: 100 credits", run["state"]
    assert (up.folder / "out" / "LAMP" / "LAMP_1x1.mp4").is_file()


def _find(up: Up, page: Page, deployment: str) -> Locator:
    """Search for a deployment, since a page shows ten of them; return its link."""
    page.goto(f"{up.url}/deployments")
    page.get_by_placeholder("Search deployments").fill(deployment)
    link = page.get_by_role("link", name=deployment, exact=True).first
    expect(link).to_be_visible()
    return link


def _open_form(up: Up, page: Page, deployment: str) -> None:
    """Open a deployment's form for a run with other parameters."""
    _find(up, page, deployment).click()
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("Custom run").first.click()
    expect(page.get_by_role("button", name="Submit")).to_be_visible()


def _field(page: Page, title: str, kind: str) -> Locator:
    """Return the field below a title: the form's labels do not name theirs."""
    label = f"//span[starts-with(normalize-space(), '{title}')]/ancestor::label"
    return page.locator(f"xpath={label}/following::fieldset[1]//{kind}").first


def _switch(page: Page, title: str) -> None:
    """Click the switch below a title."""
    _field(page, title, "label").click()


def _choose(page: Page, title: str, value: str) -> None:
    """Choose from the list below a title: it opens by its arrows alone."""
    label = f"//span[starts-with(normalize-space(), '{title}')]/ancestor::label"
    page.locator(f"xpath={label}/following::fieldset[1]").locator(".p-select-button__icon").first.click()
    page.locator(".p-select-option", has_text=value).first.click()
