"""A night, from the request to the report: plan, begin, end. The flows tell its story; this is its domain."""

from nightreel.nights.outlook import Outlook, outlook
from nightreel.nights.planning import STOPS, Night, begin, plan_night
from nightreel.nights.replanning import replanned
from nightreel.nights.telling import end, in_words

__all__ = ["STOPS", "Night", "Outlook", "begin", "end", "in_words", "outlook", "plan_night", "replanned"]
