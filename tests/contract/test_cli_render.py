"""`nightreel studio render`: a draft in a file becomes a video in a file."""
# pyright: reportUnknownMemberType=false

import json
import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from nightreel.cli.main import invoke


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTREEL_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("signal.signal", _unheard)


def _unheard(*_: object) -> None:
    """Leave the tests' own signals alone."""


def _draft(folder: Path, **meta: Any) -> Path:  # noqa: ANN401
    Image.new("RGB", (200, 300), "#cde").save(folder / "mug.png")
    shot = {"d": 500, "m": {"asset": "asset_1", "name": "mug.png", **meta}}
    path = folder / "draft.json"
    path.write_text(json.dumps({"m": {"width": 96, "height": 128}, "t": [{"tt": 0, "sg": [shot]}]}))
    return path


def test_a_draft_becomes_a_video_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Photos are found by their names, beside the draft; again, nothing is made anew; a preview goes elsewhere."""
    draft = _draft(tmp_path)
    assert invoke(["studio", "render", str(draft)]) == 0
    with av.open(tmp_path / "draft.mp4") as container:
        assert (container.streams.video[0].frames, container.streams.video[0].codec_context.width) == (15, 96)
    assert invoke(["studio", "render", str(draft)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "draft.mp4  0.5 s" in said[0]
    assert said[1].endswith("0 of 15 frames made anew")
    preview = tmp_path / "preview.mp4"
    assert invoke(["studio", "render", str(draft), "--quality", "draft", "--out", str(preview)]) == 0
    assert preview.is_file()


def _with_music(folder: Path) -> Path:
    """Return a draft with a file's music, which lies beside it."""
    path = _draft(folder)
    wire = json.loads(path.read_text())
    song = {"source": "asset", "asset": "asset_2", "name": "song.wav"}
    wire["t"].append({"tt": 1, "sg": [{"d": 500, "m": song}]})
    path.write_text(json.dumps(wire))
    tone = 8_000 * np.sin(2 * np.pi * 660 * np.arange(48_000) / 48_000)
    with wave.open(str(folder / "song.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(tone.astype("<i2").tobytes())
    return path


def test_the_drafts_own_music_is_found_by_its_name_and_heard(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As photos are. Without it, or where it is broken, its name is told, and what to do about it here."""
    draft = _with_music(tmp_path)
    assert invoke(["studio", "render", str(draft)]) == 0
    with av.open(tmp_path / "draft.mp4") as container:
        heard = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])[4_800:14_400]
    assert np.argmax(np.abs(np.fft.rfft(heard))) == pytest.approx(660 * 0.2, abs=1)
    (tmp_path / "song.wav").write_bytes(b"RIFF")
    assert invoke(["studio", "render", str(draft)]) == 1
    (tmp_path / "song.wav").unlink()
    assert invoke(["studio", "render", str(draft)]) == 2
    said = "".join(capsys.readouterr().err.split())  # lines are folded anywhere
    assert "song.wav:thesoundcannotberead" in said
    assert "ornameanotherfolderby--assets" in said
    assert "hasnoasset_2orsong.wav,whichthedraftuses" in said
    assert "Upload" not in said


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "this is no draft"),
        ("[]", "a draft is a JSON object"),
        ('{"t": [{"tt": 5}]}', "this is no draft (draft.t.0"),
        ('{"t": []}', "no photo to show"),
        (
            '{"t": [{"tt": 0, "sg": [{"d": 2000, "m": {"asset": "x"}}, {"d": 9, "s": 9000, "m": {"asset": "x"}}]}]}',
            "draft.t.0.sg.1.s: 9000, but it comes on at 2000 ms",
        ),
        ('{"d": 100, "t": [{"tt": 0, "sg": [{"d": 2000, "m": {"asset": "x"}}]}]}', "draft.d: 100, but"),
        ('{"t": [{"tt": 0, "sg": [{"d": 9, "m": {"asset": "x1", "name": "cup.png"}}]}]}', "has no x1 or cup.png"),
    ],
)
def test_a_draft_that_makes_no_sense_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, reason: str
) -> None:
    """The message says what is wrong and where; no video is begun."""
    draft = tmp_path / "draft.json"
    draft.write_text(content)
    assert invoke(["studio", "render", str(draft)]) != 0
    assert "".join(reason.split()) in "".join(capsys.readouterr().err.split())  # lines are folded anywhere
    assert not list(tmp_path.glob("*.mp4*"))


def test_a_quality_that_is_none_and_a_missing_draft_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is wrong usage, with the value, and what there is."""
    assert invoke(["studio", "render", str(_draft(tmp_path)), "--quality", "best"]) == 2
    assert invoke(["studio", "render", str(tmp_path / "gone.json")]) == 2
    said = "".join(capsys.readouterr().err.split())  # lines are folded anywhere
    assert "'best'isnotoneof'high','medium','low','draft'" in said
    assert "gone.json:thedraftcannotberead" in said


def test_the_videos_folder_is_made(tmp_path: Path) -> None:
    """However deep, as every command makes the folders that it writes to."""
    video = tmp_path / "new" / "deeper" / "mug.mp4"
    assert invoke(["studio", "render", str(_draft(tmp_path)), "--out", str(video)]) == 0
    assert video.is_file()


@pytest.mark.parametrize(
    ("place", "reason", "step"),
    [
        ("shelf", "this is a folder", "shelf/draft.mp4"),
        ("full.mp4", "this is a folder", "full.mp4/draft.mp4"),
        ("mug.mov", "a video is an .mp4", "Say --out"),
        ("draft.json/mug.mp4", "cannot be written to", "Choose another folder with --out"),
    ],
)
def test_where_no_video_can_go_is_refused_before_anything_is_rendered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str, reason: str, step: str
) -> None:
    """A folder, another type, a file in the way: wrong usage, with what to say instead; no frame is made."""
    for name in ("shelf", "full.mp4"):
        (tmp_path / name).mkdir()
    assert invoke(["studio", "render", str(_draft(tmp_path)), "--out", str(tmp_path / place)]) == 2
    said = "".join(capsys.readouterr().err.split())  # lines are folded anywhere
    assert "".join(reason.split()) in said
    assert "".join(step.split()) in said
    assert not (tmp_path / "home" / "studio" / "segments").exists()
