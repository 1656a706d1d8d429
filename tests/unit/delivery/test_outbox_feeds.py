"""The outbox, supplemental feeds, and what stands beside a video: real files."""

import csv
import os
from pathlib import Path

import pytest

from nightreel.delivery import Entry, Parcel, licences_of, place, withdraw, write_extras, write_feeds
from nightreel.errors import ConfigurationError
from nightreel.models import Clip, Engine, Format, Platform, Rendition

DRAFT = {
    "t": [
        {"tt": 1, "sg": [{"s": 0, "d": 9000, "m": {"source": "synth", "mood": "lo-fi"}}]},
        {"tt": 7, "sg": [{"s": 500, "d": 1500, "m": {"text": "Thrown by hand", "role": "caption"}}]},
    ]
}


def a_parcel(folder: Path, text: str = "Clay mug\n\n#Nordfell") -> Parcel:
    """Return a parcel of real files."""
    video, cover = folder / "mug_9x16.mp4", folder / "mug_9x16.jpg"
    video.write_bytes(b"a video")
    cover.write_bytes(b"a cover")
    return Parcel(day="2026-11-25", platform=Platform.TIKTOK, name="mug", video=video, cover=cover, text=text)


def names(folder: Path) -> list[str]:
    """Return all files below *folder*."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_parcel_is_laid_out_by_day_and_platform_and_again_without_harm(tmp_path: Path) -> None:
    """Video, cover and text under the product's name; the video takes no second place on the disk."""
    outbox, parcel = tmp_path / "outbox", a_parcel(tmp_path)
    files = place(outbox, parcel)
    for _ in range(2):
        assert sorted(files) == names(outbox) == [f"2026-11-25/tiktok/mug.{kind}" for kind in ("jpg", "mp4", "txt")]
        assert place(outbox, parcel) == files
    assert parcel.video.samefile(outbox / files[-1])
    assert files[-1].endswith(".mp4"), "whoever finds the video finds the rest"


def test_another_disk_gets_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no link can be made the file is copied, whole."""

    def refused(*_: object, **__: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    parcel = a_parcel(tmp_path)
    monkeypatch.setattr(os, "link", refused)
    place(tmp_path / "outbox", parcel)
    assert (tmp_path / "outbox/2026-11-25/tiktok/mug.mp4").read_bytes() == b"a video"
    assert not parcel.video.samefile(tmp_path / "outbox/2026-11-25/tiktok/mug.mp4")


def test_what_is_withdrawn_leaves_no_empty_folder(tmp_path: Path) -> None:
    """Its files go, whoever has taken some already, and others' stay."""
    outbox, parcel = tmp_path / "outbox", a_parcel(tmp_path)
    files = place(outbox, parcel)
    others = place(outbox, parcel.model_copy(update={"platform": Platform.REELS}))
    (outbox / files[0]).unlink()
    withdraw(outbox, files)
    assert names(outbox) == sorted(others)
    assert not (outbox / "2026-11-25" / "tiktok").exists()
    withdraw(outbox, others)
    assert list(outbox.iterdir()) == []


def test_captions_and_the_posts_text_stand_beside_the_video(tmp_path: Path) -> None:
    """SRT and WebVTT where the draft has captions; of what there is no more, nothing stays."""
    video = tmp_path / "mug_9x16.mp4"
    clip = Clip(
        product="mug", format=Format.VERTICAL, photos=(), prompt="", platforms=(Platform.X,), post="A mug",
        hashtags=("#Clay",),
    )  # fmt: skip
    written = write_extras(clip, DRAFT, video)
    assert [path.suffix for path in written] == [".srt", ".vtt", ".txt"]
    assert "00:00:00,500 --> 00:00:02,000\nThrown by hand" in written[0].read_text()
    assert written[2].read_text() == "A mug\n\n#Clay\n"
    assert write_extras(clip.model_copy(update={"platforms": ()}), {}, video) == ()
    assert names(tmp_path) == []


def test_a_record_says_what_music_and_fonts_may_be_used_under() -> None:
    """The studio's are named with their licence; a file of one's own is one's own, the cloud's are by its terms."""
    ours = licences_of(DRAFT, Engine.LOCAL)
    assert ours["music"] == [
        {"name": "lo-fi", "licence": "none needed: synthesised for this video, nothing is sampled"}
    ]
    assert {"Inter", "NotoSansSC"} <= {font["name"] for font in ours["fonts"]}
    assert all(font["licence"] == "OFL-1.1" and "Copyright" in font["copyright"] for font in ours["fonts"])
    assert licences_of(DRAFT, Engine.CLOUD)["music"][0]["licence"] == "by the service's terms"


def an_entry(product: str, format_: Format, seconds: float = 15.0, *own: Rendition) -> Entry:
    """Return a finished video."""
    return Entry(product, format_, seconds, f"{product}/{product}_{format_.value}.mp4", own)


def rows(path: Path) -> list[dict[str, str]]:
    """Read a feed."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ","))


def test_each_feed_has_a_products_best_video(tmp_path: Path) -> None:
    """Merchant likes wide ones of 6 to 240 seconds, Meta 4:5; names are quoted as addresses need it."""
    merchant, meta = write_feeds(
        [
            an_entry("mug", Format.VERTICAL),
            an_entry("mug", Format.WIDE),
            an_entry("mug", Format.PORTRAIT),
            an_entry("a b/杯", Format.VERTICAL, 4.0),
        ],
        tmp_path,
        "https://cdn.example/videos/",
    )
    assert rows(merchant) == [{"id": "mug", "video_link": "https://cdn.example/videos/mug/mug_16x9.mp4"}]
    assert [row["video[0].url"].rpartition("videos/")[2] for row in rows(meta)] == [
        "mug/mug_4x5.mp4",
        "a%20b/%E6%9D%AF/a%20b/%E6%9D%AF_9x16.mp4",
    ]


def test_merchant_gets_its_own_copy_where_there_is_one(tmp_path: Path) -> None:
    """A copy that was mended for it is what it is told of, and nobody else."""
    own = Rendition(platform=Platform.MERCHANT, ok=True, file="mug_1x1_merchant.mp4")
    merchant, meta = write_feeds([an_entry("mug", Format.SQUARE, 15.0, own)], tmp_path, "https://cdn.example")
    assert rows(merchant)[0]["video_link"].endswith("/mug/mug_1x1_merchant.mp4")
    assert rows(meta)[0]["video[0].url"].endswith("/mug/mug_1x1.mp4")


def test_a_part_of_the_catalog_leaves_the_others_rows_alone(tmp_path: Path) -> None:
    """A run of some products renews theirs, and drops those that have no video any more."""
    write_feeds([an_entry(name, Format.WIDE) for name in ("mug", "lamp", "cup")], tmp_path, "https://a.example")
    merchant, _ = write_feeds([an_entry("mug", Format.WIDE)], tmp_path, "https://b.example", others={"mug", "cup"})
    assert {row["id"]: row["video_link"][:17] for row in rows(merchant)} == {
        "mug": "https://b.example",
        "lamp": "https://a.example",
    }


@pytest.mark.parametrize("url", ["cdn.example", "ftp://a/b", "https://u:p@a/b", "https://a/b?c=d", ""])
def test_what_is_no_address_is_refused(tmp_path: Path, url: str) -> None:
    """Nothing is written then."""
    with pytest.raises(ConfigurationError, match="no address"):
        write_feeds([], tmp_path, url)
    assert names(tmp_path) == []
