"""Databases for the ledger's tests: SQLite files, and PostgreSQL where NIGHTREEL_TEST_POSTGRES names a server."""

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from nightreel.clock import ManualClock
from nightreel.ledger import Ledger, open_store
from nightreel.ledger.migrating import migrate
from nightreel.ledger.store import Store
from nightreel.models import Clip, Format, Photo

POSTGRES = os.environ.get("NIGHTREEL_TEST_POSTGRES", "")


async def _administer(statement: str) -> None:
    url = make_url(POSTGRES).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.skipif(not POSTGRES, reason="NIGHTREEL_TEST_POSTGRES is not set")),
    ]
)
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[str, None]:
    """Name an empty database, on each server there is."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'nightreel.db'}"
        return
    name = f"test_{uuid.uuid4().hex}"
    await _administer(f"CREATE DATABASE {name}")
    yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    await _administer(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty SQLite journal to copy: its schema is made once."""
    file = tmp_path_factory.mktemp("journal") / "empty.db"

    async def made() -> None:
        async with open_store(f"sqlite:///{file}", ManualClock()):
            pass

    asyncio.run(made())
    return file


@pytest.fixture
def clock() -> ManualClock:
    """Return a clock that is moved by hand."""
    return ManualClock()


@pytest.fixture
async def store(url: str, clock: ManualClock, journal: Path) -> AsyncGenerator[Store, None]:
    """Open the database with its schema."""
    store = Store(url, clock)
    if store.file is not None:
        shutil.copy(journal, store.file)
    await migrate(store)
    yield store
    await store.close()


@pytest.fixture
async def ledger(store: Store) -> Ledger:
    """Return journal and ledger over the database."""
    return Ledger.over(store)


@pytest.fixture
async def other(url: str, clock: ManualClock, store: Store) -> AsyncGenerator[Ledger, None]:
    """Return a second runner's view of the same database, with connections of its own."""
    del store
    second = Store(url, clock)
    yield Ledger.over(second)
    await second.close()


@pytest.fixture
def clip() -> Clip:
    """Return a clip of one photo."""
    return _clip("NR-MUG-350")


@pytest.fixture
def clip_of() -> Callable[[str], Clip]:
    """Return a function that makes a product's clip."""
    return _clip


def _clip(product: str) -> Clip:
    photo = Photo(
        path=Path(f"/nowhere/{product}.jpg"), name="a.jpg", sha256="a" * 64, size=1, kind="jpeg", width=10, height=10
    )
    return Clip(product=product, format=Format.VERTICAL, photos=(photo,), prompt=f"Create a video of {product}.")
