"""A decoder's process, `python -m nightreel.images.worker`: takes one file after the other, within limits.

It gets their descriptors through a socket, and opens, writes and connects to nothing itself. What a file does to it
(a crash, a loop, all of the memory it may have) ends this process and no other.
"""

import contextlib
import os
import resource
import socket
import sys

from nightreel.images.decoding import look
from nightreel.images.orders import Unfit, receive_order, send_answer
from nightreel.images.vips import work_alone
from nightreel.tether import end_with_parent, say_ready

_FILES = 64


def main() -> None:
    """Take orders until the parent lets go: the socket's descriptor, bytes of memory and processor seconds a file."""
    number, memory, seconds = (int(word) for word in sys.argv[1:4])
    end_with_parent()
    confine(memory)
    work_alone()
    say_ready()
    with socket.socket(fileno=number) as orders:
        while _serve(orders, seconds):
            pass


def confine(memory: int) -> None:
    """Take from this process what a decoder does not need: more memory, files of its own, a core's dump."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _FILES),
    ):
        with contextlib.suppress(ValueError, OSError):  # a system that has no such limit, or a lower one
            resource.setrlimit(what, (most, most))


def _serve(orders: socket.socket, seconds: int) -> bool:
    order = receive_order(orders)
    if order is None:
        return False
    _allow(seconds)
    fd, wanted = order
    try:
        os.lseek(fd, 0, os.SEEK_SET)
        found, photo = look(fd, wanted)
        send_answer(orders, found, photo)
    except Unfit as unfit:
        send_answer(orders, unfit, b"")
    finally:
        os.close(fd)
    return True


def _allow(seconds: int) -> None:
    """Let this process have so much more processor time; beyond that the system ends it."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(spent.ru_utime + spent.ru_stime) + seconds + 1
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


if __name__ == "__main__":
    main()
