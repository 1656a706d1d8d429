"""The NemoVideo service: its wire shapes, and the one client that drives the cloud and the studio alike."""

from nightreel.nemo.changes import changes
from nightreel.nemo.client import ClaimLink, NemoClient
from nightreel.nemo.download import Download
from nightreel.nemo.events import AgentEvent, EventKind
from nightreel.nemo.exchange import Exchange, Observer
from nightreel.nemo.phrases import Action, Spoken, translate
from nightreel.nemo.redact import REDACTOR
from nightreel.nemo.requests import Request, classify, requests_in
from nightreel.nemo.stream import Reply
from nightreel.nemo.summary import describe, summarise
from nightreel.nemo.transport import Patience
from nightreel.nemo.upload import UploadFile

__all__ = [
    "REDACTOR",
    "Action",
    "AgentEvent",
    "ClaimLink",
    "Download",
    "EventKind",
    "Exchange",
    "NemoClient",
    "Observer",
    "Patience",
    "Reply",
    "Request",
    "Spoken",
    "UploadFile",
    "changes",
    "classify",
    "describe",
    "requests_in",
    "summarise",
    "translate",
]
