"""The machine: folders, space, what reads photos and writes videos, fonts."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from nightreel.cli.doctor.findings import Finding, bad, warning, well
from nightreel.nights.planning import FREE_BYTES
from nightreel.settings import Settings

SMALL = 5 * 1024**3
"""Bytes free under which a night of many videos may fill the disk."""

_ANEW = "Install Nightreel anew: make clean, make demo."


def folders(settings: Settings, out: Path) -> list[Finding]:
    """Look whether everything that is kept can be written, and whether there is room."""
    return [
        *_folder("home", settings.home_dir, "NIGHTREEL_HOME"),
        *_folder("output", out.expanduser().absolute(), "--out"),
        *_folder("client id", settings.client_id_file.parent, "XDG_CONFIG_HOME"),
    ]


def _folder(what: str, folder: Path, setting: str) -> list[Finding]:
    standing = next(place for place in (folder, *folder.parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=standing):
            pass
        free = shutil.disk_usage(standing).free
    except OSError as error:
        said = f"{standing} cannot be written to ({error.strerror})."
        return [bad(what, said, f"Mend its rights, or set another folder with {setting}.")]
    here = f"{folder}" if standing == folder else f"{folder} (will be made)"
    room = f"{free / 1024**3:.1f} GB free"
    if free < FREE_BYTES:
        return [bad(what, f"{here}: {room}", "Make room (`nightreel clean`); no run begins.")]
    if free < SMALL:
        return [warning(what, f"{here}: {room}", "A night of many videos may need more: `nightreel clean`.")]
    return [well(what, f"{here}: {room}")]


def codecs() -> list[Finding]:
    """Look whether photos of each kind can be read, and videos written, by doing it."""
    tried = {
        "JPEG": lambda: _read("JPEG"),
        "PNG": lambda: _read("PNG"),
        "WEBP": lambda: _read("WEBP"),
        "HEIC": _read_heic,
        "H.264": lambda: _require_encoder("libx264"),
        "AAC": lambda: _require_encoder("aac"),
    }
    problems = {what: problem for what, attempt in tried.items() if (problem := _problem(attempt))}
    if problems:
        said = "; ".join(f"{what}: {problem}" for what, problem in problems.items())
        return [bad("codecs", said, _ANEW)]
    return [well("codecs", f"{', '.join(tried)} work")]


def _problem(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except Exception as error:  # noqa: BLE001 - a library that is broken breaks in its own way
        return f"{type(error).__name__}: {error}"
    return ""


def _read(kind: str) -> None:
    """Write a small photo of that kind, and normalise it as a run does."""
    from PIL import Image

    with tempfile.TemporaryDirectory() as there:
        file = Path(there) / f"photo.{kind.lower()}"
        Image.radial_gradient("L").resize((320, 320)).convert("RGB").save(file, format=kind)
        _normalise(file)


def _read_heic() -> None:
    import pillow_heif
    from PIL import Image

    with tempfile.TemporaryDirectory() as there:
        file = Path(there) / "photo.heic"
        picture = Image.radial_gradient("L").resize((320, 320)).convert("RGB")
        pillow_heif.from_pillow(picture).save(file)  # pyright: ignore[reportUnknownMemberType]
        _normalise(file)


def _normalise(file: Path) -> None:
    from nightreel.images import normalise, probe

    normalise(probe(file, file.name), file.parent)


def _require_encoder(name: str) -> None:
    from av.codec import Codec

    Codec(name, "w")


def fonts(settings: Settings) -> list[Finding]:
    """Look whether texts can be set: with each of our fonts, and each of the user's own."""
    from nightreel.errors import RenderError
    from nightreel.studio.fonts import FOLDER
    from nightreel.studio.fonts.faces import face_of
    from nightreel.studio.fonts.glyphs import names

    try:
        ours = [face_of(file).family for file in sorted(FOLDER.glob("*.ttf"))]
    except RenderError as error:
        return [bad("fonts", str(error), _ANEW)]
    found = [well("fonts", f"{len(ours)} of our own: {', '.join(names())}")]
    for file in sorted(settings.fonts.iterdir()) if settings.fonts.is_dir() else []:
        try:
            found.append(well("fonts", f"{file.name}: {face_of(file).family}"))
        except RenderError as error:
            found.append(warning("fonts", str(error), f"Mend or remove {file}."))
    return found
