"""Photos, one at a time: what is taken, what is refused and with which words, and what the normalised photo is."""

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nightreel.errors import PhotoChanged, PhotoRejected
from nightreel.images import Ready, normalise, probe
from nightreel.images.decoding import BOX
from nightreel.images.files import open_photo
from nightreel.images.photos import examine
from nightreel.models import MAX_FILE_BYTES
from tests.unit.images.makers import (
    HEIGHT,
    WIDTH,
    adobe_rgb,
    burst,
    chunk,
    display_p3,
    exif,
    many_scans,
    open_heic,
    picture,
    plain,
    png,
    save_heic,
    saved,
    scans_by_colour,
    textured,
    with_gain_map,
    ycck,
)


def _ready(tmp_path: Path, file: Path) -> tuple[Ready, Image.Image]:
    found = normalise(probe(file, file.name), tmp_path / "cache")
    with Image.open(found.path) as image:
        image.load()
        return found, image


def _middle(image: Image.Image) -> tuple[int, ...]:
    pixel = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    assert isinstance(pixel, tuple)
    return tuple(int(value) for value in pixel)


def _near(found: tuple[int, ...], wanted: tuple[int, ...], within: int = 4) -> bool:
    return all(abs(int(a) - int(b)) <= within for a, b in zip(found, wanted, strict=True))


# --------------------------------------------------------------------------- made right


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [("jpg", "jpeg"), ("png", "png"), ("webp", "webp"), ("gif", "gif"), ("avif", "avif"), ("heic", "heic")],
)
def test_every_kind_becomes_a_clean_jpeg(tmp_path: Path, suffix: str, kind: str) -> None:
    """A photo of every kind that is taken becomes an upright RGB JPEG of its own size and colours."""
    file = tmp_path / f"photo.{suffix}"
    if suffix == "heic":
        save_heic(picture(), file, 90)
    else:
        picture().save(file)
    photo = probe(file, "photo")
    found, image = _ready(tmp_path, file)
    assert (photo.kind, photo.width, photo.height) == (kind, WIDTH, HEIGHT)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (WIDTH, HEIGHT))
    assert (found.width, found.height, found.media_type) == (WIDTH, HEIGHT, "image/jpeg")
    assert _near(_middle(image), (127, 127, 60), 12)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "heic", "png", "webp", "avif"])
def test_orientation_is_applied_once(tmp_path: Path, orientation: int, suffix: str) -> None:
    """Whatever the EXIF orientation, the normalised photo shows what a viewer shows, and says nothing of turning."""
    stored, file = picture(180, 152), tmp_path / f"turned.{suffix}"
    if suffix == "heic":
        stored.info["exif"] = exif(orientation).tobytes()
        save_heic(stored, file, 90)
        reference = open_heic(file)
    else:
        stored.save(file, exif=exif(orientation), quality=95)
        turn = {
            2: Image.Transpose.FLIP_LEFT_RIGHT,
            3: Image.Transpose.ROTATE_180,
            4: Image.Transpose.FLIP_TOP_BOTTOM,
            5: Image.Transpose.TRANSPOSE,
            6: Image.Transpose.ROTATE_270,
            7: Image.Transpose.TRANSVERSE,
            8: Image.Transpose.ROTATE_90,
        }
        reference = stored.transpose(turn[orientation]) if orientation in turn else stored
    _, image = _ready(tmp_path, file)
    assert image.size == reference.size == (probe(file, "x").width, probe(file, "x").height)
    assert image.getexif().get(0x0112, 1) == 1
    difference = np.abs(np.asarray(image, int) - np.asarray(reference, int)).mean()
    assert difference < 4


