"""A night, from the request to the report: plan, begin, end. The flows tell its story; this is its domain."""

from nightreel.nights.gathering import gathered
from nightreel.nights.outlook import Outlook, outlook
from nightreel.nights.planning import STOPS, Night, begin, plan_night
from nightreel.nights.replanning import replanned
from nightreel.nights.telling import end, in_words
from nightreel.nights.watching import AT_ONCE, Watcher, plan_settled
from nightreel.nights.watching import require as require_source

__all__ = [
    "AT_ONCE",
    "STOPS",
    "Night",
    "Outlook",
    "Watcher",
    "begin",
    "end",
    "gathered",
    "in_words",
    "outlook",
    "plan_night",
    "plan_settled",
    "replanned",
    "require_source",
]
