"""The service's workflows as flows, against a rehearsing studio."""

from pathlib import Path

import pytest
from PIL import Image

from flows.edits import Edit, batch_style, iterative_edit, quick_edit
from nightreel.errors import ConfigurationError


@pytest.fixture
def edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edit:
    """Give an edit of two small photos, in a rehearsal."""
    monkeypatch.setenv("NIGHTREEL_REHEARSE", "true")
    monkeypatch.setenv("NIGHTREEL_RATE", "600")
    monkeypatch.setenv("PREFECT__SERVER_EPHEMERAL", "1")  # nobody listens: nothing is shown
    files: list[Path] = []
    for name in ("a", "b"):
        files.append(tmp_path / f"{name}.jpg")
        Image.linear_gradient("L").resize((300, 400)).convert("RGB").save(files[-1])
    return Edit(files=tuple(files), prompts=("a 3 second square video, no music",), out=tmp_path / "out" / "edit.mp4")


async def test_each_workflow_makes_its_videos(edit: Edit, tmp_path: Path) -> None:
    """Quick: one; batch: one a file; iterative: a preview and the video. The flow's own function needs no server."""
    await quick_edit.fn(edit)
    await batch_style.fn(edit.model_copy(update={"out": tmp_path / "each"}))
    again = edit.model_copy(update={"prompts": (*edit.prompts, "make it 4 seconds"), "out": tmp_path / "i.mp4"})
    await iterative_edit.fn(again)
    made = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.mp4") if path.is_file()}
    assert {"out/edit.mp4", "each/a.mp4", "each/b.mp4", "i.preview-1.mp4", "i.mp4"} <= made


async def test_a_workflow_without_what_it_needs_says_so(edit: Edit) -> None:
    """Two prompts for a quick edit, none for an iterative one, or no file are named before anything is sent."""
    with pytest.raises(ConfigurationError, match="no file"):
        await batch_style.fn(edit.model_copy(update={"files": ()}))
    with pytest.raises(ConfigurationError, match="there are 2"):
        await quick_edit.fn(edit.model_copy(update={"prompts": ("a", "b")}))
    with pytest.raises(ConfigurationError, match="no prompt"):
        await iterative_edit.fn(edit.model_copy(update={"prompts": ()}))
