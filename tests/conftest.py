"""What every test stands on: no network but loopback, a home of its own, no settings of the machine."""

import os
import socket
from pathlib import Path
from typing import Any

import hypothesis
import pytest

# The same examples each time, so that a red run is red again; `make soak` looks for new ones.
hypothesis.settings.register_profile("same", derandomize=True)
hypothesis.settings.register_profile("soak", max_examples=2000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("NIGHTREEL_TEST_PROFILE", "same"))

_PRIVATE = ("NIGHTREEL_", "NEMO_", "SKILL_SOURCE", "PREFECT_")


class NetworkUsedError(AssertionError):
    """A test tried to leave the machine."""


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that is not to this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:  # noqa: ANN401 - as socket has it
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise NetworkUsedError(f"a test connects to {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a home folder of its own, and none of the machine's settings."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(_PRIVATE):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("NIGHTREEL_HOME", str(home / "nightreel"))
    return home / "nightreel"
