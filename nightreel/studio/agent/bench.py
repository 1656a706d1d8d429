"""A cut while it is changed, and what could not be done to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from nightreel.studio.agent.cutting import Cut, Photo
from nightreel.studio.agent.picks import Pick


@dataclass
class Bench:
    """A cut at work.

    Attributes:
        photos: all of the session, in order.
        sounds: its sound files, likewise.
        new: whether the cut is made anew.
        origin: the photos as they are numbered: as they stood before the prompt.
        missed: what could not be done, as sentences of the lexicon with their facts.
    """

    cut: Cut
    photos: Sequence[Photo]
    sounds: Sequence[Photo]
    new: bool = False
    missed: list[tuple[str, dict[str, object]]] = field(default_factory=list[tuple[str, dict[str, object]]])
    origin: tuple[Photo, ...] = ()

    def __post_init__(self) -> None:
        """Number the photos: all that a prompt says of them counts as they stood before it."""
        self.origin = self.cut.photos

    def set(self, **update: Any) -> None:  # noqa: ANN401 - as pydantic takes them
        """Change fields of the cut."""
        self.cut = self.cut.model_copy(update=update)

    def miss(self, key: str, **facts: object) -> None:
        """Note what could not be done."""
        if (key, facts) not in self.missed:
            self.missed.append((key, facts))

    def places(self, pick: Pick) -> list[int]:
        """Return the places of the picked photos, from 0; notes those that are not there."""
        now = {photo.asset: place for place, photo in enumerate(self.cut.photos)}
        if pick.every:
            return list(now.values())
        count = len(self.origin)
        found: list[int] = []
        for number in pick.places:
            place = (count - 1) // 2 if number == 0 else number - 1 if number > 0 else count + number
            if 0 <= place < count:
                found += [now[asset]] if (asset := self.origin[place].asset) in now else []
            else:
                self.miss("no_such_photo", n=number, count=count)
        for name in pick.names:
            place = next((at for at, photo in enumerate(self.cut.photos) if photo.name.lower() == name.lower()), None)
            if place is None:
                self.miss("no_such_file", name=name)
            else:
                found.append(place)
        return list(dict.fromkeys(found))

    def change_photos(self, places: Sequence[int], **update: Any) -> None:  # noqa: ANN401 - as above
        """Change what was asked for some photos."""
        self.set(
            photos=tuple(
                photo.model_copy(update=update) if place in places else photo
                for place, photo in enumerate(self.cut.photos)
            )
        )
