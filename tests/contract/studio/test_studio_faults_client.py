"""The real client and the real steps against a rehearsing studio with everything that can go wrong in it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from nightreel import clips
from nightreel.catalog.clips import specifics_of
from nightreel.clips import Order
from nightreel.errors import NeedsPerson, NightreelError
from nightreel.models import Brief, Clip, Format
from nightreel.runtime import Runtime, open_runtime
from nightreel.settings import load_settings
from nightreel.studio.faults import Fault, Schedule
from nightreel.studio.rehearsal import open_clock

RUNS = 12
"""As often as somebody would type the command again, at most."""

DECIDED_BY_READING = frozenset(Fault) - {Fault.SESSION_VANISHED}
"""A session that vanishes is for a person."""


@pytest.mark.parametrize("seed", range(6))
async def test_a_clip_is_made_and_paid_once(wired: Callable[..., Any], tmp_path: Path, seed: int) -> None:
    """Whatever a seed brings, the same command makes the clip in the end: one charge, and the ledger agrees."""
    settings = load_settings(rehearse=True)
    data = settings.studio_data
    due = Schedule(seed, DECIDED_BY_READING, share=0.6)
    async with wired(due, data=data, clock=open_clock(data, 3600)) as world:
        token = (data / "token").read_text("ascii")
        async with open_runtime(load_settings(rehearse=True, api_url=world.url, token=token)) as runtime:
            await until_made(await a_clip(runtime, tmp_path), runtime, tmp_path / "out")
            summary = await runtime.ledger.credits.summary(runtime.tools.account_id)
            assert (summary.spent, summary.reserved) == (100, 0)
        bill = (await world.clean.call("GET", "/studio/bill")).json()
        assert [charge["credits"] for charge in bill] == [100]
        assert (await world.clean.call("GET", "/studio/faults")).json(), "nothing went wrong at all"
    assert (tmp_path / "out" / "mug" / "mug_1x1.mp4").stat().st_size > 10_000


async def a_clip(runtime: Runtime, folder: Path) -> Clip:
    """Return a clip of one photo."""
    path = folder / "mug.jpg"
    Image.linear_gradient("L").resize((320, 400)).convert("RGB").save(path)
    photo = await runtime.intake.probe(path, "mug/mug.jpg")
    prompt = specifics_of(Brief(), Format.SQUARE, "Clay mug", "", seconds=3)
    return Clip(product="mug", format=Format.SQUARE, photos=(photo,), prompt=prompt, title="Clay mug", seconds=3)


async def until_made(clip: Clip, runtime: Runtime, out: Path) -> None:
    """Run, and run again."""
    said: list[str] = []
    for number in range(RUNS):
        try:
            await clips.make(clip, Order(run_id=f"run_{number}", out=out), runtime.tools)
        except NeedsPerson:
            raise
        except NightreelError as error:
            said.append(f"{type(error).__name__}: {error}")
        else:
            return
    raise AssertionError(f"not made in {RUNS} runs: {said}")
