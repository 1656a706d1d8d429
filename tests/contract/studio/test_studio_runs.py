"""Prompts: credits while they are worked on, two at once, and a studio that ends in the middle."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx

from nightreel.clock import SystemClock
from nightreel.studio.bill import prompt_hash

Studio = Callable[..., Any]


class HeldClock(SystemClock):
    """A clock on which nobody's sleep ever ends."""

    async def sleep(self, seconds: float) -> None:
        """Wait for ever; *seconds* do not pass."""
        assert seconds > 0
        await asyncio.Event().wait()


async def test_two_prompts_at_once_cannot_spend_the_same_credits(studio: Studio) -> None:
    """Of two first cuts on an account with 100 credits one is made and one is refused; 100 are charged."""
    async with studio() as api:
        poor = await api.anonymous()
        one, other = await poor.session(), await poor.session()
        prompts: list[Coroutine[Any, Any, httpx.Response]] = [poor.prompt(one), poor.prompt(other)]
        answers = await asyncio.gather(*prompts)
        assert sorted(answer.status_code for answer in answers) == [200, 402]
        assert await poor.credits() == (0, 0)
        drafts = [await poor.draft(one), await poor.draft(other)]
        assert sorted(bool(draft) for draft in drafts) == [False, True]


async def test_the_tariff_is_charged_once_a_prompt_and_billed(studio: Studio) -> None:
    """A first cut costs 100, an edit 50, an edit that changes nothing and a prompt without photos nothing."""
    async with studio(local_credits=1_000) as api:
        session, empty = await api.session(), await api.session(0)
        prompts = ["Create a 10-second video", "make it 20 seconds", "make it 20 seconds", "thank you"]
        for prompt in prompts:
            await api.prompt(session, prompt)
        await api.prompt(empty, prompts[0])
        assert await api.credits() == (850, 0)
        bill = (await api.call("GET", "/studio/bill")).json()
        assert [(line["session"], line["seq"], line["credits"], line["prompt_hash"]) for line in bill] == [
            (session, 1, 100, prompt_hash(prompts[0])),
            (session, 2, 50, prompt_hash(prompts[1])),
        ]
        assert (await (await api.anonymous()).call("GET", "/studio/bill")).status_code == 403


async def test_a_session_takes_one_prompt_at_a_time(studio: Studio) -> None:
    """While a prompt is at work its price is frozen, and a second one in the session is told to wait."""
    async with studio(clock=HeldClock(), pace=1.0) as api:
        session = await api.session()
        first = asyncio.create_task(api.prompt(session))

        async def frozen() -> bool:
            return bool((await api.credits())[1] == 100)

        await api.until(frozen)
        second = await api.prompt(session)
        assert (second.status_code, second.json()["code"]) == (429, 429)
        assert int(second.headers["retry-after"]) > 0
        assert (await api.credits())[1] == 100
    assert (await first).status_code == 200


async def test_a_run_goes_on_after_a_restart(studio: Studio) -> None:
    """A studio that ends in the middle of a run has charged nothing; the next one makes the cut, and charges once."""
    async with studio(clock=HeldClock(), pace=1.0) as api:
        session = await api.session()
        prompt = asyncio.create_task(api.prompt(session))

        async def frozen() -> bool:
            return bool((await api.credits())[1] == 100)

        await api.until(frozen)
        assert await api.draft(session) == {}
    await prompt
    async with studio() as api:

        async def made() -> bool:
            return len((await api.draft(session)).get("t", [])) == 2

        await api.until(made)
        assert (await api.credits()) == (999_900, 0)
        assert len((await api.call("GET", "/studio/bill")).json()) == 1
    async with studio() as api:
        assert (await api.credits()) == (999_900, 0)


async def test_music_and_title_come_after_the_stream(studio: Studio) -> None:
    """When the stream ends the cut is there alone; an edit that comes before the second stage builds on the whole."""

    class Stages(SystemClock):
        """Steps take no time; the second stage never comes by itself."""

        async def sleep(self, seconds: float) -> None:
            if seconds > 1:
                await asyncio.Event().wait()

    async with studio(clock=Stages(), pace=1.0) as api:
        session = await api.session()
        await api.prompt(session, 'Create a 10-second video. Title: "Cup"')
        assert [track["tt"] for track in (await api.draft(session))["t"]] == [0]
        await api.prompt(session, "make it 20 seconds")
        draft = await api.draft(session)
        assert [track["tt"] for track in draft["t"]] == [0, 1, 7]
        assert draft["d"] == 20_000


async def test_sessions_belong_to_their_account(studio: Studio) -> None:
    """Nobody reads, prompts, uploads to, claims or exports from another account's session."""
    async with studio() as api:
        session, draft = await api.made()
        other = await api.anonymous()
        answers = [
            await other.call("GET", f"/api/state/nemo_agent/me/{session}/latest"),
            await other.call("POST", f"/api/upload-video/nemo_agent/me/{session}", json={"urls": ["http://x/a.jpg"]}),
            await other.call("POST", "/api/auth/claim-token", json={"task_id": "t", "session_id": session}),
            await other.prompt(session),
            await other.submit("render_1", session, draft),
        ]
        assert [answer.json()["code"] for answer in answers] == [1002] * 5


async def test_a_title_that_cannot_be_set_costs_nothing(studio: Studio) -> None:
    """A letter that no typeface has is found before the draft is written: the run fails, its credits come back."""
    async with studio(local_credits=100) as api:
        session = await api.session()
        answer = await api.prompt(session, 'Create a 10-second video. Title: "Crema ꙮ".')
        assert "no font here has" in answer.text
        assert await api.credits() == (100, 0)
        assert not await api.draft(session)
