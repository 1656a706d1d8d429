"""The reel: frame after frame of a plan, each in a buffer of its own, with titles laid over."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nightreel.errors import RenderError
from nightreel.studio.draft import Draft, TransitionKind
from nightreel.studio.render import picture
from nightreel.studio.render.camera import Path as CameraPath
from nightreel.studio.render.camera import plan_path
from nightreel.studio.render.framing import Photo
from nightreel.studio.render.photos import open_photo
from nightreel.studio.render.pixels import Bytes
from nightreel.studio.render.plan import Frame, FramePlan, Shot
from nightreel.studio.render.plate import Planes, Plate, make_plate
from nightreel.studio.render.subject import Subject, find_subject
from nightreel.studio.render.titles import Titles, Tones

_DIPS = (TransitionKind.DIP_BLACK, TransitionKind.DIP_WHITE)


_SAMPLE = 4  # samples are so many times smaller than the picture


@dataclass(frozen=True, slots=True)
class _Ready:
    """A shot's path, its photo made ready, and how titles are set over it."""

    path: CameraPath
    plate: Plate
    tones: Tones


class Reel:
    """Makes the frames of *plan*; holds the plates of the shots on the screen, and no others."""

    def __init__(self, draft: Draft, plan: FramePlan, assets: Mapping[str, Path]) -> None:
        self._plan = plan
        self._assets = assets
        self._canvas = (draft.m.width, draft.m.height)
        self._titles = Titles(draft)
        self._ready: dict[int, _Ready] = {}
        self._subjects: dict[str, Subject] = {}
        missing = [shot.asset for shot in plan.shots if shot.asset not in assets]
        if missing:
            raise RenderError(f"The draft shows {missing[0]}, which was never uploaded.", hint="Upload it again.")

    def __iter__(self) -> Iterator[Bytes]:
        """Yield every frame as an I420 buffer of its own."""
        for frame in self._plan:
            for index in [
                known for known in self._ready if known < (frame.now if frame.before is None else frame.before)
            ]:
                del self._ready[index]
            buffer, planes = picture.blank(*self._canvas)
            self._fill(planes, frame)
            self._titles.lay_over(planes, frame.number, self._shares(frame))
            yield buffer

    def _fill(self, planes: Planes, frame: Frame) -> None:
        kind = self._plan.shots[frame.now].kind
        if frame.before is None:
            self._draw(frame.now, frame.number, planes)
        elif kind in _DIPS:
            late = frame.mix >= 0.5  # noqa: PLR2004 - half-way
            self._draw(frame.now if late else frame.before, frame.number, planes)
            picture.dip(planes, picture.eased(1 - abs(2 * frame.mix - 1)), kind)
        else:
            self._join(planes, frame, frame.before, kind)

    def _join(self, planes: Planes, frame: Frame, before: int, kind: TransitionKind) -> None:
        _, old = picture.blank(*self._canvas)
        share = picture.eased(frame.mix)
        width = self._canvas[0]
        moved = share * width if kind is TransitionKind.SLIDE else 0.0
        self._draw(before, frame.number, old, shift=-moved)
        self._draw(frame.now, frame.number, planes, shift=width - moved if moved else 0.0)
        if kind is TransitionKind.SLIDE:
            picture.slide(old, planes, 2 * round((width - moved) / 2))
        elif kind is TransitionKind.WIPE:
            picture.wipe(old, planes, share)
        else:
            picture.cross_fade(old, planes, share)

    def _draw(self, index: int, number: int, planes: Planes, *, shift: float = 0.0) -> None:
        shot = self._plan.shots[index]
        if index not in self._ready:
            self._ready[index] = self._prepare(shot)
        ready = self._ready[index]
        picture.draw(ready.plate, ready.path.at(shot.progress(number)), planes, shift=shift)

    def _shares(self, frame: Frame) -> list[tuple[Tones, float]]:
        """Return the tones of the titles over each shot that is on, and the shots' shares of the picture."""
        now = self._ready[frame.now].tones if frame.now in self._ready else None
        before = self._ready[frame.before].tones if frame.before in self._ready else None
        if now is None or before is None:
            return [(tones, 1.0) for tones in (now, before) if tones is not None]
        share = picture.eased(frame.mix)
        return [(before, 1 - share), (now, share)] if now != before else [(now, 1.0)]

    def _prepare(self, shot: Shot) -> _Ready:
        width, height = self._canvas
        photo = open_photo(self._assets[shot.asset], enough=2 * max(width, height))
        subject = self._subjects.get(shot.asset) or find_subject(photo)
        self._subjects[shot.asset] = subject
        seconds = (shot.end - shot.first) / self._plan.fps
        seen = Photo(photo.shape[1], photo.shape[0], subject)
        path = plan_path(seen, width / height, shot.motion, seconds, stage=self._titles.stage(shot.first, shot.end))
        plate = make_plate(photo, path, self._canvas, subject)
        return _Ready(path, plate, self._titles.tones(self._samples(plate, path), shot.first, shot.end))

    def _samples(self, plate: Plate, path: CameraPath) -> list[Planes]:
        """Return small pictures of a shot's start, middle and end."""
        samples: list[Planes] = []
        for progress in (0.0, 0.5, 1.0):
            _, planes = picture.blank(*(side // _SAMPLE // 2 * 2 for side in self._canvas))
            picture.draw(plate, path.at(progress), planes)
            samples.append(planes)
        return samples
