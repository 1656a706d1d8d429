"""What is said of a product's photos together, and of the formats that they are for: pure, on what was probed."""

from collections.abc import Iterable, Sequence

from nightreel.images.likeness import Likeness
from nightreel.models import Format, Photo

SOFT = 2.0
"""Times by which a photo may be enlarged, to fill a format, before it looks soft."""


def advised(photos: Sequence[Photo], formats: Iterable[Format] = ()) -> tuple[Photo, ...]:
    """Return a product's *photos* with what there is to say of them besides: small for *formats*, much alike."""
    formats, known = tuple(formats), Likeness()
    return tuple(_advised(photo, formats, known) for photo in photos)


def _advised(photo: Photo, formats: Sequence[Format], known: Likeness) -> Photo:
    more = [*small_for(photo, formats), *nearly(known.first_like(photo.fingerprint, photo.name))]
    return photo.model_copy(update={"warnings": (*photo.warnings, *more)}) if more else photo


def small_for(photo: Photo, formats: Iterable[Format]) -> list[str]:
    """Say for which of *formats* the photo is too small, if it is not small for all."""
    if not photo.width or any("will look soft" in warning for warning in photo.warnings):
        return []
    large = {format_: _enlarged(photo, format_) for format_ in formats}
    return [
        f"It is small for {format_.value}: to fill it, it is enlarged {times:.1f} times."
        for format_, times in large.items()
        if times > SOFT
    ]


def nearly(name: str) -> list[str]:
    """Say that a photo is nearly the one called *name*, if there is one."""
    return [f"It is nearly the same picture as {name}."] if name else []


def _enlarged(photo: Photo, format_: Format) -> float:
    width, height = format_.canvas
    return max(width / photo.width, height / photo.height)
