"""A clip from beginning to end."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from nightreel.clips.export import export
from nightreel.clips.finish import deliver, inspect
from nightreel.clips.generate import generate
from nightreel.clips.prepare import open_session, upload
from nightreel.clips.verify import verify
from nightreel.clips.work import Job, Order, Tools, claim
from nightreel.errors import LeaseLost, NeedsPerson, NightreelError, Permanent, QualityError
from nightreel.ledger.records import ClipStatus
from nightreel.models import Clip, Delivery
from nightreel.nemo.redact import REDACTOR

Steps = Callable[[Job], Awaitable[Delivery]]
"""Takes a claimed clip through its steps; Prefect's tasks are another way to do that than :func:`all_steps`."""


async def make(clip: Clip, order: Order, tools: Tools, steps: Steps | None = None) -> Delivery:
    """Make *clip*, or go on making it, or deliver it again; the claim is given back however that ends.

    Args:
        clip: the clip.
        order: of the run.
        tools: what the steps work with.
        steps: how the steps are taken; by default one after the other, here.

    Raises:
        NightreelError: why it is not made; recorded. An error that we did not foresee is recorded, too, and raised
            as it is.
    """
    job = await claim(clip, order, tools)
    try:
        return await (steps(job) if steps else all_steps(job, tools))
    except NightreelError as error:
        await fail(job, error, tools)
        raise
    except Exception as error:
        await fail(job, _unforeseen(clip, error), tools)
        raise
    except BaseException:
        await give_back(job, tools)
        raise


async def all_steps(job: Job, tools: Tools) -> Delivery:
    """Take *job* through all steps."""
    await open_session(job, tools)
    await upload(job, tools)
    await generate(job, tools)
    await verify(job, tools)
    await export(job, tools)
    await inspect(job, tools)
    return await deliver(job, tools)


def _unforeseen(clip: Clip, error: Exception) -> NightreelError:
    said = f"{clip.name}: {type(error).__name__}: {error}"
    return NightreelError(REDACTOR.clean(said), hint="This is a fault of Nightreel; run with -v for its trace.")


async def fail(job: Job, error: NightreelError, tools: Tools) -> None:
    """Record why the clip is not made, and give it back: for a person, as failed, or to be gone on with."""
    if isinstance(error, NeedsPerson):
        status = ClipStatus.PERSON
    elif isinstance(error, Permanent | QualityError):
        status = ClipStatus.FAILED
    else:
        status = ClipStatus.OPEN
    with suppress(LeaseLost):  # then it is another runner's to record
        await tools.ledger.journal.failed(job.claim, status, type(error).__name__, error.message, error.hint)


async def give_back(job: Job, tools: Tools) -> None:
    """Let any runner go on with the clip: this one is interrupted. What it sent is in the journal."""
    await tools.ledger.claims.release(job.claim)
