"""The studio as a process: `python -m nightreel.studio.server --data DIR [--port N] [--dialect NAME]… [--rehearse]`.

Exit codes: 2 wrong usage, or the port is taken; 75 another studio holds the data folder.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.middleware import Middleware

from nightreel import tether
from nightreel.clock import ScaledClock, SystemClock
from nightreel.errors import NightreelError, PortTaken, StudioError
from nightreel.files import write_whole
from nightreel.studio import rehearsal
from nightreel.studio.agent.lexicon import warm_up
from nightreel.studio.app import app_of
from nightreel.studio.breaking import FaultLayer, Wires
from nightreel.studio.faults import SHARE, Fault, Schedule, matrix
from nightreel.studio.keeper import ENDPOINT, TOKEN
from nightreel.studio.options import Dialect, StudioOptions
from nightreel.studio.studio import Studio, open_studio

HOST = "127.0.0.1"
_DRAIN = 3
"""Seconds that open streams are given when the studio ends; runs and renders go on with the next one."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal, or the end of the parent; return the exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        options = _options(given)
    except ValueError as error:
        parser.error(str(error))
    except NightreelError as error:
        return _complain(error)
    if given.tethered:
        tether.end_with_parent(lambda: _end(options.data))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave_to_uvicorn)
    if given.rehearse:
        warm_up()  # what takes a tenth of a second takes minutes in a fast rehearsal: its first prompt would be lost
    try:
        asyncio.run(serve(options, given.port))
    except NightreelError as error:
        return _complain(error)
    return 0


def _options(given: argparse.Namespace) -> StudioOptions:
    """Return what the command line asks for.

    Raises:
        ValueError: it asks for things that exclude each other.
        StudioError: the data folder is of another kind of studio.
    """
    data = Path(given.data).expanduser().absolute()
    if given.rate is not None and not given.rehearse:
        raise ValueError("--rate goes with --rehearse")
    if (given.only_fault or given.no_fault) and given.faults is None:
        raise ValueError("--only-fault and --no-fault go with --faults SEED")
    if given.rehearse:
        _require_folder(data)
    else:
        rehearsal.refuse(data)
    return StudioOptions(
        data=data,
        clock=rehearsal.open_clock(data, given.rate) if given.rehearse else SystemClock(),
        rehearse=given.rehearse,
        anonymous_credits=given.anonymous_credits,
        local_credits=rehearsal.CREDITS if given.rehearse else StudioOptions.local_credits,
        dialects=frozenset(Dialect(name) for name in given.dialect),
        renders_at_once=given.renders_at_once,
        render_module=given.render_module,
        fonts=given.fonts,
        seed=given.seed,
        pace=given.pace,
        faults=None if given.faults is None else Schedule(given.faults, _faults(given), given.fault_share),
    )


def _faults(given: argparse.Namespace) -> frozenset[Fault]:
    only = frozenset(Fault(name) for name in given.only_fault) or frozenset(Fault)
    return only - {Fault(name) for name in given.no_fault}


def _complain(error: NightreelError) -> int:
    sys.stderr.write(f"{error}\n")
    return error.exit_code


async def serve(options: StudioOptions, port: int) -> None:
    """Serve *options* on *port* (0: a free one) until a signal.

    Raises:
        StudioBusy: another studio holds the data folder.
        StudioError: the data folder cannot be written to.
        PortTaken: the port is in use.
    """
    _require_folder(options.data)
    async with open_studio(options) as studio:
        with listen(port) as sock:
            url = f"http://{HOST}:{sock.getsockname()[1]}"
            config = config_of(studio)
            _announce(options.data, url)
            tether.say_ready(url)
            sys.stderr.write(f"{_greeting(options)} on {url} (data in {options.data}).\n")
            try:
                await uvicorn.Server(config).serve(sockets=[sock])
            finally:
                _withdraw(options.data)


def config_of(studio: Studio) -> uvicorn.Config:
    """Return how we are served; faults stand in the way only where some are wanted."""
    schedule, wires = studio.options.faults, Wires()
    app, protocol = app_of(studio), "auto"
    if schedule is not None:
        app = app_of(studio, Middleware(FaultLayer, studio=studio, schedule=schedule, wires=wires))
        protocol = wires.protocol()
    return uvicorn.Config(
        app,
        http=protocol,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_DRAIN,
    )


