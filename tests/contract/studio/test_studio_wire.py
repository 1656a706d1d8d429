"""The studio against the hand-written fixtures, with bare httpx, in every documented form."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest

from nightreel.clock import ManualClock
from nightreel.studio.options import Dialect

Fixture = Callable[[str], dict[str, Any]]
Studio = Callable[..., Any]

ERRORS = {
    "http-status": {Dialect.HTTP_ERRORS},
    "code-under-200": {Dialect.ENVELOPE_ERRORS},
    "both": set[Dialect](),
}


def fill(value: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    """Put concrete values into the placeholders of a fixture."""
    text = json.dumps(value)
    for name, concrete in values.items():
        text = text.replace(f"{{{name}}}", concrete)
    return json.loads(text)


def judge(found: Any, case: Mapping[str, Any], values: Mapping[str, str]) -> None:  # noqa: ANN401 - JSON
    """Hold an answer against a fixture's, by the rules of the fixtures' README."""
    wanted = fill(case["body"], values)
    _same_shape(found, wanted, "")
    for pointer in case.get("exact", []):
        assert _at(found, pointer) == _at(wanted, pointer), pointer
    for pointer, prefix in case.get("prefixes", {}).items():
        assert _at(found, pointer).startswith(prefix), pointer
    for pointer, several in case.get("one_of", {}).items():
        assert _at(found, pointer) in several, pointer


def _same_shape(found: Any, wanted: Any, place: str) -> None:  # noqa: ANN401 - JSON
    if isinstance(wanted, dict):
        for key, value in cast("dict[str, Any]", wanted).items():
            assert key in found, f"{place}/{key}"
            _same_shape(found[key], value, f"{place}/{key}")
    elif isinstance(wanted, list):
        items = cast("list[Any]", wanted)
        assert len(found) == len(items) or not items, place
        for n, value in enumerate(items):
            _same_shape(found[n], value, f"{place}/{n}")
    elif isinstance(wanted, int | float) and not isinstance(wanted, bool):
        assert isinstance(found, int | float), place
    elif wanted is not None:
        assert type(found) is type(wanted), place


def _at(body: Any, pointer: str) -> Any:  # noqa: ANN401 - JSON
    for key in pointer.strip("/").split("/"):
        body = cast("Any", body[int(key)] if isinstance(body, list) else body[key])
    return body


async def send(api: Any, case: Mapping[str, Any], values: Mapping[str, str], **named: Any) -> Any:  # noqa: ANN401
    """Send a fixture's request, header by header as it says."""
    request = case["request"]
    headers = fill(request["headers"], {"version": "1.0.0", "platform": "unknown", **values})
    if request.get("body") is not None:
        named["json"] = fill(request["body"], values)
    return await api.http.request(request["method"], fill(request["path"], values), headers=headers, **named)


async def test_a_token_is_given_for_a_client_id(studio: Studio, fixture: Fixture) -> None:
    """The token answer is the documented one; its token opens the balance, and expires as it says."""
    clock = ManualClock()
    case = fixture("token_anonymous")
    async with studio(clock=clock) as api:
        answer = await send(api, case, case["values"])
        judge(answer.json(), case["answers"]["envelope"], case["values"])
        data = answer.json()["data"]
        balance = fixture("credits_balance")
        assert (await send(api, balance, {"token": data["token"]})).json()["data"]["available"] == 100
        clock.advance((datetime.fromisoformat(data["expires_at"]) - clock.now()).total_seconds() + 1)
        assert (await send(api, balance, {"token": data["token"]})).json()["code"] == 1001


async def test_sessions_state_credits_and_claims_answer_as_documented(studio: Studio, fixture: Fixture) -> None:
    """Session, empty and ready state, balance and claim link hold against their fixtures."""
    async with studio() as api:
        values = {"token": api.headers["Authorization"].removeprefix("Bearer ")}
        opened = await send(api, fixture("session_open"), values)
        judge(opened.json(), fixture("session_open")["answers"]["envelope"], values)
        values |= opened.json()["data"]
        state = fixture("state")
        judge((await send(api, state, values)).json(), state["answers"]["nothing yet"], values)
        claim, balance = fixture("claim_token"), fixture("credits_balance")
        judge((await send(api, claim, values)).json(), claim["answers"]["envelope"], values)
        judge((await send(api, balance, values)).json(), balance["answers"]["envelope"], values)
        session, draft = await api.made(photos=2)
        ready = {**state["answers"]["ready"], "body": fill(state["answers"]["ready"]["body"], values)}
        del ready["body"]["data"]["state"]["draft"]["opaque"]
        ready["body"]["data"]["state"]["video_infos"] = []
        judge((await send(api, state, values | {"session_id": session})).json(), ready, values)
        assert (draft["d"], draft["m"]["title"]) == (10_000, "Urban Dreams")


