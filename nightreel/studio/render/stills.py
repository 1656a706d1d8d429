"""A photo's shot, made ready: its path, and its plate."""

from dataclasses import asdict
from pathlib import Path

from nightreel.studio.render import picture
from nightreel.studio.render.camera import Path as CameraPath
from nightreel.studio.render.camera import plan_path
from nightreel.studio.render.darkroom import Darkroom, Shown
from nightreel.studio.render.framing import Photo, Stage
from nightreel.studio.render.photos import megapixels, open_photo, reduced
from nightreel.studio.render.picture import STILL, Move, Window
from nightreel.studio.render.plan import Shot
from nightreel.studio.render.plate import Planes, Plate, make_print
from nightreel.studio.render.subject import ENOUGH, find_subject


class Still:
    """Draws a photo as the camera sees it on its path."""

    def __init__(self, shot: Shot, path: CameraPath, plate: Plate) -> None:
        self._shot, self._path, self._plate = shot, path, plate

    def draw(self, number: int, into: Planes, move: Move = STILL, window: Window | None = None) -> None:
        """Fill *into*, or its *window*, with frame *number*'s picture."""
        picture.draw(self._plate, self._path.at(self._shot.progress(number)), into, move, window)


def make_still(
    shot: Shot, file: Path, canvas: tuple[int, int], stage: Stage, fps: int, darkroom: Darkroom
) -> Still:  # fmt: skip
    """Make the shot of a photo ready, for a canvas of (width, height) pixels.

    Raises:
        RenderError: the photo is missing, broken, or none.
    """
    seconds = (shot.end - shot.first) / fps

    def make() -> Shown:
        enough = 2 * max(canvas)
        with darkroom.heavy.taking(megapixels(file, enough=enough)):
            photo = open_photo(file, enough=enough)
            subject = darkroom.subject(shot.asset, lambda: find_subject(reduced(photo, ENOUGH)))
            seen = Photo(*photo.size, subject)
            path = plan_path(seen, canvas[0] / canvas[1], shot.motion, seconds, stage=stage)
            return path, make_print(photo, path, canvas, subject)

    path, made = darkroom.shown(shot.asset, [canvas, asdict(stage), shot.motion, seconds], make)
    return Still(shot, path, made.plate())
