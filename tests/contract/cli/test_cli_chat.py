"""`nightreel chat` and `nightreel edit`, on the wire of a real studio; talks are typed into a pipe."""

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from nightreel.studio.options import Dialect
from tests.contract.cli.conftest import Done
from tests.contract.conftest import Serve

Command = Callable[..., Done]
Chat = Callable[..., Done]

_CUT = 'a 3 second square video, no music, title "Clay mug"'


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Give two small photos, one with a name that a shell would split."""
    paths = [tmp_path / "hero.jpg", tmp_path / "from above.png"]
    for path, colour in zip(paths, ("teal", "orange"), strict=True):
        Image.radial_gradient("L").resize((320, 400)).convert("RGB").save(path)
        Image.blend(Image.open(path).convert("RGB"), Image.new("RGB", (320, 400), colour), 0.5).save(path)
    return paths


@pytest.fixture
def chat(command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Chat:
    """Give what holds a talk: lines in, what was printed out."""

    def talk(*lines: str, options: tuple[str, ...] = ()) -> Done:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        return command("chat", "--out", str(tmp_path / "out"), *options)

    return talk


@pytest.fixture
def near(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have a studio that is looked at often, as the one on this machine is."""
    with serve():
        monkeypatch.setenv("NIGHTREEL_ENGINE", "local")
        yield


def _session(done: Done) -> str:
    found = re.search(r"--session (\S+)", done.err)
    assert found, done.err
    return found[1]


def _spent(command: Command) -> int:
    told = json.loads(command("credits", "--offline", "--json").out)
    return int(told["ledger"]["spent"])


@pytest.mark.usefixtures("near")
def test_a_talk_from_a_pipe_makes_a_video(chat: Chat, command: Command, photos: list[Path], tmp_path: Path) -> None:
    """Files by path, a prompt, an edit and an export in one sentence: the MP4 is there, and two prompts were paid."""
    done = chat(f'{photos[0]} "{photos[1]}"', _CUT, "make it 4 seconds and export", "credits")
    assert done.code == 0, done.err
    assert "from above.png is there as 02_from_above.jpg." in done.out
    assert "Title added: 'Clay mug'" in done.out
    assert "The video is 4 s long now (before: 3 s)." in done.out
    (video,) = (tmp_path / "out").glob("talk_*.mp4")
    assert str(video) in done.out
    assert _spent(command) == 150


@pytest.mark.usefixtures("near")
def test_an_export_that_fails_is_told_in_whole_sentences(chat: Chat, photos: list[Path], tmp_path: Path) -> None:
    """The studio's reason, the talk's own words and the next step: each ends once."""
    chat(str(photos[0]), _CUT)
    for asset in (tmp_path / "studio" / "assets").iterdir():
        asset.unlink()
    told = " ".join(chat("export", options=("--session", "last")).err.split())
    assert "The export failed 2 times: asset_" in told
    assert "the file is missing. Upload it again. → Ask for it again later." in told


@pytest.mark.usefixtures("near")
def test_what_needs_no_prompt_costs_nothing(chat: Chat, command: Command, photos: list[Path]) -> None:
    """Status, credits, a "don't export yet" and a talk's own commands send no prompt; chatter is free."""
    done = chat(str(photos[0]), _CUT, "status", "don't export yet", "积分", "thank you, that is lovely", "/history")
    assert done.code == 0, done.err
    assert "Nothing is done, and nothing was sent." in done.out
    assert "0 credits spent" in done.err
    assert _spent(command) == 100


@pytest.mark.usefixtures("near")
def test_a_talk_goes_on_where_it_ended(chat: Chat, photos: list[Path]) -> None:
    """Begun again by its id or as the last, a talk shows its past and its timeline, and takes the next edit."""
    first = chat(str(photos[0]), _CUT)
    again = chat("make it 5 seconds", options=("--session", "last"))
    assert again.code == 0, again.err
    assert _CUT in again.out
    assert "The video is 5 s long now (before: 3 s)." in again.out
    assert _session(again) == _session(first)
    assert chat("status", options=("--session", _session(first)[:12])).code == 0
    assert chat("status", options=("--session", "nobody")).code == 2


@pytest.mark.usefixtures("near")
def test_a_budget_holds_through_a_talk_and_its_restarts(chat: Chat, command: Command, photos: list[Path]) -> None:
    """What would pass the talk's budget is not sent, and from a pipe ends the talk with exit code 3."""
    done = chat(str(photos[0]), _CUT, "make it 4 seconds", options=("--budget", "120"))
    assert done.code == 3
    assert chat("make it 4 seconds", options=("--session", "last")).code == 3
    assert _spent(command) == 100
    assert chat("make it 4 seconds", options=("--session", "last", "--budget", "150")).code == 0


@pytest.mark.usefixtures("near")
def test_a_chinese_talk_is_told_in_chinese(chat: Chat, photos: list[Path]) -> None:
    """Prompts in Chinese are answered in it, changes told in it, and an export asked for in it is one."""
    done = chat(
        str(photos[0]), "用这张照片制作3秒竖屏视频，不要音乐", "改成4秒，然后导出", options=("--language", "zh")
    )
    assert done.code == 0, done.err
    assert "视频时长现为 4 秒（之前为 3 秒）。" in done.out
    assert ".mp4" in done.out


@pytest.mark.usefixtures("near")
def test_a_file_that_cannot_be_taken_sends_nothing(chat: Chat, photos: list[Path], tmp_path: Path) -> None:
    """One bad file among good ones: it is named, and none of them goes up."""
    bad = tmp_path / "broken.jpg"
    bad.write_bytes(photos[0].read_bytes()[:500])
    done = chat(f'"{bad}" "{photos[0]}"')
    assert (done.code, "broken.jpg" in done.err) == (1, True)
    assert "is there as" not in done.out


def test_a_studio_that_speaks_plain_events_is_understood(
    serve: Serve, chat: Chat, photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other documented event shape makes no difference to a talk."""
    with serve(Dialect.PLAIN_EVENTS):
        monkeypatch.setenv("NIGHTREEL_ENGINE", "local")
        done = chat(str(photos[0]), _CUT, "make it 4 seconds")
    assert "The video is 4 s long now (before: 3 s)." in done.out


@pytest.mark.usefixtures("near")
def test_an_edit_is_paid_once(command: Command, photos: list[Path], tmp_path: Path) -> None:
    """Quick edit: the video is there; the same command again sends nothing; a lost video costs nothing."""
    order = ("edit", str(photos[0]), "-p", _CUT, "-o", str(tmp_path / "quick.mp4"))
    assert command(*order).code == 0
    (tmp_path / "quick.mp4").unlink()
    again = command(*order)
    assert (again.code, "(made before)" in again.out) == (0, True)
    assert (tmp_path / "quick.mp4").is_file()
    assert _spent(command) == 100


@pytest.mark.usefixtures("near")
def test_an_iterative_edit_shows_previews(command: Command, photos: list[Path], tmp_path: Path) -> None:
    """Each prompt but the last leaves a small preview, the last the video."""
    order = (
        "edit",
        str(photos[0]),
        "-p",
        _CUT,
        "-p",
        "make it 4 seconds",
        "--previews",
        "-o",
        str(tmp_path / "i.mp4"),
    )
    assert command(*order).code == 0
    assert {path.name for path in tmp_path.glob("*.mp4")} == {"i.preview-1.mp4", "i.mp4"}
    assert _spent(command) == 150
