"""Decoder processes: what a file does to its decoder is told as that file's fault, and harms no other."""
# pyright: reportPrivateUsage=false

import os
import signal
import socket
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

import nightreel.images.decoders
from nightreel.errors import PhotoRejected
from nightreel.images import Intake, probe
from nightreel.images.decoders import DecoderLost, Decoders, Limits
from nightreel.images.orders import Found, Order, Unfit, send_order
from tests.unit.images.makers import saved, textured


@contextmanager
def _decoders(limits: Limits | None = None) -> Generator[Decoders]:
    decoders = Decoders(1, limits)
    try:
        yield decoders
    finally:
        decoders.close()


@pytest.fixture
def photo(tmp_path: Path) -> Iterator[int]:
    """A fit photo, open."""
    (tmp_path / "photo.jpg").write_bytes(saved(textured(), "JPEG"))
    fd = os.open(tmp_path / "photo.jpg", os.O_RDONLY)
    yield fd
    os.close(fd)


def _pid(decoders: Decoders) -> int:
    return decoders._idle[0]._child.process.pid


def test_a_decoder_is_kept_for_the_next_photo(photo: int) -> None:
    """One process looks at one photo after the other, and says what looking here says."""
    with _decoders() as decoders:
        found, data = decoders.look(photo, Order("jpeg", encode=True))
        first = _pid(decoders)
        assert decoders.look(photo, Order("jpeg")) == (found, b"")
        assert _pid(decoders) == first
    assert isinstance(found, Found)
    assert (found.width, found.height, found.warnings) == (900, 760, ())
    assert data.startswith(b"\xff\xd8\xff")


def test_what_is_unfit_costs_no_decoder(tmp_path: Path, photo: int) -> None:
    """A file that is cut off is refused in words, and its decoder takes the next one."""
    (tmp_path / "cut.jpg").write_bytes(saved(textured(), "JPEG")[:5000])
    with _decoders() as decoders, (tmp_path / "cut.jpg").open("rb") as cut:
        with pytest.raises(Unfit, match="cut off"):
            decoders.look(cut.fileno(), Order("jpeg"))
        first = _pid(decoders)
        decoders.look(photo, Order("jpeg"))
        assert _pid(decoders) == first


def test_a_decoder_that_stands_still_is_killed(photo: int) -> None:
    """A photo that takes too long is refused, its process is gone, and the next photo has a new one."""
    with _decoders(Limits(seconds=0.5)) as decoders:
        decoders.look(photo, Order("jpeg"))
        stuck = _pid(decoders)
        os.kill(stuck, signal.SIGSTOP)
        with pytest.raises(DecoderLost, match=r"takes more than 0\.5 s"):
            decoders.look(photo, Order("jpeg"))
        with pytest.raises(ProcessLookupError):
            os.kill(stuck, 0)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGSEGV, r"crashes its decoder \(SIGSEGV\)"),
        (signal.SIGKILL, "its decoder was killed"),
        (signal.SIGXCPU, "takes more than 60 s"),
    ],
)
def test_a_decoder_that_dies_is_told_as_the_photo_that_killed_it(
    photo: int, number: signal.Signals, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it crashed, ran out of time or was ended by the system: one photo's error, and the next goes on."""
    with _decoders() as decoders:
        decoders.look(photo, Order("jpeg"))
        victim = _pid(decoders)
        os.kill(victim, signal.SIGSTOP)  # it has the order, and does nothing yet
        came: list[Unfit] = []
        sent = threading.Event()

        def send(to: socket.socket, fd: int, order: Order) -> None:
            send_order(to, fd, order)
            sent.set()

        monkeypatch.setattr(nightreel.images.decoders, "send_order", send)

        def look() -> None:
            with pytest.raises(DecoderLost, match=words) as caught:
                decoders.look(photo, Order("jpeg"))
            came.append(caught.value)

        thread = threading.Thread(target=look)
        thread.start()
        sent.wait()
        os.kill(victim, number)
        os.kill(victim, signal.SIGCONT)
        thread.join()
        assert came
        assert decoders.look(photo, Order("jpeg"))[0].width == 900


def test_a_decoder_that_died_at_rest_is_nobodys_fault(photo: int) -> None:
    """A process that was ended between two photos is replaced, and the next photo does not hear of it."""
    with _decoders() as decoders:
        decoders.look(photo, Order("jpeg"))
        process = decoders._idle[0]._child.process
        process.kill()
        process.wait()
        assert decoders.look(photo, Order("jpeg"))[0].width == 900


def test_a_photo_may_not_have_all_memory(tmp_path: Path, photo: int) -> None:
    """A small file that unpacks to more than a decoder may have is refused; a photo of common size is not."""
    (tmp_path / "large.gif").write_bytes(saved(Image.new("P", (8000, 8000)), "GIF"))
    with _decoders(Limits(memory=256 << 20)) as decoders, (tmp_path / "large.gif").open("rb") as large:
        with pytest.raises(Unfit, match=r"more memory|crashes its decoder"):
            decoders.look(large.fileno(), Order("gif"))
        assert decoders.look(photo, Order("jpeg"))[0].width == 900


@pytest.mark.skipif(sys.platform != "linux", reason="limits are read from /proc")
def test_a_decoder_can_write_no_file(photo: int) -> None:
    """Its process may write no file, dump no core, and have no more memory than its limit."""
    with _decoders() as decoders:
        decoders.look(photo, Order("jpeg"))
        limits = Path(f"/proc/{_pid(decoders)}/limits").read_text()
    lines = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()}
    assert lines["Max file size"] == lines["Max core file size"] == "0"
    assert lines["Max address space"] == str(Limits().memory)
    assert int(lines["Max cpu time"]) <= Limits().processor + 10


async def test_a_lost_decoder_is_no_verdict_for_ever(tmp_path: Path) -> None:
    """What a photo did to its decoder is told for this run; the next looks again, and finds it fit."""
    file = tmp_path / "photo.jpg"
    file.write_bytes(saved(textured(), "JPEG"))
    async with Intake(tmp_path / "cache", at_once=1, limits=Limits(processor=60, seconds=1e-6)) as intake:
        with pytest.raises(PhotoRejected, match=r"photo\.jpg takes more than 1e-06 s"):
            await intake.probe(file, "photo.jpg")
    async with Intake(tmp_path / "cache", at_once=1) as intake:
        found = await intake.probe(file, "photo.jpg")
        assert intake.decoded == 1
    assert found == probe(file, "photo.jpg")


async def test_content_that_is_known_is_hashed_not_decoded(tmp_path: Path) -> None:
    """A photo that was copied, moved or touched is known by its content; what is said of a name is not."""
    first, second = tmp_path / "photo.jpg", tmp_path / "photo.png"
    first.write_bytes(saved(textured(), "JPEG"))
    second.write_bytes(first.read_bytes())
    async with Intake(tmp_path / "cache", at_once=1) as intake:
        known = await intake.probe(first, "photo.jpg")
        copied = await intake.probe(second, "photo.png")
        os.utime(first, (1, 1))
        touched = await intake.probe(first, "photo.jpg")
        assert intake.decoded == 1
    assert known == touched
    assert copied.sha256 == known.sha256
    assert copied.warnings == ("It is JPEG by content, whatever its name says.",)
    assert copied.fingerprint == known.fingerprint != ""