async def test_uploads_answer_as_documented(studio: Studio, fixture: Fixture, picture: Callable[..., bytes]) -> None:
    """Each uploaded file is told with its name, type and size, and its link serves the very bytes."""
    case = fixture("upload_multipart")
    async with studio() as api:
        values = {"token": api.headers["Authorization"].removeprefix("Bearer "), "session_id": await api.session(0)}
        parts = case["request"]["multipart"]
        photos = [
            picture(part["width"], part["height"], part["content_type"].split("/")[1].upper()) for part in parts
        ]
        files = [
            ("files", (part["filename"], photo, part["content_type"]))
            for part, photo in zip(parts, photos, strict=True)
        ]
        answer = await send(api, case, values, files=files)
        judge(answer.json(), case["answers"]["envelope"], values)
        served = [await api.http.get(file["cdn_url"]) for file in answer.json()["data"]["files"]]
        assert [each.content for each in served] == photos


@pytest.mark.parametrize(
    ("form", "dialects"),
    [
        ("adk camelCase", {Dialect.WHOLE_EVENTS}),
        ("adk snake_case", {Dialect.SNAKE_CASE, Dialect.WHOLE_EVENTS}),
        ("adk partial, then whole", set[Dialect]()),
        ("plain", {Dialect.PLAIN_EVENTS}),
    ],
)
async def test_the_stream_speaks_each_event_shape(
    studio: Studio, fixture: Fixture, fixtures: Path, form: str, dialects: set[Dialect]
) -> None:
    """Every frame has the keys of the fixture's frames of that shape; the text is whole; there are heartbeats."""
    case = fixture("run_sse")
    reference = fixtures / case["answers"][form]["body_file"]
    async with studio(dialects=frozenset(dialects), silent_share=0.0) as api:
        values = {"token": api.headers["Authorization"].removeprefix("Bearer "), "session_id": await api.session()}
        values["prompt"] = "Create a 10-second vertical 9:16 product video."
        answer = await send(api, case, values)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    frames = _frames(answer.text)
    for kind, keys in _frames(reference.read_text("utf-8")).items():
        assert keys[0].keys() - {"partial"} <= frames[kind][0].keys(), kind  # "partial": false says nothing
    wholes = [frame for frame in frames["text"] if not frame.get("partial")]
    pieces = [_text(frame) for frame in frames["text"] if frame.get("partial")]
    assert len(wholes) == 1
    assert "10 seconds" in _text(wholes[0])
    assert "".join(pieces) == (_text(wholes[0]) if form == "adk partial, then whole" else "")