def _require_folder(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data):
            pass
    except OSError as error:
        raise StudioError(
            f"{data} cannot be used to keep anything ({error.strerror}).", hint="Choose another folder with --data."
        ) from None


def listen(port: int) -> socket.socket:
    """Return a socket that listens on loopback.

    Raises:
        PortTaken: another program has the port.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, port))
        sock.listen(128)
    except OSError as error:
        sock.close()
        raise PortTaken(
            f"Port {port} on {HOST} cannot be used: {error.strerror}.",
            hint="Choose another with --port, or let the studio choose with --port 0.",
        ) from None
    return sock


def _greeting(options: StudioOptions) -> str:
    does = "listens"
    if isinstance(options.clock, ScaledClock):
        does = f"rehearses, {options.clock.rate:g} times as fast as the service,"
    with_faults = "" if options.faults is None else f", with the faults of seed {options.faults.seed},"
    return f"The studio {does}{with_faults}"


def _leave_to_uvicorn(number: int, frame: FrameType | None) -> None:
    """Do nothing: uvicorn handles signals while it serves, and raises them again when we still have to close."""


def _announce(data: Path, url: str) -> None:
    """Write where we listen, whole."""
    told = {"url": url, "pid": os.getpid(), "token_file": str(data / TOKEN)}
    write_whole(data / ENDPOINT, json.dumps(told).encode())


def _withdraw(data: Path) -> None:
    (data / ENDPOINT).unlink(missing_ok=True)


def _end(data: Path) -> None:
    """End at once, with the parent: whatever must survive is on disk, and the renderers end with us."""
    _withdraw(data)
    os._exit(0)


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 < rate <= rehearsal.FASTEST:
        raise argparse.ArgumentTypeError(f"a rate is over 0, and at most {rehearsal.FASTEST:g}")
    return rate


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError("a share is 0 to 1")
    return share


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nightreel studio", description="Serve the embedded video engine on loopback."
    )
    names = [it.value for it in Dialect]
    parser.add_argument("--data", required=True, help="the data folder; one studio at a time")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument(
        "--dialect",
        action="append",
        default=[],
        choices=names,
        metavar="NAME",
        help=f"speak another documented form: {', '.join(names)}",
    )
    parser.add_argument("--renders-at-once", type=int, default=0, help="0 (the default) is one a core")
    parser.add_argument("--fonts", type=Path, metavar="DIR", help="where fonts of one's own are, which a draft names")
    parser.add_argument(
        "--rehearse", action="store_true", help="take the service's time, and make placeholders instead of rendering"
    )
    parser.add_argument("--rate", type=_rate, help="of a rehearsal: 60 (the default) makes a minute pass in a second")
    parser.add_argument(
        "--anonymous-credits",
        type=int,
        default=StudioOptions.anonymous_credits,
        help="what an anonymous account is given a week; 100 (the default) pays for one first cut",
    )
    parser.add_argument("--seed", type=int, default=StudioOptions.seed, help="decides what is drawn by lot")
    parser.add_argument("--render-module", default=StudioOptions.render_module, help=argparse.SUPPRESS)
    parser.add_argument("--pace", type=float, default=StudioOptions.pace, help=argparse.SUPPRESS)
    parser.add_argument(
        "--faults", type=int, metavar="SEED", help="misbehave as services do; the same seed, the same faults"
    )
    parser.add_argument(
        "--fault-share", type=_share, default=SHARE, help=f"of the requests that could meet a fault ({SHARE:g})"
    )
    for option, help_ in (("--only-fault", "no fault but this one"), ("--no-fault", "all faults but this one")):
        kinds = [it.value for it in Fault]
        parser.add_argument(
            option, action="append", default=[], choices=kinds, metavar="NAME", help=f"{help_}; may be given again"
        )
    parser.add_argument("--list-faults", action="version", version=matrix(), help="say which there are, and where")
    parser.add_argument("--tethered", action="store_true", help="end when standard input ends")
    return parser


if __name__ == "__main__":
    sys.exit(main())
