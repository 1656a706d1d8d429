"""The reel: any frame of a plan, in a buffer of its own, with titles laid over.

A frame is made from the plan, the assets' contents and the draft's texts alone: whichever was made before, it is the
same to the bit. Any number of threads may ask for frames.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from nightreel.errors import AssetUnusable
from nightreel.studio.draft import Draft, TransitionKind
from nightreel.studio.render import picture
from nightreel.studio.render.contrast import Tone
from nightreel.studio.render.darkroom import Darkroom
from nightreel.studio.render.pixels import Bytes
from nightreel.studio.render.plan import Frame, FramePlan
from nightreel.studio.render.plate import Planes
from nightreel.studio.render.scenes import Scene, make_scene
from nightreel.studio.render.titles import Titles, Tones
from nightreel.studio.render.transitions import Both, Drawer, dipped, eased, join

_DIPS: dict[TransitionKind, Tones] = {
    TransitionKind.DIP_BLACK: (Tone(dark=False, scrim=0.0),),
    TransitionKind.DIP_WHITE: (Tone(dark=True, scrim=0.0),),
}
"""How a text is set over a dip at its deepest."""

_SAMPLE = 4  # samples are so many times smaller than the picture


class _Spare(threading.local):
    """Room for a second picture, for each thread its own: new memory for every frame of a transition would cost."""

    def __init__(self, width: int, height: int) -> None:
        self.planes = picture.blank(width, height)[1]


class Reel:
    """Makes the frames of *plan*; holds the shots that were on last.

    Args:
        draft: the timeline.
        plan: its frame plan.
        assets: the photos' files, by the ids that the draft names.
        titles: the draft's, if they are drawn already.
        at_once: threads that ask for frames; two shots are held for each.
        darkroom: where photos are made ready.
    """

    def __init__(
        self,
        draft: Draft,
        plan: FramePlan,
        assets: Mapping[str, Path],
        titles: Titles | None = None,
        *,
        at_once: int = 1,
        darkroom: Darkroom | None = None,
    ) -> None:
        self._plan = plan
        self._assets = assets
        self._canvas = (draft.m.width, draft.m.height)
        self._spare = _Spare(*self._canvas)
        self._titles = titles or Titles(draft)
        self._ready: OrderedDict[int, tuple[Scene, Tones]] = OrderedDict()
        self._most = 2 * at_once
        self._lock = threading.Lock()
        self._darkroom = darkroom or Darkroom()
        self._making = [threading.Lock() for _ in plan.shots]
        missing = [shot.asset for shot in plan.shots if shot.asset not in assets]
        if missing:
            raise AssetUnusable(f"The draft shows {missing[0]}, of which there is no file.")

    def __iter__(self) -> Iterator[Bytes]:
        """Yield every frame as an I420 buffer of its own."""
        return (self.frame(number) for number in range(self._plan.frames))

    def frame(self, number: int) -> Bytes:
        """Return one frame as an I420 buffer."""
        frame = self._plan.at(number)
        buffer, planes = picture.blank(*self._canvas)
        self._fill(planes, frame)
        self._titles.lay_over(planes, number, self._shares(frame))
        return buffer

    def _fill(self, planes: Planes, frame: Frame) -> None:
        if frame.before is None:
            self._drawer(frame.now, frame.number)(planes)
            return
        shot = self._plan.shots[frame.now]
        before, now = (self._drawer(index, frame.number) for index in (frame.before, frame.now))
        join(shot.kind, shot.direction, frame.mix, Both(before, now, planes, self._spare.planes))

    def _drawer(self, index: int, number: int) -> Drawer:
        return partial(self._prepared(index)[0].draw, number)

    def _shares(self, frame: Frame) -> list[tuple[Tones, float]]:
        """Return the tones of the titles over each shot that is on, and the shots' shares of the picture."""
        now = self._prepared(frame.now)[1]
        if frame.before is None:
            return [(now, 1.0)]
        before, kind = self._prepared(frame.before)[1], self._plan.shots[frame.now].kind
        if kind in _DIPS:
            seen, depth = before if frame.mix < 0.5 else now, dipped(frame.mix)  # noqa: PLR2004 - half-way
            return [(seen, 1 - depth), (_DIPS[kind] * len(seen), depth)]
        share = eased(frame.mix)
        return [(before, 1 - share), (now, share)]

    def _prepared(self, index: int) -> tuple[Scene, Tones]:
        """Return a shot made ready, and how titles are set over it; two threads never make the same one."""
        if (ready := self._held(index)) is not None:
            return ready
        with self._making[index]:
            if (ready := self._held(index)) is None:
                ready = self._make(index)
                self._hold(index, ready)
        return ready

    def _held(self, index: int) -> tuple[Scene, Tones] | None:
        with self._lock:
            if index in self._ready:
                self._ready.move_to_end(index)
            return self._ready.get(index)

    def _hold(self, index: int, ready: tuple[Scene, Tones]) -> None:
        with self._lock:
            self._ready[index] = ready
            while len(self._ready) > self._most:
                self._ready.popitem(last=False)

    def _make(self, index: int) -> tuple[Scene, Tones]:
        shot = self._plan.shots[index]
        stage = self._titles.stage(shot.first, shot.end)
        scene = make_scene(shot, self._assets[shot.asset], self._canvas, stage, self._plan.fps, self._darkroom)
        return scene, self._titles.tones(self._samples(scene, shot.first, shot.end), shot.first, shot.end)

    def _samples(self, scene: Scene, first: int, end: int) -> list[Planes]:
        """Return small pictures of a shot's start, middle and end."""
        samples: list[Planes] = []
        for number in (first, (first + end - 1) // 2, end - 1):
            _, planes = picture.blank(*(side // _SAMPLE // 2 * 2 for side in self._canvas))
            scene.draw(number, planes)
            samples.append(planes)
        return samples
