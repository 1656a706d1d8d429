"""The few OpenCV calls that the renderer makes, typed; one thread, so that renders share a machine fairly."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportCallIssue=false, reportArgumentType=false

from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Array = NDArray[Any]

_STRIP = 256  # rows
_BEFORE = np.arange(48)
_CUTS = 2  # rounds; twice as many change about 1 % of a mask's pixels at most
_AVX_512F = 13  # cv::CpuFeatures, which Python does not see

cv2.setNumThreads(1)


def shrink(image: Bytes, width: int, height: int) -> Bytes:
    """Scale *image*: by area where it gets smaller, by cubic interpolation where it gets larger."""
    smaller = width <= image.shape[1] and height <= image.shape[0]
    method = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return cast("Bytes", cv2.resize(image, (width, height), interpolation=method))


def halved(image: Floats) -> Floats:
    """Scale a float image of even sides to half its size, by area: what chroma samples hold."""
    size = (image.shape[1] // 2, image.shape[0] // 2)
    return cast("Floats", cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def resampled(image: Image.Image, box: tuple[float, float, float, float], width: int, height: int) -> Bytes:
    """Scale the *box* (left, top, right, bottom; sub-pixel exact) of an RGB image down, by Lanczos, free of moiré.

    Whole pixels at their own size are taken as they are.
    """
    left, top = round(box[0]), round(box[1])
    if box == (left, top, left + width, top + height):
        return array_of(image.crop((left, top, left + width, top + height)))
    return array_of(image.resize((width, height), Image.Resampling.LANCZOS, box=box))


def array_of(image: Image.Image) -> Bytes:
    """Return an RGB image's pixels: some rows at a time, since Pillow copies twice, and large memory costs time."""
    width, height = image.size
    pixels = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, _STRIP):
        end = min(top + _STRIP, height)
        pixels[top:end] = np.asarray(image.crop((0, top, width, end)))
    return pixels


def enlarge(image: Floats, width: int, height: int) -> Floats:
    """Scale a smooth float image linearly."""
    return cast("Floats", cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR))


