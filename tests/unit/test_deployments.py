"""What is deployed: prefect.yaml, compose.yaml and the Dockerfile say what the code can do."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.flows import load_flow_from_entrypoint
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.utilities.callables import parameter_schema

from nightreel.cli import prefect_check
from nightreel.cli.prefect_setup import DEPLOYMENTS, entries, schedules_of
from nightreel.settings import Settings

FOLDER = DEPLOYMENTS.parent
ENTRIES = {str(entry["name"]): entry for entry in entries()}
EVENTS = Path(__file__).parents[2] / "flows" / "events.py"


def test_what_an_operator_needs_is_deployed() -> None:
    """Night, form, shards, watch, social drops and withdrawals, review, edits, reconcile and credits."""
    assert list(ENTRIES) == [
        *("nightly", "on-demand", "shard", "watch"),
        *("social-drop", "social-withdraw"),
        *("review", "quick-edit", "batch-style", "iterative-edit"),
        *("reconcile", "credits-report"),
    ]


@pytest.mark.parametrize("name", ENTRIES)
async def test_a_deployment_fits_its_flow(name: str) -> None:
    """Its entrypoint is a flow, whose parameters it gives as the flow takes them; none lacks a default."""
    entry = ENTRIES[name]
    flow = load_flow_from_entrypoint(entry["entrypoint"])
    schema = parameter_schema(flow)
    assert not schema.required, "an automation's run would silently fail"
    flow.validate_parameters(dict(entry.get("parameters") or {}))
    assert len(entry["description"]) > 20


@pytest.mark.parametrize("name", ENTRIES)
def test_every_field_of_a_form_explains_itself(name: str) -> None:
    """Each has a title and a description; what has few values is a choice."""
    for model in _forms(name):
        for field, told in model["properties"].items():
            assert told.get("title"), f"{name}: {field}"
            assert len(told.get("description", "")) > 3, f"{name}: {field}"
            assert "default" in told, f"{name}: {field}"


def _forms(name: str) -> list[dict[str, Any]]:
    schema = parameter_schema(load_flow_from_entrypoint(ENTRIES[name]["entrypoint"])).model_dump()
    used = [str(told.get("$ref", "")).rpartition("/")[2] for told in schema["properties"].values()]
    return [schema["definitions"][each] for each in used if each]


def test_schedules_are_real_ones() -> None:
    """Cron, interval and RRULE; what has an hour of the day has it in the zone of who registers it."""
    kinds: dict[str, str] = {}
    for name, entry in ENTRIES.items():
        for given in schedules_of(entry, "Asia/Tokyo"):
            hourly = name in {"watch", "social-withdraw", "reconcile"}
            assert getattr(given.schedule, "timezone", "") == ("UTC" if hourly else "Asia/Tokyo"), name
            kinds[name] = type(given.schedule).__name__
    assert kinds == {
        "nightly": "CronSchedule",
        "watch": "IntervalSchedule",
        "social-drop": "RRuleSchedule",
        "social-withdraw": "CronSchedule",
        "reconcile": "CronSchedule",
        "credits-report": "CronSchedule",
    }


@pytest.mark.parametrize("form", ["request", "drop", "review"])
def test_a_catalog_that_is_not_there_is_told(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the form that names it: `up --check` looks at the catalogs of all deployments, and not at buckets."""
    gone, bucket = str(tmp_path / "gone"), "s3://bucket/catalog"
    described = [{"name": name, "parameters": {form: {"source": name}}} for name in (gone, bucket, str(tmp_path))]
    monkeypatch.setattr(prefect_check, "entries", lambda: described)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    found = {it.what: it for it in prefect_check.findings(Settings(home=tmp_path / "home"), 0, "lock")}
    assert found["Deployments"].state == "warning"
    assert found["Deployments"].found == f"3; their catalog is not there: {gone}"


def test_a_server_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that PREFECT_API_URL names is asked before anything is started."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        found = {it.what: it for it in prefect_check.findings(Settings(home=tmp_path / "home"), 0, "lock")}
    assert found["Prefect server"].state == "bad"
    assert "does not answer" in found["Prefect server"].found


def test_two_nights_never_overlap() -> None:
    """What makes a catalog's videos by itself waits for the run before."""
    for name in ("nightly", "watch", "social-drop"):
        assert ENTRIES[name]["concurrency_limit"] == {"limit": 1, "collision_strategy": "ENQUEUE"}


def test_a_trigger_waits_for_an_event_that_is_known() -> None:
    """A doorbell that nobody rings would never be missed."""
    known = set(re.findall(r'"(nightreel\.[a-z.-]+)"', EVENTS.read_text(encoding="utf-8")))
    for entry in ENTRIES.values():
        for trigger in entry.get("triggers") or ():
            assert set(trigger["expect"]) <= known


def test_the_compose_file_holds_together() -> None:
    """Whom a service waits for is there; no secret stands in it; our settings are ones that we read."""
    text = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
    compose = yaml.safe_load(text)
    dockerfile = (FOLDER / "Dockerfile").read_text(encoding="utf-8").split()
    services = compose["services"]
    ours = {name for field in Settings.model_fields.values() for name in _names(field.validation_alias)}
    for name, service in services.items():
        assert set(service.get("depends_on") or ()) <= set(services), name
        for mount in service.get("volumes") or ():
            source, target = mount.split(":")[:2]
            assert source.startswith(".") or source in compose["volumes"]
            if not source.startswith("."):  # a new volume is root's, unless the image has its folder
                assert target in dockerfile or name == "postgres", target
        environment: dict[str, str] = service.get("environment") or {}
        for variable, value in environment.items():
            assert variable in ours or not variable.startswith(("NIGHTREEL_", "NEMO_")), variable
            if re.search("PASSWORD|TOKEN|NOTIFY|SECRET|KEY", variable):
                assert str(value).startswith("${"), variable
    assert all(place.startswith("127.0.0.1:") for it in services.values() for place in it.get("ports") or ())


def _names(alias: Any) -> list[str]:  # noqa: ANN401 - pydantic's aliases
    return [str(choice) for choice in getattr(alias, "choices", ())]


def test_the_dockerfile_is_a_careful_one() -> None:
    """Known instructions, a pinned base, hashed packages, no root, the last word in exec form."""
    text = (FOLDER / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    words = [word for word, _ in lines]
    assert set(words) <= {"FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "CMD"}
    assert words[0] == "FROM"
    assert ":" in lines[0][1], "a base without a tag is another one tomorrow"
    installs = [rest for word, rest in lines if word == "RUN" and "--requirement" in rest]
    assert installs, "what is installed comes from the lock"
    assert all("--require-hashes" in rest for rest in installs)
    (user,) = [rest for word, rest in lines if word == "USER"]
    assert int(user) > 0, "a number, which whoever forbids root understands"
    assert lines[-1][0] == "CMD"
    assert lines[-1][1].startswith("[")
    for before, after in pairwise(lines):
        assert not (before[0] == after[0] == "RUN"), "two in a row are one layer"
    for word, rest in lines:
        if word == "COPY":
            for source in rest.split()[:-1]:
                assert (FOLDER.parent / source).exists(), source
