"""Which posts must go: their sale is over, or a person has taken them out of today's plan. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from nightreel.social.candidates import Candidate
from nightreel.social.planning import Planned
from nightreel.social.record import Post


class Withdrawal(NamedTuple):
    """A post that goes, and why, as a sentence."""

    post: Post
    why: str


def over(posts: Iterable[Post], known: Mapping[str, Candidate], now: datetime) -> list[Withdrawal]:
    """Return the posts that show a price which holds no more at *now*.

    A sale that the feed has prolonged goes on; one whose product has left the catalog ends when it was to end.
    """
    return [Withdrawal(post, why) for post in posts if (why := _why_over(post, known.get(post.product), now))]


def _why_over(post: Post, candidate: Candidate | None, now: datetime) -> str:
    if not post.sale:
        return ""
    if candidate is not None and candidate.sale is not None and candidate.sale.on(now):
        return ""
    if post.ends is not None and post.ends < now:
        return f"The sale of {post.product} ended on {post.ends:%Y-%m-%d %H:%M}."
    if candidate is None:
        return "" if post.ends is not None else f"{post.product} was on sale, and has left the catalog."
    return f"{post.product} is not on sale any more."


def unplanned(posts: Iterable[Post], planned: Sequence[Planned], today: date) -> list[Withdrawal]:
    """Return the posts of *today* that today's plan does not have any more."""
    picks = {(each.slot.name, pick.product) for each in planned for pick in each.picks}
    platforms = {(each.slot.name, platform) for each in planned for platform in each.slot.platforms}
    return [
        Withdrawal(post, f"{post.product} is not in the plan of {today} any more.")
        for post in posts
        if post.day == today
        and ((post.slot, post.product) not in picks or (post.slot, post.platform) not in platforms)
    ]
