"""`nightreel up` and a real browser: what an operator sees and clicks."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect, sync_playwright

from nightreel.clock import SystemClock

ROOT = Path(__file__).parents[3]
JOURNAL = ROOT / "tests" / "unit" / "clips" / "journals" / "0001" / "nightreel.db.gz"
"""A journal that was left in the middle of a night: one of its prompts waits for a person."""

PATIENCE = 180.0
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@dataclass
class Up:
    """`nightreel up`, in a folder with a catalog of two products."""

    folder: Path
    process: subprocess.Popen[bytes]
    url: str = ""

    def ask(self, path: str, **body: Any) -> Any:  # noqa: ANN401 - JSON
        """Ask Prefect's API."""
        return httpx.post(f"{self.url}/api/{path}", json=body, timeout=30).raise_for_status().json()

    def newest_run(self, deployment: str) -> dict[str, Any] | None:
        """Return the last run of a deployment that somebody started by hand."""
        found = self.ask(
            "flow_runs/filter",
            sort="START_TIME_DESC",
            deployments={"name": {"any_": [deployment]}},
            flow_runs={"parent_task_run_id": {"is_null_": True}},
        )
        return next((run for run in found if not run["auto_scheduled"]), None)

    def run_in(self, deployment: str, *states: str) -> dict[str, Any]:
        """Wait until the last run of a deployment is in one of *states*."""

        def reached() -> dict[str, Any] | None:
            run = self.newest_run(deployment)
            return run if run and run["state_type"] in states else None

        return until(reached)


def until(condition: Callable[[], Any]) -> Any:  # noqa: ANN401 - what the condition gives
    """Ask again until *condition* holds; return what it gives."""
    clock, never = SystemClock(), threading.Event()
    end = clock.monotonic() + PATIENCE
    while not (found := condition()):
        assert clock.monotonic() < end, f"waited {PATIENCE:.0f} s in vain"
        never.wait(0.3)
    return found


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    """Have everything up, with a journal in which a prompt waits for a person."""
    for product in ("MUG", "LAMP"):
        _product(tmp_path / "data" / "catalog" / product)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "nightreel.db").write_bytes(gzip.decompress(JOURNAL.read_bytes()))
    environment = {**os.environ, "NIGHTREEL_HOME": str(home), "PYTHONPATH": str(ROOT)}
    with (tmp_path / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "nightreel", "up", "--port", "0"],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    up = Up(tmp_path, process)

    def told() -> str:
        said = (tmp_path / "up.log").read_text(encoding="utf-8")
        assert process.poll() is None, said
        line = next((line for line in said.splitlines() if line.startswith("Prefect ")), "")
        return line.split()[-1] if "Ctrl-C" in said else ""

    try:
        up.url = until(told)
        yield up
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def _product(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder.parent / "brief.yaml").write_text("seconds: 3\nformats: [1x1]\n", encoding="utf-8")
    for number in range(2):
        picture = Image.new("RGB", (360, 480), (245, 240, 235))
        ImageDraw.Draw(picture).ellipse((60, 100, 300, 380), fill=(120, 90 + 60 * number, 80))
        picture.save(folder / f"{number}.jpg")


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """Give a page of a real browser; its last look is kept beside the test's files."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1400})
        page.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        try:
            yield page
        finally:
            page.screenshot(path=tmp_path / "last.png")
            (tmp_path / "last.json").write_text(json.dumps({"url": page.url}), encoding="utf-8")
            browser.close()
