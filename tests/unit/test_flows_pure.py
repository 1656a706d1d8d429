"""What flows decide without a server: shards, names, what is shown."""

import base64
import io
import json
import uuid
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from prefect.client.orchestration import PrefectClient

from flows.artifacts import plain
from flows.names import TAGGED, tags_of, title
from flows.pictures import COVERS, Shown, covers, thumbnail
from flows.runs import read_runs, under_way
from flows.shards import SHARD_BYTES, SHARD_CLIPS, SHARD_LEAST, cut, parted, size_for
from flows.watch import AT_MOST, TOGETHER, runs_of
from nightreel.models import Clip, Format, Photo, Request
from nightreel.report import ClipReport, ClipStatus
from nightreel.settings import load_settings


def clip(product: str, prompt: str = "Show it.") -> Clip:
    """Return a clip to make."""
    return Clip(product=product, format=Format.SQUARE, photos=(), prompt=prompt)


@given(st.lists(st.integers(0, 40_000), max_size=60), st.integers(1, 30))
def test_shards_hold_every_clip_once_and_fit_a_flow_run(lengths: list[int], most: int) -> None:
    """In order, never empty, never more than asked for, never more bytes than Prefect takes."""
    clips = [clip(f"P{number}", "x" * length) for number, length in enumerate(lengths)]
    shards = list(cut(clips, most))
    assert [it for shard in shards for it in shard] == clips
    for shard in shards:
        assert 0 < len(shard) <= most
        assert len(shard) == 1 or sum(len(it.model_dump_json()) for it in shard) <= SHARD_BYTES


@given(st.integers(1, 20_000), st.integers(0, 50))
def test_a_shard_is_worth_its_start_and_leaves_work_for_all(clips: int, workers: int) -> None:
    """As many shards as keep all workers busy, unless they were too small or too big for one run."""
    size = size_for(clips, workers)
    assert SHARD_LEAST <= size <= SHARD_CLIPS
    if SHARD_LEAST < size < SHARD_CLIPS:
        assert max(1, workers) <= -(-clips // size) <= 2 * max(1, workers)


def test_photos_of_the_web_stay_where_they_were_fetched() -> None:
    """Workers get what they can open or download; a clip with a photo of the web is the planner's own."""
    settings = load_settings()

    def of(product: str, *paths: Path) -> Clip:
        photos = [
            Photo(path=path, name="1.jpg", sha256="0" * 64, size=1, kind="jpeg", width=9, height=9) for path in paths
        ]
        return clip(product).model_copy(update={"photos": tuple(photos)})

    bucket, web = settings.bucket_cache / "a" / "1.jpg", settings.photo_cache / "web" / "b"
    work = (of("A", bucket), of("B", bucket, web), of("C", Path("/photos/1.jpg")))
    anywhere, here = parted(work, settings)
    assert [it.product for it in anywhere] == ["A", "C"]
    assert [it.product for it in here] == ["B"]


@given(st.integers(1, 5000), st.none() | st.integers(0, 1000))
def test_a_look_starts_few_runs_and_spends_no_budget_twice(products: int, budget: int | None) -> None:
    """Without a budget all are started, each once, the first alone; with one, a single run has it."""
    work = {f"P{number}": [clip(f"P{number}")] for number in range(products)}
    started = runs_of(work, budget)
    assert all(0 < len(it) <= TOGETHER for it in started)
    made = [it.product for each in started for it in each]
    assert made == list(work)[: len(made)]
    if budget is None:
        assert len(made) == products
        assert all(len(it) == 1 for it in started[:AT_MOST])
        assert len(started) <= AT_MOST + products // TOGETHER + 1
    else:
        assert len(started) == 1
        assert len(made) == min(products, TOGETHER)


MOST = 200
"""What Prefect's server gives at once, and what it takes as a limit."""


async def test_more_runs_are_read_than_prefect_gives_at_once() -> None:
    """None is missing: a shard whose run is not found would be handed out again."""
    ids = [uuid.uuid4() for _ in range(2 * MOST + 1)]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":  # its version; a token against forgeries it has none
            asked_for = request.url.path.endswith("/version")
            return httpx.Response(200, json=version("prefect")) if asked_for else httpx.Response(404)
        asked = json.loads(request.content)
        limit, offset = asked.get("limit") or MOST, asked.get("offset") or 0
        assert limit <= MOST, "Prefect refuses that"
        wanted = set(asked["flow_runs"].get("id", {}).get("any_") or map(str, ids))
        found = [str(it) for it in ids if str(it) in wanted]
        runs = [{"id": it, "flow_id": str(ids[0]), "name": it} for it in found[offset : offset + limit]]
        return httpx.Response(200, json=runs)

    settings = {"transport": httpx.MockTransport(answer)}
    async with PrefectClient("http://127.0.0.1:9/api", httpx_settings=settings) as client:
        assert set(await read_runs(client, ids)) == set(ids)
        assert await read_runs(client, []) == {}
        assert [run.id async for run in under_way(client, "tag")] == ids


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (Request(source="data/catalog"), "catalog"),
        (Request(source="s3://bucket/spring/", only=("A", "B", "C", "D")), "spring: A, B, C and 1 more"),
        (Request(source="feed.csv", formats=(Format.SQUARE,), rehearse=True), "feed.csv · 1x1 · rehearsal"),
    ],
)
def test_a_run_is_called_by_what_it_makes(request_: Request, told: str) -> None:
    """The catalog, its products if they were named, formats, and whether it is a rehearsal."""
    assert title(request_) == told