def part_of(image: Floats, size: tuple[int, int], scale: tuple[float, float], begin: tuple[float, float]) -> Floats:
    """Return a smooth picture's part of *size* that begins at *begin*, *scale* of its pixels a pixel; linearly."""
    across, down = scale
    matrix = np.array([[across, 0.0, (begin[0] + 0.5) * across - 0.5], [0.0, down, (begin[1] + 0.5) * down - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cast("Floats", cv2.warpAffine(image, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE))


def finer(plane: Bytes) -> Bytes:
    """Return *plane* at twice its size by Lanczos: taken linearly from it, pictures are sharper than by a cubic.

    Each second sample lies a quarter of a pixel before one of *plane*'s, the others as far after it: two kernels
    do, in a quarter of the time that cv2's resize takes, and no sample is off by more than one level.
    """
    height, width = plane.shape
    wide = np.empty((height, width, 2), np.uint8)
    fine = np.empty((height, 2, 2 * width), np.uint8)
    for number, kernel in enumerate(_QUARTERS):
        cv2.insertChannel(_filtered(plane, kernel[None]), wide, number)
    for number, kernel in enumerate(_QUARTERS):
        fine[:, number] = _filtered(wide.reshape(height, 2 * width), kernel[:, None])
    return fine.reshape(2 * height, 2 * width)


def _quarter(side: int) -> Floats:
    """Return Lanczos' kernel of four lobes, a quarter of a pixel before (-1) a pixel's middle, or after it (1)."""
    places = np.arange(-4, 5) - side / 4
    kernel = np.where(np.abs(places) < 4, np.sinc(places) * np.sinc(places / 4), 0)  # noqa: PLR2004 - the lobes
    return (kernel / kernel.sum()).astype(np.float32)


_QUARTERS = _quarter(-1), _quarter(1)


def _filtered(plane: Bytes, kernel: Floats) -> Bytes:
    return cast("Bytes", cv2.filter2D(plane, -1, kernel, borderType=cv2.BORDER_REPLICATE))


def doubled(plane: Bytes) -> Bytes:
    """Return *plane* at twice its size by a cubic: quicker than :func:`finer`, for what is seen for one frame."""
    size = (2 * plane.shape[1], 2 * plane.shape[0])
    return cast("Bytes", cv2.resize(plane, size, interpolation=cv2.INTER_CUBIC))


def warp(source: Bytes, into: Bytes, scale: float, at: tuple[float, float], rim: int = 0, within: float = 0) -> None:
    """Fill *into*: its pixel (i, j) is *source* at (scale·i + x, scale·j + y), with sub-pixel precision.

    Where *source* ends, it is mirrored.

    Args:
        source: the picture, with a *rim* all around that does not count.
        into: what is filled.
        scale: pixels of *source* a pixel.
        at: (x, y), both from within the rim.
        rim: pixels.
        within: by so many pixels of *into* all of it may stand off; most is then made in half the time.
    """
    if _resized(source, into, scale, (at[0] + rim, at[1] + rim), within * scale):
        return
    matrix = np.array([[scale, 0.0, at[0]], [0.0, scale, at[1]]])
    inner = source[rim : source.shape[0] - rim, rim : source.shape[1] - rim]
    size = (into.shape[1], into.shape[0])
    cv2.warpAffine(inner, matrix, size, into, cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, cv2.BORDER_REFLECT_101)


def _resized(source: Bytes, into: Bytes, scale: float, at: tuple[float, float], within: float) -> bool:
    """Fill *into* by scaling a window of *source*; whether there is one that stands right.

    cv2's resize is twice as fast as its warps, but begins with whole pixels. So it begins so many pixels before the
    picture that one of *source*'s whole pixels is met nearly enough; those are left out.
    """
    rows, columns = (_run(*side, scale, within) for side in zip(at[::-1], source.shape, into.shape, strict=True))
    if rows is None or columns is None:
        return False
    window = source[rows.begin : rows.end, columns.begin : columns.end]
    made = cast("Bytes", cv2.resize(window, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_LINEAR))
    height, width = into.shape
    np.copyto(into, made[rows.before : rows.before + height, columns.before : columns.before + width])
    return True


@dataclass(frozen=True, slots=True)
class _Run:
    """Pixels begin..end of a picture's side are scaled; of what comes out, so many *before* are left out."""

    begin: int
    end: int
    before: int


def _run(first: float, extent: int, length: int, scale: float, within: float) -> _Run | None:
    """Return the first run whose pixels, but for some before and two after, stand at first + scale·i; if any does."""
    begins = first - scale * (_BEFORE + 0.5) + 0.5  # resize's own i-th stands at begin + scale·(i + 0.5) - 0.5
    whole = np.rint(begins)
    near = np.flatnonzero((np.abs(begins - whole) <= within) & (whole >= 0))
    if not len(near):
        return None
    before, begin = int(near[0]), int(whole[near[0]])
    made = length + before + 2
    end = begin + round(made * scale)
    return _Run(begin, end, before) if end <= extent and round((end - begin) / scale) == made else None


def mix(before: Bytes, now: Bytes, share: float, into: Bytes) -> None:
    """Fill *into* with (1 - share)·before + share·now."""
    cv2.addWeighted(before, 1.0 - share, now, share, 0.0, into)


def mix_by(before: Bytes, now: Bytes, weights: Floats, into: Bytes) -> None:
    """As :func:`mix`, with a weight of *now* for each pixel."""
    cv2.blendLinear(before, now, 1.0 - weights, weights, into)


def towards(plane: Bytes, level: int, share: float) -> None:
    """Fade *plane* in place towards a *level*: *share* of the way."""
    cv2.convertScaleAbs(plane, plane, 1.0 - share, share * level)


def smear(plane: Bytes, length: float, *, across: bool) -> None:
    """Smear *plane* in place along one direction, over *length* pixels."""
    size = 2 * round(length / 2) + 1
    if size > 1:
        cv2.blur(plane, (size, 1) if across else (1, size), plane, borderType=cv2.BORDER_REFLECT_101)


def defocus(plane: Bytes, sigma: float, small: int) -> None:
    """Blur *plane* in place by a wide Gaussian of *sigma* pixels, at a size *small* times smaller."""
    if sigma <= 0:
        return
    height, width = plane.shape
    size = max(1, width // small), max(1, height // small)
    low = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
    low = cv2.GaussianBlur(low, (0, 0), max(sigma / small, 0.3), borderType=cv2.BORDER_REFLECT_101)
    share = min(1.0, sigma / small)
    soft = cv2.resize(low, (width, height), plane if share == 1 else None, interpolation=cv2.INTER_LINEAR)
    if share < 1:
        mix(plane, cast("Bytes", soft), share, plane)


def lay_over(picture: Bytes, inverse: Bytes, ink: Bytes) -> None:
    """Lay premultiplied *ink* over *picture* in place; *inverse* is 255 less the ink's opacity."""
    cv2.multiply(picture, inverse, picture, 1 / 255)
    cv2.add(picture, ink, picture)


def scaled(image: Bytes, factor: float) -> Bytes:
    """Return *image* times *factor*, rounded."""
    return cast("Bytes", cv2.convertScaleAbs(image, alpha=factor))


def shifted(image: Bytes, down: float) -> Bytes:
    """Return *image* moved *down* by a fraction of pixels; zeros come in."""
    matrix = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, down]])
    size = (image.shape[1], image.shape[0])
    return cast("Bytes", cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR))


