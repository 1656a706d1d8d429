"""Which photos of one product show nearly the same: pure, on their fingerprints (`hints.fingerprint`).

A photo that was saved again, smaller, or a little lighter is told; the same mug in another colour, or turned, is not.
"""

from collections import deque

_MOST = 1000
_BUCKET = 12  # levels of mean luma: what differs by more is not compared
_CELLS = 64
_LUMA, _COLOUR = 24, 8  # levels that a cell may differ by
_MEAN = 4.0  # levels that luma may differ by, as a root mean square, when both are equally light


class Likeness:
    """The looks of one product's photos; of the last thousand, where a folder holds more."""

    def __init__(self) -> None:
        self._buckets: dict[int, deque[tuple[bytes, str]]] = {}

    def first_like(self, fingerprint: str, name: str) -> str:
        """Return the name of the first photo that looks like this one, or ""; and remember this one as *name*."""
        look = bytes.fromhex(fingerprint)
        if not look:
            return ""
        bucket = sum(look[:_CELLS]) // _CELLS // _BUCKET
        for near in (bucket, bucket - 1, bucket + 1):
            for other, named in self._buckets.get(near, ()):
                if alike(look, other):
                    return named
        self._buckets.setdefault(bucket, deque(maxlen=_MOST)).append((look, name))
        return ""


def alike(one: bytes, other: bytes) -> bool:
    """Tell whether two looks are of nearly the same picture."""
    pairs = zip(one, other, strict=True)
    for cell, (a, b) in enumerate(pairs):
        if abs(a - b) > (_LUMA if cell < _CELLS else _COLOUR):
            return False
    differences = [a - b for a, b in zip(one[:_CELLS], other[:_CELLS], strict=True)]
    lighter = sum(differences) / _CELLS
    return abs(lighter) <= _BUCKET and sum((d - lighter) ** 2 for d in differences) <= _MEAN**2 * _CELLS
