"""Made is made: a video that was deleted comes back for nothing; one that is bought again is asked about first."""

import shutil
from typing import Any

User = Any


def test_a_deleted_video_and_another_folder_cost_nothing(owner: User, prefect_api: str) -> None:
    """A video that was deleted or cut off is delivered again, and all into another --out: the same, for nothing."""
    owner.environment["PREFECT_API_URL"] = prefect_api
    video, cut_off = owner.video("MUG"), owner.video("LAMP")
    made, whole = video.read_bytes(), cut_off.read_bytes()
    shutil.rmtree(video.parent)
    cut_off.write_bytes(whole[:1000])
    done = owner.run()
    assert done.code == 0, done
    assert (video.read_bytes(), cut_off.read_bytes()) == (made, whole)
    assert video.with_suffix(".jpg").is_file()
    assert owner.report()["credits"]["actual"] == 0

    other = owner.folder / "other"
    done = owner.do("run", owner.catalog, "--out", other)
    assert done.code == 0, done
    assert (other / "MUG" / video.name).read_bytes() == made
    assert (other / "LAMP" / "LAMP_1x1.json").is_file()
    owner.books().once_each(2)


def test_a_remake_asks_and_buys_once(owner: User, prefect_api: str) -> None:
    """--remake shows the cost and asks: "n" and silence buy nothing; --yes buys that one clip again, once."""
    owner.environment["PREFECT_API_URL"] = prefect_api
    for answer in ("n\n", ""):
        done = owner.run("--remake", "MUG", answer=answer)
        assert done.code == 130, done
        assert "Buy MUG 1x1 again for 100 credits?" in done.err
        assert "Traceback" not in done.err
    owner.books().once_each(2)
    done = owner.run("--remake", "MUG", "--yes")
    assert done.code == 0, done
    assert {clip["product"]: clip["credits"] for clip in owner.report()["clips"]} == {"LAMP": 0, "MUG": 100}
    owner.books().once_each(3)
