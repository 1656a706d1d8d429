"""The client against answers transcribed by hand from the service's documents, given by a bare ASGI stub."""

import email
import email.policy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from pydantic import SecretStr

from nightreel import errors
from nightreel.clock import ManualClock
from nightreel.nemo import NemoClient, UploadFile, classify, describe, summarise, translate
from nightreel.nemo.events import EventKind
from nightreel.nemo.phrases import action_of
from nightreel.nemo.requests import Request
from nightreel.nemo.wire import SessionData
from nightreel.settings import Settings, load_settings

FIXTURES = Path(__file__).parent / "fixtures"
TOKEN = SecretStr("nmv_usr_Zx81mVq0aTestOnly")
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"x" * 100
Json = dict[str, Any]


def _fixture(name: str) -> Json:
    return json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))


def _filled(value: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    """Fill the placeholders in *value*."""
    if isinstance(value, str):
        for name, filled in values.items():
            value = value.replace("{" + name + "}", filled)
        return value
    if isinstance(value, list):
        return [_filled(item, values) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {name: _filled(item, values) for name, item in cast("Json", value).items()}
    return value


@dataclass
class Seen:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Stub:
    """An ASGI application that gives the answers it was told to, in order, the last one for ever."""

    answers: list[Json]
    seen: list[Seen] = field(default_factory=list[Seen])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        """Answer one request."""
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.seen.append(Seen(scope["method"], scope["path"], headers, body))
        answer = self.answers[min(len(self.seen), len(self.answers)) - 1]
        given = [(name.encode(), value.encode()) for name, value in answer.get("headers", {}).items()]
        await send({"type": "http.response.start", "status": answer["status"], "headers": given})
        await send({"type": "http.response.body", "body": _body(answer)})


def _body(answer: Json) -> bytes:
    if "body_file" in answer:
        return (FIXTURES / answer["body_file"]).read_bytes()
    if "body_is" in answer:
        return MP4
    return answer["text"].encode() if "text" in answer else json.dumps(answer.get("body")).encode()


@dataclass
class Case:
    """One endpoint's fixture, and the client's call for it."""

    fixture: Json
    stub: Stub
    nemo: NemoClient
    clock: ManualClock
    values: Mapping[str, str]
    folder: Path

    async def call(self) -> Any:  # noqa: ANN401 - what the call returns
        """Make the call."""
        return await _CALLS[self.fixture["endpoint"]](self)


def _files(case: Case) -> list[UploadFile]:
    files: list[UploadFile] = []
    for part in case.fixture["multipart" if "multipart" in case.fixture else "request"]["multipart"]:
        path = case.folder / part["filename"]
        path.write_bytes(part["filename"].encode() * 50)
        files.append(UploadFile(path, part["filename"], part["content_type"]))
    return files


_CALLS: Mapping[str, Callable[[Case], Any]] = {
    "anonymous token": lambda case: case.nemo.credits(),
    "open session": lambda case: case.nemo.open_session(),
    "claim link": lambda case: case.nemo.claim_link(
        SessionData(task_id=case.values["task_id"], session_id=case.values["session_id"])
    ),
    "upload, files": lambda case: case.nemo.upload(case.values["session_id"], _files(case)),
    "upload, by URL": lambda case: case.nemo.upload_urls(case.values["session_id"], [case.values["url"]]),
    "message": lambda case: case.nemo.send(case.values["session_id"], case.values["prompt"]),
    "state": lambda case: case.nemo.state(case.values["session_id"]),
    "credits": lambda case: case.nemo.credits(),
    "export, submit": lambda case: case.nemo.submit_render(
        case.values["render_id"], case.values["session_id"], case.fixture["request"]["body"]["draft"]
    ),
    "export, poll": lambda case: case.nemo.render(case.values["render_id"]),
    "export, cancel": lambda case: case.nemo.cancel_render(case.values["render_id"]),
    "export, fallback download": lambda case: case.nemo.download(case.values["render_id"], case.folder / "v.mp4"),
}
_NAMES = sorted(path.stem for path in FIXTURES.glob("*.json") if "request" in json.loads(path.read_text("utf-8")))
_FORMS = [(name, form) for name in _NAMES for form in _fixture(name)["answers"]]
_ERRORS = [
    (name, error, form)
    for name in _NAMES
    for error in (*_fixture(name)["errors"], "5xx")
    for form in _fixture("errors")[error]["forms"]
]


def _settings() -> Settings:
    return load_settings(
        api_url="https://service.example", skill_version="1.2.3", skill_source="cursor", engine="local"
    )


def _case(name: str, answers: list[Json], folder: Path, *, own: bool = True) -> Case:
    fixture = _fixture(name)
    values = {**fixture["values"], "version": "1.2.3", "platform": "cursor"}
    stub, clock = Stub([_filled(answer, values) for answer in answers]), ManualClock()
    token = (
        (SecretStr(values["token"]) if "token" in values else TOKEN) if own and name != "token_anonymous" else None
    )
    nemo = NemoClient(_settings(), clock=clock, token=token, transport=httpx.ASGITransport(stub))
    return Case(fixture, stub, nemo, clock, values, folder)


def _asked(case: Case) -> Seen:
    """Return the request that the fixture is about."""
    path = _filled(case.fixture["request"]["path"], case.values)
    return next(seen for seen in case.stub.seen if seen.path == path)


@pytest.mark.parametrize(("name", "form"), _FORMS)
async def test_each_request_is_as_documented(name: str, form: str, tmp_path: Path) -> None:
    """Method, path, headers and body of every request are the documented ones, whatever form the answer has."""
    answers = [_fixture(name)["answers"][form]]
    if name == "token_anonymous":
        answers.append(_fixture("credits_balance")["answers"]["envelope"])
    case = _case(name, answers, tmp_path)
    if name == "token_anonymous":
        _settings().client_id_file.parent.mkdir(parents=True, exist_ok=True)
        _settings().client_id_file.write_text(case.values["client_id"])
    await case.call()
    seen, wanted = _asked(case), _filled(case.fixture["request"], case.values)
    assert seen.method == wanted["method"]
    assert {name: seen.headers.get(name.lower()) for name in wanted["headers"]} == wanted["headers"]
    assert not [name for name in wanted.get("without_headers", []) if name.lower() in seen.headers]
    if "multipart" in wanted:
        _check_multipart(seen, wanted["multipart"])
    else:
        assert (json.loads(seen.body) if seen.body else None) == wanted["body"]


def _check_multipart(seen: Seen, wanted: list[Json]) -> None:
    head = f"Content-Type: {seen.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + seen.body, policy=email.policy.HTTP)
    parts = list(message.iter_parts())
    found = [(part.get_param("name", header="content-disposition"), part.get_filename(), part.get_content_type())
             for part in parts]  # fmt: skip
    assert found == [(part["name"], part["filename"], part["content_type"]) for part in wanted]
    assert int(seen.headers["content-length"]) == len(seen.body)
    assert [part.get_payload(decode=True) for part in parts] == [part["filename"].encode() * 50 for part in wanted]


@pytest.mark.parametrize("form", _fixture("run_sse")["answers"])
async def test_runs_are_read_in_every_shape(form: str, tmp_path: Path) -> None:
    """Both event shapes, and each documented oddity, tell the text, the tools and the heartbeats."""
    answer = _fixture("run_sse")["answers"][form]
    reply = await _case("run_sse", [answer], tmp_path).call()
    means = answer["means"]
    assert reply.text == means["text"]
    assert [event.name for event in reply.events if event.kind is EventKind.TOOL_CALL] == means["tools"]
    assert reply.heartbeats >= means["heartbeats"]


@pytest.mark.parametrize("form", _fixture("run_sse")["failures_in_the_stream"])
async def test_an_error_in_the_stream_fails_the_run(form: str, tmp_path: Path) -> None:
    """An error frame under HTTP 200 raises AgentFailed with the service's words, and nothing is sent again."""
    answer = _fixture("run_sse")["failures_in_the_stream"][form]
    case = _case("run_sse", [answer], tmp_path)
    with pytest.raises(errors.AgentFailed, match=answer["means"]["error"]):
        await case.call()
    assert len(case.stub.seen) == 1


@pytest.mark.parametrize("form", _fixture("state")["answers"])
async def test_states_are_read_as_timelines(form: str, tmp_path: Path) -> None:
    """A state tells readiness, length, tracks and title, and the draft stays as it came."""
    answer = _fixture("state")["answers"][form]
    state = await _case("state", [answer], tmp_path).call()
    timeline, means = summarise(state), answer["means"]
    assert state.draft == answer["body"]["data"]["state"]["draft"]
    assert (timeline.ready, timeline.seconds, timeline.title) == (means["ready"], means["seconds"], means["title"])
    assert [track.kind for track in timeline.tracks] == means["tracks"]
    assert describe(timeline).startswith("Timeline")


@pytest.mark.parametrize("form", _fixture("render_poll")["answers"])
async def test_renders_are_read_in_both_shapes(form: str, tmp_path: Path) -> None:
    """Status, progress and link are read from the flat answer and from the wrapped one."""
    answer = _fixture("render_poll")["answers"][form]
    job = await _case("render_poll", [answer], tmp_path).call()
    found = {"status": job.status.value, "url": job.url, "progress": job.progress}
    assert {name: found[name] for name in answer["means"]} == answer["means"]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("render_submit", "flat"),
        ("render_submit", "wrapped"),
        ("claim_token", "envelope"),
        ("credits_balance", "envelope"),
        ("session_open", "envelope"),
        ("upload_multipart", "envelope"),
        ("upload_urls", "envelope"),
        ("render_download", "the file"),
    ],
)
async def test_answers_are_read(name: str, form: str, tmp_path: Path) -> None:
    """What each answer holds comes back as the client's own values."""
    answer = _fixture(name)["answers"][form]
    case = _case(name, [answer], tmp_path)
    found = await case.call()
    data = answer.get("body", {}).get("data", {})
    wanted = {
        "render_submit": lambda: (found.id, found.status.value) == (case.values["render_id"], "pending"),
        "claim_token": lambda: found.url == case.fixture["means"]["link"] and found.expires_in == data["expires_in"],
        "credits_balance": lambda: found.model_dump() == case.fixture["means"],
        "session_open": lambda: found.model_dump() == data,
        "upload_multipart": lambda: [file.model_dump() for file in found] == data["files"],
        "upload_urls": lambda: [file.model_dump() for file in found] == data["files"],
        "render_download": lambda: found.path.read_bytes() == MP4 and found.size == len(MP4),
    }
    assert wanted[name]()


