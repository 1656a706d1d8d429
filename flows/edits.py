"""The service's own workflows, without a catalog: quick edit, batch style, iterative edit.

Each is a script of a talk (`nightreel.talk.scripts`): stopped, it goes on where it was; nothing is paid twice.
"""

from pathlib import Path
from typing import Annotated

from prefect import flow
from prefect.client.schemas import State
from prefect.states import Completed
from pydantic import Field

from flows import artifacts
from flows.artifacts import plain
from flows.pictures import Shown
from nightreel import talk
from nightreel.errors import ConfigurationError
from nightreel.models import MadeBy, Value
from nightreel.runtime import open_runtime
from nightreel.settings import Settings, load_settings
from nightreel.talk import Script, Take


class Edit(Value):
    """Files, and what is to be made of them."""

    files: Annotated[
        tuple[Path, ...],
        Field(title="Files", description="Photos, clips or sounds, in order: their paths where the worker runs."),
    ] = ()
    prompts: Annotated[
        tuple[str, ...],
        Field(title="Prompts", description="What the video shall be; each further one is a change (iterative edit)."),
    ] = ()
    out: Annotated[Path, Field(title="Output", description="The MP4; a folder for a batch.")] = Path("out/edit.mp4")
    engine: MadeBy = None
    budget: Annotated[
        int | None,
        Field(title="Budget", ge=0, description="Credits that this run may spend at most. Nothing: no limit."),
    ] = None
    language: Annotated[str, Field(title="Language", description="Of the session: en or zh.")] = "en"
    rehearse: Annotated[
        bool, Field(title="Rehearsal", description="Try it for nothing: the videos are placeholders.")
    ] = False


NOTHING = Edit()
"""Every parameter of a flow needs a default, or an automation's run silently fails."""


@flow(name="quick-edit", flow_run_name="{edit.out}", retries=0, persist_result=False)
async def quick_edit(edit: Edit = NOTHING) -> State:
    """Upload, one prompt, one MP4."""
    return await _play(edit, talk.quick(_files(edit), _one_prompt(edit), edit.out))


@flow(name="batch-style", flow_run_name="{edit.out}", retries=0, persist_result=False)
async def batch_style(edit: Edit = NOTHING) -> State:
    """Several files in one session, by the same prompt a video each, in the folder `out`."""
    return await _play(edit, talk.batch(_files(edit), _one_prompt(edit), edit.out))


@flow(name="iterative-edit", flow_run_name="{edit.out}", retries=0, persist_result=False)
async def iterative_edit(edit: Edit = NOTHING) -> State:
    """A rough cut by the first prompt, refined by each further one, with a preview on the way."""
    if not edit.prompts:
        raise ConfigurationError("There is no prompt.", hint="Say what the video shall be, and then what to change.")
    return await _play(edit, talk.iterative(_files(edit), edit.prompts, edit.out))


def _files(edit: Edit) -> tuple[Path, ...]:
    if not edit.files:
        raise ConfigurationError("There is no file.", hint="Name photos, clips or sounds where the worker runs.")
    return edit.files


def _one_prompt(edit: Edit) -> str:
    if len(edit.prompts) != 1:
        raise ConfigurationError(
            f"One prompt is taken here; there are {len(edit.prompts)}.", hint="Say it all in one."
        )
    return edit.prompts[0]


async def _play(edit: Edit, script: Script) -> State:
    async with open_runtime(load_settings(engine=edit.engine, rehearse=edit.rehearse or None)) as runtime:
        runtime.tools.stopping.listen()
        takes = await talk.play(script, runtime.tools, language=edit.language, budget=edit.budget)
        await artifacts.show(_shown(takes, runtime.settings), "nightreel-edit", "What came of each prompt")
    return Completed(message=_in_words(takes), data=[str(take.scene.video) for take in takes])


def _shown(takes: list[Take], settings: Settings) -> str:
    """Return each prompt, what changed by it, and where its video is, as Markdown."""
    lines: list[str] = []
    for take in takes:
        video = take.scene.video
        link = Shown.by(settings, video.parent).link(video.name, video.name)
        changed = plain(" ".join(take.turn.changed)) if take.turn else "It was made before."
        lines += [f"- **{plain(take.scene.prompt)}** {link}", f"  {changed or 'Nothing was changed.'}"]
    return "\n".join(lines)


def _in_words(takes: list[Take]) -> str:
    spent = sum(take.turn.credits for take in takes if take.turn)
    return f"{len(takes)} made; {spent} credits"
