"""A rehearsal, as a user does it: a whole night for nothing, and nothing of it passes for the real one."""

import json
from pathlib import Path
from typing import Any

User = Any

RATE = ("--rehearse", "--rate", "600")


def test_a_night_is_rehearsed_and_still_to_be_made(owner: User, prefect_api: str) -> None:
    """Where videos are made and new ones wait, a rehearsal makes placeholders of all, and leaves all as it was."""
    owner.environment["PREFECT_API_URL"] = prefect_api
    owner.product("VASE")
    before = plan(owner)
    done = owner.do("run", owner.catalog, *RATE)
    assert done.code == 0, done
    assert "A rehearsal, at 600 times the speed" in done.err
    out = owner.folder / "rehearsal"
    assert {it.name for it in out.glob("*/*.mp4")} == {"MUG_1x1.mp4", "LAMP_1x1.mp4", "VASE_1x1.mp4"}
    report = json.loads((out / "report.json").read_bytes())
    assert report["credits"]["actual"] == 300
    assert "placeholders" in report["notes"][0]

    assert plan(owner) == before
    owner.books().once_each(2)
    assert not owner.video("VASE").exists()
    assert {clip["status"] for clip in plan(owner, "--rehearse").values()} == {"unchanged"}
    owner.alone()


def plan(user: User, *more: str) -> dict[str, Any]:
    """Return what a run would do, by product."""
    done = user.do("plan", user.catalog, "--json", *more)
    return {item["product"]: item for item in json.loads(done.out)["items"]}


def test_placeholders_and_videos_never_share_a_folder(owner: User) -> None:
    """A rehearsal into a folder of videos, and a run into a rehearsal's, are refused before anything is sent."""
    done = owner.run(*RATE)
    assert done.code == 2, done
    assert "is not empty, and holds no rehearsal" in done.err
    other = Path(owner.folder) / "tried"
    other.mkdir()
    (other / "REHEARSAL.txt").touch()
    done = owner.do("run", owner.catalog, "--out", other)
    assert done.code == 2, done
    assert "holds a rehearsal's placeholders" in done.err
    owner.books().once_each(2)


def test_a_faulty_rehearsal_in_another_terminal_is_found(user: User, prefect_api: str) -> None:
    """`nightreel studio --rehearse --faults SEED` serves the runs that rehearse: at its rate, with its faults."""
    user.environment["PREFECT_API_URL"] = prefect_api
    user.product("MUG")
    home = "rehearsal/studio"
    faults = ("--faults", "3", "--only-fault", "error-before", "--only-fault", "reset-body")
    with user.studio("--rehearse", "--rate", "900", *faults, data=user.home / home):
        done = user.do("run", user.catalog, "--rehearse")
        assert done.code == 0, done
        assert "at 900 times the speed" in done.err
        met = user.rows("SELECT DISTINCT fault FROM incidents", f"{home}/studio.db")
        assert {row[0] for row in met} == {"error-before", "reset-body"}
        assert user.rows("SELECT count(*) FROM bill", f"{home}/studio.db") == [(1,)]
