"""`nightreel prompts`: what the studio's agent makes of a text."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def test_a_prompt_is_tried_without_sending_anything(command: Command) -> None:
    """What was understood, what not, what cannot be done, the timeline and the answer are shown."""
    done = command("prompts", "try", 'square, 12 s, title "Mug", with a voice-over', "--photos", "3")
    assert done.code == 0
    assert "seconds 12 · size 1080x1080 · title Mug" in done.out
    assert "Cannot          voice" in done.out
    assert "3.jpg" in done.out
    assert "1080x1080, 12 s" in done.out
    assert "I cannot do: voices" in done.out


def test_an_edit_is_tried_on_what_came_before(command: Command, tmp_path: Path) -> None:
    """What `--json` printed, a draft, and a whole state of the service are edited alike; the first can be undone."""
    first = json.loads(command("prompts", "try", '20 seconds, wipes, title "A"', "--json").out)
    whole, draft, state = (tmp_path / name for name in ("whole.json", "draft.json", "state.json"))
    whole.write_text(json.dumps(first), encoding="utf-8")
    draft.write_text(json.dumps(first["draft"]), encoding="utf-8")
    state.write_text(json.dumps({"code": 0, "data": {"state": {"draft": first["draft"]}}}), encoding="utf-8")
    for file in (whole, draft, state):
        second = json.loads(command("prompts", "try", "不要音乐，交换前两张照片", "--on", str(file), "--json").out)
        assert second["understood"] == {"music": "none", "order": _order(first, 1, 0, 2, 3)}
        assert second["draft"]["d"] == 20_000
        assert [one["m"]["transition"]["kind"] for one in second["draft"]["t"][0]["sg"]] == ["cut", *["wipe"] * 3]
    whole.write_text(json.dumps(second), encoding="utf-8")
    undone = json.loads(command("prompts", "try", "undo", "--on", str(whole), "--json").out)
    assert undone["draft"] == first["draft"]


def _order(made: dict[str, Any], *places: int) -> str:
    shown = [segment["m"]["asset"] for segment in made["draft"]["t"][0]["sg"]]
    return " ".join(shown[place] for place in places)


def test_a_corpus_is_scored(command: Command, tmp_path: Path) -> None:
    """Each mark is counted, what is not fully right is named, and the exit code tells."""
    corpus = tmp_path / "mine.txt"
    corpus.write_text("# first 3\n15s, square => size 1080x1080\nno music => music lo-fi\n", encoding="utf-8")
    done = command("prompts", "score", str(corpus))
    assert done.code == 1
    assert "wrong: no music" in done.err
    assert done.out.split()[-5:] == ["2", "1", "0", "0", "1"]


def test_a_file_that_holds_no_draft_is_refused(command: Command, tmp_path: Path) -> None:
    """The error names the file and what to give."""
    file = tmp_path / "list.json"
    file.write_text("[]", encoding="utf-8")
    done = command("prompts", "try", "square", "--on", str(file))
    assert done.code == 2
    assert "holds no draft to edit" in done.err.replace("\n", " ")
