"""The client against event streams recorded from a real agent server."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from nightreel.clock import SystemClock
from nightreel.errors import AgentFailed
from nightreel.nemo import Patience
from nightreel.nemo.events import EventKind
from nightreel.nemo.stream import Listener, Reply

RECORDINGS = Path(__file__).parent / "recordings"
VERSIONS = ("adk-1.18", "adk-2.13")


async def _listen(path: Path, size: int = 97) -> Reply:
    body = path.read_bytes()

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), size):
            yield body[start : start + size]

    response = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=chunks())
    return await Listener(SystemClock(), Patience(), None).listen(response)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("name", "text", "tools"),
    [
        ("a1_stream_text", "Hello, world!", []),
        ("a2_stream_off", "Hello, world!", []),
        ("b1_tool_stream", "Rendering now. \nTool render_video answered ok.", ["render_video"]),
        ("b2_tool_nostream", "Rendering now. \nTool render_video answered ok.", ["render_video"]),
        ("b3_longtool", "Tool export_video answered ok.", ["export_video"]),
        ("c1_empty", "", []),
        ("c2_state_only", "", []),
        ("c3_thought", "Answer.", []),
        ("h1_pause_20s", "Wait… done.", []),
    ],
)
async def test_recorded_runs_say_what_they_said(version: str, name: str, text: str, tools: list[str]) -> None:
    """Text is kept once, thoughts are not, and each tool is called once, in both versions of the server."""
    reply = await _listen(RECORDINGS / version / f"{name}.sse")
    assert reply.text == text
    assert [event.name for event in reply.events if event.kind is EventKind.TOOL_CALL] == tools
    assert reply.malformed == 0


@pytest.mark.parametrize("version", VERSIONS)
async def test_recorded_cjk_survives_any_cut(version: str) -> None:
    """Characters cut between chunks, escaped line ends and raw U+2028 come out whole."""
    found = [await _listen(RECORDINGS / version / "i1_cjk_stream.sse", size) for size in (1, 7, 1 << 20)]
    assert len({reply.text for reply in found}) == 1
    assert found[0].text.startswith("你好，视频第一行\n第二行\r\n第三行：「日本語」 한국어 😀")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("d1_error_event", "quota exceeded"),
        ("d2_exception", "backend exploded"),
        ("f9_empty_parts", "The agent gave up"),
    ],
)
async def test_recorded_errors_fail(version: str, name: str, words: str) -> None:
    """An error under HTTP 200 with a clean end is a failure that carries the service's words."""
    with pytest.raises(AgentFailed, match=words):
        await _listen(RECORDINGS / version / f"{name}.sse")


@pytest.mark.parametrize("name", ["fastapi-sse", "sse-starlette"])
async def test_recorded_pings_are_heartbeats(name: str) -> None:
    """Comments of two common servers, with either line end, are heartbeats and no events."""
    reply = await _listen(RECORDINGS / "heartbeat" / f"{name}.sse", 5)
    assert reply.heartbeats == 3
    assert reply.text == ""
