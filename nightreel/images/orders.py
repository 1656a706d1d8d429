"""What a decoder is asked, and what it answers; and how both go through the socket to its process.

An order is one message of JSON with the file's descriptor; an answer its lengths, JSON, and the normalised photo.
"""

import json
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)

_LENGTHS = struct.Struct(">II")
_MOST = 4096


class Unfit(Exception):  # noqa: N818 - named for what is found
    """The file cannot be used.

    Attributes:
        words: what is wrong, as a sentence without its subject.
        hint: what to do.
    """

    def __init__(self, words: str, hint: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.hint = hint

    def written(self) -> str:
        """Return it as JSON."""
        return json.dumps({"unfit": self.words, "hint": self.hint})


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with a file.

    Attributes:
        kind: of its content, one of KINDS.
        encode: whether the normalised photo is wanted.
        background: what shows through transparent parts; None keeps them transparent.
    """

    kind: str
    encode: bool = False
    background: Colour | None = WHITE


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a file.

    Attributes:
        width, height: pixels, upright; 0 of sound.
        warnings: what was noticed and repaired, as sentences.
        alpha: whether parts of it are transparent.
        fingerprint: its look (`hints.fingerprint`), in hexadecimal; "" of clips and sound.
        about: of clips and sound, how long they are and what is in them.
    """

    width: int
    height: int
    warnings: tuple[str, ...] = ()
    alpha: bool = False
    fingerprint: str = ""
    about: str = ""

    def written(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> "Found":
        """Return what :meth:`written` wrote, once it is parsed."""
        fields: dict[str, Any] = {**said, "warnings": tuple(said["warnings"])}
        return cls(**fields)


Look = Callable[[int, Order], tuple[Found, bytes]]
"""Looks at the file that a descriptor stands for, as `decoding.look` does."""


def send_order(to: socket.socket, fd: int, order: Order) -> None:
    """Send *order* for the file at *fd*."""
    socket.send_fds(to, [json.dumps(asdict(order)).encode()], [fd])


def receive_order(orders: socket.socket) -> tuple[int, Order] | None:
    """Wait for an order; return the file's descriptor, which is ours to close, and the order. None at the end."""
    message, fds, _, _ = socket.recv_fds(orders, _MOST, 1)
    if not message or not fds:
        return None
    said = json.loads(message)
    background = said["background"]
    return fds[0], Order(said["kind"], said["encode"], tuple(background) if background else None)


def send_answer(to: socket.socket, answer: Found | Unfit, photo: bytes) -> None:
    """Answer an order."""
    text = answer.written().encode()
    to.sendall(_LENGTHS.pack(len(text), len(photo)) + text)
    to.sendall(photo)


def receive_answer(answers: socket.socket) -> tuple[Found, bytes]:
    """Wait for an answer, as long as the socket's time-out.

    Raises:
        Unfit: it says that the file cannot be used.
        EOFError: the other side ended.
        OSError: the connection broke, or nothing came in time.
    """
    text, photo = _LENGTHS.unpack(_exactly(answers, _LENGTHS.size))
    said = json.loads(_exactly(answers, text))
    if "unfit" in said:
        raise Unfit(said["unfit"], said["hint"])
    return Found.read(said), _exactly(answers, photo)


def _exactly(answers: socket.socket, count: int) -> bytes:
    data = bytearray(count)
    view, have = memoryview(data), 0
    while have < count:
        got = answers.recv_into(view[have:])
        if not got:
            raise EOFError
        have += got
    return bytes(data)
