"""Settings: what the environment says, and what becomes of nonsense in it."""

from pathlib import Path

import pytest

from nightreel.clock import ManualClock
from nightreel.errors import SettingsError
from nightreel.ledger.store import Store
from nightreel.models import Tariff
from nightreel.settings import Settings, load_settings, make_home


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """`NIGHTREEL_HOME=` in a unit file keeps the memory of what was paid where it always is."""
    monkeypatch.setenv("NIGHTREEL_HOME", "")
    assert load_settings().home_dir == Path("~/.local/share/nightreel").expanduser()


def test_only_variables_of_ours_and_of_the_service_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """HOME is not our home, and what other programs call TOKEN, ENGINE or ACCOUNT is none of ours."""
    monkeypatch.delenv("NIGHTREEL_HOME")
    for name in ("TOKEN", "ENGINE", "ACCOUNT", "RATE", "API_URL"):
        monkeypatch.setenv(name, "cloud")
    settings = load_settings()
    assert settings.home_dir == Path("~/.local/share/nightreel").expanduser()
    assert (settings.token.get_secret_value(), settings.engine, settings.account, settings.api_url) == (
        "",
        "local",
        "",
        "",
    )


async def test_a_home_of_any_name_holds_its_journal(tmp_path: Path) -> None:
    """Question marks, hashes and percents in the home's name are parts of its name."""
    home = tmp_path / "ho?me#x%41 é"
    store = Store(Settings(home=home).database, ManualClock())
    assert store.file == home / "nightreel.db"
    await store.close()


def test_a_home_that_cannot_be_written_to_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is there, and the disk refuses a file in it: said before anything else is tried."""
    home = tmp_path / "home"
    home.mkdir()

    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("nightreel.settings.tempfile.TemporaryFile", refuse)
    with pytest.raises(SettingsError, match="cannot be used to keep anything"):
        make_home(Settings(home=home))


def test_an_account_may_have_a_tariff_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not named keeps its usual price; what is no tariff is refused by name."""
    monkeypatch.setenv("NIGHTREEL_TARIFF", '{"first_cut": 120}')
    assert load_settings().tariff == Tariff(first_cut=120)
    monkeypatch.setenv("NIGHTREEL_TARIFF", '{"first_cut": "dear"}')
    with pytest.raises(SettingsError, match="TARIFF"):
        load_settings()


def test_a_zone_of_ones_own_is_taken_and_one_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Schedules are meant in NIGHTREEL_TIMEZONE; a slip in it is told before anything is registered."""
    monkeypatch.setenv("NIGHTREEL_TIMEZONE", "America/New_York")
    assert load_settings().zone == "America/New_York"
    monkeypatch.setenv("NIGHTREEL_TIMEZONE", "Berlin")
    with pytest.raises(SettingsError, match=r'NIGHTREEL_TIMEZONE: .*no time zone "Berlin"'):
        load_settings()
