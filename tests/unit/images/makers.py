"""Photos that the tests make themselves: every kind, every oddity, and a set that means harm."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false, reportMissingTypeStubs=false, reportArgumentType=false

import io
import os
import random
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pillow_heif
import pyvips
from PIL import Image, ImageCms

WIDTH, HEIGHT = 900, 760


def picture(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Red grows to the right, green downwards."""
    pixels = np.full((height, width, 3), 60, np.uint8)
    pixels[..., 0] = np.linspace(0, 255, width)[None, :]
    pixels[..., 1] = np.linspace(0, 255, height)[:, None]
    return Image.fromarray(pixels)


def save_heic(image: Image.Image, file: Path, quality: int) -> None:
    """Save *image* as HEIC."""
    pillow_heif.from_pillow(image).save(file, quality=quality)  # pyright: ignore[reportUnknownMemberType]


def open_heic(file: Path) -> Image.Image:
    """Open a HEIC as its own library shows it."""
    heif = pillow_heif.open_heif(file)  # pyright: ignore[reportUnknownMemberType]
    return heif.to_pillow().convert("RGB")


def plain(width: int = WIDTH, height: int = HEIGHT, colour: tuple[int, ...] = (200, 100, 100)) -> Image.Image:
    """One colour."""
    return Image.new("RGB", (width, height), colour)


def display_p3() -> bytes:
    """An sRGB profile with the colorants of Display-P3 (D50) in place of its own."""
    return _profile((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407))


def adobe_rgb() -> bytes:
    """An sRGB profile with the colorants of Adobe RGB (D50) in place of its own."""
    return _profile((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))


def linear_grey() -> bytes:
    """A profile of grey whose levels are light itself: half of it is level 128, which is 188 in sRGB."""
    white = b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in (0.9642, 1.0, 0.8249)))
    curve = b"curv" + bytes(8)
    tags = struct.pack(">I", 2) + struct.pack(">4sII", b"wtpt", 156, len(white))
    tags += struct.pack(">4sII", b"kTRC", 156 + len(white), len(curve))
    head = struct.pack(">I4sI4s4s4s", 156 + len(white) + len(curve), b"", 0x04000000, b"mntr", b"GRAY", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + white[8:]
    return head.ljust(128, b"\0") + tags + white + curve


def _profile(*colorants: tuple[float, float, float]) -> bytes:
    made = ImageCms.createProfile("sRGB")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    opened = ImageCms.ImageCmsProfile(made)  # pyright: ignore[reportUnknownArgumentType]
    profile = bytearray(opened.tobytes())
    named = dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants, strict=True))
    for index in range(struct.unpack_from(">I", profile, 128)[0]):
        tag, offset, _ = struct.unpack_from(">4sII", profile, 132 + 12 * index)
        if tag in named:
            struct.pack_into(">3i", profile, offset + 8, *(round(value * 65536) for value in named[tag]))
    return bytes(profile)


def ycck(image: Image.Image) -> bytes:
    """Return *image* as a YCCK JPEG, as Photoshop writes CMYK: Pillow's CMYK, turned by hand and marked as such."""
    inks = np.asarray(image.convert("CMYK"))
    turned = np.asarray(Image.fromarray(inks[..., :3]).convert("YCbCr"))
    planes = np.dstack([255 - turned, inks[..., 3]])  # Pillow stores the negative of what it is given
    data = bytearray(saved(Image.fromarray(planes, "CMYK"), "JPEG", quality=95))
    marker = data.index(b"\xff\xee\x00\x0eAdobe")
    data[marker + 15] = 2  # the transform: 0 is CMYK
    return bytes(data)


