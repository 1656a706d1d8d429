"""The steps of a clip, as plain async functions over client, journal and ledger.

Each may be run again at any time, after a crash at any line: the journal says what was sent, what is unknown is
looked up, and what is made is not made again. In order: :func:`claim`, :func:`open_session`, :func:`upload`,
:func:`generate`, :func:`verify`, :func:`export`, :func:`inspect`, :func:`deliver`; or :func:`make`, which is all of
them. Whoever runs the steps one by one calls :func:`fail` with the error of a step that failed, and
:func:`give_back` when interrupted. Where nothing else tells, :func:`gather` shows a person what there is to see, and
:func:`decide` and :func:`give_up` take the word.
"""

from nightreel.clips.cases import Case, carry_out, open_cases, what_next
from nightreel.clips.decide import decide, give_up, give_up_clip, stranded
from nightreel.clips.export import export
from nightreel.clips.files import Places, folders_of, places_of, stands
from nightreel.clips.findings import Evidence, gather
from nightreel.clips.finish import deliver, inspect
from nightreel.clips.generate import generate
from nightreel.clips.make import fail, give_back, make
from nightreel.clips.prepare import open_session, upload
from nightreel.clips.service import Photos, Service
from nightreel.clips.stopping import Stopping
from nightreel.clips.verify import verify
from nightreel.clips.work import LOCAL, Job, Order, Tools, Waits, claim

__all__ = [
    "LOCAL",
    "Case",
    "Evidence",
    "Job",
    "Order",
    "Photos",
    "Places",
    "Service",
    "Stopping",
    "Tools",
    "Waits",
    "carry_out",
    "claim",
    "decide",
    "deliver",
    "export",
    "fail",
    "folders_of",
    "gather",
    "generate",
    "give_back",
    "give_up",
    "give_up_clip",
    "inspect",
    "make",
    "open_cases",
    "open_session",
    "places_of",
    "stands",
    "stranded",
    "upload",
    "verify",
    "what_next",
]
