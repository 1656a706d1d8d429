"""Who holds a claim: a name that tells whether the process behind it is still there."""

import os
import socket
import uuid
from pathlib import Path


def name() -> str:
    """Return a new owner's name for this process: `host/namespace/pid/nonce`."""
    return f"{_machine()}/{os.getpid()}/{uuid.uuid4().hex[:12]}"


def gone(owner: str) -> bool:
    """Whether *owner* is known to have ended: a process of this machine that is no more.

    Of a process on another machine, or of a pid that was given to another process, nothing is known: its lease is
    waited for.
    """
    machine, _, rest = owner.rpartition("/")[0].rpartition("/")
    if machine != _machine() or not rest.isdecimal():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _is_zombie(rest)


def _is_zombie(pid: str) -> bool:
    """Whether the process has ended and only its parent has not asked for it yet (Linux tells)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[:1] == ["Z"]


def _machine() -> str:
    """Name this machine, and within it the namespace in which process ids are unique."""
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        namespace = "-"
    return f"{socket.gethostname()[:100]}/{namespace}"
