"""A rehearsal's time: as the service is seen to take it, drawn by the seed, and shared by everybody in it."""

import fcntl
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.clock import SystemClock
from nightreel.errors import StudioError
from nightreel.studio.agent.cutting import Photo
from nightreel.studio.agent.editing import Edit, edit
from nightreel.studio.draft import Draft, DraftMeta
from nightreel.studio.keeper import LOCK
from nightreel.studio.rehearsal import Pact, open_clock, refuse
from nightreel.studio.tempo import OwnTempo, ServiceTempo

PHOTOS = (Photo(asset="asset_1"),)
FIRST = edit("Create a 10-second video", None, PHOTOS, "en", 0)
LATER = edit("make it 12 seconds", FIRST.cut, PHOTOS, "en", 0)
TALK = edit("hello there", FIRST.cut, PHOTOS, "en", 0)


@pytest.mark.parametrize(
    ("made", "low", "high"), [(FIRST, 100, 300), (LATER, 10, 30), (TALK, 5, 15)], ids=["timeline", "edit", "text"]
)
@given(st.integers(), st.text(), st.integers(min_value=1, max_value=50))
def test_a_prompt_takes_what_the_service_takes(
    made: Edit, low: float, high: float, seed: int, prompt: str, seq: int
) -> None:
    """100 to 300 s for a timeline, 10 to 30 s for an edit, 5 to 15 s for words; music and title come later."""
    pace = ServiceTempo(seed).run(made, prompt, seq, (4, 3))
    assert low <= pace.work + pace.talk <= high
    assert pace.work > pace.talk > 0
    assert 10 <= pace.second_stage <= 40
    assert pace == ServiceTempo(seed).run(made, prompt, seq, (9, 9))


@given(st.integers(), st.integers(min_value=0))
def test_an_export_takes_what_the_service_takes(seed: int, looks: int) -> None:
    """30 to 90 s, the same for the same timeline."""
    draft = Draft(d=15_000, m=DraftMeta(title="Cup", seed=looks))
    assert 30 <= ServiceTempo(seed).render(draft) <= 90
    assert ServiceTempo(seed).render(draft) == ServiceTempo(seed).render(draft.model_copy())


def test_times_are_spread_over_their_range() -> None:
    """Purchases differ, and so do seeds: a night is not one number."""
    takes = {round(sum(ServiceTempo(0).run(FIRST, f"product {n}", 1, (4, 3))[:2])) for n in range(100)}
    assert min(takes) < 130
    assert max(takes) > 270
    assert ServiceTempo(0).run(FIRST, "", 1, (4, 3)) != ServiceTempo(1).run(FIRST, "", 1, (4, 3))


def test_the_studio_itself_is_quick() -> None:
    """Without a rehearsal a step takes a moment, and at pace 0 none."""
    assert OwnTempo().run(FIRST, "", 1, (4, 3)) == (1.0, 0.75, 1.5)
    assert OwnTempo(0).run(FIRST, "", 1, (4, 3)) == (0, 0, 0)


def test_everybody_in_a_rehearsal_has_its_time(tmp_path: Path) -> None:
    """Who opens the clock later, in whatever process, is shown what the others see: ten days after a day of ours."""
    now = SystemClock().now()
    yesterday = now - timedelta(days=1)
    pact = Pact(rate=10, ours=yesterday, shown=yesterday)
    (tmp_path / "clock.json").write_text(pact.model_dump_json())
    clock = open_clock(tmp_path)
    assert clock.rate == 10
    assert timedelta(days=9) <= clock.now() - now < timedelta(days=9, hours=1)


def test_another_rate_goes_on_from_the_same_moment(tmp_path: Path) -> None:
    """Time never goes back in a rehearsal, whatever its rate: leases and links are reckoned by it."""
    quick = open_clock(tmp_path, 3600)
    quick_shows = quick.now()
    slow = open_clock(tmp_path, 0.5)
    assert slow.now() >= quick_shows
    assert slow.rate == 0.5
    assert slow.now() >= SystemClock().now()


def test_a_rehearsal_that_goes_on_keeps_its_rate(tmp_path: Path) -> None:
    """While its studio runs nobody else sets another rate; the same one, or none, is fine."""
    open_clock(tmp_path, 60)
    (tmp_path / "endpoint.json").write_text('{"url": "http://127.0.0.1:1"}')
    with (tmp_path / LOCK).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert open_clock(tmp_path, 60).rate == open_clock(tmp_path).rate == 60
        with pytest.raises(StudioError, match="at rate 60, not 30"):
            open_clock(tmp_path, 30)


def test_data_folders_are_never_mixed(tmp_path: Path) -> None:
    """A studio that renders does not take a rehearsal's folder, nor a rehearsal a renderer's; both say so."""
    renders, rehearses = tmp_path / "renders", tmp_path / "rehearses"
    renders.mkdir()
    (renders / "studio.db").touch()
    open_clock(rehearses)
    with pytest.raises(StudioError, match="belongs to a studio that renders"):
        open_clock(renders)
    with pytest.raises(StudioError, match="is a rehearsal's"):
        refuse(rehearses)
    refuse(renders)
    refuse(tmp_path / "new")


def test_a_broken_pact_is_told(tmp_path: Path) -> None:
    """A clock file that makes no sense is named, with the way out."""
    (tmp_path / "clock.json").write_text('{"rate": -1}')
    with pytest.raises(StudioError, match=r"clock\.json cannot be read"):
        open_clock(tmp_path)
