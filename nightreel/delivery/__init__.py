"""Where finished videos go: as each platform takes them, with captions and a text, into an outbox, to a webhook."""

from nightreel.delivery.extras import write_extras
from nightreel.delivery.feed import FEEDS, Entry, base_of, write_feeds
from nightreel.delivery.licences import licences_of
from nightreel.delivery.outbox import Parcel, place, withdraw
from nightreel.delivery.renditions import made_for
from nightreel.delivery.webhook import Hook, Message

__all__ = [
    "FEEDS",
    "Entry",
    "Hook",
    "Message",
    "Parcel",
    "base_of",
    "licences_of",
    "made_for",
    "place",
    "withdraw",
    "write_extras",
    "write_feeds",
]
