"""What a person can say of a cut."""

from enum import StrEnum

from nightreel.models import Value


class Verdict(StrEnum):
    """What becomes of the clip."""

    APPROVE = "approve"
    CHANGE = "change"
    REJECT = "reject"


class Silence(StrEnum):
    """What is done when nobody answers in time."""

    WAIT = "keep waiting"
    APPROVE = "approve"
    REJECT = "reject"

    @property
    def verdict(self) -> Verdict | None:
        """What silence says; None if it says nothing."""
        return None if self is Silence.WAIT else Verdict(self.value)


class Answer(Value):
    """What was said.

    Attributes:
        words: what to change, or why.
        by: who said it, for the record.
    """

    verdict: Verdict
    words: str = ""
    by: str = "a person"
