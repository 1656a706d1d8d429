"""A runner that may be killed: some clips, or a talk by a script, from beginning to end, in a process of its own.

It is what a worker is, less Prefect: `open_runtime`, then `nightreel.clips.make` for each clip, in turn; or what
`nightreel edit` is.
"""

import asyncio
import json
import os
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from nightreel import clips, talk
from nightreel.errors import NightreelError
from nightreel.ledger.records import PurchaseStatus
from nightreel.models import Clip
from nightreel.runtime import Runtime, open_runtime
from nightreel.settings import Settings
from tests.faults import bugs
from tests.faults.points import Points, arm


@dataclass(frozen=True)
class Part:
    """What a victim does.

    Attributes:
        clips: what to make.
        script: a talk to hold instead.
        folder: everything of the case: home, output, what is told.
        url: the rehearsing studio.
        token: of the account; "" takes an anonymous one, which can pay for one clip.
        name: tells this runner's words from another's.
        fatal: the point at which it dies; 0 never.
        at: the name of a point at which it dies: how many come before may differ from run to run.
        bug: a fault that is planted in the code it runs, by its name in :mod:`tests.faults.bugs`.
        budget: of a day, for all runners.
        person: somebody has looked at the bill before this run: the sessions that were charged; None, nobody has.
        remake: that person buys again what is lost.
    """

    clips: tuple[Clip, ...]
    folder: Path = Path()
    url: str = ""
    token: str = ""
    name: str = "runner"
    fatal: int = 0
    at: str = ""
    bug: str = ""
    budget: int = 0
    person: frozenset[str] | None = None
    remake: bool = False
    script: talk.Script | None = None

    @property
    def settings(self) -> Settings:
        """A rehearsal against the studio at *url*."""
        return Settings(
            home=self.folder / "home",
            config_home=self.folder / "home" / "config",
            api_url=self.url,
            token=SecretStr(self.token),
            rehearse=True,
            budget_per_day=self.budget,
        )

    @property
    def told(self) -> Path:
        """Where a victim that ends by itself says what came of it."""
        return self.folder / f"{self.name}.json"

    def came(self) -> dict[str, str]:
        """Return by clip what came of it: "" when it was made, else the error."""
        return dict(json.loads(self.told.read_bytes())["came"])

    def passed(self) -> list[str]:
        """Return the points that were passed."""
        return list(json.loads(self.told.read_bytes())["points"])


def play(part: Part) -> None:
    """Make the clips, or die on the way; a process's target."""
    points = Points(part.fatal, part.at)
    with (part.folder / f"{part.name}.log").open("ab") as log:
        os.dup2(log.fileno(), sys.stderr.fileno())
    bugs.plant(part.bug)
    arm(points, part.folder / "home", part.folder / "out")
    came = asyncio.run(_run(part))
    part.told.write_text(json.dumps({"came": came, "points": points.passed}), encoding="utf-8")


async def _run(part: Part) -> dict[str, str]:
    """Return by clip what came of it: "" when it was made, else the error."""
    async with open_runtime(part.settings) as runtime:
        if part.person is not None:
            await _decide(part.person, runtime)
        if part.script is not None:
            return {"script": await _played(part.script, runtime)}
        again = tuple(clip.key for clip in part.clips if part.remake)
        order = clips.Order(run_id=f"run_{uuid.uuid4().hex}", out=part.folder / "out", remake=again)
        return {clip.name: await _make(clip, order, runtime) for clip in part.clips}


async def _played(script: talk.Script, runtime: Runtime) -> str:
    try:
        await talk.play(script, runtime.tools)
    except NightreelError as error:
        return f"{type(error).__name__}: {error}"
    return ""


async def _decide(charged: frozenset[str], runtime: Runtime) -> None:
    """Decide as a person does who sees on the bill which sessions were charged."""
    tools = runtime.tools
    for bought in await tools.ledger.purchases.open(tools.account_id):
        if bought.status is PurchaseStatus.PERSON:
            session = await tools.ledger.sessions.get(bought.session_id)
            await clips.decide(bought.id, tools, made=session.remote_id in charged)


async def _make(clip: Clip, order: clips.Order, runtime: Runtime) -> str:
    try:
        await clips.make(clip, order, runtime.tools)
    except NightreelError as error:
        return f"{type(error).__name__}: {error}"
    return ""
