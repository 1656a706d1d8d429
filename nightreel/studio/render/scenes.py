"""What a shot shows, made ready: a photo under the camera, a clip, or an animation; by the asset's content."""

from functools import partial
from pathlib import Path
from typing import Protocol

from PIL import Image

from nightreel.studio.render.animations import FORMATS as ANIMATIONS
from nightreel.studio.render.animations import Animation
from nightreel.studio.render.darkroom import Darkroom
from nightreel.studio.render.footage import Footage
from nightreel.studio.render.framing import Stage
from nightreel.studio.render.movies import Movie
from nightreel.studio.render.photos import FORMATS as PHOTOS
from nightreel.studio.render.picture import STILL, Move, Window
from nightreel.studio.render.plan import Shot
from nightreel.studio.render.plate import Planes
from nightreel.studio.render.stills import make_still

_CLIP = 8.0  # millions of pixels: a picture of 4K


class Scene(Protocol):
    """Draws a shot's frames, in any order."""

    def draw(self, number: int, into: Planes, move: Move = STILL, window: Window | None = None) -> None:
        """Fill *into*, or its *window*, with frame *number*'s picture."""
        ...


def make_scene(
    shot: Shot, file: Path, canvas: tuple[int, int], stage: Stage, fps: int, darkroom: Darkroom | None = None
) -> Scene:
    """Make a shot of the asset *file* ready, for a canvas of (width, height) pixels.

    Raises:
        RenderError: the asset is missing, broken, or has nothing to show.
    """
    darkroom = darkroom or Darkroom()
    moves = _moves(file)
    if moves is False:
        return make_still(shot, file, canvas, stage, fps, darkroom)
    reader = partial(Animation if moves else Movie, file)
    with darkroom.heavy.taking(_CLIP):
        return Footage(shot, reader, fps, canvas, stage)


def _moves(file: Path) -> bool | None:
    """Whether an image is animated; none if it is no image."""
    try:
        with Image.open(file, formats=PHOTOS) as image:
            return image.format in ANIMATIONS and bool(getattr(image, "is_animated", False))
    except Image.UnidentifiedImageError:
        return None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False  # whoever reads it says what is wrong with it
