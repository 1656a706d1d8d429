"""Carries runs out: each in a task of its own, which goes on when nobody reads its stream any more."""

import asyncio
import logging
from collections.abc import AsyncIterator

from nightreel.errors import RenderError
from nightreel.studio import bill, runs
from nightreel.studio.agent.editing import edit
from nightreel.studio.agent.script import Beat, Step, Trouble, is_silent, write_script
from nightreel.studio.events import Encoder
from nightreel.studio.fonts.glyphs import require_glyphs
from nightreel.studio.options import StudioOptions
from nightreel.studio.runs import Run
from nightreel.studio.store import Store
from nightreel.studio.work import Work

_LOG = logging.getLogger(__name__)

Feed = asyncio.Queue[Step | None]
"""A run's steps as they happen; None is the end."""


class Performer:
    """The agent at work."""

    def __init__(self, store: Store, options: StudioOptions, work: Work) -> None:
        self._store = store
        self._options = options
        self._work = work

    async def resume(self) -> None:
        """Go on with what an ended studio has left."""
        for run in await self._store.run(runs.unfinished):
            if run.status == "cut":
                await self._store.run(runs.finish, run)
            else:
                self._work.start(self._perform(run, Feed()))

    async def begin(self, account: str, session: str, prompt: str) -> Feed:
        """Take a prompt and set to work on it.

        Raises:
            Refused: it is not taken; nothing is held for it.
        """
        options = self._options
        now = options.clock.now().timestamp()
        run = await self._store.run(runs.begin, account, session, prompt, options.tariff, now)
        feed = Feed()
        self._work.start(self._perform(run, feed))
        return feed

    async def stream(self, feed: Feed) -> AsyncIterator[bytes]:
        """Yield a run's event stream; silence is filled with heartbeats."""
        encoder = Encoder(self._options)
        clock = self._options.clock
        while True:
            try:
                step = await asyncio.wait_for(feed.get(), clock.real(self._options.heartbeat))
            except TimeoutError:
                step = Beat()
            if step is None:
                return
            for frame in encoder.encode(step, clock.now()):
                yield frame

    async def _perform(self, run: Run, feed: Feed) -> None:
        second_stage = 0.0
        try:
            second_stage = await self._cut(run, feed)
        except RenderError as error:
            await self._store.run(runs.fail, run)
            feed.put_nowait(Trouble("UNSUITABLE", str(error)))
        except Exception:  # noqa: BLE001 - whatever it was, nobody is charged for it
            _LOG.exception("run %d of session %s failed", run.seq, run.session)
            await self._store.run(runs.fail, run)
            feed.put_nowait(Trouble("INTERNAL", "The edit could not be made."))
        finally:
            feed.put_nowait(None)
        await self._pause(second_stage)
        await self._store.run(runs.finish, run)

    async def _cut(self, run: Run, feed: Feed) -> float:
        """Do the work, and tell it to *feed*; return the seconds until music and title come.

        Raises:
            RenderError: a text holds a letter that no font has, or there is no font of the name that was asked for;
                nothing is charged for it.
        """
        options = self._options
        scene = await self._store.run(runs.scene, run)
        seed = _seed(run, options.seed)
        made = edit(run.prompt, scene.before, scene.photos, scene.language, seed, scene.sounds)
        if made.finished is not None:
            require_glyphs(made.finished, options.fonts)
        silent = is_silent(run.session, run.seq, options.seed, options.silent_share)
        script = write_script(made, run.prompt, scene.language, silent=silent)
        pace = options.tempo.run(made, run.prompt, run.seq, (len(script.before), len(script.after)))
        await self._play(script.before, feed, pace.work)
        await self._store.run(runs.commit, run, made, options.clock.now())
        await self._play(script.after, feed, pace.talk)
        return pace.second_stage

    async def _play(self, steps: tuple[Step, ...], feed: Feed, seconds: float) -> None:
        for step in steps:
            feed.put_nowait(step)
            await self._pause(seconds / len(steps))

    async def _pause(self, seconds: float) -> None:
        if seconds:
            await self._options.clock.sleep(seconds)


def _seed(run: Run, seed: int) -> int:
    """Return what decides a timeline's looks: it hangs on the prompt and the studio, not on the session's id."""
    return int(bill.prompt_hash(f"{seed}:{run.seq}:{run.prompt}")[:8], 16)
