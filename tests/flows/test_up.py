"""`nightreel up`: one command, and everything that an operator needs is there; it ends, and nothing is left."""

import shutil
import signal
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx

User = Any
Help = Any

SECRET = "canary-4f1d"  # noqa: S105 - looked for where it must not stand
BUSY = 503
SCHEDULED = {"nightly", "watch", "social-drop", "social-withdraw", "reconcile", "credits-report"}


class Prefect:
    """Prefect's API, as an operator's script asks it."""

    def __init__(self, url: str, until: Any) -> None:  # noqa: ANN401 - a helper of conftest
        self.url = url
        self._until = until

    def ask(self, path: str, **body: Any) -> Any:  # noqa: ANN401 - JSON
        """Ask something."""
        return self._send("POST", path, body).json()

    def read(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Read something."""
        return self._send("GET", path).json()

    def change(self, path: str, **body: Any) -> None:  # noqa: ANN401 - JSON
        """Change something."""
        self._send("PATCH", path, body)

    def _send(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Send a request; again while the server's SQLite is locked, as Prefect's client does: nothing was done."""

        def answer() -> httpx.Response | None:
            told = httpx.request(method, f"{self.url}/api/{path}", json=body, timeout=60)
            return None if told.status_code == BUSY else told.raise_for_status()

        return self._until(answer)

    def start(self, name: str, *, command: str = "", **parameters: object) -> str:
        """Start a run of a deployment, by *command* instead of the pool's; return its id."""
        deployment = self.read(f"deployments/name/{name}")
        given = {"job_variables": {"command": command}} if command else {}
        told = self.ask(f"deployments/{deployment['id']}/create_flow_run", parameters=parameters, **given)
        return str(told["id"])

    def runs(self, deployment: str, **of: object) -> list[dict[str, Any]]:
        """Return the runs of a deployment."""
        return self.ask("flow_runs/filter", deployments={"name": {"any_": [deployment]}}, flow_runs=of)

    def end(self, run: str) -> dict[str, Any]:
        """Wait for the end of a run; return it."""

        def ended() -> dict[str, Any] | None:
            told = self.read(f"flow_runs/{run}")
            return told if told["state_type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} else None

        return self._until(ended)


def test_everything_comes_up_works_and_ends(user: User, helper: Help) -> None:
    """Deployments and schedules; a new photo makes its product; what is cancelled sends nothing more; Ctrl-C."""
    user.product("MUG")
    (user.folder / "data" / "catalog").mkdir(parents=True)
    up = user.start("up", "--port", "0", NIGHTREEL_NOTIFY_URL=f"http://127.0.0.1:9/{SECRET}", TZ="Asia/Tokyo")
    prefect = Prefect(helper.until(lambda: _told(up)), helper.until)
    _is_alone(user)
    _has_deployments(prefect, helper.until)
    _makes_what_is_new(user, prefect)
    _hears_of_a_photo(user, prefect, helper)
    _outlives_a_move(user, prefect)
    _edits(user, prefect)
    _cancels(user, prefect, helper)
    _holds_its_database_once(user)
    up.send(signal.SIGINT)
    done = up.end()
    assert done.code == 130, done
    user.alone()


def _told(up: Any) -> str:  # noqa: ANN401 - a Command of conftest
    said = up.log.with_suffix(".out").read_text(encoding="utf-8")
    assert up.process.poll() is None, up.end()
    return said.partition("Prefect")[2].split()[0] if "Ctrl-C" in said else ""


def _is_alone(user: User) -> None:
    second = user.do("up", "--port", "0")
    assert second.code == 2, second
    assert "runs already" in second.err
    check = user.do("up", "--check", "--port", "0")
    assert check.code == 2, check
    assert "✗ Home" in check.out


def _has_deployments(prefect: Prefect, until: Any) -> None:  # noqa: ANN401 - a helper of conftest
    found = {it["name"]: it for it in prefect.ask("deployments/filter")}
    assert set(found) == SCHEDULED | {"on-demand", "shard", "review", "quick-edit", "batch-style", "iterative-edit"}
    assert found["nightly"]["schedules"][0]["schedule"] == {
        "cron": "0 2 * * *",
        "timezone": "Asia/Tokyo",
        "day_or": True,
    }
    assert found["nightly"]["concurrency_options"]["collision_strategy"] == "ENQUEUE"
    if version("sqlalchemy").startswith("2.0."):  # with 2.1, Prefect's scheduler would silently have none
        until(lambda: all(prefect.runs(name, state={"type": {"any_": ["SCHEDULED"]}}) for name in SCHEDULED))
    limits = {it["name"] for it in prefect.ask("v2/concurrency_limits/filter")}
    assert {"tag:session", "tag:upload", "tag:render"} <= limits
    automations = " ".join(it["name"] for it in prefect.ask("automations/filter"))
    assert "a new photo starts a look" in automations
    assert "whose worker has died" in automations
    assert "tell of credits that run low" in automations
    blocks = prefect.ask("block_documents/filter")
    assert any(block["name"] == "nightreel-notify" for block in blocks)
    assert SECRET not in str(blocks)
    pool = prefect.read("work_pools/videos")
    given = pool["base_job_template"]["variables"]["properties"]["env"]["default"]
    assert given["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"] == "30", "without it, no dead worker is ever missed"


def _holds_its_database_once(user: User) -> None:
    """Were it open fifteen times, as Prefect has it, tens of clips in flight would wait for each other's locks."""
    database = user.home / "prefect" / "server.db"
    assert database.is_file()
    if (processes := Path("/proc")).is_dir():
        assert len([held for held in processes.glob("[0-9]*/fd/*") if _target(held) == str(database)]) == 1


def _target(held: Path) -> str:
    try:
        return str(held.readlink())
    except OSError:  # it has been closed, or is another user's
        return ""


def _makes_what_is_new(user: User, prefect: Prefect) -> None:
    """A look starts a run for the new product; a second look starts none for the same photos."""
    asked = {"source": str(user.catalog), "out": str(user.folder / "tried"), "rehearse": True, "rate": 600}
    looks = [
        prefect.end(prefect.start("watch-source/watch", request=asked)) for _ in range(2)
    ]  # the second may see it made
    assert looks[0]["state"]["message"] == "Started runs for 1 products"
    (run,) = prefect.runs("on-demand")
    assert run["parameters"]["request"]["only"] == ["MUG"]
    assert {"MUG", "1x1"} <= set(run["tags"])
    ended = prefect.end(run["id"])
    assert ended["state_type"] == "COMPLETED", ended["state"]
    assert (user.folder / "tried" / "MUG" / "MUG_1x1.mp4").is_file()


def _hears_of_a_photo(user: User, prefect: Prefect, helper: Help) -> None:
    """A photo that comes into the catalog of the deployments rings: a look begins at once, and makes its product."""
    catalog = user.folder / "data" / "catalog"
    shutil.copy(user.catalog / "brief.yaml", catalog)
    shutil.copytree(user.catalog / "MUG", catalog / "VASE")
    look = helper.until(lambda: next(filter(_by_automation, prefect.runs("watch")), None))
    assert prefect.end(look["id"])["state"]["message"] == "Started runs for 1 products"
    (run,) = [run for run in prefect.runs("on-demand") if run["parameters"]["request"]["only"] == ["VASE"]]
    assert prefect.end(run["id"])["state_type"] == "COMPLETED"
    assert (user.folder / "out" / "VASE" / "VASE_1x1.mp4").is_file()


def _outlives_a_move(user: User, prefect: Prefect) -> None:
    """An interpreter that is gone stands at the pool: --check tells, the worker takes its own, --register mends."""
    gone = "/gone/bin/python -m nightreel.cli.prefect_engine"
    template = prefect.read("work_pools/videos")["base_job_template"]
    template["variables"]["properties"]["command"]["default"] = gone
    prefect.change("work_pools/videos", base_job_template=template)
    check = user.do("up", "--check", PREFECT_API_URL=f"{prefect.url}/api")
    assert "✗ Work pool: videos: workers start flow runs by /gone/bin/python" in check.out
    ended = prefect.end(prefect.start("credits-report/credits-report", command=gone))
    assert ended["state_type"] == "COMPLETED", ended["state"]
    done = user.do("up", "--register", PREFECT_API_URL=f"{prefect.url}/api")
    assert done.code == 0, done
    told = prefect.read("work_pools/videos")["base_job_template"]["variables"]["properties"]["command"]["default"]
    assert told == f"{sys.executable} -m nightreel.cli.prefect_engine"
    check = user.do("up", "--check", PREFECT_API_URL=f"{prefect.url}/api")
    assert "✓ Work pool" in check.out
    assert f"✓ Folder: {user.folder}" in check.out


def _edits(user: User, prefect: Prefect) -> None:
    """A workflow without a catalog, by its form: a video, and an artifact that says what came of the prompt."""
    video = user.folder / "tried" / "edit.mp4"
    asked = {"files": [str(user.catalog / "MUG" / "0.jpg")], "prompts": ["a 3 second *square* video"]}
    run = prefect.start("quick-edit/quick-edit", edit={**asked, "out": str(video), "rehearse": True})
    ended = prefect.end(run)
    assert ended["state_type"] == "COMPLETED", ended["state"]
    assert video.is_file()
    (shown,) = prefect.ask("artifacts/filter", artifacts={"flow_run_id": {"any_": [run]}})
    assert "a 3 second \\*square\\* video" in shown["data"]


def _by_automation(run: dict[str, Any]) -> bool:
    by: dict[str, str] = run["created_by"] or {}
    return by.get("type") == "AUTOMATION"


def _cancels(user: User, prefect: Prefect, helper: Help) -> None:
    """Cancelled with prompts under way: what was sent is finished and kept, nothing else is sent, nothing unknown."""
    for name in ("BOWL", "LAMP", "VASE", "CUP", "PAN", "POT"):
        _product(user, name)
    asked = {"source": str(user.catalog), "out": str(user.folder / "tried"), "rehearse": True, "rate": 600}
    run = prefect.start("catalog-to-video/on-demand", request=asked)
    journal = "rehearsal/nightreel.db"
    helper.until(lambda: user.rows("SELECT 1 FROM purchase WHERE status = 'intent'", journal))
    prefect.ask(f"flow_runs/{run}/set_state", state={"type": "CANCELLING"})
    assert prefect.end(run)["state_type"] == "CANCELLED"
    paid = user.rows("SELECT count(*) FROM bill", "rehearsal/studio/studio.db")
    assert {status for (status,) in user.rows("SELECT status FROM purchase", journal)} <= {"done", "unsent"}
    assert user.rows("SELECT count(*) FROM purchase WHERE status = 'done'", journal) == paid
    assert user.rows("SELECT coalesce(sum(reserved), 0) FROM ledger_entry", journal) == [(0,)]


def _product(user: User, name: str) -> None:
    """Add a product that looks like the mug, byte for byte but for the end."""
    folder = Path(user.catalog) / name
    folder.mkdir()
    photo = (Path(user.catalog) / "MUG" / "0.jpg").read_bytes()
    (folder / "0.jpg").write_bytes(photo + name.encode())
