"""Scheduled social content: rules, a plan that can be changed before it runs, a day's drop, and what is withdrawn."""

from nightreel.social.book import Book
from nightreel.social.candidates import Candidate, Sale, candidate
from nightreel.social.dropping import Drop, Dropped, Make, drop
from nightreel.social.planning import Pick, Planned, plan
from nightreel.social.record import Event, Post, Record, fold
from nightreel.social.rules import RULES_FILE, Rules, Slot, parse_rules, read_rules
from nightreel.social.shelf import FolderShelf, Shelf
from nightreel.social.shop import Shop, look
from nightreel.social.telling import in_words

__all__ = [
    "RULES_FILE",
    "Book",
    "Candidate",
    "Drop",
    "Dropped",
    "Event",
    "FolderShelf",
    "Make",
    "Pick",
    "Planned",
    "Post",
    "Record",
    "Rules",
    "Sale",
    "Shelf",
    "Shop",
    "Slot",
    "candidate",
    "drop",
    "fold",
    "in_words",
    "look",
    "parse_rules",
    "plan",
    "read_rules",
]