def test_tags_are_few() -> None:
    """A run of few products bears their names, one of many the formats alone."""
    assert tags_of([clip("MUG"), clip("LAMP"), clip("MUG")]) == ["1x1", "MUG", "LAMP"]
    assert tags_of([clip(f"P{number}") for number in range(TAGGED + 1)]) == ["1x1"]


def test_a_link_leads_where_a_browser_gets() -> None:
    """Inside the folder that is shown it is an address, quoted; elsewhere the path; without a file nothing."""
    shown = Shown(Path("/srv/out/social"), "http://127.0.0.1:4200/videos", Path("/srv/out"))
    assert shown.link("video", "A b/1.mp4") == "[video](http://127.0.0.1:4200/videos/social/A%20b/1.mp4)"
    assert Shown(Path("/elsewhere"), shown.url, shown.folder).link("video", "1.mp4") == "/elsewhere/1.mp4"
    assert Shown(Path("/srv/out")).link("video", "1.mp4") == "/srv/out/1.mp4"
    assert shown.link("video", "") == ""


def test_covers_are_small_few_and_harmless(tmp_path: Path) -> None:
    """Each at most 200 pixels high, so many at most; one that cannot be read is left out; names are no Markdown."""
    Image.effect_noise((1080, 1920), 90).convert("RGB").save(tmp_path / "cover.jpg")
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    report = [_made(f"P{number}[x](y)", "cover.jpg") for number in range(COVERS + 5)]
    rows = covers([_made("bad", "bad.jpg"), *report], Shown(tmp_path))
    text = "\n".join(rows)
    assert text.count("data:image/jpeg;base64,") == COVERS
    assert len(text) < COVERS * 40_000
    data = text.partition("base64,")[2].partition(")")[0]
    assert Image.open(io.BytesIO(base64.b64decode(data))).height == 200
    assert "[x]" not in text


def test_a_sheet_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    """Missing, empty, no picture or a broken one: a paid review goes on without it."""
    picture = io.BytesIO()
    Image.effect_noise((64, 64), 90).save(picture, "PNG")
    whole = picture.getvalue()
    for data in (b"", b"no picture", whole[:200], whole[:50] + bytes(50) + whole[100:]):
        (tmp_path / "sheet.png").write_bytes(data)
        assert thumbnail(tmp_path / "sheet.png", 900, 900) == ""
    assert thumbnail(tmp_path / "none.png", 900, 900) == ""


def test_anybodys_words_are_no_markdown() -> None:
    """Links, HTML, tables, entities and new lines of a catalog or a service are shown as they were written."""
    assert plain("[x](y)|*a*\n<b>&amp; `c_d`\\") == ("\\[x\\](y)\\|\\*a\\* &lt;b&gt;&amp;amp; \\`c\\_d\\`\\\\")


def _made(product: str, cover: str) -> ClipReport:
    return ClipReport(product=product, format=Format.SQUARE, status=ClipStatus.MADE, video="v.mp4", cover=cover)
