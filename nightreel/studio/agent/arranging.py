"""The photos' order, and which are used. Pure."""

import hashlib
from collections.abc import Callable, Sequence

from nightreel.studio.agent.bench import Bench
from nightreel.studio.agent.cutting import Photo
from nightreel.studio.agent.wishes import Arrange


def arrange(wish: Arrange, bench: Bench) -> list[Photo]:
    """Return the photos as *wish* has them; wherever they go, they keep their looks."""
    photos = [
        photo if photo.look is not None else photo.model_copy(update={"look": at})
        for at, photo in enumerate(bench.cut.photos)
    ]
    return _HOWS[wish.how](wish, bench, photos)


def _swap(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    places = bench.places(wish.photos)
    if len(places) == 2:  # noqa: PLR2004 - two change places
        one, other = places
        photos[one], photos[other] = photos[other], photos[one]
    return photos


def _move(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    moved = [photos[place] for place in bench.places(wish.photos)]
    rest = [photo for photo in photos if photo not in moved]
    if wish.by is not None:
        beside = [photos[place] for place in bench.places(wish.by)]
        if not beside or beside[0] in moved:
            return photos
        at = rest.index(beside[0]) + wish.after
    else:
        at = len(rest) + 1 + wish.to if wish.to < 0 else wish.to - 1
        if not 0 <= at <= len(rest):
            bench.miss("no_such_photo", n=wish.to, count=len(photos))
            return photos
    return rest[:at] + moved + rest[at:]


def _without(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    gone = bench.places(wish.photos)
    return [photo for place, photo in enumerate(photos) if place not in gone]


def _only(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    """Return the picked ones in the timeline's order; "the first five" of three are the three."""
    places = bench.places(wish.photos)
    return [photo for place, photo in enumerate(photos) if place in places] if places else photos


def _add(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    """Return the photos with picked ones of the session that are not on the timeline."""
    session = Bench(bench.cut.model_copy(update={"photos": tuple(bench.photos)}), bench.photos, ())
    picked = [bench.photos[place] for place in session.places(wish.photos)]
    bench.missed += session.missed
    return photos + _new(picked, photos)


def _new(picked: Sequence[Photo], photos: list[Photo]) -> list[Photo]:
    there = {photo.asset for photo in photos}
    look = 1 + max((photo.look or 0 for photo in photos), default=-1)
    fresh = [photo for photo in picked if photo.asset not in there]
    return [photo.model_copy(update={"look": look + turn}) for turn, photo in enumerate(fresh)]


def _all(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    del wish
    return photos + _new(bench.photos, photos)


def _reverse(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    del wish, bench
    return photos[::-1]


def _shuffle(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    """Return another order, the same for the same timeline."""
    del wish
    order = "".join(photo.asset for photo in photos)
    mixed = sorted(
        photos, key=lambda photo: hashlib.sha256(f"{bench.cut.seed}{order}{photo.asset}".encode()).digest()
    )
    return mixed if mixed != photos else mixed[1:] + mixed[:1]


def _uploaded(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    del wish
    order = {photo.asset: place for place, photo in enumerate(bench.photos)}
    return sorted(photos, key=lambda photo: order.get(photo.asset, len(order)))


def _order(wish: Arrange, bench: Bench, photos: list[Photo]) -> list[Photo]:
    named = [photos[place] for place in bench.places(wish.photos)]
    return named + [photo for photo in photos if photo not in named]


_HOWS: dict[str, Callable[[Arrange, Bench, list[Photo]], list[Photo]]] = {
    "swap": _swap, "reverse": _reverse, "shuffle": _shuffle, "uploaded": _uploaded, "move": _move,
    "remove": _without, "only": _only, "add": _add, "all": _all, "order": _order,
}  # fmt: skip
