"""Talks that are written down beforehand: files, then a prompt and an export at a time.

The service's three workflows are scripts: a quick edit has one scene, a batch has one a file with the same
instruction, an iterative edit has one a prompt with a preview after each but the last. A script that was stopped goes
on where it was; one that was played is not played again, unless it is asked for.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from nightreel.clips.rendering import HIGH
from nightreel.clips.work import Tools
from nightreel.ledger.records import PurchaseRecord, PurchaseStatus
from nightreel.models import Value, digest
from nightreel.nemo.saying import spoken_in
from nightreel.talk.asking import Turn, ask, settle
from nightreel.talk.exporting import Tell, export, exported
from nightreel.talk.files import prepare
from nightreel.talk.handing import hand_over
from nightreel.talk.talks import Talk, begin, close, listed, resume

PREVIEW = "draft"
"""The quality of a preview."""

_EACH = {
    "en": "Create a new video. {instruction} Use only photo {number}.",
    "zh": "重新制作视频：{instruction}只用第{number}张照片。",
}
"""What asks for a video of one of a session's photos: anew, so that photos count as they were handed over."""


class Scene(Value):
    """A prompt, and the video that is exported after it."""

    prompt: Annotated[str, Field(min_length=1)]
    video: Path
    quality: str = HIGH


class Script(Value):
    """What is handed over, and what is asked for then, in order."""

    files: Annotated[tuple[Path, ...], Field(min_length=1)]
    scenes: Annotated[tuple[Scene, ...], Field(min_length=1)]


class Take(Value):
    """What came of a scene; *turn* is None of one that was played before."""

    scene: Scene
    turn: Turn | None
    size: int


def quick(files: Sequence[Path], prompt: str, to: Path) -> Script:
    """Return the script of a quick edit: upload, prompt, MP4."""
    return Script(files=tuple(files), scenes=(Scene(prompt=prompt, video=to),))


def batch(files: Sequence[Path], instruction: str, folder: Path) -> Script:
    """Return the script of a batch: several files in one session, the instruction and a video for each."""
    said = instruction.strip() if instruction.strip().endswith((".", "!", "。", "！")) else f"{instruction.strip()}."
    each = _EACH[spoken_in(instruction, "en")]
    names = _apart([path.stem for path in files])
    scenes = tuple(
        Scene(prompt=each.format(instruction=said, number=number), video=folder / f"{name}.mp4")
        for number, name in enumerate(names, 1)
    )
    return Script(files=tuple(files), scenes=scenes)


def iterative(files: Sequence[Path], prompts: Sequence[str], to: Path, *, previews: bool = True) -> Script:
    """Return the script of an iterative edit: a rough cut, refined prompt by prompt, with previews on the way."""
    last = len(prompts)
    scenes = [
        Scene(prompt=prompt, video=to)
        if number == last
        else Scene(prompt=prompt, video=to.with_name(f"{to.stem}.preview-{number}.mp4"), quality=PREVIEW)
        for number, prompt in enumerate(prompts, 1)
    ]
    if not previews:
        scenes = [scene.model_copy(update={"video": to, "quality": ""}) for scene in scenes[:-1]] + scenes[-1:]
    return Script(files=tuple(files), scenes=tuple(scenes))


async def play(
    script: Script,
    tools: Tools,
    *,
    language: str = "en",
    budget: int | None = None,
    again: bool = False,
    tell: Tell | None = None,
    told: Callable[[Take], None] | None = None,
) -> list[Take]:
    """Play *script*, or go on with it; return what came of each scene.

    Args:
        script: what is to be done.
        tools: of the account.
        language: of a new session.
        budget: for the whole script.
        again: play it once more although it was played to its end.
        tell: told how far the scene at hand is.
        told: told of each scene that is done.

    Raises:
        NightreelError: as in `hand_over`, `ask` and `export`; what was made is kept, and paid for no more.
    """
    tell = tell or _silent
    talk = await _talk(f"script {await _key(script, tools)}", tools, language, budget, again=again)
    talk.tell = lambda words: tell(None, words)
    if not await _there(talk):
        await hand_over(talk, script.files, lambda sent, total: tell(sent / total if total else None, "upload"))
    await settle(talk)
    takes: list[Take] = []
    for number, scene in enumerate(script.scenes):
        answered = number < len(await _answered(talk))
        turn = None if answered else await ask(talk, scene.prompt)
        takes.append(Take(scene=scene, turn=turn, size=await _video(talk, number, scene, tell)))
        if told is not None:
            told(takes[-1])
    await close(talk, "made")
    return takes


async def _there(talk: Talk) -> bool:
    """Whether the session has the files; one of which nobody knows what it has is left for another."""
    assets = await talk.tools.ledger.sessions.assets(talk.session.id)
    if all(asset.status == "sent" for asset in assets):
        return bool(assets)
    await talk.reopen("what came of the upload is not known")
    return False


async def _video(talk: Talk, number: int, scene: Scene, tell: Tell) -> int:
    """Export the scene as it was after its prompt; a video that was exported and is still there is left alone."""
    if not scene.quality:
        return 0
    draft = (await _answered(talk))[number].draft
    if draft and scene.video.is_file() and await exported(talk, draft, scene.quality):
        return scene.video.stat().st_size
    return (await export(talk, scene.video, quality=scene.quality, tell=tell, draft=draft)).size


async def _talk(source: str, tools: Tools, language: str, budget: int | None, *, again: bool) -> Talk:
    """Return the talk that the script was begun in, or a new one."""
    run = await tools.ledger.journal.last_run(tools.account_id, source)
    mine = [one for one in await listed(tools) if run is not None and one.run_id == run.id]
    if run is None or not mine or (again and run.ended_at is not None):
        return await begin(tools, language=language, budget=budget, source=source)
    return await resume(tools, mine[-1].session.id, budget=budget)


async def _answered(talk: Talk) -> list[PurchaseRecord]:
    """Return the prompts that were answered, oldest first: made, or with no change."""
    bought = await talk.tools.ledger.purchases.of(session_id=talk.session.id)
    return [
        one
        for one in bought
        if one.status is PurchaseStatus.DONE or (one.status is PurchaseStatus.NOT_MADE and one.reply)
    ]


async def _key(script: Script, tools: Tools) -> str:
    """Return what tells this script from others: the files' contents, and what is asked for."""
    files = [(await prepare(path, number, tools)).photo_sha256 for number, path in enumerate(script.files, 1)]
    asked = [(scene.prompt, scene.quality, scene.video.name) for scene in script.scenes]
    return digest({"files": files, "scenes": asked})


def _apart(names: Sequence[str]) -> list[str]:
    """Return names of which no two are alike."""
    counts = [names[:place].count(name) for place, name in enumerate(names)]
    return [f"{name}-{count + 1}" if count else name for name, count in zip(names, counts, strict=True)]


def _silent(_fraction: float | None, _words: str) -> None:
    return