def masked(image: Bytes, shown: Bytes) -> Bytes:
    """Return *image* times *shown* / 255, which has a value for each column, or for each of twice as many."""
    columns = shown if len(shown) == image.shape[1] else shown[::2][: image.shape[1]]
    return cast("Bytes", cv2.multiply(image, np.broadcast_to(columns, image.shape).copy(), scale=1 / 255))


def blur(image: Floats, sigma: float, sigma_y: float = 0.0) -> Floats:
    """Blur by a Gaussian of *sigma* pixels across (and *sigma_y* down, if given), the border mirrored."""
    return cast("Floats", cv2.GaussianBlur(image, (0, 0), sigma, sigmaY=sigma_y, borderType=cv2.BORDER_REFLECT_101))


def mirrored(image: Bytes, top: int, bottom: int, left: int, right: int) -> Bytes:
    """Return *image* with mirrored margins, however wide."""
    return cast("Bytes", cv2.copyMakeBorder(image, top, bottom, left, right, cv2.BORDER_REFLECT_101))


def rimmed(plane: Bytes, rim: int) -> Bytes:
    """Return *plane* with a mirrored *rim* all around."""
    return mirrored(plane, rim, rim, rim, rim)


def lab(image: Bytes) -> Floats:
    """Return an RGB image in CIE Lab: distances there are what an eye sees."""
    return cast("Floats", cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2Lab))


def grey(image: Bytes) -> Floats:
    """Return an RGB image's lightness."""
    return cast("Bytes", cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)).astype(np.float32)


def clusters(samples: Floats, count: int) -> tuple[Floats, Floats]:
    """Return *count* colours that stand for *samples*, and each one's share; the same for the same samples."""
    cv2.setRNGSeed(1)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    _, labels, centres = cv2.kmeans(samples, count, None, stop, 2, cv2.KMEANS_PP_CENTERS)
    shares = np.bincount(cast("Array", labels)[:, 0], minlength=count) / len(samples)
    return cast("Floats", centres), shares.astype(np.float32)


def grab(image: Bytes, sure: Array, likely: Array, never: Array) -> NDArray[np.bool_]:
    """Cut the foreground out of an RGB image (GrabCut), from masks of what is known."""
    cv2.setRNGSeed(1)
    mask = np.full(image.shape[:2], cv2.GC_PR_BGD, np.uint8)
    mask[likely] = cv2.GC_PR_FGD
    mask[sure] = cv2.GC_FGD
    mask[never] = cv2.GC_BGD
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(np.ascontiguousarray(image[:, :, ::-1]), mask, None, *models, _CUTS, cv2.GC_INIT_WITH_MASK)
    return (mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)


