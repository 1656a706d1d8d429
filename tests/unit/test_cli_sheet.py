"""`nightreel sheet`: a sheet for each video, wherever they come from."""
# pyright: reportUnknownMemberType=false
# PyAV's packets and streams are typed in part.

from pathlib import Path

import av
import numpy as np
import pytest

from nightreel.cli.main import invoke


def _video(path: Path) -> Path:
    """Encode a second of grey."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(path, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(10):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((64, 64, 3), 128, np.uint8), format="rgb24")))
        out.mux(stream.encode(None))
    return path


def _sheets(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_videos_of_one_name_keep_their_folders(tmp_path: Path) -> None:
    """No sheet takes another's place, whatever its case; the others lie side by side, and one video has one sheet."""
    for name in ("s1/mug/a.mp4", "s2/mug/A.mp4", "s2/lamp/b.mp4"):
        _video(tmp_path / name)
    where = [str(tmp_path / "s1"), str(tmp_path / "s2"), str(tmp_path / "s2" / "lamp")]
    assert invoke(["sheet", *where, "--out", str(tmp_path / "sheets")]) == 0
    assert _sheets(tmp_path / "sheets") == {"s1/mug/a.sheet.png", "s2/mug/A.sheet.png", "b.sheet.png"}


def test_a_sheet_stands_beside_its_video(tmp_path: Path) -> None:
    """Without `--out`, that is where it goes; of two with one stem, the second's has its ending as well."""
    _video(tmp_path / "mug" / "a.mp4")
    copy = _video(tmp_path / "mug" / "a.m4v")
    assert invoke(["sheet", str(tmp_path), str(copy)]) == 0
    assert _sheets(tmp_path) == {f"mug/{name}" for name in ("a.mp4", "a.m4v", "a.sheet.png", "a.m4v.sheet.png")}


def test_a_file_is_no_folder_of_sheets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--out` with a file's name is wrong usage, and says so."""
    taken = tmp_path / "taken"
    taken.write_text("mine")
    assert invoke(["sheet", str(_video(tmp_path / "a.mp4")), "--out", str(taken)]) == 2
    said = capsys.readouterr().err
    assert "cannot be written to: File exists." in " ".join(said.split())
    assert "--out" in said
    assert taken.read_text() == "mine"


def test_a_broken_video_is_named_and_the_others_have_sheets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever comes before or after it; the exit code tells that not all have."""
    for name in ("mug/a.mp4", "mug/c.mp4"):
        _video(tmp_path / name)
    (tmp_path / "mug" / "b.mp4").write_bytes(b"no video")
    assert invoke(["sheet", str(tmp_path)]) == 1
    assert {path.name for path in tmp_path.rglob("*.png")} == {"a.sheet.png", "c.sheet.png"}
    said = "".join(capsys.readouterr().err.split())
    assert f"{tmp_path}/mug/b.mp4:nosheetcanbemade" in said
