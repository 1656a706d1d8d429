"""The one retry layer, row by row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel import errors
from nightreel.nemo.asks import Kind
from nightreel.nemo.retry import LONGEST_WAIT, TABLE, Budget, Then, Tries, backoff

_MANY = 20


def _error(kind: type[errors.NightreelError]) -> errors.NightreelError:
    return errors.RateLimited("", retry_after=1) if kind is errors.RateLimited else kind("")


def _followed(kind: Kind, error: errors.NightreelError) -> list[Then]:
    """Return what follows *error*, met again and again."""
    tries = Tries(kind)
    return [tries.after(error) for _ in range(_MANY)]


@pytest.mark.parametrize("kind", TABLE, ids=lambda kind: kind.__name__)
def test_nothing_is_repeated_for_ever(kind: type[errors.NightreelError]) -> None:
    """Whatever a request meets, the same again and again, it ends."""
    for ask in Kind:
        assert _followed(ask, _error(kind))[-1] in {Then.NEVER, Then.UNKNOWN}


@pytest.mark.parametrize(
    "error",
    [
        errors.ServerFault("500"),
        errors.MalformedAnswer("?"),
        errors.OutcomeUnknown("reset"),
        errors.StreamLost("cut"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_may_have_been_done_is_never_sent_again(error: errors.NightreelError) -> None:
    """A once-only request that may have been carried out is not repeated, a read is, four times."""
    assert set(_followed(Kind.ONCE, error)) <= {Then.NEVER, Then.UNKNOWN}
    assert _followed(Kind.READ, error).count(Then.WAIT) == 4


@pytest.mark.parametrize("ask", Kind)
def test_what_was_refused_or_not_sent_may_be_sent_again(ask: Kind) -> None:
    """Unsent: five times; a rate limit and a refused token: once each; a plain no: never."""
    assert _followed(ask, errors.Unsent("refused")).count(Then.WAIT) == 5
    assert _followed(ask, _error(errors.RateLimited))[:2] == [Then.GATE, Then.NEVER]
    assert _followed(ask, errors.TokenRejected("1001"))[:2] == [Then.RENEW, Then.NEVER]
    for kind in (errors.SessionNotFound, errors.CreditsExhausted, errors.ExportForbidden, errors.RequestRefused):
        assert set(_followed(ask, kind("no"))) == {Then.NEVER}


def test_a_request_may_meet_several_things() -> None:
    """A renewal, a rate limit and a wait are counted apart."""
    tries, met = Tries(Kind.ONCE), [errors.TokenRejected(""), _error(errors.RateLimited), errors.Unsent("")]
    assert [tries.after(error) for error in met] == [Then.RENEW, Then.GATE, Then.WAIT]
    assert (tries.waits, tries.renewing) == (1, True)


@given(waits=st.integers(1, 60), chance=st.floats(0, 1))
def test_waits_have_full_jitter_and_a_cap(waits: int, chance: float) -> None:
    """Any wait is between nothing and its bound, which doubles up to the cap."""
    assert 0 <= backoff(waits, chance) <= backoff(waits, 1.0) <= min(2 ** (waits - 1), LONGEST_WAIT)


def test_a_budget_comes_back_by_successes() -> None:
    """Each repeat takes one; five successes give one back, up to the whole."""
    budget = Budget(most=2, left=2)
    assert [budget.take() for _ in range(3)] == [True, True, False]
    for _ in range(5):
        budget.give_back()
    assert [budget.take(), budget.take()] == [True, False]
    for _ in range(100):
        budget.give_back()
    assert budget.left == 2