@pytest.mark.parametrize(("name", "error", "form"), _ERRORS)
async def test_each_failure_is_its_own_exception(name: str, error: str, form: str, tmp_path: Path) -> None:
    """Every documented failure, as a status, as a code under 200 and as both, raises its class with a next step.

    Of a paid request that meets a server's fault the outcome is unknown, and it is not repeated.
    """
    told = _fixture("errors")[error]
    case = _case(name, [told["forms"][form]], tmp_path)
    paid = name in {"upload_multipart", "upload_urls", "run_sse", "render_submit"}
    wanted = "OutcomeUnknown" if paid and told["error"] == "ServerFault" else told["error"]
    with pytest.raises(getattr(errors, wanted)) as raised:
        await case.call()
    assert raised.type.__name__ == wanted
    assert raised.value.hint
    if paid:
        assert len(case.stub.seen) == (2 if error == "429" else 1)


@pytest.mark.parametrize("form", _fixture("errors")["429"]["forms"])
async def test_a_rate_limit_is_waited_for_once(form: str, tmp_path: Path) -> None:
    """After a 429 the call waits as it was told, else 30 s, and is repeated once; that holds for a prompt too."""
    limited = _fixture("errors")["429"]["forms"][form]
    good = _fixture("run_sse")["answers"]["plain"]
    case = _case("run_sse", [limited, good], tmp_path)
    assert case.clock.now() == datetime(2026, 1, 1, tzinfo=UTC)
    assert (await case.call()).text == "Your video is ready."
    assert case.clock.slept == [limited.get("means", {}).get("retry_after", 30)]