def _frames(stream: str) -> dict[str, list[dict[str, Any]]]:
    """Return the events by kind, in order."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for block in stream.split("\n\n"):
        data = block.removeprefix("data:").strip() if block.startswith("data:") else ""
        event: dict[str, Any] = json.loads(data) if data else {}
        kinds.setdefault(_kind(event) if block.strip() else "", []).append(event)
    kinds.pop("", None)
    return kinds


def _kind(event: dict[str, Any]) -> str:
    if "type" in event:
        return str(event["type"])
    parts = event.get("content", {}).get("parts", [])
    return next(iter(parts[0])) if parts else "heartbeat"


def _text(event: dict[str, Any]) -> str:
    return str(event["content"]) if "type" in event else str(event["content"]["parts"][0]["text"])


async def test_a_silent_edit_still_edits(studio: Studio) -> None:
    """A stream that ends with no text has made its edit all the same."""
    async with studio(silent_share=1.0) as api:
        session = await api.session()
        stream = (await api.prompt(session)).text
        assert '"text"' not in stream
        assert (await api.draft(session))["d"] == 10_000


@pytest.mark.parametrize("form", ["flat", "wrapped"])
async def test_renders_answer_in_both_shapes(
    studio: Studio, fixture: Fixture, form: str, gate: Callable[[], None]
) -> None:
    """Submit, poll in every status, cancel and download hold against their fixtures, flat and wrapped."""
    dialect = Dialect.FLAT_RENDER if form == "flat" else Dialect.WRAPPED_RENDER
    poll, submit = fixture("render_poll"), fixture("render_submit")
    async with studio(dialects=frozenset({dialect})) as api:
        session, draft = await api.made("hold")
        values = {"token": api.headers["Authorization"].removeprefix("Bearer "), "session_id": session}

        async def see(render: str, status: str) -> dict[str, Any]:
            answer = await send(api, poll, values | {"render_id": render})
            judge(answer.json(), poll["answers"][f"{form} {status}"], values | {"render_id": render})
            return dict(answer.json())

        case = {**submit, "request": {**submit["request"], "body": {**submit["request"]["body"], "draft": draft}}}
        for render in ("first", "second"):
            answer = await send(api, case, values | {"render_id": render})
            judge(answer.json(), submit["answers"][form], values | {"render_id": render})
        await see("first", "processing")
        await see("second", "pending")
        cancel = await send(api, fixture("render_cancel"), values | {"render_id": "second"})
        assert cancel.status_code == 200
        await see("second", "failed")
        gate()
        await api.ended("first")
        completed = await see("first", "completed")
        url = completed["output"]["url"] if form == "flat" else completed["data"]["outputUrl"]
        download = await send(api, fixture("render_download"), values | {"render_id": "first"})
        assert download.headers["content-type"] == "video/mp4"
        assert download.content[4:8] == b"ftyp"
        assert (await api.http.get(url)).content == download.content


@pytest.mark.parametrize("form", list(ERRORS))
async def test_each_failure_comes_in_each_form(
    studio: Studio, fixture: Fixture, form: str, picture: Callable[..., bytes]
) -> None:
    """Every documented failure is answered as HTTP status, as code under 200, and as both."""
    options = {"dialects": frozenset(ERRORS[form]), "max_file_bytes": 5_000, "anonymous_credits": 60}
    async with studio(**options, anonymous_a_week=1) as api:
        poor = await api.anonymous()
        session, mine = await api.session(0), await poor.session(1)
        upload = f"/api/upload-video/nemo_agent/me/{session}"
        stranger = {**api.headers, "Authorization": "Bearer nmv_usr_nobody"}
        large = {"files": ("a.jpg", picture(32, 32) + bytes(6_000), "image/jpeg")}
        answers = {
            "400": await api.http.post("/api/auth/anonymous-token"),
            "1001": await api.http.get("/api/credits/balance/simple", headers=stranger),
            "1002": await api.prompt(mine),
            "2001": await poor.prompt(mine),
            "4001": await api.call("POST", upload, files={"files": ("a.heic", b"....ftypheic", "image/heic")}),
            "4002": await api.call("POST", upload, files=large),
            "402 without attribution headers": await api.http.post(
                "/api/render/proxy/lambda", headers={"Authorization": api.headers["Authorization"]}, json={}
            ),
            "429": await api.http.post("/api/auth/anonymous-token", headers={"X-Client-Id": "another"}),
            "404 unknown render id": await api.call("GET", "/api/render/proxy/lambda/nobody"),
        }
    errors = fixture("errors")
    for name, answer in answers.items():
        forms: dict[str, Any] = errors[name]["forms"]
        wanted: dict[str, Any] = next(forms[each] for each in (form, "both", "http-status") if each in forms)
        assert answer.status_code == wanted["status"], name
        for key, value in cast("dict[str, Any]", wanted["body"]).items():
            assert key in answer.json(), name
            assert key != "code" or answer.json()[key] == value, name
    assert int(answers["429"].headers["retry-after"]) > 0


async def test_a_duplicate_render_id_is_told(studio: Studio, fixture: Fixture) -> None:
    """An id that is known answers 409, to its owner and to everybody else; nobody else sees the render."""
    async with studio() as api:
        session, draft = await api.made()
        assert (await api.submit("render_1", session, draft)).status_code == 200
        other = await api.anonymous()
        theirs = await other.session()
        for answer in (await api.submit("render_1", session, draft), await other.submit("render_1", theirs, draft)):
            assert answer.status_code == fixture("errors")["409 duplicate render id"]["forms"]["both"]["status"]
            assert answer.json()["message"] == "duplicate id"
        assert (await other.call("GET", "/api/render/proxy/lambda/render_1")).status_code == 404


async def test_only_loopback_names_are_answered(studio: Studio) -> None:
    """A request for another host name is refused before it reaches anything."""
    async with studio() as api:
        for host, status in {
            "evil.example": 421,
            "127.0.0.1.evil.example": 421,
            "localhost:99": 200,
            "[::1]:99": 200,
        }.items():
            assert (await api.http.get("/studio/health", headers={"Host": host})).status_code == status, host


async def test_dialects_of_one_group_exclude_each_other(studio: Studio) -> None:
    """Two forms of one answer cannot be chosen together."""
    with pytest.raises(ValueError, match="exclude each other"):
        async with studio(dialects=frozenset({Dialect.SNAKE_CASE, Dialect.PLAIN_EVENTS})):
            pass
