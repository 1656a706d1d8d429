"""Event streams: bytes into frames, frames into what a run said."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightreel.nemo.events import EventKind, Transcript
from nightreel.nemo.frames import MAX_LINE, Frames, Lines, StreamTooLarge


async def _chunks(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def _read(*pieces: bytes) -> tuple[list[str], int, bool]:
    """Return the data of each event, how many comments came, and whether the body was cut."""
    comments: list[None] = []

    async def run() -> tuple[list[str], bool]:
        frames = Frames(_chunks(pieces), lambda: comments.append(None))
        return [data async for data in frames.read()], frames.cut

    datas, cut = asyncio.run(run())
    return datas, len(comments), cut


def _cut(body: bytes, places: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:end] for start, end in itertools.pairwise(edges)]


def _say(*frames: object) -> Transcript:
    script = Transcript()
    for frame in frames:
        script.take(frame if isinstance(frame, str) else json.dumps(frame))
    return script


def _event(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"content": {"parts": list(parts), "role": "model"}, "author": "nemo_agent", **more}


_BODIES = [
    "data: 你好 😀\n\n: ping\n\nid: 7\nevent: x\ndata: two\ndata: lines\n\n: ping\n\ndata:\n\n".encode(),
    b"\xef\xbb\xbfdata: one\r\n\r\n: ping - now\r\n\r\ndata: two\r\ndata: lines\r\n\r\n",
    b"data: one\r\rdata: two\r: ping\r\rretry: 3\r\r",
    b"data: a\n\r\ndata: b\r\rdata: c\r\n\ndata: cut off",
]


@pytest.mark.parametrize("body", _BODIES)
@settings(deadline=None)
@given(places=st.lists(st.integers(min_value=0), max_size=12))
def test_any_chunking_gives_the_same_events(body: bytes, places: list[int]) -> None:
    """However a body is cut into chunks, its events, its pings and its end are the same."""
    assert _read(*_cut(body, places)) == _read(body)


@settings(deadline=None)
@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\r\n", codec="utf-8")), max_size=8), st.data())
def test_every_line_end_splits_alike(lines: list[str], data: st.DataObject) -> None:
    """LF, CRLF and CR end a line; nothing else does, not even U+2028."""
    ends = data.draw(st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=len(lines), max_size=len(lines)))
    # An empty line after a CR would make its LF part of that CR's end.
    ends = ["\n" if end == "\r" and place + 1 < len(lines) and not lines[place + 1] else end
            for place, end in enumerate(ends)]  # fmt: skip
    body = "".join(line + end for line, end in zip(lines, ends, strict=True)).encode()
    split = Lines()
    found = [line.decode() for byte in body for line in split.feed(bytes([byte]))]
    bare = [line.encode().removeprefix(b"\xef\xbb\xbf").decode() if not place else line
            for place, line in enumerate(lines)]  # fmt: skip
    assert found == bare


def test_a_byte_order_mark_does_not_cost_the_first_event() -> None:
    """The first event after a byte order mark is read."""
    assert _read(b"\xef", b"\xbb\xbfdata: 1\n\n")[0] == ["1"]


def test_an_event_that_ends_in_cr_alone_is_not_held_back() -> None:
    """An event is there as soon as its CR is, not when the next byte comes."""

    async def first() -> str:
        gone_on = asyncio.Event()

        async def body() -> AsyncIterator[bytes]:
            yield b"data: now\r\r"
            await gone_on.wait()

        return await anext(Frames(body(), lambda: None).read())

    assert asyncio.run(asyncio.wait_for(first(), 60)) == "now"


def test_pings_after_an_id_make_no_events() -> None:
    """A comment is a ping and never an event, also after an `id:` line."""
    assert _read(b"id: 7\ndata: x\n\n: ping\n\n: ping\n\n") == (["x"], 2, False)


def test_a_line_without_end_is_refused() -> None:
    """A line longer than any honest one ends the reading instead of filling the memory."""
    with pytest.raises(StreamTooLarge):
        _read(b"data: ", *[b"x" * 1_000_000] * (MAX_LINE // 1_000_000 + 1))


def test_a_body_cut_inside_an_event_says_so() -> None:
    """The end of a body inside an event shows; a whole last event without its blank line is still read."""
    assert _read(b'data: {"a"') == (['{"a"'], 0, True)
    assert _read(b"data: 1\n\n") == (["1"], 0, False)


def test_malformed_frames_are_counted_and_left_out() -> None:
    """A frame that is no JSON object, or nested beyond reason, is noted, and the others are read."""
    script = _say("{not json", "[1]", "[" * 100_000, _event({"text": "Done."}))
    assert (script.malformed, script.text) == (3, "Done.")


def test_partials_are_shown_once_and_never_kept() -> None:
    """Text is what whole events say; one that repeats its partials is marked as shown."""
    script = _say(
        _event({"text": "Hel"}, partial=True), _event({"text": "lo"}, partial=True), _event({"text": "Hello"})
    )
    assert script.text == "Hello"
    assert [event.shown for event in script.events] == [True]
    assert not _say(_event({"text": "Hel"}, partial=True)).text


def test_the_same_event_twice_is_one() -> None:
    """An event that comes again under its id counts once; partials that share the id stay apart."""
    whole = _event({"text": "Hi"}, id="1", timestamp=1.0)
    script = _say(_event({"text": "Hi"}, id="1", partial=True), whole, {**whole, "timestamp": 2.0})
    assert script.text == "Hi"


def test_thoughts_and_partial_tool_calls_do_not_count() -> None:
    """A thought is no answer, and a tool call inside a partial event is not acted on."""
    call: dict[str, Any] = {"functionCall": {"name": "render", "args": {}}}
    script = _say(_event(call, partial=True), _event({"text": "hm", "thought": True}, {"text": "Yes."}))
    assert script.text == "Yes."
    assert [event.kind for event in script.events] == [EventKind.THOUGHT, EventKind.TEXT]


@pytest.mark.parametrize(
    "frame",
    [
        {"errorCode": "X", "errorMessage": "broke"},
        {"error_code": "X", "error_message": "broke"},
        {"error": "broke"},
        {"error": {"message": "broke"}},
        {"type": "error", "message": "broke"},
        {"type": "error", "content": "broke"},
        {"code": 2001, "message": "broke", "data": None},
    ],
)
def test_errors_are_read_in_every_shape(frame: dict[str, Any]) -> None:
    """Each way to say that the agent gave up is an error with the service's words."""
    error = _say(_event({"text": "Half"}), frame).error
    assert error is not None
    assert error.text == "broke"


def test_a_temporary_issue_counts_only_without_good_answers() -> None:
    """A closing "temporary issue" is dropped after good answers and kept when it is all there is."""
    issue = _event({"text": "I encountered a temporary issue."})
    assert _say(_event({"text": "Ready."}), issue).text == "Ready."
    assert _say(issue).text == "I encountered a temporary issue."


def test_pieces_of_plain_text_run_on_and_whole_ones_do_not() -> None:
    """Plain text events that are pieces make one text; sentences stand on lines of their own."""
    pieces = [{"type": "text", "content": piece} for piece in ("Your vid", "eo is ready.", "Music added.")]
    assert _say(*pieces).text == "Your video is ready.\nMusic added."


_NAMES = [
    "content",
    "parts",
    "text",
    "type",
    "partial",
    "error",
    "id",
    "actions",
    "stateDelta",
    "functionCall",
    "args",
]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*_NAMES, "code", "message", "errorCode"]), inner, max_size=5)
    ),
)


@settings(deadline=None)
@given(_JSON)
def test_no_json_breaks_the_reader(frame: object) -> None:
    """Whatever JSON a frame holds, reading it raises nothing."""
    script = _say(json.dumps(frame))
    assert isinstance(script.text, str)
