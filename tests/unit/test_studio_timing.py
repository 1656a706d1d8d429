"""How long an animation's pictures are shown: read from its blocks, as a decoder finds it, whatever is in them."""

import io
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from nightreel.studio.answers import Refused
from nightreel.studio.media import probe
from nightreel.studio.timing import times_of

KINDS = {"gif": {}, "webp": {"lossless": True}, "png": {}, "png with a still": {"default_image": True}}


def _made(kind: str, milliseconds: list[int]) -> bytes:
    """Return an animation of pictures that differ, each with its time."""
    images = [Image.new("RGB", (9, 7), (37 * n % 256, 90, 200 - n)) for n in range(len(milliseconds))]
    file, named = io.BytesIO(), dict[str, Any](KINDS[kind])
    times = milliseconds[1:] if "default_image" in named else milliseconds
    images[0].save(file, kind[:4].strip(), save_all=True, append_images=images[1:], duration=times, **named)
    return file.getvalue()


def _decoded(data: bytes) -> list[Fraction]:
    """Return what Pillow says at each picture, once it is decoded; a browser's time where that is next to none."""
    times: list[Fraction] = []
    with Image.open(io.BytesIO(data)) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            image.load()
            said = Fraction(round(image.info.get("duration", 0)), 1000)
            times.append(said if said >= Fraction(1, 50) else Fraction(1, 10))
    return times


def _read(data: bytes) -> list[Fraction]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        path.write_bytes(data)
        return times_of(path)


@pytest.mark.parametrize("kind", KINDS)
@given(hundredths=st.lists(st.integers(0, 90), min_size=2, max_size=8))
def test_the_times_are_those_that_a_decoder_finds(kind: str, hundredths: list[int]) -> None:
    """Of each kind, for every picture; of an APNG's still picture too."""
    data = _made(kind, [10 * number for number in hundredths])
    assert _read(data) == _decoded(data)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_whatever_is_in_a_file_its_reading_ends(kind: str, data: st.DataObject) -> None:
    """Cut anywhere, with any byte another one: times, or a reason; never anything else."""
    whole = bytearray(_made(kind, [100, 200, 300]))
    whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = _read(bytes(whole[: data.draw(st.integers(1, len(whole)))]))
    except ValueError:
        return
    assert all(time >= Fraction(1, 50) for time in found)


def test_a_still_image_has_no_times(tmp_path: Path) -> None:
    """A photo has none, and a GIF of one picture no more than one."""
    for name, most in (("a.jpg", 0), ("a.png", 0), ("a.webp", 0), ("a.gif", 1)):
        Image.new("RGB", (8, 8)).save(tmp_path / name)
        assert len(times_of(tmp_path / name)) == most


def _large(side: int, pictures: int) -> bytes:
    """Return a GIF of *pictures* on a canvas of *side* x *side*: each changes a few pixels, and costs all of them."""
    small = _made("gif", [100, 100])
    head, last = small[: small.rindex(b"!\xf9")], small[small.rindex(b"!\xf9") : -1]
    size = side.to_bytes(2, "little") * 2
    return head[:6] + size + head[10:] + last * (pictures - 1) + b";"


@pytest.mark.parametrize(
    ("side", "pictures", "reason"),
    [
        (2_000, 400, "a.gif has 400 pictures of 2000x2000 pixels, and 250 such are the most"),
        (300, 30_000, "a.gif has 20000 pictures of 300x300 pixels"),
        (6_500, 2, "a.gif has pictures of 6500x6500 pixels, and 36 million are the most"),
    ],
)
def test_a_small_file_cannot_hold_an_upload_for_minutes(
    tmp_path: Path, side: int, pictures: int, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too many pixels in all its pictures are refused as too large, and not one of them is decoded."""
    path = tmp_path / "a.gif"
    path.write_bytes(_large(side, pictures))
    monkeypatch.setattr(Image.Image, "load", None)
    with pytest.raises(Refused, match=reason) as refused:
        probe(path, "a.gif", size=1, sha256="00")
    assert refused.value.code == 4002


def test_of_a_large_animation_as_much_is_decoded_as_tells_whether_it_can_be(tmp_path: Path) -> None:
    """What is broken early is refused at the upload, of a small one anywhere; and what is whole is timed."""
    path = tmp_path / "a.gif"
    path.write_bytes(whole := _large(500, 40))
    taken = probe(path, "a.gif", size=len(whole), sha256="00")
    assert (taken.width, taken.duration, taken.fps) == (500, 4.0, 10.0)
    path.write_bytes(whole[:-6])
    with pytest.raises(Refused, match="unsupported"):
        probe(path, "a.gif", size=len(whole), sha256="00")
