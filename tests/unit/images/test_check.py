"""`nightreel check`: a line a file, whatever the file; nothing is kept, raised or followed."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightreel.cli.main import invoke
from nightreel.errors import PhotoRejected
from nightreel.images import CheckLine, check_file, check_paths
from nightreel.images.decoders import DecoderLost, Decoders
from nightreel.images.kinds import HEAD_BYTES, PICTURES, kind_of
from nightreel.images.orders import Order, Unfit
from nightreel.images.photos import probe
from nightreel.models import Format
from tests.unit.images.makers import hostile, intact, mutated, picture, saved, textured

CATALOG = Path(__file__).parents[3] / "data" / "catalog"


async def _lines(*paths: Path, formats: tuple[Format, ...] = ()) -> list[CheckLine]:
    return [line async for line in check_paths(paths, formats=formats)]


async def test_check_says_one_line_a_photo(tmp_path: Path) -> None:
    """Files and folders alike are looked at, nothing is raised, nothing is kept."""
    (tmp_path / "deep" / "deeper").mkdir(parents=True)
    picture().save(tmp_path / "deep" / "deeper" / "good.jpg")
    (tmp_path / "deep" / "bad.jpg").write_text("words")
    (tmp_path / "deep" / "notes.txt").write_text("words")
    (tmp_path / "deep" / ".hidden.jpg").write_text("words")
    (tmp_path / "deep" / "nameless").write_bytes(saved(picture(), "PNG"))
    before = sorted(tmp_path.rglob("*"))
    lines = await _lines(tmp_path, tmp_path / "nowhere.png")
    assert [(Path(line.path).name, line.ok, line.format) for line in lines] == [
        ("bad.jpg", False, ""),
        ("nameless", True, "png"),
        ("good.jpg", True, "jpeg"),
        ("nowhere.png", False, ""),
    ]
    assert "is no photo" in lines[0].reason
    assert (lines[2].width, lines[2].height) == (900, 760)
    assert sorted(tmp_path.rglob("*")) == before


async def test_photos_of_one_folder_are_compared(tmp_path: Path) -> None:
    """A copy and a near copy are told in their own folder, and in no other."""
    image = textured()
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "1.jpg").write_bytes(saved(image, "JPEG", quality=90))
    (tmp_path / "a" / "2.jpg").write_bytes(saved(image, "JPEG", quality=90))
    (tmp_path / "a" / "3.jpg").write_bytes(saved(image, "JPEG", quality=60))
    assert [line.warnings for line in await _lines(tmp_path)] == [
        (),
        ("It is the same file as 1.jpg.",),
        ("It is nearly the same picture as 1.jpg.",),
        (),
    ]


async def test_formats_that_photos_are_small_for_are_told(tmp_path: Path) -> None:
    """Asked for a format, check says which photos are too small for it."""
    textured(800, 1000).save(tmp_path / "a.jpg")
    (line,) = await _lines(tmp_path, formats=(Format.WIDE,))
    assert line.warnings == ("It is small for 16x9: to fill it, it is enlarged 2.4 times.",)


async def test_the_hostile_set_is_survived_and_told(tmp_path: Path) -> None:
    """Pipes, links, bombs, holes and odd names: each file that means harm gets its line, and the words that fit."""
    made = hostile()
    for name, (make, _) in made.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        make(tmp_path / name)
    lines = {line.path: line for line in await _lines(tmp_path)}
    assert len(lines) == len(made)
    for name, (_, words) in made.items():
        line = lines[str(tmp_path / name).encode(errors="surrogateescape").decode(errors="replace")]
        assert line.ok == (not words), line
        assert re.search(words, line.reason), line


async def test_a_folder_that_may_not_be_listed_is_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be listed is told, and the rest is looked at."""
    (tmp_path / "locked").mkdir()
    picture().save(tmp_path / "good.jpg")
    scandir = os.scandir

    def refused(path: Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    good, locked = await _lines(tmp_path)
    assert good.ok
    assert not locked.ok
    assert "locked cannot be listed: Permission denied" in locked.reason


def test_odd_names_are_shown_as_text(tmp_path: Path) -> None:
    """A name that is no UTF-8 can be looked at and shown."""
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/odd\xff.jpg"))
    with file.open("wb") as odd:
        picture().save(odd, "JPEG")
    line = check_file(file)
    assert line.ok
    line.model_dump_json()


# --------------------------------------------------------------------------- the command


def test_the_table_shows_marks_sizes_and_reasons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A row a photo: fit, with a warning, unfit with its reason below; names are never markup."""
    textured().save(tmp_path / "[bold]a[bold].jpg")
    textured(300, 400, 1).save(tmp_path / "b.png")
    (tmp_path / "c\nd.jpg").write_text("words")
    assert invoke(["check", str(tmp_path), "-j", "1"]) == 1
    said = capsys.readouterr()
    rows = [row.rstrip() for row in said.out.splitlines()]
    assert rows[0].split() == ["kind", "size", "photo"]
    assert rows[1] == f"✓  jpeg  900x760      {tmp_path}/[bold]a[bold].jpg"
    assert rows[2] == f"!  png   300x400      {tmp_path}/b.png"
    assert rows[3].strip() == "It is only 300x400: it will look soft."
    assert rows[4].endswith("/c\N{REPLACEMENT CHARACTER}d.jpg")
    assert rows[5].strip().startswith("is no photo.")
    assert said.err.strip() == "1 fit, 1 with a warning, 1 unfit"


def test_json_is_an_array_of_the_agreed_fields(capsys: pytest.CaptureFixture[str]) -> None:
    """For machines, an array with the same fields for each photo; the sample catalog is all fit."""
    assert (
        invoke(["check", "--json", str(CATALOG / "NR-MUG-350"), str(CATALOG / "NR-SPK-200" / "IMG_0412.HEIC")]) == 0
    )
    lines = json.loads(capsys.readouterr().out)
    assert [line["format"] for line in lines] == ["jpeg", "jpeg", "webp", "jpeg", "heic"]
    assert {tuple(line) for line in lines} == {("path", "ok", "format", "width", "height", "reason", "warnings")}
    assert all(line["ok"] and not line["warnings"] for line in lines)


def test_nothing_found_and_nothing_there_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty folder has no photos (exit code 1); a path that does not exist is a mistake (2)."""
    assert invoke(["check", str(tmp_path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == []
    assert invoke(["check", str(tmp_path)]) == 1
    assert "No photos found." in capsys.readouterr().err
    assert invoke(["check", str(tmp_path / "nowhere")]) == 2
    assert "There is no" in capsys.readouterr().err


# --------------------------------------------------------------------------- bytes


@pytest.mark.parametrize("name", sorted(intact()))
def test_an_intact_file_is_never_refused(tmp_path: Path, name: str) -> None:
    """Every kind, depth and mode that the tests make is taken."""
    (tmp_path / name).write_bytes(intact()[name])
    assert probe(tmp_path / name, name).width in {160, 120}


@pytest.fixture(scope="module")
def decoders() -> Iterator[Decoders]:
    """One decoder for all mutations: that none of them ends it is the point."""
    made = Decoders(1)
    yield made
    made.close()


@settings(max_examples=150)
@given(st.sampled_from(sorted(intact())), st.integers(0, 2**32))
def test_whatever_the_bytes_there_is_a_verdict(
    decoders: Decoders, tmp_path_factory: pytest.TempPathFactory, name: str, seed: int
) -> None:
    """A file with any damage is fit or unfit: its decoder lives, and what it says has words."""
    file = tmp_path_factory.getbasetemp() / "mutated"
    file.write_bytes(mutated(intact()[name], seed))
    with file.open("rb") as opened:
        kind = kind_of(opened.read(HEAD_BYTES))
        if kind not in PICTURES:
            return
        try:
            assert decoders.look(opened.fileno(), Order(kind, encode=True))[0].width >= 64
        except DecoderLost:
            raise
        except Unfit:
            return


def test_a_photo_is_known_by_its_own_words(tmp_path: Path) -> None:
    """A refusal begins with the name that people know the photo by."""
    (tmp_path / "x.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(500))
    with pytest.raises(PhotoRejected, match=r"^NR-1/x\.jpg is "):
        probe(tmp_path / "x.jpg", "NR-1/x.jpg")
