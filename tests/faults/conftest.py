"""A stage for each module: its studio runs as long as the module's tests."""

from collections.abc import Iterator

import pytest

from tests.faults.theatre import Stage, stage


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Give a stage whose cases have anonymous accounts of their own."""
    with stage(tmp_path_factory.mktemp("stage")) as ready:
        yield ready
