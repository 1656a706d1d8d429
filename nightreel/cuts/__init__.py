"""A clip that a person looks at before it goes out: a rough cut, changes in plain words, and a last word."""

from nightreel.cuts.answers import Answer, Silence, Verdict
from nightreel.cuts.choosing import Review, choose
from nightreel.cuts.sitting import Cut, Sitting, sit
from nightreel.cuts.telling import report

__all__ = ["Answer", "Cut", "Review", "Silence", "Sitting", "Verdict", "choose", "report", "sit"]
