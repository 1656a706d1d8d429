"""The schedule of faults: decided by its seed alone, everywhere, and never without end."""

import subprocess
import sys
from itertools import groupby, product

from hypothesis import given
from hypothesis import strategies as st

from nightreel.studio.breaking.layer import ACTS
from nightreel.studio.faults import IN_A_ROW, KINDS, POSSIBLE, Endpoint, Fault, Schedule, matrix

seeds = st.integers(min_value=0, max_value=2**63)
subjects = st.sampled_from(["", "project", "NR-MUG-350 9x16", "陶瓷杯 1x1"])
cells = st.tuples(st.sampled_from(list(Endpoint)), subjects, st.integers(min_value=1, max_value=10_000))
shares = st.floats(min_value=0, max_value=1)
some = st.frozensets(st.sampled_from(list(Fault)))


@given(seeds, st.lists(cells, min_size=2, max_size=20), some, shares)
def test_it_hangs_on_the_seed_and_the_request_alone(
    seed: int, asked: list[tuple[Endpoint, str, int]], only: frozenset[Fault], share: float
) -> None:
    """However requests are mixed, and in whatever process, each meets the same fault, and one that its place has."""
    one, other = Schedule(seed, only, share), Schedule(seed, only, share)
    told = {cell: one.at(*cell) for cell in asked}
    assert {cell: other.at(*cell) for cell in reversed(asked)} == told
    assert all(fault is None or (fault in only and fault in POSSIBLE[cell[0]]) for cell, fault in told.items())


def test_a_seed_of_a_report_replays() -> None:
    """A seed means the same in each process and on each machine, as long as the faults are the same."""
    met = {n: fault for n in range(1, 9) if (fault := Schedule(7).at(Endpoint.RUN, "NR-MUG-350 9x16", n))}
    assert met == {1: Fault.SESSION_VANISHED, 3: Fault.SLOW_DRIP}


@given(seeds, st.sampled_from(list(Endpoint)), subjects)
def test_there_are_never_too_many_in_a_row(seed: int, endpoint: Endpoint, subject: str) -> None:
    """Even when every request shall meet a fault, one in two or three goes well: a run ends some time."""
    schedule = Schedule(seed, share=1.0)
    met = [schedule.at(endpoint, subject, n) is not None for n in range(1, 40)]
    rows = [len(list(row)) for bad, row in groupby(met) if bad]
    assert max(rows) <= IN_A_ROW[endpoint] <= 2


def test_every_cell_is_reached() -> None:
    """Within some hundred seeds each fault meets each endpoint that it can meet, for one clip's first requests."""
    reached = {
        (endpoint, Schedule(seed).at(endpoint, "NR-MUG-350 9x16", n))
        for seed, endpoint, n in product(range(300), Endpoint, range(1, 4))
    }
    assert {(endpoint, fault) for endpoint, fault in reached if fault} == {
        (endpoint, fault) for fault, kind in KINDS.items() for endpoint in kind.places
    }


def test_every_fault_can_be_carried_out() -> None:
    """What the matrix promises the layer does; a late status is done where the answer is known."""
    assert set(ACTS) == set(Fault) - {Fault.LATE_STATUS}
    assert set(KINDS) == set(Fault)


def test_the_matrix_is_printed() -> None:
    """`python -m nightreel.studio.faults` shows a row a fault, a column an endpoint, and no empty row or column."""
    printed = subprocess.run(
        [sys.executable, "-m", "nightreel.studio.faults"], capture_output=True, text=True, check=True
    ).stdout
    head, *rows = printed.splitlines()
    assert head.split() == list(Endpoint)
    assert [row.split()[0] for row in rows] == list(Fault)
    marks = [row.split()[1 : 1 + len(Endpoint)] for row in rows]
    assert all("x" in row for row in marks)
    assert all("x" in column for column in zip(*marks, strict=True))


def test_the_matrix_counts_what_was_met() -> None:
    """With counts it shows how often each cell was met, and a dot where nothing can be."""
    rows = matrix({(Endpoint.RUN, Fault.SILENCE): 12}).splitlines()
    row = next(it.split() for it in rows if it.startswith(Fault.SILENCE))
    met = dict(zip(Endpoint, row[1:], strict=False))
    assert (met[Endpoint.RUN], met[Endpoint.TOKEN], met[Endpoint.RESULT]) == ("12", "0", "·")
