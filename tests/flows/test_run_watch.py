"""Watching, as a user does it: a folder and a bucket, by the studio's rehearsal; and results put into a bucket."""

import json
import signal
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from tests.unit.sources.conftest import NAME, Server

User = Any
Help = Any

WATCH = ("--rehearse", "--rate", "900", "--settle", "0.3", "--interval", "0.5")


def reach(user: User, s3: Server) -> None:
    """Have the user's commands find the server."""
    keys = {"NIGHTREEL_BUCKET_KEY": "canary-key", "NIGHTREEL_BUCKET_SECRET": "canary-secret"}
    user.environment |= {"NIGHTREEL_BUCKET_ENDPOINT": s3.url, **keys}


def photo(shade: int) -> bytes:
    """Return a small photo."""
    file = BytesIO()
    Image.new("RGB", (360, 480), (shade, 90, 120)).save(file, "JPEG")
    return file.getvalue()


def made_of(user: User, product: str) -> list[str]:
    """Return the hashes of the photos that a product's video was made of; nothing while there is none."""
    record = Path(user.folder) / "rehearsal" / product / f"{product}_1x1.json"
    if not record.exists():
        return []
    return [found["sha256"] for found in json.loads(record.read_bytes())["photos"]]


def test_a_folder_is_watched(user: User, prefect_api: str, helper: Help) -> None:
    """A photo that comes in becomes a video; a broken one is told; a replaced one makes it anew; Ctrl-C ends it."""
    user.environment["PREFECT_API_URL"] = prefect_api
    user.catalog.mkdir()
    (user.catalog / "brief.yaml").write_text("seconds: 3\nformats: [1x1]\n")
    watching = user.start("watch", user.catalog, *WATCH)
    mug, bad = user.catalog / "MUG", user.catalog / "BAD"
    for folder, data in ((bad, photo(50)[:300]), (mug, photo(50))):
        folder.mkdir()
        (folder / "1.jpg").write_bytes(data)
    first = helper.until(lambda: made_of(user, "MUG"))
    helper.until(lambda: made_lines(watching.log))  # a photo that changes while a run ends may be made by that run
    (user.folder / "new.jpg").write_bytes(photo(150))
    (user.folder / "new.jpg").replace(mug / "1.jpg")
    helper.until(lambda: made_of(user, "MUG") not in ([], first))
    helper.until(lambda: len(made_lines(watching.log)) == 2)
    watching.send(signal.SIGINT)
    done = watching.end()
    assert done.code == 130, done
    assert "MUG: 1.jpg was replaced" in done.out
    assert "✗ BAD: BAD/1.jpg is cut off" in done.out
    user.alone()


def made_lines(log: Path) -> list[str]:
    """Return the sums of the runs that have ended."""
    return [line for line in log.with_suffix(".out").read_text().splitlines() if line.startswith("1 made")]


def test_a_bucket_is_watched(user: User, prefect_api: str, helper: Help, s3: Server) -> None:
    """The same of a bucket, within a budget: it ends when that is used up, and no secret is said."""
    user.environment["PREFECT_API_URL"] = prefect_api
    reach(user, s3)
    s3.fill({"catalog/brief.yaml": b"seconds: 3\nformats: [1x1]\n"})
    watching = user.start("watch", f"s3://{NAME}/catalog", *WATCH, "--budget", "200", "-v")
    s3.fill({"catalog/MUG/1.jpg": photo(50)})
    first = helper.until(lambda: made_of(user, "MUG"))
    s3.fill({"catalog/MUG/1.jpg": photo(150)})
    helper.until(lambda: made_of(user, "MUG") not in ([], first))
    s3.fill({"catalog/LAMP/1.jpg": photo(200)})
    done = watching.end()
    assert done.code == 3, done
    assert "The budget of this watch is used up: 0 of 200 credits left." in done.err
    assert not made_of(user, "LAMP")
    assert "canary" not in done.out + done.err
    user.alone()


def test_results_are_put_into_a_bucket(owner: User, s3: Server) -> None:
    """Videos, covers, records and report stand there as in the folder; the next run puts what changed alone.

    A rehearsal's go where nothing else is, and nothing else goes there.
    """
    reach(owner, s3)
    done = owner.run("--put", f"s3://{NAME}/videos")
    assert done.code == 0, done
    assert f"Put into s3://{NAME}/videos: 6 files; 0 were there." in done.out
    out = Path(owner.out)
    files = [path for path in out.rglob("*") if path.is_file()]
    assert s3.keys() == {f"videos/{path.relative_to(out)}" for path in files}
    assert all(s3.read(f"videos/{path.relative_to(out)}") == path.read_bytes() for path in files)
    done = owner.run("--put", f"s3://{NAME}/videos")
    assert f"Put into s3://{NAME}/videos: 0 files; 6 were there." in done.out
    owner.books().once_each(2)

    done = owner.run("--put", "s3://no-such-bucket")
    assert done.code == 2, done
    assert "There is no s3://no-such-bucket." in done.err
    done = owner.do("run", owner.catalog, "--rehearse", "--put", f"s3://{NAME}/videos")
    assert done.code == 2, done
    assert f"s3://{NAME}/videos is not empty, and holds no rehearsal." in done.err
    done = owner.do("run", owner.catalog, "--rehearse", "--rate", "900", "--put", f"s3://{NAME}/tried")
    assert done.code == 0, done
    assert {"tried/REHEARSAL.txt", "tried/MUG/MUG_1x1.mp4"} <= s3.keys()
    done = owner.run("--put", f"s3://{NAME}/tried")
    assert done.code == 2, done
    assert f"s3://{NAME}/tried holds a rehearsal's placeholders." in done.err
