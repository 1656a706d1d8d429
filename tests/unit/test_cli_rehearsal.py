"""What the command line says of faults and rehearsals, and what it cleans of them."""

from pathlib import Path

import pytest

from nightreel.cli.clean import removable
from nightreel.cli.main import invoke
from nightreel.settings import load_settings
from nightreel.studio.faults import Fault


def test_the_faults_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """`nightreel studio --list-faults` names each and what it means, and starts nothing."""
    assert invoke(["studio", "--list-faults"]) == 0
    listed = capsys.readouterr().out
    assert all(f"\n{fault} " in listed for fault in Fault)


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--rate", "60"], "in a rehearsal only"), (["--rehearse", "--engine", "cloud"], "The cloud does not rehearse")],
    ids=["rate", "cloud"],
)
def test_what_does_not_go_together_is_refused(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is read, with exit code 2."""
    assert invoke(["run", "nowhere", *options]) == 2
    assert said in capsys.readouterr().err


def test_rehearsals_are_cleaned_whole(own_home: Path) -> None:
    """All that they have left goes at once; where the journal is elsewhere, only what it does not need."""
    assert own_home / "rehearsal" in removable(load_settings()).values()
    elsewhere = removable(load_settings(database_url="postgresql+asyncpg://localhost/nightreel"))
    assert own_home / "rehearsal" not in elsewhere.values()
    assert own_home / "rehearsal" / "masters" in elsewhere.values()
