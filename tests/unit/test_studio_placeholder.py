"""The placeholder of a rehearsal passes every check that a rendered video passes, and takes no time."""

from pathlib import Path

import pytest

from nightreel.models import Format
from nightreel.quality import MASTER, Wanted, inspect_video, preset
from nightreel.studio import placeholder
from nightreel.studio.draft import (
    AudioMeta,
    AudioTrack,
    Draft,
    DraftMeta,
    Segment,
    VideoMeta,
    VideoTrack,
)


def draft(size: tuple[int, int], *lengths: int, music: bool = True) -> Draft:
    """Return a timeline of photos so many ms long each."""
    photos = [Segment[VideoMeta](d=length, m=VideoMeta(asset="asset_1")) for length in lengths]
    bed = [AudioTrack(sg=[Segment[AudioMeta](d=sum(lengths), m=AudioMeta())])] if music else []
    return Draft(d=sum(lengths), m=DraftMeta(width=size[0], height=size[1]), t=[VideoTrack(sg=photos), *bed])


@pytest.mark.parametrize("shape", Format)
@pytest.mark.parametrize(
    ("lengths", "music"), [((3_000,), True), ((5_011, 5_011, 5_012), True), ((7_300,), False)], ids=str
)
def test_it_passes_the_strict_checks(tmp_path: Path, shape: Format, lengths: tuple[int, ...], music: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Size, length to a quarter of a second, 30 fps, codec, tags, packing, movement and sound are right."""
    out = tmp_path / "videos" / "1.1.mp4"
    placeholder.write(draft(shape.canvas, *lengths, music=music), out)
    wanted = Wanted(canvas=shape.canvas, seconds=sum(lengths) / 1000, sound=music)
    checks = inspect_video(out, wanted, preset(MASTER))
    assert [check for check in checks if not check.ok] == []
    assert [it.name for it in out.parent.iterdir()] == [out.name]


def test_a_canvas_is_encoded_once() -> None:
    """Another length, or another clip, repeats what is there: that takes milliseconds."""
    placeholder.video((1080, 1080), 30, 450, loud=True)
    known = placeholder.picture_loop.cache_info().misses
    long, short = (placeholder.video((1080, 1080), 30, frames, loud=True) for frames in (900, 90))
    assert placeholder.picture_loop.cache_info().misses == known
    assert len(long) > len(short) > 0


def test_nothing_to_show_is_no_video(tmp_path: Path) -> None:
    """A timeline without a photo makes no placeholder either."""
    with pytest.raises(ValueError, match="no photo"):
        placeholder.write(draft((1080, 1080), music=False), tmp_path / "a.mp4")
    assert not list(tmp_path.iterdir())
