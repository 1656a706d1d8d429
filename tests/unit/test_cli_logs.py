"""The log of a command."""

import logging
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from nightreel.cli import logs
from nightreel.nemo import REDACTOR


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """Put the log back as it was."""
    root, ours = logging.getLogger(), logging.getLogger("nightreel")
    kept = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:], root.level, ours.level = kept


@pytest.mark.parametrize("verbose", [False, True])
def test_others_are_heard_only_when_asked_for(capsys: pytest.CaptureFixture[str], *, verbose: bool) -> None:
    """Our warnings are always shown, those of Prefect's services with `-v` alone, and a secret never."""
    REDACTOR.hide(SecretStr("canary-4711"))
    logs.set_up(verbose=verbose)
    logging.getLogger("SlotService").warning("noise")
    logging.getLogger("nightreel.flows").warning("ours canary-4711")
    shown = capsys.readouterr().err
    assert ("noise" in shown) is verbose
    assert "ours" in shown
    assert "canary" not in shown
