"""A run that waits for a person: it shows a form in Prefect's UI, and goes on with what was answered."""

from typing import Any, TypeVar

from prefect.exceptions import FlowPauseTimeout
from prefect.flow_runs import apause_flow_run
from prefect.input import RunInput

from flows import events

DAY = 24 * 60 * 60

A = TypeVar("A", bound=RunInput)


async def ask(form: type[A], about: str, evidence: str, *, patience: float = DAY, **proposed: Any) -> A | None:  # noqa: ANN401 - the form's own fields
    """Pause the current flow run until somebody has filled in *form*; return it, None if nobody does.

    The run shows as Paused and its process waits; *resume* in the UI (or `POST /flow_runs/ID/resume` with
    `{"run_input": {…}}`) lets it go on. Whoever has to know is told by the event `nightreel.clip.needs-person`.

    Args:
        form: a `prefect.input.RunInput`: its fields' titles, descriptions, choices and defaults are what is shown.
        about: what it is about, in a word or two: a clip's name.
        evidence: what one has to know to answer, as Markdown.
        patience: seconds after which nobody is waited for any more.
        proposed: answers that the form begins with; Prefect makes such fields anew, without title and description.
    """
    events.tell(events.NEEDS_PERSON, "clip", about, f"{about} waits for an answer.", asked=True)
    shown = form.with_initial_data(description=evidence, **proposed)
    try:
        return await apause_flow_run(wait_for_input=shown, timeout=int(patience), key=_key(about))
    except FlowPauseTimeout:
        return None


def _key(about: str) -> str:
    """Return a key of its own for each thing that is asked about in one run."""
    return "ask-" + "".join(sign if sign.isalnum() else "-" for sign in about.lower())