def test_display_p3_becomes_srgb(tmp_path: Path) -> None:
    """A wide-gamut photo gets the colours that it shows, in sRGB; grey stays grey."""
    file, grey = tmp_path / "p3.jpg", tmp_path / "grey.jpg"
    plain().save(file, icc_profile=display_p3(), quality=95)
    plain(colour=(120, 120, 120)).save(grey, icc_profile=display_p3(), quality=95)
    _, image = _ready(tmp_path, file)
    red, green, _ = _middle(image)
    assert red > 208
    assert green < 98
    assert "icc_profile" not in image.info
    assert _near(_middle(_ready(tmp_path, grey)[1]), (120, 120, 120))


def test_heic_in_display_p3_becomes_srgb(tmp_path: Path) -> None:
    """An iPhone's HEIC in Display-P3 is converted too, not only stripped of its profile."""
    file, image = tmp_path / "p3.heic", plain()
    image.info["icc_profile"] = display_p3()
    save_heic(image, file, 95)
    red, green, _ = _middle(_ready(tmp_path, file)[1])
    assert red > 207
    assert green < 99


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_broken_profile_is_dropped_with_a_warning(tmp_path: Path, suffix: str) -> None:
    """A broken colour profile costs a warning, never the photo."""
    file = tmp_path / f"broken.{suffix}"
    plain().save(file, icc_profile=b"no profile at all" * 50, quality=95)
    found, image = _ready(tmp_path, file)
    assert any("profile is broken" in warning for warning in found.warnings)
    assert _near(_middle(image), (200, 100, 100))


@pytest.mark.parametrize("kind", [b"iCCP", b"zTXt"])
def test_huge_png_chunks_do_no_harm(tmp_path: Path, kind: bytes) -> None:
    """A PNG with 80 MB of metadata packed into it is still the photo that it is."""
    file, buffer = tmp_path / "chunk.png", io.BytesIO()
    plain().save(buffer, "PNG")
    data = buffer.getvalue()
    file.write_bytes(data[:33] + chunk(kind, b"x\0\0" + zlib.compress(bytes(80_000_000), 1)) + data[33:])
    assert _near(_middle(_ready(tmp_path, file)[1]), (200, 100, 100))


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    """A CMYK JPEG becomes RGB of about the same colour, not its negative."""
    file = tmp_path / "cmyk.jpg"
    plain(colour=(220, 220, 220)).convert("CMYK").save(file, quality=95)
    _, image = _ready(tmp_path, file)
    assert image.mode == "RGB"
    assert _near(_middle(image), (220, 220, 220), 24)


def test_adobe_rgb_becomes_srgb(tmp_path: Path) -> None:
    """An agency's Adobe RGB gets the colours that it shows: its green is a stronger one in sRGB."""
    file = tmp_path / "adobe.jpg"
    plain(colour=(100, 200, 100)).save(file, icc_profile=adobe_rgb(), quality=95)
    _, image = _ready(tmp_path, file)
    red, green, _ = _middle(image)
    assert red < 60
    assert green >= 198
    assert "icc_profile" not in image.info


@pytest.mark.parametrize("profile", [b"", b"no profile" * 90])
def test_ycck_is_the_same_as_cmyk(tmp_path: Path, profile: bytes) -> None:
    """Photoshop's YCCK shows the same colours as CMYK does, whether its profile is missing or broken."""
    ink = plain(colour=(220, 120, 60)).convert("CMYK")
    (tmp_path / "ycck.jpg").write_bytes(ycck(ink))
    ink.save(tmp_path / "cmyk.jpg", quality=95, icc_profile=profile)
    found, image = _ready(tmp_path, tmp_path / "cmyk.jpg")
    assert _near(_middle(_ready(tmp_path, tmp_path / "ycck.jpg")[1]), _middle(image))
    red, green, blue = _middle(image)
    assert red > green > blue
    assert bool(profile) == any("profile is broken" in warning for warning in found.warnings)


