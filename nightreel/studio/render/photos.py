"""Opening an asset: upright RGB in sRGB, on white, no larger than a picture needs."""
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

import io
from contextlib import suppress
from pathlib import Path
from typing import cast

import numpy as np
from PIL import Image, ImageCms, ImageOps

from nightreel.errors import AssetUnusable
from nightreel.studio.render import pixels
from nightreel.studio.render.pixels import Bytes

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_MOST_PIXELS = 220_000_000
_LEAST_SIDE = 16
_LEVELS = 9  # of each channel: by so many colours a profile is tried


def open_photo(path: Path, *, enough: int) -> Image.Image:
    """Decode the photo at *path* to RGB; a JPEG may come smaller, but not under *enough* pixels a side.

    It stays Pillow's, whose Lanczos it goes through: an array of all of it, and back, takes as long as its decoding.

    Raises:
        AssetUnusable: it is missing, broken, or no photo.
    """
    try:
        with Image.open(path, formats=FORMATS) as image:
            if image.width * image.height > _MOST_PIXELS or min(image.size) < _LEAST_SIDE:
                raise AssetUnusable(f"{path.name}: {image.width}x{image.height} pixels cannot be used.")
            image.draft("RGB", (enough, enough))
            ImageOps.exif_transpose(image, in_place=True)  # without it, even an upright photo is copied
            shown = flat(_srgb(_shallow(image)))
            shown.load()
            return shown
    except FileNotFoundError:
        raise AssetUnusable(f"{path.name}: the photo is missing.") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise AssetUnusable(f"{path.name}: the photo cannot be read ({error}).") from None


def reduced(photo: Image.Image, least: int) -> Bytes:
    """Return *photo*'s pixels, so many whole times fewer a side that its longer one still has *least*."""
    times = max(photo.size) // least
    return pixels.array_of(photo.reduce(times) if times > 1 else photo)


def megapixels(path: Path, *, enough: int) -> float:
    """Return how many millions of pixels :func:`open_photo` will give; 0 where it will fail."""
    with suppress(OSError, ValueError, SyntaxError, Image.DecompressionBombError), Image.open(path) as image:
        image.draft("RGB", (enough, enough))
        return image.width * image.height / 1e6
    return 0.0


def _srgb(image: Image.Image) -> Image.Image:
    """Convert from the embedded profile, if there is one that can be used."""
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes):
        return image
    colours, alpha = _parted(image)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        convert = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), colours.mode, "RGB")
        if _changes_nothing(convert, colours.mode):
            return image
        shown = _converted(colours, convert)
    except (ImageCms.PyCMSError, OSError):
        return image
    if alpha is not None:
        shown.putalpha(alpha)
    return shown


def _parted(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Return the colours, in a mode that profiles are made for, and the transparency, if there is any."""
    mode = {"1": "L", "L": "L", "LA": "L", "CMYK": "CMYK"}.get(image.mode, "RGB")
    if not image.has_transparency_data:
        return (image if image.mode == mode else image.convert(mode)), None
    over = image.convert("RGBA")
    return (image if mode == "L" else over).convert(mode), over.getchannel("A")


def _changes_nothing(convert: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether the profile is sRGB itself, as most are, to within a level; a photo then needs no conversion."""
    if mode != "RGB":
        return False
    levels = np.linspace(0, 255, _LEVELS).round().astype(np.uint8)
    colours = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(_LEVELS, -1, 3)
    found = np.asarray(_converted(Image.fromarray(colours), convert))
    return int(np.abs(found.astype(np.int16) - colours).max()) <= 1


def _converted(image: Image.Image, convert: ImageCms.ImageCmsTransform) -> Image.Image:
    return cast("Image.Image", ImageCms.applyTransform(image, convert))


def flat(image: Image.Image) -> Image.Image:
    """Lay transparency on white."""
    image = _shallow(image)
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    over = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", over.size, "white"), over).convert("RGB")


def _shallow(image: Image.Image) -> Image.Image:
    """Return grey of 16 bits, which Pillow clips where it converts it, in eight; any other image as it is."""
    if not image.mode.startswith("I"):
        return image
    deep = np.asarray(image)
    grey = Image.fromarray((np.clip(deep, 0, 0xFFFF) >> 8).astype(np.uint8))
    if isinstance(hidden := image.info.get("transparency"), int):
        grey.putalpha(Image.fromarray((deep != hidden).astype(np.uint8) * np.uint8(255)))
    grey.info["icc_profile"] = image.info.get("icc_profile")
    return grey
