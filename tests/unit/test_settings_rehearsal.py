"""What a rehearsal makes of the settings: everything apart, and nothing ever sent to the cloud."""

from pathlib import Path

import pytest

from nightreel.clips import Waits
from nightreel.errors import SettingsError
from nightreel.models import Engine, Request
from nightreel.runtime import open_runtime
from nightreel.settings import load_settings, make_home, settings_of


def test_everything_is_apart(own_home: Path) -> None:
    """Journal, masters, studio, account and output folder are a rehearsal's own; looked-at photos are shared."""
    real, tried = load_settings(), load_settings(rehearse=True)
    assert tried.home_dir == own_home / "rehearsal"
    for name in ("home_dir", "database", "masters", "studio_data", "account_name", "out"):
        assert getattr(tried, name) != getattr(real, name), name
    assert tried.photo_cache == real.photo_cache
    assert load_settings(rehearse=True, account="shop").account_name == "rehearsal-shop"


def test_the_cloud_is_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings for the cloud are laid aside, its token first of all; asked for by name, it is refused."""
    monkeypatch.setenv("NIGHTREEL_ENGINE", "cloud")
    monkeypatch.setenv("NEMO_API_URL", "https://mega-api-prod.nemovideo.ai")
    monkeypatch.setenv("NEMO_TOKEN", "nmv_usr_canary")
    monkeypatch.setenv("NIGHTREEL_REHEARSE", "1")
    tried = load_settings()
    assert (tried.engine, tried.api_url, tried.token.get_secret_value()) == (Engine.LOCAL, "", "")
    with pytest.raises(SettingsError, match="does not rehearse"):
        load_settings(engine=Engine.CLOUD)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_studio_of_this_machine_may_be_named(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address on loopback is another rehearsing studio's: it is kept, with the bearer for it."""
    monkeypatch.setenv("NEMO_API_URL", f"http://{host}:8765")
    monkeypatch.setenv("NEMO_TOKEN", "nmv_usr_canary")
    tried = load_settings(rehearse=True)
    assert (tried.api_url, tried.token.get_secret_value()) == (f"http://{host}:8765", "nmv_usr_canary")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1.evil.example",
        "https://localhost@evil.example",
        "http://[oops",
        "http://127.0.0.1\\@evil.example",
        "127.0.0.1:8765",
    ],
)
def test_no_address_passes_for_this_machine(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What only looks like loopback is laid aside."""
    monkeypatch.setenv("NEMO_API_URL", url)
    assert not load_settings(rehearse=True).api_url


def test_a_rate_is_for_rehearsals(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real night at another rate would give up on the service too early: it is refused."""
    monkeypatch.setenv("NIGHTREEL_RATE", "60")
    assert load_settings(rehearse=True).rate == 60
    with pytest.raises(SettingsError, match="in a rehearsal only"):
        load_settings()


def test_a_request_carries_it_to_a_worker() -> None:
    """A flow on another machine knows from its request alone that it rehearses, and how fast."""
    settings = settings_of(Request(rehearse=True, rate=30))
    assert (settings.rehearse, settings.rate) == (True, 30)


def test_both_homes_are_private(own_home: Path) -> None:
    """The rehearsal's home is made in a home that its owner alone can read, and so is it itself."""
    make_home(load_settings(rehearse=True))
    assert [it.stat().st_mode & 0o777 for it in (own_home, own_home / "rehearsal")] == [0o700, 0o700]


async def test_a_rehearsal_waits_as_the_service_makes_one_wait() -> None:
    """Its runner has the waits of the cloud on the rehearsal's clock, and the studio's strictness."""
    async with open_runtime(load_settings(rehearse=True, rate=600)) as runtime:
        assert runtime.clock.real(600) == 1
        assert (runtime.tools.patience.poll, runtime.tools.engine) == (30, Engine.LOCAL)
        assert runtime.tools.account_id == "local:rehearsal"
        assert runtime.clock.real(runtime.tools.patience.not_made) == pytest.approx(3)


async def test_a_slow_rehearsal_waits_the_usual_times() -> None:
    """At a rate at which fifteen minutes are long enough for any machine, they are fifteen minutes."""
    async with open_runtime(load_settings(rehearse=True, rate=60)) as runtime:
        assert runtime.tools.patience == Waits()
