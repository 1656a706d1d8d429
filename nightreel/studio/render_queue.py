"""The queue of renders: so many child processes at once, one a session, everybody in turn."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from nightreel.nemo.wire import RenderRequest
from nightreel.studio import render_child, renders, sessions, stand_in
from nightreel.studio.draft import read_draft
from nightreel.studio.options import StudioOptions
from nightreel.studio.renders import Render
from nightreel.studio.store import Store
from nightreel.studio.work import Work

_LOG = logging.getLogger(__name__)

CANCELLED = "cancelled"
"""Error of a render that its owner has cancelled."""


class RenderQueue:
    """The studio's renders at work."""

    def __init__(self, store: Store, options: StudioOptions, work: Work) -> None:
        self._store = store
        self._options = options
        self._work = work
        self._running: dict[int, Render] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._progress: dict[int, float] = {}
        self._served: dict[str, None] = {}
        self._held: set[str] = set()
        self._filling = asyncio.Lock()

    @property
    def videos(self) -> Path:
        """Where finished videos stand."""
        return self._options.data / "videos"

    @property
    def segments(self) -> Path:
        """Where the renderers keep what they have made, for each other."""
        return self._options.data / "segments"

    async def resume(self) -> None:
        """Remove what ended renders have left, and go on with those that an ended studio has not finished."""
        keep = await self._store.run(renders.videos)
        for folder in (self.videos, self._options.data / "jobs"):
            folder.mkdir(parents=True, exist_ok=True)
            for file in folder.iterdir():
                if file.name not in keep and file.is_file():
                    file.unlink()
        await self._fill()

    async def submit(self, account: str, request: RenderRequest) -> Render:
        """Take an export.

        Raises:
            Refused: it is not taken.
        """
        now = self._options.clock.now().timestamp()
        render = await self._store.run(renders.submit, account, request, now)
        await self._fill()
        return await self._store.run(renders.find, account, render.id)

    async def cancel(self, account: str, identity: str) -> Render:
        """End a render that has not ended; an ended one stays as it is.

        Raises:
            Refused: 404, there is no such render.
        """
        await self.fail(account, identity, CANCELLED)
        return await self._store.run(renders.find, account, identity)

    async def fail(self, account: str | None, identity: str, reason: str) -> None:
        """End a render as failed; an ended one stays as it is.

        Raises:
            Refused: 404, there is no such render.
        """
        found = await self._store.run(renders.find, account, identity)
        await self._store.run(renders.fail, found.n, reason)
        if (task := self._tasks.get(found.n)) is not None:
            task.cancel()
            await asyncio.wait({task})
        await self._fill()

    @asynccontextmanager
    async def holding(self, identity: str) -> AsyncGenerator[None]:
        """Start no render of this id meanwhile."""
        self._held.add(identity)
        try:
            yield
        finally:
            self._held.discard(identity)
            await self._fill()

    def progress(self, render: Render) -> float:
        """Return how far *render* is, in percent."""
        if render.status.terminal:
            return 100.0 if render.file else 0.0
        return 100.0 * self._progress.get(render.n, 0.0)

    async def _fill(self) -> None:
        """Start as many as may be at work."""
        async with self._filling:
            unfinished = await self._store.run(renders.unfinished)
            waiting = [it for it in unfinished if it.n not in self._running and it.id not in self._held]
            while len(self._running) < self._options.render_slots:
                chosen = renders.choose(waiting, self._running.values(), list(self._served))
                if chosen is None:
                    return
                waiting.remove(chosen)
                await self._start(chosen)

    async def _start(self, chosen: Render) -> None:
        render = await self._store.run(renders.start, chosen.n)
        if render is None:
            return
        self._running[render.n] = render
        self._served.pop(render.session, None)
        self._served[render.session] = None
        task = self._work.start(self._carry_out(render))
        self._tasks[render.n] = task
        task.add_done_callback(lambda _: self._forget(render.n))

    async def _carry_out(self, render: Render) -> None:
        try:
            await self._make(render)
        except render_child.RenderEnded as ended:
            _LOG.warning("render %s failed: %s", render.id, ended)
            await self._store.run(renders.fail, render.n, str(ended))
        except Exception as error:  # noqa: BLE001 - one render must not hold up the others
            _LOG.exception("render %s failed", render.id)
            await self._store.run(renders.fail, render.n, f"the video could not be rendered: {error}")
        self._forget(render.n)
        await self._fill()

    def _forget(self, n: int) -> None:
        self._running.pop(n, None)
        self._tasks.pop(n, None)
        self._progress.pop(n, None)

    async def _make(self, render: Render) -> None:
        """Render into a file of this attempt's own and enter it: the renderer makes it appear whole."""
        stem = f"{render.n}.{render.attempts}"
        out = self.videos / f"{stem}.mp4"
        job = await self._job(render, out)
        try:
            if self._options.rehearse:
                await stand_in.render(read_draft(render.draft), out, self._options, partial(self._note, render.n))
            else:
                await self._render(render.n, job, out, self._options.data / "jobs" / f"{stem}.json")
            await self._store.run(renders.complete, render.n, out.name)
        except BaseException:
            for left in (*self.videos.glob(f"{stem}.mp4*"), *self.videos.glob(f".{stem}.mp4*")):
                left.unlink(missing_ok=True)
            raise

    async def _render(self, n: int, job: dict[str, Any], out: Path, file: Path) -> None:
        """Have a child process carry *job* out, which stands in *file* meanwhile."""
        log = file.with_suffix(".log")
        file.write_text(json.dumps(job), encoding="utf-8")
        try:
            await render_child.render(self._options.render_module, file, out, log, partial(self._note, n))
            log.unlink(missing_ok=True)
        finally:
            file.unlink(missing_ok=True)

    async def _job(self, render: Render, out: Path) -> dict[str, Any]:
        """Return the job file's content.

        Raises:
            render_child.RenderEnded: the draft cannot be rendered; says why.
        """
        try:
            draft = read_draft(render.draft)
        except ValueError as error:
            raise render_child.RenderEnded(f"the draft cannot be rendered: {error}") from None
        assets = {asset.id: asset for asset in await self._store.run(sessions.assets_of, render.session)}
        for name in draft.assets:
            if name not in assets:
                raise render_child.RenderEnded(f"the draft uses {name!r}, which was not uploaded to this session")
        folder = self._options.data / "assets"
        paths = {name: str((folder / assets[name].file).absolute()) for name in draft.assets}
        cache = {"cache": str(self.segments.absolute()), "cache_bytes": self._options.segment_bytes}
        return {
            "draft": render.draft,
            "assets": paths,
            "out": str(out.absolute()),
            "quality": render.quality,
            **cache,
            "fonts": str(self._options.fonts.absolute()) if self._options.fonts else None,
        }

    def _note(self, n: int, part: float) -> None:
        self._progress[n] = max(part, self._progress.get(n, 0.0))
