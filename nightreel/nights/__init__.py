"""A night, from the request to the report: plan, begin, end. The flows tell its story; this is its domain."""

from nightreel.nights.planning import STOPS, Night, begin, plan_night
from nightreel.nights.telling import end, in_words

__all__ = ["STOPS", "Night", "begin", "end", "in_words", "plan_night"]
