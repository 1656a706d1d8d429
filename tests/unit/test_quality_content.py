"""What a video is about: its photos, its words, and where they stand; on videos of random textures, made here."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from nightreel.models import Check
from nightreel.quality import Text, Wanted, inspect_video, mend, preset, presets
from tests.unit.test_quality_video import GOOD, Pixels, Recipe, failed, make

SIZE = (360, 640)
SECONDS = 9
Draw = Callable[[int], Pixels]


def texture(seed: int) -> Pixels:
    """Return a photo that no other is like: soft blobs and hard edges."""
    chance = np.random.default_rng(seed)
    coarse = chance.integers(20, 235, (32, 18, 3)).astype(np.uint8)
    picture: NDArray[np.uint8] = np.asarray(cv2.resize(coarse, (720, 1280), interpolation=cv2.INTER_CUBIC), np.uint8)
    for _ in range(40):
        x, y, width, height = chance.integers(20, 600, 4).tolist()
        colour = tuple(chance.integers(0, 255, 3).tolist())
        cv2.rectangle(picture, (x, y), (x + width // 6, y + height // 6), colour, -1)
    return picture


PHOTOS = [texture(seed) for seed in (1, 2, 3)]


def shown(photo: int, frame: int) -> Pixels:
    """Return a photo as a frame shows it: nearer from frame to frame."""
    scale = 1 + 0.002 * (frame % 90)
    whole = cv2.resize(PHOTOS[photo], SIZE, interpolation=cv2.INTER_AREA)
    turn = np.array([[scale, 0, (1 - scale) * SIZE[0] / 2], [0, scale, (1 - scale) * SIZE[1] / 2]])
    return np.asarray(cv2.warpAffine(whole, turn, SIZE, flags=cv2.INTER_LINEAR), np.uint8)


def three(frame: int) -> Pixels:
    """Show three photos, each for three seconds."""
    return shown(frame // 90, frame)


def two(frame: int) -> Pixels:
    """Leave the second photo out."""
    return shown((frame // 90) % 2 * 2, frame)


def written(picture: Pixels, y: int) -> Pixels:
    """Write a title on a picture."""
    for line, text in enumerate(("A VERY FINE", "CLAY MUG")):
        cv2.putText(
            picture, text, (30, y + 44 * line), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (255, 255, 255), 3, cv2.LINE_AA
        )
    return picture


def titled(frame: int) -> Pixels:
    """Show the photos with a title where it may stand."""
    return written(three(frame), 380)


def cut_short(frame: int) -> Pixels:
    """Show the title for two seconds only."""
    return written(three(frame), 380) if frame < 60 else three(frame)


def low(frame: int) -> Pixels:
    """Show the title at the very bottom, where platforms put their own things."""
    return written(three(frame), 585)


def made(path: Path, draw: Draw) -> Path:
    """Encode nine seconds."""
    return make(path, Recipe(draw=draw, frames=30 * SECONDS, size=SIZE, tone_seconds=SECONDS))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the photos as files."""
    here = tmp_path_factory.mktemp("content")
    for number, photo in enumerate(PHOTOS):
        Image.fromarray(photo).save(here / f"{number}.jpg", quality=92)
    return here


def checks_of(video: Path, folder: Path, by: str = "master", *, title: bool = True) -> tuple[Check, ...]:
    """Return what the gate says of a video of the three photos."""
    texts = (Text(text="A very fine clay mug", start=0.0, end=SECONDS),) if title else ()
    photos = tuple(folder / f"{number}.jpg" for number in range(3))
    wanted = Wanted(canvas=SIZE, seconds=SECONDS, sound=True, photos=photos, texts=texts)
    return inspect_video(video, wanted, preset(by))