@pytest.mark.parametrize("which", ["none", "broken", "p3"])
def test_sixteen_bit_colours_are_kept(tmp_path: Path, which: str) -> None:
    """A 16-bit PNG in colour keeps its colours; with a profile, what it shows; with a broken one, as sRGB."""
    data = png(300, 300, 16, 2, (b"\0" + struct.pack(">3H", 200 * 257, 100 * 257, 100 * 257) * 300) * 300)
    profile = {"none": b"", "broken": b"no profile" * 90, "p3": display_p3()}[which]
    embedded = chunk(b"iCCP", b"x\0\0" + zlib.compress(profile)) if profile else b""
    (tmp_path / "deep.png").write_bytes(data[:33] + embedded + data[33:])
    red, green, _ = _middle(_ready(tmp_path, tmp_path / "deep.png")[1])
    if which == "p3":
        assert red > 208
        assert green < 98
    else:
        assert _near((red, green), (200, 100))


def test_grey_photos_become_rgb(tmp_path: Path) -> None:
    """A grey JPEG becomes three equal bands, its tones kept."""
    plain(colour=(90, 90, 90)).convert("L").save(tmp_path / "grey.jpg", quality=95)
    _, image = _ready(tmp_path, tmp_path / "grey.jpg")
    assert image.mode == "RGB"
    assert _near(_middle(image), (90, 90, 90))


def test_sixteen_bits_are_scaled_not_clipped(tmp_path: Path) -> None:
    """A 16-bit grey PNG keeps its tones."""
    file = tmp_path / "deep.png"
    ramp = np.tile(np.linspace(0, 65535, WIDTH), (HEIGHT, 1)).astype(np.uint16)
    Image.fromarray(ramp).save(file)
    _, image = _ready(tmp_path, file)
    assert _near(_middle(image), (128, 128, 128))
    assert _near(tuple(np.asarray(image)[5, 90]), (26, 26, 26))


def test_sixteen_bit_alpha_is_flattened(tmp_path: Path) -> None:
    """A 16-bit PNG with alpha is laid on the background like any other."""
    file = tmp_path / "deep_alpha.png"
    row = b"\0" + struct.pack(">4H", 65535, 0, 0, 32768) * 100
    header = struct.pack(">IIBBBBB", 100, 100, 16, 6, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row * 100)) + chunk(b"IEND", b"")
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    assert _near(_middle(_ready(tmp_path, file)[1]), (255, 127, 127), 3)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_parts_become_white(tmp_path: Path, mode: str) -> None:
    """Transparent parts show white; what is opaque keeps its colour."""
    cut_out = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))
    cut_out.paste((90, 90, 90, 255), (WIDTH // 4, HEIGHT // 4, WIDTH * 3 // 4, HEIGHT * 3 // 4))
    file = tmp_path / "cutout.png"
    cut_out.convert(mode).save(file)
    _, image = _ready(tmp_path, file)
    assert image.getpixel((5, 5)) == (255, 255, 255)
    assert _near(_middle(image), (90, 90, 90))


def test_background_is_the_callers(tmp_path: Path) -> None:
    """Another background makes another file, and leaves the first alone."""
    file = tmp_path / "cutout.png"
    Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0)).save(file)
    photo = probe(file, "cutout.png")
    white = normalise(photo, tmp_path / "cache")
    blue = normalise(photo, tmp_path / "cache", background=(10, 20, 200))
    assert white.path != blue.path
    with Image.open(blue.path) as image:
        assert _near(_middle(image), (10, 20, 200))


