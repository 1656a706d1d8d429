"""Talks with the editor: files handed over, prompts in plain words, exports, in a session of one's own.

Each prompt is a purchase like a clip's, under the same budgets; a talk that was broken off goes on where it was.
"""

from nightreel.talk.asking import Turn, ask, settle
from nightreel.talk.exporting import export, link
from nightreel.talk.handing import Handed, hand_over
from nightreel.talk.history import Past, history
from nightreel.talk.scripts import Scene, Script, Take, batch, iterative, play, quick
from nightreel.talk.talks import Talk, begin, close, listed, resume

__all__ = [
    "Handed",
    "Past",
    "Scene",
    "Script",
    "Take",
    "Talk",
    "Turn",
    "ask",
    "batch",
    "begin",
    "close",
    "export",
    "hand_over",
    "history",
    "iterative",
    "link",
    "listed",
    "play",
    "quick",
    "resume",
    "settle",
]
