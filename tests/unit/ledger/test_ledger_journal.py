"""Claims, sessions, purchases and renders: one writer, one prompt in flight, and a record of everything."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from nightreel.clock import ManualClock
from nightreel.errors import BudgetExceeded, ClipClaimed, LeaseLost, LedgerError
from nightreel.ledger import Ledger, owner
from nightreel.ledger.notes import LEASE
from nightreel.ledger.purchases import Intent
from nightreel.ledger.records import Claim, ClipStatus, PurchaseStatus, RenderStatus
from nightreel.ledger.schema import clip as clips
from nightreel.models import Clip, Delivery


async def _claim(ledger: Ledger, clip: Clip, run: str | None = None, *, remake: bool = False) -> Claim:
    return await ledger.claims.claim(clip, "local", "studio", run, remake=remake)


async def _session(ledger: Ledger, claim: Claim) -> str:
    session = await ledger.sessions.opening(claim, "en")
    return (await ledger.sessions.opened(claim, session, "s-1", "t-1")).id


def _intent(session: str, credits_: int = 100) -> Intent:
    return Intent(session, "first_cut", "Create a video.", credits_, {"draft": "none"})


async def test_one_runner_claims_a_clip(ledger: Ledger, other: Ledger, clip: Clip) -> None:
    """Of many runners that reach for a clip at once, one gets it, and the others are told who has it."""
    tried = [_claim(runner, clip) for runner in (ledger, other) * 4]
    got = await asyncio.gather(*tried, return_exceptions=True)
    assert sum(isinstance(one, Claim) for one in got) == 1
    assert sum(isinstance(one, ClipClaimed) for one in got) == 7


async def test_a_lapsed_lease_is_taken_over_and_fences_the_old_runner(
    ledger: Ledger, other: Ledger, clip: Clip, clock: ManualClock
) -> None:
    """Whoever lost its claim can write nothing more, and reserve nothing."""
    run = await ledger.journal.begin_run("local", "studio")
    old = await _claim(ledger, clip, run)
    session = await _session(ledger, old)
    clock.advance(LEASE.total_seconds() - 1)
    await ledger.claims.extend(old)
    clock.advance(LEASE.total_seconds() - 1)
    with pytest.raises(ClipClaimed):
        await _claim(other, clip, run)
    clock.advance(2)
    new = await _claim(other, clip, run)
    assert new.fence > old.fence
    for write in (
        ledger.purchases.intend(old, _intent(session)),
        ledger.journal.stepped(old, "upload"),
        ledger.sessions.opening(old, "en"),
        ledger.renders.intend(old, session, "d" * 64, 0),
        ledger.claims.extend(old),
    ):
        with pytest.raises(LeaseLost):
            await write
    await ledger.claims.release(old)  # says nothing, and takes nothing from the new one
    await other.claims.extend(new)
    assert (await ledger.credits.summary("local:studio")).reserved == 0


async def test_a_runner_that_died_here_loses_its_claims_at_once(ledger: Ledger, clip: Clip) -> None:
    """A killed process of this machine is not waited for."""
    program = (sys.executable, "-c", "from nightreel.ledger import owner; print(owner.name())")
    environment = {"PYTHONPATH": str(Path.cwd())}
    child = await asyncio.create_subprocess_exec(*program, env=environment, stdout=asyncio.subprocess.PIPE)
    dead = (await child.communicate())[0].decode().strip()
    assert owner.gone(dead)
    assert not owner.gone(owner.name())
    assert not owner.gone(dead.replace(owner.name().split("/")[0], "another-machine", 1))
    old = await _claim(ledger, clip)
    async with ledger.store.write() as tx:
        await tx.run(update(clips).values(owner=dead))
    assert (await _claim(ledger, clip)).fence == old.fence + 1


async def test_an_intent_and_its_reservation_are_one(ledger: Ledger, clip: Clip) -> None:
    """A prompt that the budget refuses leaves no purchase; one that is written has its credits reserved."""
    run = await ledger.journal.begin_run("local", "studio", budget=100)
    claim = await _claim(ledger, clip, run)
    session = await _session(ledger, claim)
    with pytest.raises(BudgetExceeded):
        await ledger.purchases.intend(claim, _intent(session, 101))
    assert await ledger.purchases.of(session_id=session) == []
    bought = await ledger.purchases.intend(claim, _intent(session, 100))
    assert (bought.seq, bought.status) == (1, PurchaseStatus.INTENT)
    assert await ledger.credits.reserved_by(run) == 100


async def test_a_session_has_one_prompt_in_flight(ledger: Ledger, clip: Clip) -> None:
    """While the outcome of a prompt is open, its session takes no other; afterwards the numbers go on."""
    claim = await _claim(ledger, clip)
    session = await _session(ledger, claim)
    first = await ledger.purchases.intend(claim, _intent(session))
    await ledger.purchases.unknown(claim, first.id, "the stream broke")
    with pytest.raises(LedgerError, match="outcome is open"):
        await ledger.purchases.intend(claim, _intent(session))
    await ledger.purchases.not_made(claim, first.id, PurchaseStatus.NOT_MADE, "the state is as before")
    assert (await ledger.purchases.intend(claim, _intent(session))).seq == 2


async def test_an_ended_purchase_stays_ended(ledger: Ledger, clip: Clip) -> None:
    """What came of a prompt is told once; its credits are settled or released with it."""
    claim = await _claim(ledger, clip)
    session = await _session(ledger, claim)
    bought = await ledger.purchases.intend(claim, _intent(session))
    assert [open_.id for open_ in await ledger.purchases.open("local:studio")] == [bought.id]
    await ledger.purchases.done(claim, bought.id, {"t": []}, reply="done")
    for change in (
        ledger.purchases.done(claim, bought.id, {}),
        ledger.purchases.unknown(claim, bought.id, "late"),
        ledger.purchases.not_made(claim, bought.id, PurchaseStatus.FAILED, "late"),
    ):
        with pytest.raises(LedgerError, match="has ended as done"):
            await change
    summary = await ledger.credits.summary("local:studio")
    assert (summary.spent, summary.reserved) == (100, 0)
    assert await ledger.journal.spent_on(claim.clip_id or "") == 100


async def test_a_render_never_comes_back_from_its_end(ledger: Ledger, clip: Clip) -> None:
    """A late status changes nothing; a paid export is settled when it is complete and released when it failed."""
    claim = await _claim(ledger, clip)
    session = await _session(ledger, claim)
    first = await ledger.renders.intend(claim, session, "d" * 64, 10)
    await ledger.renders.became(claim, first.id, RenderStatus.FAILED, "no disk")
    assert (await ledger.renders.became(claim, first.id, RenderStatus.TAKEN)).status is RenderStatus.FAILED
    second = await ledger.renders.intend(claim, session, "d" * 64, 10)
    await ledger.renders.became(claim, second.id, RenderStatus.COMPLETED)
    summary = await ledger.credits.summary("local:studio")
    assert (summary.spent, summary.reserved) == (10, 0)
    assert [render.id for render in await ledger.renders.of(claim.clip_id or "")] == [first.id, second.id]


def _delivery(clip: Clip) -> Delivery:
    here = Path("/out/a.mp4")
    return Delivery(
        clip=clip.name, video=here, cover=here, record=here, seconds=15, size=1, sha256="b" * 64, credits=100
    )


async def test_a_remake_is_a_new_take_once(ledger: Ledger, clip: Clip) -> None:
    """Asking for a remake begins a new take; the same run asking again, or one that takes over, goes on with it."""
    runs = [await ledger.journal.begin_run("local", "studio") for _ in range(3)]
    first = await _claim(ledger, clip, runs[0])
    await ledger.journal.delivered(first, _delivery(clip))
    second = await _claim(ledger, clip, runs[1], remake=True)
    assert second.clip_id != first.clip_id
    await ledger.claims.release(second)
    assert (await _claim(ledger, clip, runs[2], remake=True)).clip_id == second.clip_id
    made = await ledger.journal.made("local", "studio")
    assert made[clip.key].status == "open"


async def test_a_clip_with_an_open_prompt_is_never_begun_anew(ledger: Ledger, clip: Clip) -> None:
    """While nobody knows what came of its prompt, a remake goes on with the clip; after that it is a new one."""
    runs = [await ledger.journal.begin_run("local", "studio") for _ in range(4)]
    first = await _claim(ledger, clip, runs[0])
    bought = await ledger.purchases.intend(first, _intent(await _session(ledger, first)))
    await ledger.purchases.unknown(first, bought.id, "the stream broke")
    await ledger.journal.failed(first, ClipStatus.FAILED, "RequestRefused", "no", "")
    assert (await ledger.journal.made("local", "studio"))[clip.key].paid

    second = await _claim(ledger, clip, runs[1], remake=True)
    assert second.clip_id == first.clip_id
    await ledger.purchases.person(second, bought.id, "a second prompt in a row left no trace")
    await ledger.journal.failed(second, ClipStatus.PERSON, "NeedsPerson", "who knows", "")

    third = await _claim(ledger, clip, runs[2], remake=True)
    assert third.clip_id == first.clip_id
    await ledger.purchases.done(third, bought.id, {"t": []}, by_person=True)
    await ledger.journal.failed(third, ClipStatus.PERSON, "NeedsPerson", "its session is gone", "")
    assert (await _claim(ledger, clip, runs[3], remake=True)).clip_id != first.clip_id
    assert not (await ledger.journal.made("local", "studio"))[clip.key].paid


async def test_the_journal_tells_what_was_made(ledger: Ledger, clip_of: Callable[[str], Clip]) -> None:
    """Made clips are found by key in their own account, with what decided them; a failed one says so."""
    mug, lamp = clip_of("mug"), clip_of("lamp")
    await ledger.journal.delivered(await _claim(ledger, mug), _delivery(mug))
    held = await _claim(ledger, lamp)
    await ledger.journal.failed(held, ClipStatus.FAILED, "VideoRejected", "black", "look at it")
    made = await ledger.journal.made("local", "studio")
    assert (made[mug.key].status, made[mug.key].video) == ("made", Path("/out/a.mp4"))
    assert made[mug.key].photos == ("a" * 64,)
    assert made[lamp.key].status == "failed"
    assert await ledger.journal.made("cloud", "studio") == {}
    again = await _claim(ledger, mug)  # delivering it once more, elsewhere, may fail: it stays made
    await ledger.journal.failed(again, ClipStatus.FAILED, "DiskFull", "full", "")
    assert (await ledger.journal.made("local", "studio"))[mug.key].status == "made"


async def test_the_present_state_follows_from_the_entries(ledger: Ledger, clip: Clip) -> None:
    """The last entry of each session, purchase and render names the status that its row has."""
    claim = await _claim(ledger, clip)
    session = await _session(ledger, claim)
    bought = await ledger.purchases.intend(claim, _intent(session))
    await ledger.purchases.unknown(claim, bought.id, "lost")
    await ledger.purchases.done(claim, bought.id, {"t": []})
    render = await ledger.renders.intend(claim, session, "d" * 64, 0)
    await ledger.renders.became(claim, render.id, RenderStatus.TAKEN)
    await ledger.sessions.leave(claim, session, "for the test", gone=True)
    last = {entry.subject_id: entry.event for entry in await ledger.journal.entries(clip_id=claim.clip_id or "")}
    assert last[session] == (await ledger.sessions.get(session)).status == "gone"
    assert last[bought.id] == (await ledger.purchases.get(bought.id)).status == "done"
    assert last[render.id] == (await ledger.renders.get(render.id)).status == "taken"
    assert all(entry.fence == claim.fence for entry in await ledger.journal.entries(clip_id=claim.clip_id or ""))


async def test_a_talk_buys_without_a_clip(ledger: Ledger) -> None:
    """Prompts of a talk in the editor go through the same ledger, and hold no clip."""
    talk = await ledger.claims.talk("cloud", "own")
    session = await _session(ledger, talk)
    bought = await ledger.purchases.intend(talk, _intent(session))
    await ledger.purchases.done(talk, bought.id, {"t": []})
    assert (await ledger.credits.summary("cloud:own")).spent == 100
    assert await ledger.journal.made("cloud", "own") == {}
