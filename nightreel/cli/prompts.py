"""`nightreel prompts`: what the studio's agent makes of a text, before anything is sent."""

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nightreel.cli.options import Json
from nightreel.cli.shell import err, out
from nightreel.cli.view import table
from nightreel.errors import SettingsError

if TYPE_CHECKING:
    from nightreel.studio.agent.corpus import Scored
    from nightreel.studio.agent.cutting import Cut
    from nightreel.studio.agent.editing import Edit
    from nightreel.studio.draft import Draft

_MOST_PHOTOS = 100
prompts = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode="markdown",
    help="The library of prompt templates; and what the studio's agent makes of a text.",
)

_SAMPLE = {
    "id": "NR-1", "title": "Clay mug", "price": "39.00 EUR", "sale_price": "29.00 EUR", "brand": "Nightreel",
}  # fmt: skip
"""The product of the previews."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(prompts, name="prompts")


@prompts.callback()
def library_(
    context: typer.Context,
    language: Annotated[str, typer.Option("--language", metavar="CODE", help="Of the previews: en or zh.")] = "en",
    as_json: Json = False,
) -> None:
    """The library of prompt templates, each with the text that it comes to for a sample product.

    A brief chooses one by its name: `template: sale`. What the brief says itself wins, key by key.
    """
    if context.invoked_subcommand is not None:
        return
    previews = _previews(language)
    if as_json:
        out.print_json(json.dumps(previews, ensure_ascii=False))
        return
    for name, (about, text) in previews.items():
        out.print(f"[bold]{name}[/]  [dim]{about}[/]")
        out.print(f"  {text}", markup=False, soft_wrap=True)


def _previews(language: str) -> dict[str, tuple[str, str]]:
    """Return by name what each template is for, and its prompt for the sample product."""
    from nightreel.catalog.clips import clips_of
    from nightreel.catalog.library import library
    from nightreel.models import Product

    product = Product(id=_SAMPLE["id"], fields=_SAMPLE, photos=())
    return {
        name: (one.about, clips_of(product, one.under(language).model_copy(update={"language": language}))[0].prompt)
        for name, one in library().items()
    }


@prompts.command("try")
def try_(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What you would say, in English or Chinese.")],
    photos: Annotated[
        int, typer.Option("--photos", "-n", metavar="N", min=0, max=_MOST_PHOTOS, help="So many photos are there.")
    ] = 4,
    on: Annotated[
        Path | None,
        typer.Option(
            "--on",
            metavar="FILE",
            help="An edit of this: a draft as JSON, a state with one in it, or what `--json` printed before.",
        ),
    ] = None,
    language: Annotated[str, typer.Option("--language", metavar="CODE", help="Of the session.")] = "en",
    as_json: Json = False,
) -> None:
    """What the studio's agent makes of a text: what it understood, what not, the timeline, its answer.

    Nothing is sent, made or paid for. Try an edit on what came before:
    `nightreel prompts try "20 seconds, wipes" --json > a.json`, then
    `nightreel prompts try "no music, swap the first two photos" --on a.json`.
    """
    from nightreel.studio.agent.corpus import photos_of
    from nightreel.studio.agent.editing import edit

    before = None if on is None else _standing(on)
    there = photos_of(photos) if before is None else before.photos
    made = edit(text, before, there, language, 0)
    if as_json:
        out.print_json(json.dumps(_as_data(made, text, language), ensure_ascii=False))
    else:
        _show(made, text, language)


@prompts.command()
def score(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Prompts with what they must give.")],
    as_json: Json = False,
) -> None:
    """How many prompts of a corpus the agent understands: fully, partly, not at all, or wrongly.

    A line is `make it 20 seconds => seconds 20`; `# first 5` begins first cuts of five photos, `# edit 4 PROMPT`
    edits of the video that PROMPT makes. For those who add words or a language. Exit code 1 unless all are right.
    """
    from nightreel.studio.agent.corpus import Mark

    scores = {path: _scored(path) for path in files}
    rows = [(str(path), str(len(scored)), *_marks(scored)) for path, scored in scores.items()]
    every = [one for scored in scores.values() for one in scored]
    if as_json:
        out.print_json(json.dumps({"prompts": len(every), **Counter(one.mark for one in every)}))
    else:
        rows += [("all", str(len(every)), *_marks(every))] if len(files) > 1 else []
        for one in every:
            if one.mark is not Mark.FULLY:
                err.print(f"{one.mark}: {one.case.prompt}\n    wanted {one.case.facts}, got {one.got}", markup=False)
        heads = ("corpus", "prompts", *(mark.value for mark in Mark))
        out.print(table("", heads, rows, right=heads[1:]))
    if any(one.mark is not Mark.FULLY for one in every):
        raise typer.Exit(1)


def _marks(scored: "list[Scored]") -> list[str]:
    from nightreel.studio.agent.corpus import Mark

    counts = Counter(one.mark for one in scored)
    return [str(counts[mark]) for mark in Mark]


def _scored(path: Path) -> "list[Scored]":
    from nightreel.studio.agent.corpus import read_corpus, score_all

    try:
        return score_all(read_corpus(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{path} cannot be read: {error}", hint="`nightreel prompts score --help` shows its form."
        ) from None


def _standing(path: Path) -> "Cut":
    """Return the cut that *path* holds, or that gives the draft in it.

    Raises:
        SettingsError: it holds neither.
    """
    from nightreel.studio.agent.cutting import Cut
    from nightreel.studio.agent.standing import cut_of
    from nightreel.studio.draft import read_draft

    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        for key in ("data", "state"):  # a whole answer of the service
            data = data[key] if isinstance(data.get(key), dict) else data
        if isinstance(data.get("cut"), dict):
            return Cut.model_validate(data["cut"])
        return cut_of(read_draft(data.get("draft", data)))
    except (OSError, ValueError, AttributeError) as error:
        said = str(error).partition("\n")[0]
        raise SettingsError(f"{path} holds no draft to edit: {said}", hint="Give a draft as JSON.") from None


def _answer(made: "Edit", text: str, language: str) -> str:
    from nightreel.studio.agent.script import Say, write_script

    said = write_script(made, text, language, silent=False).after[-1]
    return said.text if isinstance(said, Say) else ""


def _as_data(made: "Edit", text: str, language: str) -> dict[str, object]:
    from nightreel.studio.agent.corpus import facts_between

    reading, cut = made.reading, made.cut
    return {
        "understood": facts_between(made.before or _bare(cut), cut) if cut is not None else {},
        "not_understood": [*reading.unknown, *(said for _, said in reading.unclear)],
        "cannot": [*reading.unable, *(key for key, _ in made.missed)],
        "changed": list(made.changed),
        "new": made.new,
        "says": _answer(made, text, language),
        "draft": None if made.finished is None else made.finished.wire(),
        "cut": None if cut is None else cut.model_dump(mode="json"),
    }


def _bare(cut: "Cut") -> "Cut":
    from nightreel.studio.agent.cutting import Cut

    return Cut(photos=cut.photos, language=cut.language, seed=cut.seed)


def _show(made: "Edit", text: str, language: str) -> None:
    from nightreel.studio.agent.corpus import facts_between

    reading, cut = made.reading, made.cut
    facts = facts_between(made.before or _bare(cut), cut) if cut is not None else {}
    lines = (
        ("Understood", [f"{name} {value}" for name, value in facts.items()], "green"),
        ("Not understood", [*reading.unknown, *(said for _, said in reading.unclear)], "yellow"),
        ("Cannot", [*reading.unable, *(key for key, _ in made.missed)], "red"),
    )
    for name, items, style in lines:
        out.print(f"{name:<15} {' · '.join(items) or 'nothing'}", style=style if items else "dim", markup=False)
    if made.finished is not None:
        out.print(_timeline(made.finished))
    out.print(f"It says         {_answer(made, text, language)}", markup=False)


def _timeline(draft: "Draft") -> object:
    rows = [
        *(
            (
                "video",
                _time(one.s),
                _time(one.d),
                one.m.name or one.m.asset,
                f"{one.m.motion} · {one.m.transition.kind}",
            )
            for one in draft.video
        ),
        *(
            ("music", _time(one.s), _time(one.d), one.m.name or one.m.mood, f"{one.m.volume:.0%}")
            for one in draft.audio
        ),
        *(
            (
                one.m.role,
                _time(one.s),
                _time(one.d),
                one.m.text,
                f"{one.m.position}{f' · was {one.m.old}' * bool(one.m.old)}",
            )
            for one in draft.text
        ),
    ]
    size = f"{draft.m.width}x{draft.m.height}, {draft.d / 1000:g} s, {draft.m.style} style"
    return table(size, ("track", "at", "for", "what", "how"), rows, right=("at", "for"))


def _time(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.2f} s"
