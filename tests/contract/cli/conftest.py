"""Commands against a studio on a real socket: `nightreel …`, called in this process."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from nightreel.cli.doctor import orchestration
from nightreel.cli.doctor.findings import Finding, well
from nightreel.cli.main import invoke


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Give what runs a command."""

    def run(*arguments: str) -> Done:
        capsys.readouterr()
        code = invoke(list(arguments))
        printed = capsys.readouterr()
        return Done(code, printed.out, printed.err)

    return run


@pytest.fixture(autouse=True)
def no_prefect_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no Prefect server started, which takes seconds; that it starts is seen in tests/flows."""

    async def server(*_: object) -> list[Finding]:
        return [well("Prefect server", "left out of this test")]

    monkeypatch.setattr(orchestration, "server", server)
