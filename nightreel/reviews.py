"""A review: what a person decided about a night's videos, as the report's page saves it (`review.json`)."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError

from nightreel.errors import ConfigurationError
from nightreel.models import Value, digest

MOST_BYTES = 16 * 1024 * 1024
MOST_TEXT = 2000

Verdict = Literal["approve", "change", "reject"]


class Decision(Value):
    """What was decided about one video.

    Attributes:
        key: the clip's.
        sha256: of the video that was looked at.
        text: what shall be different; of a change alone.
    """

    product: str
    format: str
    key: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    sha256: str
    verdict: Verdict
    text: Annotated[str, Field(max_length=MOST_TEXT)] = ""

    @property
    def name(self) -> str:
        """What people call the clip."""
        return f"{self.product} {self.format}"

    @property
    def id(self) -> str:
        """The same for the same decision about the same video: it counts once."""
        return digest([self.key, self.sha256, self.verdict, self.text.strip()])[:32]


class ReviewFile(Value):
    """A whole `review.json`; *run_id* is the night that was looked at."""

    nightreel_review: Literal[1]
    run_id: str
    decisions: tuple[Decision, ...] = ()


def read_review(path: Path) -> ReviewFile:
    """Read the review at *path*.

    Raises:
        ConfigurationError: there is none, or it is no review; names the place.
    """
    hint = "The report's page saves one: Review, then Save review.json."
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ConfigurationError(f"{path} is over {MOST_BYTES // 2**20} MB: no review is that long.")
        review = ReviewFile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror or error}.", hint=hint) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigurationError(f"{path} is no review: {place}: {first['msg']}.", hint=hint) from None
    for one in review.decisions:
        if one.verdict == "change" and not one.text.strip():
            raise ConfigurationError(f"{path}: {one.name} shall be changed, and nothing says how.", hint=hint)
    return review
