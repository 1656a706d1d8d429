"""Whether photos are seen in a video's frames: points of both that look alike and lie alike."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np

from nightreel.quality.media import Picture
from nightreel.quality.pictures import Sample

_SIDE = 320
_FEATURES = 500
_CONTRAST = 0.01
_FEW = 60
"""Points of a photo below which nothing can be told: one plain colour."""

_RATIO = 0.75
_APART = 3.0
_FRAMES, _FRAMES_EACH = 32, 4
_SCALES = (0.3, 6.0)
_UPRIGHT = 8.0
_SPREAD = 40.0


def shows(photos: Sequence[Path], samples: Sequence[Sample]) -> list[int | None]:
    """Return for each photo the most points that lie in some frame as they lie in it.

    None of what nothing can be told of: a photo with too few points, or a file that is none (a clip).
    """
    detector = cv2.SIFT.create(nfeatures=_FEATURES, contrastThreshold=_CONTRAST)
    most = max(_FRAMES, _FRAMES_EACH * len(photos))
    frames = [_points(detector, one.picture) for one in samples[:: math.ceil(len(samples) / most) or 1]]
    pictures = (_read(path) for path in photos)
    return [None if picture is None else _best(_points(detector, picture), frames) for picture in pictures]


def _read(path: Path) -> Picture | None:
    """Return the photo in grey, at half its size; None if it is no picture."""
    return cast("Picture | None", cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_2))


def _points(detector: Any, picture: Picture) -> tuple[Any, Any]:  # noqa: ANN401 - OpenCV is typed in part
    scale = _SIDE / max(picture.shape[:2])
    if scale < 1:
        picture = cast("Picture", cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    found, descriptors = detector.detectAndCompute(picture, None)
    return np.array([point.pt for point in found], np.float32), descriptors


def _best(photo: tuple[Any, Any], frames: Sequence[tuple[Any, Any]]) -> int | None:
    if len(photo[0]) < _FEW:
        return None
    return max((_inliers(photo, frame) for frame in frames), default=0)


def _inliers(photo: tuple[Any, Any], frame: tuple[Any, Any]) -> int:
    """Return how many points of *photo* lie in *frame* after one shift and scaling, upright as photos are shown."""
    if len(frame[0]) < 2:  # noqa: PLR2004 - the next best one is needed
        return 0
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(photo[1], frame[1], k=2)
    good = [first for first, second in pairs if first.distance < _RATIO * second.distance]
    if len(good) < 4:  # noqa: PLR2004 - fewer lie alike by chance
        return 0
    here = np.array([photo[0][match.queryIdx] for match in good])
    there = np.array([frame[0][match.trainIdx] for match in good])
    found: Any = cv2.estimateAffinePartial2D(here, there, ransacReprojThreshold=_APART)
    move, inside = found
    if move is None or inside is None or not _plausible(move):
        return 0
    mine, its = here[inside.ravel() > 0], there[inside.ravel() > 0]
    spread = float(np.ptp(mine, axis=0).max(initial=0.0))
    return len(np.unique(its.round(), axis=0)) if spread >= _SPREAD else 0


def _plausible(move: Any) -> bool:  # noqa: ANN401 - OpenCV is typed in part
    """Whether an editor may have moved a photo so: upright, neither tiny nor huge."""
    scale = float(np.hypot(move[0, 0], move[1, 0]))
    turn = abs(float(np.degrees(np.arctan2(move[1, 0], move[0, 0]))))
    return _SCALES[0] < scale < _SCALES[1] and turn <= _UPRIGHT