async def test_a_rejected_anonymous_token_is_renewed_once(tmp_path: Path) -> None:
    """After 1001 an anonymous client fetches a new token under the same client id and repeats the call once."""
    token, again = (_fixture("token_anonymous")["answers"]["envelope"] for _ in range(2))
    again = json.loads(json.dumps(again).replace("TestOnly", "Renewed"))
    rejected = _fixture("errors")["1001"]["forms"]["both"]
    balance = _fixture("credits_balance")["answers"]["envelope"]
    case = _case("credits_balance", [token, rejected, again, balance, rejected, rejected], tmp_path, own=False)
    assert (await case.call()).available == 25000
    ids = {seen.headers.get("x-client-id") for seen in case.stub.seen if seen.path.endswith("anonymous-token")}
    assert len(ids) == 1
    assert [seen.headers.get("authorization", "")[-7:] for seen in case.stub.seen] == ["", "estOnly", "", "Renewed"]
    assert _settings().client_id_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("status", [200, 404])
async def test_an_unknown_render_is_a_404_in_either_form(status: int, tmp_path: Path) -> None:
    """Whether the status or the envelope's code says 404, the error's status and code are 404."""
    case = _case("render_poll", [{"status": status, "body": {"code": 404, "message": "no such render"}}], tmp_path)
    with pytest.raises(errors.RequestRefused) as raised:
        await case.call()
    assert (raised.value.status, raised.value.code) == (404, 404)