@pytest.mark.parametrize(
    ("draw", "caught"),
    [(titled, set[str]()), (cut_short, {"title"}), (three, {"title"}), (low, {"safe zone"})],
)
def test_words_are_seen_for_their_time_and_in_their_place(
    folder: Path, tmp_path: Path, draw: Draw, caught: set[str]
) -> None:
    """A title that is cut short or missing fails its check, one in a margin the safe zone's."""
    assert failed(checks_of(made(tmp_path / "a.mp4", draw), folder, "stories")) - {"short side"} == caught


def test_a_photo_that_is_missing_is_named(folder: Path, tmp_path: Path) -> None:
    """A video that leaves a photo out fails, and says which."""
    checks = checks_of(made(tmp_path / "a.mp4", two), folder, title=False)
    assert failed(checks) == {"photos"}
    assert "1.jpg" in next(check.found for check in checks if check.name == "photos")


@pytest.mark.parametrize("name", [name for name in presets() if name != "watchable"])
def test_one_file_serves_every_vertical_platform(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    """The same master passes each preset but for what its small size and shape rule out."""
    video = tmp_path_factory.getbasetemp() / "master.mp4"
    if not video.exists():
        made(video, titled)
    assert failed(checks_of(video, folder, name)) <= {"short side", "aspect", "bit rate"}


def test_a_preset_nobody_knows_is_told_with_all_that_there_are() -> None:
    """The message lists the names."""
    with pytest.raises(Exception, match="vimeo") as told:
        preset("vimeo")
    assert "tiktok" in str(getattr(told.value, "hint", ""))


@pytest.mark.parametrize(
    ("recipe", "means", "most"),
    [
        (Recipe(options=(("movflags", "+negative_cts_offsets"), ("use_editlist", "0"))), {"remux"}, None),
        (Recipe(options=(("movflags", "+faststart"),)), {"remux"}, None),
        (Recipe(options=(("movflags", "+frag_keyframe+empty_moov+default_base_moof"),)), {"remux"}, None),
        (Recipe(tone=0.05), {"loudness"}, None),
        (Recipe(tone=0.9), {"loudness"}, None),
        (Recipe(bits=(("crf", "1"),)), {"size"}, 170_000),
    ],
)
def test_what_can_be_mended_is(tmp_path: Path, recipe: Recipe, means: set[str], most: int | None) -> None:
    """A file that is packed wrongly, too quiet, too loud or too large passes after it was mended."""
    video = make(tmp_path / "a.mp4", recipe)
    mend(video, video, means, most_bytes=most)
    assert failed(inspect_video(video, Wanted(canvas=(144, 256), seconds=3.0, sound=True))) == set()
    assert most is None or video.stat().st_size <= most
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_what_was_asked_to_be_soft_stays_so(tmp_path: Path) -> None:
    """A soft programme that was asked for passes, and is not made louder when its peaks are held down."""
    soft = Wanted(canvas=(144, 256), seconds=3.0, sound=True, softer=True)
    video = make(tmp_path / "a.mp4", Recipe(tone=0.05))
    assert failed(inspect_video(video, soft)) == set()
    assert "loudness" in failed(inspect_video(video, soft.model_copy(update={"softer": False})))
    mend(video, video, {"loudness"}, softer=True)
    assert "loudness" in failed(inspect_video(video, soft.model_copy(update={"softer": False})))


def test_a_source_that_is_no_picture_is_not_looked_for(folder: Path, tmp_path: Path) -> None:
    """A clip among the photos is none that could be missing."""
    video = made(tmp_path / "a.mp4", three)
    wanted = Wanted(canvas=SIZE, seconds=SECONDS, sound=True, photos=(folder / "0.jpg", video))
    assert failed(inspect_video(video, wanted)) == set()


def test_nothing_is_left_of_a_file_that_cannot_be_mended(tmp_path: Path) -> None:
    """A silent file cannot be made louder: it stays as it was, and no piece is left."""
    video = make(tmp_path / "a.mp4", Recipe(tone=0.0, options=tuple(GOOD.items())))
    before = video.read_bytes()
    with pytest.raises(Exception, match="too quiet"):
        mend(video, video, {"loudness"})
    assert video.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
