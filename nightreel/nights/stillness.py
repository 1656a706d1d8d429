"""What has changed and stands still again: pure, and told the time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nightreel.models import Value

PATIENCE = 15.0
"""So many times as long as files must stand still, what is ready waits for what is still being copied."""

FIRST_AGAIN, LAST_AGAIN = 300.0, 3600.0
"""Seconds after which a product that failed is tried again: more each time."""


class Sight(Value):
    """What a source shows of a product.

    Attributes:
        words: a hash of its fields and its brief.
        files: the stamp of each photo, by its name, in order.
        problem: why nothing can be made of it, or "".
    """

    words: str = ""
    files: Mapping[str, str] = {}
    problem: str = ""


@dataclass
class Stillness:
    """Tells which products have changed and have stood still since.

    Args:
        settle: seconds for which nothing of a product may have changed.
    """

    settle: float
    _seen: dict[str, Sight] = field(default_factory=dict[str, Sight])
    _since: dict[str, float] = field(default_factory=dict[str, float])
    _taken: dict[str, Sight] = field(default_factory=dict[str, Sight])
    _again: dict[str, float] = field(default_factory=dict[str, float])
    _failures: dict[str, int] = field(default_factory=dict[str, int])

    def see(self, sights: Mapping[str, Sight], now: float) -> tuple[list[str], list[str]]:
        """Take in what a source shows *now*; return what has begun to change, and what is gone."""
        moving = [product for product in sights if sights[product] != self._seen.get(product)]
        begun = [product for product in moving if self._seen.get(product) == self._taken.get(product)]
        gone = [product for product in self._seen if product not in sights]
        for product in moving:
            self._since[product] = now
            self._again.pop(product, None)
            self._failures.pop(product, None)
        for product in gone:
            for memory in (self._since, self._taken, self._again, self._failures):
                memory.pop(product, None)
        self._seen = dict(sights)
        return begun, gone

    def take(self, now: float) -> dict[str, tuple[Sight | None, Sight]]:
        """Return what has changed and stands still: by product, what was taken before and what is there now."""
        waiting = [product for product in self._fresh(now) if not self._still(product, now)]
        ready = [product for product in self._fresh(now) if self._still(product, now)]
        oldest = max((now - self._since[product] for product in ready), default=0.0)
        if not ready or (waiting and oldest < PATIENCE * self.settle):
            return {}
        took = {product: (self._taken.get(product), self._seen[product]) for product in ready}
        for product in ready:
            self._taken[product] = self._seen[product]
            self._again.pop(product, None)
        return took

    def failed(self, products: Iterable[str], now: float) -> dict[str, float]:
        """Have *products* taken again some time from *now*, though they do not change; return in how many seconds."""
        waits: dict[str, float] = {}
        for product in products:
            if product in self._taken:
                count = self._failures[product] = self._failures.get(product, 0) + 1
                waits[product] = min(FIRST_AGAIN * 2.0 ** (count - 1), LAST_AGAIN)
                self._again[product] = now + waits[product]
        return waits

    def due(self, now: float) -> float | None:
        """Return in how many seconds a look may find something to take, though nothing moves; None: never."""
        moments = [self._since[product] + self.settle for product in self._fresh(now)]
        moments += self._again.values()
        coming = [moment - now for moment in moments if moment > now]
        return min(coming, default=None)

    def _fresh(self, now: float) -> list[str]:
        return [
            product
            for product, sight in self._seen.items()
            if sight != self._taken.get(product) or self._again.get(product, now + 1) <= now
        ]

    def _still(self, product: str, now: float) -> bool:
        return now - self._since[product] >= self.settle


def differences(product: str, before: Sight | None, now: Sight) -> str:
    """Say what is new of a product: "mug: 2.jpg is new, 3.jpg was replaced"."""
    if now.problem:
        return now.problem if product in now.problem else f"{product}: {now.problem}"
    count = f"{len(now.files)} photo{'s' * (len(now.files) != 1)}"
    if before is None or before.problem:
        return f"{product}: {count}"
    told = [*_of_files(before.files, now.files), *(["its brief or its fields changed"] * (before.words != now.words))]
    if not told and list(before.files) != list(now.files):
        told = ["its photos are in another order"]
    return f"{product}: {', '.join(told) or 'again'}"


def _of_files(before: Mapping[str, str], now: Mapping[str, str]) -> Iterable[str]:
    lost = {stamp: name for name, stamp in before.items() if name not in now}
    for name, stamp in now.items():
        if name not in before and stamp in lost:
            yield f"{_last(lost.pop(stamp))} is now {_last(name)}"
        elif name not in before:
            yield f"{_last(name)} is new"
        elif stamp != before[name]:
            yield f"{_last(name)} was replaced"
    yield from (f"{_last(name)} is gone" for name in lost.values())


def _last(name: str) -> str:
    return name.rsplit("/", maxsplit=1)[-1]
