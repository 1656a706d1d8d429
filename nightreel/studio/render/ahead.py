"""Working ahead: a thread makes the next items while the caller uses the last."""

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class _Failed:
    def __init__(self, error: BaseException) -> None:
        self.error = error


class _End:
    pass


class Ahead(Generic[Item]):
    """Iterates over *items* as a thread makes them, at most *depth* ahead; an error there is raised here.

    Closing it ends the thread, even in the middle of the items.
    """

    def __init__(self, items: Iterable[Item], depth: int) -> None:
        self._queue: queue.Queue[Item | _Failed | _End] = queue.Queue(depth)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._make, args=(items,), name="frames ahead", daemon=True)

    def __enter__(self) -> "Ahead[Item]":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        while self._thread.is_alive():
            self._drain()
            self._thread.join(0.01)

    def __iter__(self) -> Iterator[Item]:
        """Yield the items, in order."""
        while True:
            item = self._queue.get()
            if isinstance(item, _End):
                return
            if isinstance(item, _Failed):
                raise item.error
            yield item

    def _make(self, items: Iterable[Item]) -> None:
        try:
            for item in items:
                if self._stopped.is_set():
                    return
                self._queue.put(item)
        except BaseException as error:  # noqa: BLE001 - raised again where the items are used
            self._queue.put(_Failed(error))
        else:
            self._queue.put(_End())

    def _drain(self) -> None:
        while not self._queue.empty():
            self._queue.get_nowait()
