"""A run that is killed or stopped leaves nothing running, and the same command finishes without paying twice."""

import signal
from typing import Any

User = Any
Help = Any


def test_a_run_killed_in_a_render_is_finished_by_the_same_command(user: User) -> None:
    """Killed (-9) while both clips render: nothing of ours is left; the command again finishes; one charge each."""
    user.product("MUG")
    user.product("LAMP")
    run = user.begin()
    with user.held_renders(2):
        assert len(user.processes()) >= 5, (
            f"the run, its Prefect server, the studio, two renderers: {user.processes()}"
        )
        run.send(signal.SIGKILL)
    user.alone()
    assert not list((user.home / "prefect" / "runs").glob("*.db*")), "the killed run's database went with it"
    assert not user.video("MUG").exists()
    assert run.end().code == -signal.SIGKILL

    done = user.run()
    assert done.code == 0, done
    assert [clip["status"] for clip in user.report()["clips"]] == ["made", "made"]
    assert user.video("MUG").is_file()
    assert user.video("LAMP").is_file()
    user.alone()
    user.books().once_each(2)
    assert user.rows("SELECT count(*) FROM render") == [(2,)], "each render was found again by its id"


def test_a_run_killed_with_a_request_under_way_pays_once(user: User, helper: Help, prefect_api: str) -> None:
    """Killed (-9) with photos half sent, then with the prompt and the export taken but unanswered: paid once."""
    user.product("MUG")
    user.environment["PREFECT_API_URL"] = prefect_api
    stops = (("/api/upload-video/", False), ("/run_sse", True), ("/api/render/proxy/lambda", True))
    with user.studio() as url:
        user.environment["NEMO_TOKEN"] = user.token
        for path, answered in stops:
            gate = helper.gate(url, path, answered=answered)
            run = user.begin(NEMO_API_URL=gate.url)
            helper.until(gate.reached.is_set)
            run.send(signal.SIGKILL)
            run.end()
            gate.close()
        done = user.run(NEMO_API_URL=url)
        assert done.code == 0, done
    assert user.video("MUG").is_file()
    assert user.rows("SELECT status, count(*) FROM purchase GROUP BY status") == [("done", 1)]
    assert user.rows("SELECT status, count(*) FROM render GROUP BY status") == [("completed", 1)]
    user.alone()
    user.books().once_each(1)


def test_a_stopped_run_ends_cleanly_and_goes_on_later(user: User, prefect_api: str) -> None:
    """Ctrl-C in a render: exit 130; SIGTERM in the next run: 143; nothing is left; the third finishes, paid once."""
    user.product("MUG")
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        run = user.begin()
        with user.held_renders():
            run.send(number)
        stopped = run.end()
        assert stopped.code == code, stopped
        assert "the same command goes on from here" in stopped.err
        assert "Traceback" not in stopped.err
        user.alone()
        user.environment["PREFECT_API_URL"] = prefect_api
    done = user.run()
    assert done.code == 0, done
    user.alone()
    user.books().once_each(1)


def test_a_run_takes_the_studio_over_from_one_that_was_killed(user: User, helper: Help, prefect_api: str) -> None:
    """Two runs share a studio; its owner is killed in a render: the other starts it again and finishes its own."""
    user.environment["PREFECT_API_URL"] = prefect_api
    lines = [("run", user.folder / name, "--out", user.out) for name in ("MUG", "LAMP")]
    for line in lines:
        user.product(line[1].name, seconds=4)
        user.catalog.rename(line[1])
    owner = user.start(*lines[0])
    with user.held_renders():
        other = user.start(*lines[1])
        helper.until(lambda: user.rows("SELECT status FROM render") == [("taken",), ("taken",)])
        owner.send(signal.SIGKILL)
        owner.end()
    done = other.end()
    assert done.code == 0, done
    assert user.video("LAMP").is_file()
    done = user.do(*lines[0])
    assert done.code == 0, done
    user.alone()
    user.books().once_each(2)


def test_two_runs_on_one_catalog_make_no_clip_twice(user: User, prefect_api: str) -> None:
    """The same command twice at once: each clip is made by one of them and charged once; a third finds all made."""
    user.product("MUG")
    user.product("LAMP")
    user.environment["PREFECT_API_URL"] = prefect_api
    runs = [user.begin(), user.begin()]
    done = [run.end() for run in runs]
    assert {each.code for each in done} <= {0, 1}, done
    assert not any("Traceback" in each.err for each in done), done
    last = user.run()
    assert last.code == 0, last
    user.alone()
    user.books().once_each(2)