async def test_a_rejected_own_token_stops(tmp_path: Path) -> None:
    """After 1001 a client with a token of its own stops and names the setting."""
    case = _case("credits_balance", [_fixture("errors")["1001"]["forms"]["both"]], tmp_path)
    with pytest.raises(errors.TokenRejected, match="NEMO_TOKEN"):
        await case.call()
    assert len(case.stub.seen) == 1


async def test_an_anonymous_account_without_credits_is_shown_where_to_register(tmp_path: Path) -> None:
    """2001 on an anonymous account names the registration link with the account's id."""
    answers = [_fixture("token_anonymous")["answers"]["envelope"], _fixture("errors")["2001"]["forms"]["both"]]
    case = _case("run_sse", answers, tmp_path, own=False)
    with pytest.raises(errors.CreditsExhausted, match=r"\?bind=anon_7f21"):
        await case.call()


@pytest.mark.parametrize("row", _fixture("phrases")["rows"], ids=lambda row: row["client"])
def test_screen_phrases_become_actions(row: Json) -> None:
    """Each phrase meant for a screen goes, and stands for what the client does instead."""
    for phrase in row["says"]:
        action = action_of(phrase)
        assert action is not None
        assert action.value == row["client"]
        assert translate(phrase).text == ""


@pytest.mark.parametrize("says", _fixture("phrases")["stays"])
def test_content_stays(says: str) -> None:
    """What describes content is left as it is."""
    assert translate(says).text == says


@pytest.mark.parametrize("row", _fixture("plain_words")["rows"], ids=lambda row: row["action"])
def test_plain_words_are_understood(row: Json) -> None:
    """Each request in plain words is the documented action, and only a prompt is sent."""
    for says in row["says"]:
        assert classify(says).value == row["action"]
        assert (classify(says) is Request.PROMPT) == row["sends_prompt"]