def test_a_cut_out_keeps_its_transparency(tmp_path: Path) -> None:
    """Asked for, transparent parts stay so, in a PNG without metadata; an opaque photo is a JPEG all the same."""
    cut_out = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))
    cut_out.paste((90, 60, 30, 255), (WIDTH // 4, HEIGHT // 4, WIDTH * 3 // 4, HEIGHT * 3 // 4))
    cut_out.save(tmp_path / "cutout.png", exif=exif(gps=True), dpi=(300, 300))
    photo = probe(tmp_path / "cutout.png", "cutout.png")
    kept = normalise(photo, tmp_path / "cache", background=None)
    assert photo.alpha
    assert (kept.media_type, kept.path.suffix) == ("image/png", ".png")
    with Image.open(kept.path) as image:
        assert (image.mode, image.size) == ("RGBA", (WIDTH, HEIGHT))
        assert image.getpixel((5, 5))[3] == 0  # type: ignore[index]
        assert image.getpixel((WIDTH // 2, HEIGHT // 2)) == (90, 60, 30, 255)
        assert not image.getexif()
    plain().convert("RGBA").save(tmp_path / "opaque.png")
    opaque = probe(tmp_path / "opaque.png", "opaque.png")
    assert not opaque.alpha
    assert normalise(opaque, tmp_path / "cache", background=None).media_type == "image/jpeg"
    assert normalise(opaque, tmp_path / "cache", background=None) == normalise(opaque, tmp_path / "cache")


def test_an_ultra_hdr_photo_is_its_common_picture(tmp_path: Path) -> None:
    """A phone's JPEG with a gain map for bright screens is the picture that all others show; the map is dropped."""
    (tmp_path / "phone.jpg").write_bytes(with_gain_map(textured()))
    found, image = _ready(tmp_path, tmp_path / "phone.jpg")
    difference = np.abs(np.asarray(image, int) - np.asarray(textured(), int)).mean()
    assert difference < 4
    assert found.warnings == ()
    assert found.path.read_bytes().count(b"\xff\xd8\xff") == 1


def test_a_heic_of_several_pictures_is_its_primary_one(tmp_path: Path) -> None:
    """A burst shows the picture that its camera chose, and says how many there are."""
    (tmp_path / "burst.heic").write_bytes(burst([plain(colour=(0, 0, 250)), plain(colour=(250, 0, 0))], 1))
    found, image = _ready(tmp_path, tmp_path / "burst.heic")
    assert any("2 pictures" in warning for warning in found.warnings)
    assert _near(_middle(image), (250, 0, 0), 8)


def test_a_heic_that_names_display_p3_is_converted(tmp_path: Path) -> None:
    """Where no profile is embedded and the colours are only named, they are converted as well."""
    named = {"color_primaries": 12, "transfer_characteristics": 13, "matrix_coefficients": 6, "full_range_flag": 1}
    (tmp_path / "named.heic").write_bytes(saved(plain(), "HEIF", quality=95, **named))
    red, green, _ = _middle(_ready(tmp_path, tmp_path / "named.heic")[1])
    assert red > 207
    assert green < 99


def test_large_photos_are_fitted_and_small_ones_left(tmp_path: Path) -> None:
    """A photo is scaled into the box in the orientation that it shows, and never enlarged."""
    large, small = tmp_path / "large.jpg", tmp_path / "small.jpg"
    plain(5000, 3000).save(large, exif=exif(6))
    plain(300, 200).save(small)
    found, _ = _ready(tmp_path, large)
    assert (found.width, found.height) == (BOX[0], 3600)
    plain(5000, 3000).save(tmp_path / "wide.jpg")
    wide, _ = _ready(tmp_path, tmp_path / "wide.jpg")
    assert (wide.width, wide.height) == (3600, BOX[0])
    tiny, _ = _ready(tmp_path, small)
    assert (tiny.width, tiny.height) == (300, 200)
    assert any("look soft" in warning for warning in tiny.warnings)


def test_place_and_camera_are_stripped(tmp_path: Path) -> None:
    """Nothing of a photo's metadata, the place least of all, is in what is sent."""
    file = tmp_path / "gps.jpg"
    picture().save(file, exif=exif(gps=True), comment=b"secret remark", quality=90)
    with Image.open(file) as image:
        assert image.getexif().get_ifd(0x8825)
    found, clean = _ready(tmp_path, file)
    assert not clean.getexif()
    assert set(clean.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"secret" not in found.path.read_bytes()


def test_what_hangs_behind_a_photo_is_dropped(tmp_path: Path) -> None:
    """A JPEG with an archive behind it is taken as the photo, and the archive does not go along."""
    file, buffer = tmp_path / "polyglot.jpg", io.BytesIO()
    picture().save(buffer, "JPEG")
    file.write_bytes(buffer.getvalue() + b"PK\3\4" + b"payload" * 100)
    assert b"payload" not in _ready(tmp_path, file)[0].path.read_bytes()


def test_wrong_extension_is_read_by_content_and_said(tmp_path: Path) -> None:
    """A PNG named .jpg is taken as the PNG it is, with a warning."""
    file = tmp_path / "photo.jpg"
    picture().save(file, "PNG")
    photo = probe(file, "photo.jpg")
    assert photo.kind == "png"
    assert "PNG by content" in photo.warnings[0]


def test_only_the_first_frame_is_used_and_said(tmp_path: Path) -> None:
    """An animation gives its first frame, with a warning."""
    file = tmp_path / "moving.gif"
    plain(colour=(0, 0, 250)).save(file, save_all=True, append_images=[plain(colour=(250, 0, 0))])
    found, image = _ready(tmp_path, file)
    assert any("2 frames" in warning for warning in found.warnings)
    assert _near(_middle(image), (0, 0, 250), 8)


def test_normalising_twice_makes_the_same_file(tmp_path: Path) -> None:
    """The same photo gives the same bytes, in one file, with no part files left."""
    file = tmp_path / "photo.jpg"
    picture().save(file)
    photo = probe(file, "photo.jpg")
    first, second = normalise(photo, tmp_path / "one"), normalise(photo, tmp_path / "two")
    assert first.sha256 == second.sha256
    assert normalise(photo, tmp_path / "one") == first
    assert [found.name for found in (tmp_path / "one").iterdir()] == [first.path.name]


# --------------------------------------------------------------------------- refused


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "heic", "gif", "avif"])
@pytest.mark.parametrize("share", [0.1, 0.6])
def test_truncated_photo_is_rejected(tmp_path: Path, suffix: str, share: float) -> None:
    """A file that ends too early is refused by name, in every kind."""
    whole, cut = tmp_path / f"whole.{suffix}", tmp_path / f"cut.{suffix}"
    noise = np.random.default_rng(3).integers(0, 255, (200, 240, 3), np.uint8)
    image = Image.fromarray(noise)
    if suffix == "heic":
        save_heic(image, whole, 80)
    else:
        image.save(whole)
    data = whole.read_bytes()
    cut.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(PhotoRejected, match=rf"cut\.{suffix} is (cut off|damaged)"):
        probe(cut, f"cut.{suffix}")


def test_damage_inside_a_jpeg_is_a_warning(tmp_path: Path) -> None:
    """Zeros in the middle of a JPEG do not cost the photo, but they are said."""
    file = tmp_path / "holes.jpg"
    picture().save(file, quality=90)
    data = bytearray(file.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 1000] = bytes(1000)
    file.write_bytes(data)
    assert any("damaged in places" in warning for warning in probe(file, "holes.jpg").warnings)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"just some words", "is no photo"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "is EPS"),
        (b"%PDF-1.7\n", "is PDF"),
        (b"II*\0" + bytes(100), "is TIFF"),
        (b"\0\0\0\x18ftypmp42" + bytes(100), "is (damaged|cut off)"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is SVG"),
        (b"\xff\xd8\xff\xe0" + bytes(500), "is (damaged|cut off)"),
        (b"\x89PNG\r\n\x1a\n", "is (damaged|cut off)"),
        (b"", "is empty"),
    ],
)
def test_what_is_no_photo_is_rejected(tmp_path: Path, data: bytes, words: str) -> None:
    """Whatever its name says, a file that is no photo is refused, and told what it is."""
    file = tmp_path / "photo.jpg"
    file.write_bytes(data)
    with pytest.raises(PhotoRejected, match=rf"NR-1/photo\.jpg {words}"):
        probe(file, "NR-1/photo.jpg")


def test_too_large_file_is_rejected_unread(tmp_path: Path) -> None:
    """A file over 200 MB is refused by its size alone; one of exactly that is looked at."""
    file = tmp_path / "huge.jpg"
    with file.open("wb") as sparse:
        sparse.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(PhotoRejected, match=r"huge\.jpg is 200 MB; at most 200 MB"):
        probe(file, "huge.jpg")
    os.truncate(file, MAX_FILE_BYTES)
    with pytest.raises(PhotoRejected, match="is no photo"):
        probe(file, "huge.jpg")


def test_bomb_is_rejected_at_its_header(tmp_path: Path) -> None:
    """A small file that claims 400 megapixels is refused before any is decoded; so are slivers and specks."""
    for name, size, words in (
        ("bomb.png", (20_000, 20_000), "megapixels"),
        ("line.png", (60_000, 70), "too long and narrow"),
        ("speck.png", (20, 20), "needs 64 pixels"),
    ):
        header = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
        data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
        (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n" + data)
        with pytest.raises(PhotoRejected, match=words):
            probe(tmp_path / name, name)


def test_endless_scans_are_refused(tmp_path: Path) -> None:
    """A JPEG of 800 scans is refused at once; one with as many as cameras write is taken."""
    sane, bomb = tmp_path / "sane.jpg", tmp_path / "bomb.jpg"
    sane.write_bytes(many_scans(128, 12))
    bomb.write_bytes(many_scans(128, 800))
    assert probe(sane, "sane.jpg").width == 1024
    with pytest.raises(PhotoRejected, match=r"bomb\.jpg has over 100 scans"):
        probe(bomb, "bomb.jpg")


def test_endless_scans_of_a_sequential_photo_are_refused(tmp_path: Path) -> None:
    """One that is not progressive has one scan, or one a colour; hundreds are refused as well."""
    sane, bomb = tmp_path / "sane.jpg", tmp_path / "bomb.jpg"
    sane.write_bytes(scans_by_colour(32, 1))
    bomb.write_bytes(scans_by_colour(32, 40))
    assert probe(sane, "sane.jpg").width == 256
    with pytest.raises(PhotoRejected, match=r"bomb\.jpg has over 100 scans"):
        probe(bomb, "bomb.jpg")


def test_what_follows_the_only_scan_that_is_decoded_is_not_counted(tmp_path: Path) -> None:
    """With its one scan 200 times over, a photo that is not progressive is decoded once, and is the same picture."""
    data = saved(picture(), "JPEG", quality=80)
    scan = data.index(b"\xff\xda")
    (tmp_path / "one.jpg").write_bytes(data)
    (tmp_path / "many.jpg").write_bytes(data[:scan] + data[scan:-2] * 200 + data[-2:])
    one, many = (probe(tmp_path / name, name) for name in ("one.jpg", "many.jpg"))
    assert (one.width, one.fingerprint, one.warnings) == (many.width, many.fingerprint, many.warnings)


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    """A pipe does not hang us, a link is not followed, a folder and a hole in the air are named as such."""
    picture().save(tmp_path / "real.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "link.jpg").symlink_to("real.jpg")
    (tmp_path / "folder.jpg").mkdir()
    for name, words in (
        ("pipe.jpg", "no regular file"),
        ("link.jpg", "is a link"),
        ("folder.jpg", "is a folder"),
        ("missing.jpg", "does not exist"),
        ("real.jpg/inside.jpg", "does not exist"),
    ):
        with pytest.raises(PhotoRejected, match=words):
            probe(tmp_path / name, name)


def test_photo_that_changes_meanwhile_is_told(tmp_path: Path) -> None:
    """A file that is written to while it is read, or since the plan, is no photo yet."""
    file = tmp_path / "photo.jpg"
    picture().save(file)
    photo = probe(file, "photo.jpg")
    with open_photo(file, "photo.jpg") as opened:
        with file.open("ab") as more:
            more.write(b"more")
        with pytest.raises(PhotoChanged, match="changed while it was read"):
            examine(opened, tmp_path / "cache")
    with pytest.raises(PhotoChanged, match="not the photo that was planned"):
        normalise(photo, tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*"))