def opened(mask: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """Return *mask* without what is thinner than *size* pixels: cords, leaves."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return cast("Array", cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, kernel)) > 0


def best_piece(mask: NDArray[np.bool_], weight: Floats) -> NDArray[np.bool_]:
    """Return the connected piece of *mask* that holds the most *weight*; where there is none, what weighs most."""
    count, labels = cast("tuple[int, Array]", cv2.connectedComponents(mask.astype(np.uint8)))
    if count < 2:  # noqa: PLR2004 - the background is one
        return weight > 0.5 * weight.max()
    held = np.bincount(labels.ravel(), weights=weight.ravel(), minlength=count)
    return labels == 1 + int(np.argmax(held[1:]))


def stacked(piece: NDArray[np.bool_], mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return *piece* with the pieces of *mask* that stand close on it or below it, such as a bottle's cap."""
    count, labels = cast("tuple[int, Array]", cv2.connectedComponents(mask.astype(np.uint8)))
    joined, rest = piece, [labels == number for number in range(1, count)]
    for _ in range(count):
        left, top, right, bottom = _bounds(joined)
        for other in rest:
            begin, above, end, below = _bounds(other)
            over = min(right, end) - max(left, begin)
            if over >= 0.8 * (end - begin) and max(above - bottom, top - below) < 0.08 * len(mask):
                joined = joined | other
    return joined


def regrown(piece: NDArray[np.bool_], mask: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """Return *piece* with what of *mask* is within *size* pixels of it: what :func:`opened` took away."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * size + 1, 2 * size + 1))
    near = cast("Array", cv2.dilate(piece.astype(np.uint8), kernel)) > 0
    return piece | (near & mask)


def _bounds(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Return the box of *mask*: left, top, right, bottom."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def planes(image: Bytes) -> tuple[Bytes, Bytes, Bytes]:
    """Return an RGB image (even sides) as Y, U, V planes: BT.709, limited range, 4:2:0.

    cv2's own I420 is BT.601. The chroma planes are averaged over two by two pixels.
    """
    kr, kb = 0.2126, 0.0722
    kg = 1 - kr - kb
    luma = np.array([kr, kg, kb]) * 219 / 255
    blue = np.array([-kr, -kg, 1 - kb]) / (2 * (1 - kb)) * 224 / 255
    red = np.array([1 - kr, -kg, -kb]) / (2 * (1 - kr)) * 224 / 255
    matrix = np.column_stack((np.vstack((luma, blue, red)), [16.0, 128.0, 128.0]))
    y = cast("Bytes", cv2.transform(image, matrix[:1]))
    u, v = cv2.split(cv2.transform(shrink(image, image.shape[1] // 2, image.shape[0] // 2), matrix[1:]))
    return y, cast("Bytes", u), cast("Bytes", v)


def rgb(y: Bytes, u: Bytes, v: Bytes) -> Bytes:
    """Return planes (BT.709, limited range, 4:2:0) as an RGB image."""
    height, width = y.shape
    size = (width, height)
    luma = (y.astype(np.float32) - 16) * (255 / 219)
    blue, red = ((cv2.resize(plane, size).astype(np.float32) - 128) * (255 / 224) for plane in (u, v))
    image = np.stack((luma + 1.5748 * red, luma - 0.1873 * blue - 0.4681 * red, luma + 1.8556 * blue), axis=-1)
    return rounded(image)


def rounded(image: Floats) -> Bytes:
    """Return a float image in whole levels."""
    return cast("Bytes", cv2.convertScaleAbs(np.maximum(image, 0)))


def has_avx512() -> bool:
    """Whether the processor has AVX-512."""
    return bool(cv2.checkHardwareSupport(_AVX_512F))
