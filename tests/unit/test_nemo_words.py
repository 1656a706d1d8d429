"""Words: what the backend says for a screen, what people ask for, and a draft as a sentence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightreel.nemo import Action, Request, changes, classify, describe, requests_in, summarise, translate
from nightreel.nemo.wire import RenderJob, State


@pytest.mark.parametrize(
    ("says", "text", "actions"),
    [
        ("It is 10 s long. Click the Export button to save it.", "It is 10 s long.", (Action.EXPORT,)),
        ("剪辑好了。点击“导出”按钮即可保存。", "剪辑好了。", (Action.EXPORT,)),
        ("Your video is ready, click the Save button.", "Your video is ready.", (Action.API,)),
        ("Done! You can preview in timeline.", "Done!", (Action.TRACKS,)),
        ("Open the Music panel and drag the clip to the start.", "", (Action.STATE, Action.EDIT)),
        ("Added a click track and 1.5 s of fade.", "Added a click track and 1.5 s of fade.", ()),
        ("She clicks her pen and drops the keys.", "She clicks her pen and drops the keys.", ()),
        ("Your video is 15 s. 点击导出按钮即可保存。", "Your video is 15 s.", (Action.EXPORT,)),
        ("点击Export button保存。视频15秒。", "视频15秒。", (Action.EXPORT,)),
        ("Open the 音乐面板, I chose calm music.", "I chose calm music.", (Action.STATE,)),
        ("Title added, 可在时间线中预览。", "Title added。", (Action.TRACKS,)),
        ("前往账户页面查看余额", "", (Action.CREDITS,)),
        ("Press Play to watch it. The music is calm.", "The music is calm.", (Action.API,)),
        ("I faded the panel of the cabinet out.", "I faded the panel of the cabinet out.", ()),
        ("First line\nSecond line", "First line\nSecond line", ()),
        ("", "", ()),
    ],
)  # fmt: skip
def test_screen_words_go_and_content_stays(says: str, text: str, actions: tuple[Action, ...]) -> None:
    """What describes the screen becomes an action, what describes the video stays word for word."""
    spoken = translate(says)
    assert (spoken.text, spoken.actions) == (text, actions)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_translated(text: str) -> None:
    """Whatever is said, translating it ends, and a translation holds nothing that translates again."""
    assert translate(translate(text).text).text == translate(text).text


@pytest.mark.parametrize(
    ("says", "request_"),
    [
        ("Please export the video now!", Request.EXPORT),
        ("请导出视频", Request.EXPORT),
        ("下载", Request.EXPORT),
        ("send me the final video please", Request.EXPORT),
        ("How many credits do I have left?", Request.CREDITS),
        ("还有多少积分？", Request.CREDITS),
        ("what's the status?", Request.STATUS),
        ("show me the timeline", Request.STATUS),
        ("查看状态", Request.STATUS),
        ("upload these 3 photos", Request.UPLOAD),
        ("上传几张照片", Request.UPLOAD),
        ("save the video", Request.EXPORT),
        ("give me the mp4", Request.EXPORT),
        ("把视频导出来吧", Request.EXPORT),
        ("成片发给我", Request.EXPORT),
        ("我还剩多少积分", Request.CREDITS),
        ("what does the timeline look like?", Request.STATUS),
        ("don't export yet", Request.WAIT),
        ("please do not export the video now", Request.WAIT),
        ("先别导出", Request.WAIT),
        ("don't add music", Request.PROMPT),
        ("不要音乐", Request.PROMPT),
        ("save the video in black and white", Request.PROMPT),
        ("Make an ad for a download manager", Request.PROMPT),
        ("add a credits roll at the end", Request.PROMPT),
        ("导出之前把标题去掉", Request.PROMPT),
        ("show the status bar of the phone in the first shot", Request.PROMPT),
        ("", Request.PROMPT),
    ],
)
def test_requests_are_told_from_prompts(says: str, request_: Request) -> None:
    """A request about the file, the account or the state costs nothing; what describes the video is a prompt."""
    assert classify(says) is request_


@pytest.mark.parametrize(
    ("says", "parts"),
    [
        ("make it 20 seconds and export", [Request.PROMPT, Request.EXPORT]),
        ("把标题去掉，然后导出", [Request.PROMPT, Request.EXPORT]),
        ("export it, then show my credits", [Request.EXPORT, Request.CREDITS]),
        ("add a title saying 'Cut and export'", [Request.PROMPT]),
        ("fade in, and out", [Request.PROMPT]),
    ],
)
def test_a_sentence_may_ask_for_several_things(says: str, parts: list[Request]) -> None:
    """What is asked for behind a prompt is done after it, and no part of the prompt."""
    assert [request for request, _ in requests_in(says)] == parts


def test_files_alone_are_an_upload() -> None:
    """Files handed over without a word are uploaded; with a wish, the wish is a prompt."""
    assert classify("", files=True) is Request.UPLOAD
    assert classify("use these", files=True) is Request.PROMPT


def _state(*tracks: object, **more: object) -> State:
    return State(draft={"t": list(tracks), **more})


_VIDEO = {"tt": 0, "sg": [{"d": 10_000, "m": {"name": "city timelapse"}}]}
_MUSIC = {"tt": 1, "sg": [{"d": 10_000, "m": {"mood": "Lo-fi", "volume": 0.35}}]}
_TITLE = {"tt": 7, "sg": [{"d": 3_000, "s": 0, "m": {"text": "Urban Dreams"}}]}


def test_a_timeline_reads_as_documented() -> None:
    """The summary for people is the documented line."""
    assert describe(summarise(_state(_VIDEO, _MUSIC, _TITLE))) == (
        "Timeline (3 tracks): 1. Video: city timelapse (0-10s) 2. BGM: Lo-fi (0-10s, 35%) "
        '3. Title: "Urban Dreams" (0-3s)'
    )


def test_documented_names_are_enough() -> None:
    """A draft stripped to the documented names still tells tracks, segments, places and length."""
    timeline = summarise(_state({"tt": 0, "sg": [{"d": 6000}, {"d": 4000}]}, {"tt": 1, "sg": [{"d": 99_000}]}))
    assert timeline.seconds == 10
    assert [(segment.start, segment.duration) for segment in timeline.of("video")] == [(0, 6), (6, 4)]
    assert describe(timeline) == "Timeline (2 tracks): 1. Video: 2 segments (0-10s) 2. BGM: 1 segment (0-99s)"


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["t", "tt", "sg", "d", "s", "m", "title", "name", "volume"]), inner, max_size=5
        )
    ),
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["t", "d", "m"]), _JSON))
def test_any_draft_can_be_summarised(draft: dict[str, object]) -> None:
    """Whatever a draft holds, it can be summarised, described and compared."""
    assert describe(summarise(State(draft=draft)))
    assert changes(draft, draft) == []
    assert changes({}, draft) or not draft
    assert changes(draft, {}, "zh") or not draft


@pytest.mark.parametrize(
    ("word", "status", "error"),
    [
        ("pending", "pending", ""),
        ("queued", "processing", ""),
        ("Rendering", "processing", ""),
        ("", "processing", ""),
        ("SUCCEEDED", "completed", ""),
        ("error", "failed", "it is error"),
        ("Canceled", "failed", "it is Canceled"),
        ("TIMED_OUT", "failed", "it is TIMED_OUT"),
    ],
)
def test_an_unknown_status_is_work_in_progress_unless_it_says_an_end(word: str, status: str, error: str) -> None:
    """A word that the protocol does not name fails no export: it is polled on; words for an end are one."""
    for body in ({"id": "r", "status": word}, {"success": True, "data": {"id": "r", "status": word, "progress": 40}}):
        job = RenderJob.read(body)
        assert (job.status.value, job.error) == (status, error)
    assert RenderJob.read({"id": "r", "status": word, "error": "no room"}).error == "no room"


@pytest.mark.parametrize("body", [{"id": "r"}, {"id": "r", "status": 3}, {"status": "queued"}, [], None])
def test_an_answer_without_id_or_status_is_no_render(body: object) -> None:
    """What is no render's answer is an error, and never a render in progress."""
    with pytest.raises(ValueError, match="no id or no status"):
        RenderJob.read(body)
