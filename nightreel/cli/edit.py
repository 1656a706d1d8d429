"""`nightreel edit`: files and prompts in, videos out, without a catalog: the service's three workflows."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TextColumn

from nightreel.cli import logs
from nightreel.cli.options import Budget, EngineChoice, Rate, Rehearse, Verbose, video_file
from nightreel.cli.shell import err, out, run_async
from nightreel.errors import ConfigurationError
from nightreel.settings import Settings, load_settings

if TYPE_CHECKING:
    from nightreel.talk import Script, Take


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(edit)


def edit(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Photos, clips or sounds, in order.")],
    prompts: Annotated[
        list[str],
        typer.Option("--prompt", "-p", metavar="TEXT", help="What the video shall be; given again, what to change."),
    ],
    to: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="The MP4; a folder with --each.", show_default="out/edit.mp4"
        ),
    ] = None,
    each: Annotated[
        bool, typer.Option("--each", help="A video of each file, all in one session, by the same prompt.")
    ] = False,
    previews: Annotated[
        bool, typer.Option("--previews", help="With several prompts: a fast preview after each but the last.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Buy it once more, though it was made before.")] = False,
    budget: Budget = None,
    language: Annotated[str, typer.Option("--language", metavar="CODE", help="The session's language.")] = "en",
    engine: EngineChoice = None,
    rehearse: Rehearse = False,
    rate: Rate = None,
    verbose: Verbose = False,
) -> None:
    """Make a video of some files by a prompt, without a catalog.

    **Quick edit**: `nightreel edit a.jpg b.jpg -p "a 10 second video with upbeat music"`.
    **Iterative**: give `--prompt` again for each refinement, with `--previews` to see the way.
    **Batch**: `--each` makes a video of each file, in one session.

    Stopped or failed, the same command goes on from where it was; what was paid for is not paid for again. What was
    made is left alone, unless `--again` buys it once more.
    """
    logs.set_up(verbose=verbose)
    script = _script(files, prompts, to, each=each, previews=previews)
    settings = load_settings(engine=engine, rehearse=rehearse or None, rate=rate)
    run_async(_play(script, settings, language, budget, again=again))


def _script(files: list[Path], prompts: list[str], to: Path | None, *, each: bool, previews: bool) -> "Script":
    from nightreel import talk

    if each:
        if len(prompts) > 1:
            raise ConfigurationError("--each takes one prompt.", hint="Say it all in one.")
        return talk.batch(files, prompts[0], to or Path("out"))
    return talk.iterative(files, prompts, video_file(to or Path("out/edit.mp4"), "edit"), previews=previews)


async def _play(script: "Script", settings: Settings, language: str, budget: int | None, *, again: bool) -> None:
    from nightreel import talk
    from nightreel.runtime import open_runtime

    async with open_runtime(settings) as runtime:
        await runtime.warm_up()
        with Progress(TextColumn("{task.description}"), BarColumn(), console=err, transient=True) as bar:
            shown = bar.add_task("", total=1.0)
            await talk.play(
                script,
                runtime.tools,
                language=language,
                budget=budget,
                again=again,
                tell=lambda share, words: bar.update(shown, completed=share or 0.0, description=words),
                told=_show,
            )


def _show(take: "Take") -> None:
    """Say what came of a scene."""
    if take.turn is not None:
        for sentence in (take.turn.said.text, *(f"· {change}" for change in take.turn.changed)):
            if sentence:
                out.print(sentence, markup=False, soft_wrap=True)
        if not take.turn.changed:
            err.print("! The editor changed nothing by this prompt.", style="yellow", markup=False)
        out.print(f"{take.turn.credits} credits.", markup=False, style="dim")
    if take.size:
        kept = "" if take.turn else "  (made before)"
        out.print(f"{take.scene.video}  {decimal(take.size)}{kept}", markup=False, soft_wrap=True)