def exif(orientation: int = 1, *, gps: bool = False) -> Image.Exif:
    """EXIF that says how the camera was held, and where."""
    made = Image.Exif()
    made[0x0112] = orientation
    if gps:
        made.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)})
    return made


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def many_scans(blocks: int, scans: int) -> bytes:
    """Return a valid progressive grey JPEG whose every scan says "nothing new" of one coefficient."""
    side = blocks * 8
    out = b"\xff\xd8" + _segment(0xDB, b"\0" + bytes([1] * 64))
    out += _segment(0xC2, struct.pack(">BHHB", 8, side, side, 1) + b"\1\x11\0")
    out += _segment(0xC4, b"\0" + bytes([1] + [0] * 15) + b"\0")  # DC: one code, of length 1: no difference
    dc = bytes((blocks * blocks + 7) // 8)
    out += _segment(0xDA, b"\1\1\0\0\0\0") + dc
    out += _segment(
        0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\xe0"
    )  # AC: one code: end of band for 2**14 blocks + 14 bits
    assert blocks * blocks == 2**14
    end_of_band = bytes([0b0000_0000, 0b0000_0001])  # the code, then 14 bits of 0, then padding
    for index in range(scans):
        coefficient, level = 1 + index % 63, 13 - index // 63
        first = index < 63
        approximation = (0 if first else (level + 1) << 4) | level
        out += _segment(0xDA, bytes([1, 1, 0, coefficient, coefficient, approximation])) + end_of_band
    return out + b"\xff\xd9"


def scans_by_colour(blocks: int, times: int) -> bytes:
    """Return a JPEG that is not progressive, whose three colours, all of them nothing, come one after the other."""
    side = blocks * 8
    colours = b"".join(bytes([number, 0x11, 0]) for number in (1, 2, 3))
    out = b"\xff\xd8" + _segment(0xDB, b"\0" + bytes([1] * 64))
    out += _segment(0xC0, struct.pack(">BHHB", 8, side, side, 3) + colours)
    for table in (b"\0", b"\x10"):  # one code each, of length 1: no difference; end of block
        out += _segment(0xC4, table + bytes([1] + [0] * 15) + b"\0")
    for _ in range(times):
        for number in (1, 2, 3):
            out += _segment(0xDA, bytes([1, number, 0, 0, 63, 0])) + bytes(blocks * blocks // 4)
    return out + b"\xff\xd9"


def textured(width: int = WIDTH, height: int = HEIGHT, seed: int = 0) -> Image.Image:
    """A scene with edges and grain, as a camera gives it: blobs of colour on a plain ground."""
    chance = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width]
    pixels = np.full((height, width, 3), chance.integers(60, 200, 3), float)
    for _ in range(12):
        x, y, size = chance.integers(0, width), chance.integers(0, height), chance.integers(height // 12, height // 4)
        pixels[np.hypot(columns - x, rows - y) < size] = chance.integers(10, 245, 3)
    pixels += chance.normal(0, 3, pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def png(width: int, height: int, depth: int, colour: int, rows: bytes) -> bytes:
    """Return a PNG of *rows* (each with its filter byte), of a bit depth and colour type that Pillow cannot write."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return *image* as a file of *kind*, as Pillow calls it."""
    buffer = io.BytesIO()
    if kind == "HEIF":
        pillow_heif.from_pillow(image).save(buffer, **options)  # pyright: ignore[reportUnknownMemberType]
    else:
        image.save(buffer, kind, **options)  # pyright: ignore[reportArgumentType]
    return buffer.getvalue()


@cache
def intact() -> dict[str, bytes]:
    """Return small files that any decoder takes, by name: the ground that mutations grow on."""
    image = textured(160, 120)
    clear = image.convert("RGBA")
    clear.putalpha(120)
    deep = b"".join(b"\0" + os.urandom(160 * 6) for _ in range(120))
    return {
        "plain.jpg": saved(image, "JPEG", quality=85),
        "progressive.jpg": saved(image, "JPEG", quality=85, progressive=True, exif=exif(6, gps=True)),
        "p3.jpg": saved(image, "JPEG", icc_profile=display_p3()),
        "cmyk.jpg": saved(image.convert("CMYK"), "JPEG"),
        "grey.jpg": saved(image.convert("L"), "JPEG"),
        "plain.png": saved(image, "PNG"),
        "clear.png": saved(clear, "PNG"),
        "palette.png": saved(image.convert("P"), "PNG"),
        "deep.png": png(160, 120, 16, 2, deep),
        "plain.webp": saved(image, "WEBP", quality=80),
        "lossless.webp": saved(clear, "WEBP", lossless=True),
        "moving.webp": saved(image, "WEBP", save_all=True, append_images=[textured(160, 120, 1)]),
        "plain.gif": saved(image, "GIF"),
        "moving.gif": saved(image, "GIF", save_all=True, append_images=[textured(160, 120, 1)]),
        "plain.avif": saved(image, "AVIF"),
        "plain.heic": saved(image, "HEIF", quality=70),
    }


def hostile() -> Mapping[str, tuple[Callable[[Path], object], str]]:
    """Return files that mean harm, by name: how each is made, and what is said of it ("" for a fit photo)."""
    jpeg = saved(textured(), "JPEG", quality=90)
    hole = bytearray(jpeg)
    hole[len(jpeg) // 2 : len(jpeg) // 2 + 30_000] = bytes(30_000)
    large = png(20_000, 20_000, 8, 2, bytes(1000))
    return {
        "pipe.jpg": (os.mkfifo, "no regular file"),
        "link.jpg": (lambda path: path.symlink_to("/etc/passwd"), "is a link"),
        "loop.jpg": (lambda path: path.symlink_to(path.name), "is a link"),
        "folder.jpg/inside.jpg": (lambda path: path.write_bytes(jpeg), ""),
        "empty.jpg": (lambda path: path.write_bytes(b""), "is empty"),
        "words.jpg": (lambda path: path.write_text("not a photo"), "is no photo"),
        "postscript.jpg": (lambda path: path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n" * 9), "is EPS"),
        "vector.png": (lambda path: path.write_bytes(b"<svg xmlns='x'><script/></svg>"), "is SVG"),
        "scans.jpg": (lambda path: path.write_bytes(many_scans(128, 800)), "over 100 scans"),
        "bomb.png": (lambda path: path.write_bytes(large), "megapixels"),
        "sliver.png": (lambda path: plain(6000, 64).save(path), "too long and narrow"),
        "speck.jpg": (lambda path: plain(2, 2).save(path), "needs 64 pixels"),
        "half.jpg": (lambda path: path.write_bytes(jpeg[: len(jpeg) // 2]), "cut off"),
        "header.jpg": (lambda path: path.write_bytes(jpeg[:20]), "(cut off|damaged)"),
        "hole.jpg": (lambda path: path.write_bytes(hole), ""),
        "tail.jpg": (lambda path: path.write_bytes(jpeg + b"PK\3\4" + bytes(5000)), ""),
        "broken-profile.jpg": (lambda path: textured().save(path, icc_profile=b"x" * 5000), ""),
        "playlist.mp4": (lambda path: path.write_text("#EXTM3U\nfile:///etc/passwd\n"), "is no photo"),
        "moov.mp4": (lambda path: path.write_bytes(b"\0\0\0\x18ftypmp42" + os.urandom(3000)), "(cut off|damaged)"),
        "noise.heic": (lambda path: path.write_bytes(b"\0\0\0\x18ftypheic" + os.urandom(3000)), "(cut off|damaged)"),
        "-rf.jpg": (lambda path: path.write_bytes(jpeg), ""),
        "line\nbreak.jpg": (lambda path: path.write_bytes(jpeg), ""),
        "odd\udcff.jpg": (lambda path: path.write_bytes(jpeg), ""),
        "[bold]kaputt[/] 照片 é.jpg": (lambda path: path.write_bytes(jpeg), ""),
    }


def burst(pictures: list[Image.Image], primary: int) -> bytes:
    """Return a HEIC of several pictures, one of which is the primary one."""
    heif, buffer = pillow_heif.from_pillow(pictures[0]), io.BytesIO()
    for picture in pictures[1:]:
        heif.add_from_pillow(picture)
    heif.save(buffer, primary_index=primary, quality=90)
    return buffer.getvalue()


def with_gain_map(image: Image.Image) -> bytes:
    """Return *image* as phones save it: a JPEG, and behind it a map of what brighter screens may add (Ultra HDR)."""
    made = pyvips.Image.new_from_array(np.asarray(image)).copy(interpretation="srgb")
    kinds = pyvips.GValue
    made.set_type(kinds.blob_type, "gainmap-data", saved(image.convert("L").reduce(4), "JPEG"))
    each = {"max-content-boost": 4.0, "min-content-boost": 1.0, "gamma": 1.0, "offset-sdr": 0.02, "offset-hdr": 0.02}
    for name, value in each.items():
        made.set_type(kinds.array_double_type, f"gainmap-{name}", [value] * 3)
    made.set_type(kinds.gdouble_type, "gainmap-hdr-capacity-min", 1.0)
    made.set_type(kinds.gdouble_type, "gainmap-hdr-capacity-max", 4.0)
    made.set_type(kinds.gint_type, "gainmap-use-base-cg", 1)
    return bytes(made.uhdrsave_buffer(Q=95))


def mutated(data: bytes, seed: int) -> bytes:
    """Return *data* with damage that *seed* draws: bits, runs, cuts, repeats, lengths blown up, pieces swapped."""
    chance = random.Random(seed)  # noqa: S311 - which damage, not a secret
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = int(len(out) * chance.random() ** chance.choice((1, 3)))  # headers are hit more often
        length = chance.choice((1, 2, 4, 16, 256, 4096))
        match chance.randrange(7):
            case 0 if out:
                out[at] ^= 1 << chance.randrange(8)
            case 1:
                out[at : at + length] = chance.randbytes(length)
            case 2:
                out[at : at + length] = bytes(length)
            case 3:
                del out[at : at + length]
            case 4:
                out[at:at] = out[at : at + length] * chance.choice((1, 2, 50))
            case 5:
                out[at : at + 4] = chance.choice((b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\0\0\0\1"))
            case _:
                del out[at:]
    return bytes(out)
