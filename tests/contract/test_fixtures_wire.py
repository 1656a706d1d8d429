"""The hand-transcribed fixtures against the wire's shapes: both name the same paths, and read the same answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from nightreel.nemo import wire

FIXTURES = Path(__file__).with_name("fixtures")
CASES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FIXTURES.glob("*.json"))}
ENDPOINTS = {name: case for name, case in CASES.items() if "endpoint" in case}
PATHS = {
    "token_anonymous": wire.PATH_TOKEN,
    "session_open": wire.PATH_SESSION,
    "claim_token": wire.PATH_CLAIM,
    "upload_multipart": wire.PATH_UPLOAD,
    "upload_urls": wire.PATH_UPLOAD,
    "run_sse": wire.PATH_RUN,
    "state": wire.PATH_STATE,
    "credits_balance": wire.PATH_BALANCE,
    "render_submit": wire.PATH_RENDER,
    "render_poll": wire.PATH_RENDER_JOB,
    "render_cancel": wire.PATH_RENDER_CANCEL,
    "render_download": wire.PATH_RENDER_DOWNLOAD,
}


def test_every_path_of_the_wire_has_its_case() -> None:
    """Each endpoint of the protocol is transcribed, and the wire's path is the transcribed one."""
    assert {name: case["request"]["path"] for name, case in ENDPOINTS.items()} == PATHS


@pytest.mark.parametrize("name", ENDPOINTS)
def test_a_case_refers_only_to_what_is_there(name: str) -> None:
    """Streams and errors that a case names exist, and every stream is named by a case."""
    case = ENDPOINTS[name]
    assert set(case["errors"]) <= set(CASES["errors"])
    answers = {**case["answers"], **case.get("failures_in_the_stream", {})}
    named = {answer["body_file"] for answer in answers.values() if "body_file" in answer}
    assert named == ({path.name for path in FIXTURES.glob("*.sse")} if name == "run_sse" else set())


def test_the_codes_are_those_of_the_wire() -> None:
    """Every code of the wire but success is transcribed."""
    codes = {int(name) for name in CASES["errors"] if name.isdigit()}
    assert codes == {code.value for code in wire.Code} - {0}


@pytest.mark.parametrize("form", CASES["render_poll"]["answers"])
def test_both_forms_of_a_render_are_read(form: str) -> None:
    """The flat and the wrapped answer mean the same to the wire."""
    answer = CASES["render_poll"]["answers"][form]
    job = wire.RenderJob.read(answer["body"])
    wanted: dict[str, Any] = answer["means"]
    assert job.id == "{render_id}"
    assert {name: getattr(job, name) for name in wanted} == wanted


def test_requests_are_written_as_transcribed() -> None:
    """The bodies that the wire writes are the transcribed ones."""
    session, run, submit = (CASES[name]["request"]["body"] for name in ("session_open", "run_sse", "render_submit"))
    request = wire.RenderRequest(id="{render_id}", sessionId="{session_id}", draft=submit["draft"])
    assert wire.SessionRequest().model_dump() == session
    assert wire.RunRequest.of("{session_id}", "{prompt}").model_dump() == run
    assert request.model_dump(by_alias=True) == submit


def test_nulls_and_parts_of_credits_are_read_leniently() -> None:
    """What is null is as if it were not there, and half a credit is none; what must be there must be."""
    file = wire.UploadedFile.model_validate({"filename": "a.jpg", "hash": None, "cdn_url": None, "width": None})
    assert (file.filename, file.hash, file.cdn_url) == ("a.jpg", "", "")
    balance = wire.BalanceData.model_validate({"available": 99.5, "frozen": None, "total": 99.5})
    assert (balance.available, balance.frozen, balance.total) == (99, 0, 99)
    with pytest.raises(ValueError, match="token"):
        wire.TokenData.model_validate({"token": None})
