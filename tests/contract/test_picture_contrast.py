"""Contrast, measured on the rendered pixels of every sample photo: 4.5 at least, as WCAG counts it."""
# pyright: reportPrivateUsage=false

from pathlib import Path

import numpy as np
import pytest

from nightreel.models import Format
from nightreel.studio.draft import Motion, Style, TransitionKind, read_draft
from nightreel.studio.render import picture, pixels
from nightreel.studio.render.contrast import Tone, luminance
from nightreel.studio.render.pixels import Floats
from nightreel.studio.render.plan import Shot
from nightreel.studio.render.plate import Planes
from nightreel.studio.render.scenes import Scene, make_scene
from nightreel.studio.render.titles import Titles, Tones

_CATALOG = Path("data/catalog")
_PHOTOS = sorted(path for path in _CATALOG.glob("*/*") if path.suffix.lower() in {".jpg", ".png", ".webp", ".heic"})
_END = 90
_SMALLER = 3


def _titles(style: Style, position: str, size: tuple[int, int]) -> Titles:
    texts = [{"d": 3_000, "m": {"text": "Quiet mornings, slowly brewed", "position": position}}]
    meta = {"width": size[0], "height": size[1], "style": style}
    return Titles(read_draft({"m": meta, "t": [{"tt": 7, "sg": texts}]}))


def _tones(titles: Titles, scene: Scene, size: tuple[int, int]) -> Tones:
    """Choose tones as the reel does: from small pictures of the shot's start, middle and end."""
    samples: list[Planes] = []
    for number in (0, _END // 2, _END - 1):
        _, planes = picture.blank(*(side // 4 // 2 * 2 for side in size))
        scene.draw(number, planes)
        samples.append(planes)
    return titles.tones(samples, 0, _END)


def _contrasts(titles: Titles, scene: Scene, size: tuple[int, int], number: int) -> Floats:
    """Return the contrast of each pixel that is all ink in frame *number* with what is behind it."""
    tones = _tones(titles, scene, size)
    dark = tones[0].dark
    ground, mask = picture.blank(*size)[1], picture.blank(*size)[1]
    mask.y[:], mask.u[:], mask.v[:] = 235 if dark else 16, 128, 128
    titles.lay_over(mask, number, [((Tone(dark=dark, scrim=0.0),), 1.0)])
    ink = mask.y < 45 if dark else mask.y > 225
    scene.draw(number, ground)
    written = Planes(ground.y.copy(), ground.u.copy(), ground.v.copy())
    titles.lay_over(written, number, [(tones, 1.0)])
    titles._write = lambda *_, **__: None  # type: ignore[method-assign] - the scrim alone
    titles.lay_over(ground, number, [(tones, 1.0)])
    behind, seen = (luminance(pixels.rgb(it.y, it.u, it.v))[ink] for it in (ground, written))
    assert len(seen) > 500
    return ((np.maximum(seen, behind) + 0.05) / (np.minimum(seen, behind) + 0.05)).astype(np.float32)


@pytest.mark.parametrize("photo", _PHOTOS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_letters_are_readable_over_every_sample_photo(photo: Path) -> None:
    """At the top and at the bottom, at a shot's start and end: no letter's pixel is below 4.5."""
    turn = _PHOTOS.index(photo)
    format_, style = list(Format)[turn % 4], list(Style)[turn // 4 % 4]
    size = (format_.canvas[0] // _SMALLER // 2 * 2, format_.canvas[1] // _SMALLER // 2 * 2)
    shot = Shot("photo", Motion.ZOOM_IN, 0, _END, 0, TransitionKind.CUT)
    for position in ("top", "bottom"):
        for number in (29, 75):
            titles = _titles(style, position, size)
            scene = make_scene(shot, photo, size, titles.stage(0, _END), 30)
            assert np.quantile(_contrasts(titles, scene, size, number), 0.002) >= 4.5
