"""Which photos ring Prefect's doorbell: those that come while somebody listens."""

import asyncio
import logging
from pathlib import Path

import pytest
from PIL import Image

from nightreel.cli import prefect_bell
from nightreel.cli.prefect_bell import ringing
from nightreel.settings import load_settings

PATIENCE = 60.0


class Heard(logging.Handler):
    """Hears what the watcher says, and what rings."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._said = asyncio.Queue[str]()

    def emit(self, record: logging.LogRecord) -> None:
        """Take what was logged, in whichever thread."""
        self._loop.call_soon_threadsafe(self._said.put_nowait, record.getMessage())

    def ring(self, source: str, products: list[str]) -> None:
        """Take a ring."""
        said = f"{Path(source).name} rings: {', '.join(products)}"
        self._loop.call_soon_threadsafe(self._said.put_nowait, said)

    async def until(self, words: str) -> list[str]:
        """Wait until somebody says *words*; return what was said until then."""
        said: list[str] = []
        async with asyncio.timeout(PATIENCE):
            while words not in said:
                said.append(await self._said.get())
        return said


def product(catalog: Path, name: str) -> None:
    """Add a product with a photo."""
    (catalog / name).mkdir(parents=True)
    Image.new("RGB", (360, 480), (200, 90, 120)).save(catalog / name / "1.jpg")


async def test_what_comes_rings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What was there before is left to the scheduled look; what comes or changes rings, once it stands still."""
    heard = Heard()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(prefect_bell, "_tell", heard.ring)
    caplog.set_level(logging.INFO, "nightreel.up")
    logging.getLogger("nightreel.up").addHandler(heard)
    catalog = tmp_path / "data" / "catalog"
    product(catalog, "MUG")
    try:
        async with ringing(load_settings(settle=0.1)):
            before = await heard.until("MUG: 1 photo")
            product(catalog, "VASE")
            before += await heard.until("catalog rings: VASE")
            Image.new("RGB", (360, 480), (90, 200, 120)).save(catalog / "MUG" / "2.jpg")
            await heard.until("catalog rings: MUG")
    finally:
        logging.getLogger("nightreel.up").removeHandler(heard)
    assert [line for line in before if "rings" in line] == ["catalog rings: VASE"]
