"""Silent edits: whatever changed in a draft is told in a sentence, and nothing else is."""

import copy
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightreel.nemo import changes

_TITLE = {"text": "Paradise Found", "role": "title", "position": "bottom"}
_MUSIC = {"mood": "upbeat", "volume": 0.35, "seed": 7}


def _draft(
    photos: str = "mug top box",
    seconds: int = 15,
    title: dict[str, Any] | None = _TITLE,
    music: dict[str, Any] | None = _MUSIC,
    transition: str = "cross_fade",
    width: int = 1080,
) -> dict[str, Any]:
    """Return a draft as the studio writes them: photos of equal length, a bed, a title."""
    names, total = photos.split(), seconds * 1000
    looks = {name: f"pan_{name}" for name in names}
    video = [
        {
            "d": total // len(names),
            "s": total * place // len(names),
            "m": {"asset": name, "name": f"{name}.jpg", "motion": looks[name], "transition": {"kind": transition}},
        }
        for place, name in enumerate(names)
    ]
    tracks: list[dict[str, Any]] = [{"tt": 0, "sg": video}]
    tracks += [{"tt": 1, "sg": [{"d": total, "s": 0, "m": music}]}] if music else []
    tracks += [{"tt": 7, "sg": [{"d": total - 600, "s": 300, "m": title}]}] if title else []
    return {"d": total, "m": {"width": width, "height": 1920}, "t": tracks}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"seconds": 20}, ["The video is 20 s long now (before: 15 s)."]),
        ({"title": None}, ["Title removed: 'Paradise Found', bottom, 0.3–14.7 s."]),
        ({"title": _TITLE | {"text": "Hi"}}, ["Title changed: 'Hi' (before: 'Paradise Found')."]),
        ({"title": _TITLE | {"position": "top"}}, ["Title 'Paradise Found': position is top now (before: bottom)."]),
        ({"music": _MUSIC | {"mood": "lo-fi"}}, ["Music: mood is lo-fi now (before: upbeat)."]),
        ({"music": None}, ["Music removed: upbeat, 35%, 0–15 s."]),
        (
            {"transition": "wipe"},
            ["Transition is wipe everywhere now (before: cross-fade)."],
        ),
        ({"photos": "top mug box"}, ["The order is now top.jpg, mug.jpg, box.jpg."]),
        ({"photos": "mug top"}, ["Picture removed: box.jpg, 10–15 s."]),
        ({"width": 1920}, ["The picture is 1920x1920 now (before: 1080x1920)."]),
    ],
)
def test_each_kind_of_change_has_its_sentence(changed: dict[str, Any], told: list[str]) -> None:
    """What an edit changed is told by its name, what it was and what it is; what it left alone is not told."""
    assert changes(_draft(), _draft(**changed)) == told


def test_an_added_title_is_told_with_its_place_and_time() -> None:
    """As documented: Title added: 'Paradise Found', top, 0–3 s."""
    shots = {"tt": 0, "sg": [{"d": 9000, "m": {"name": "a"}}]}
    title = {"tt": 7, "sg": [{"d": 3000, "s": 0, "m": {"text": "Paradise Found", "position": "top"}}]}
    assert changes({"t": [shots]}, {"t": [shots, title]}) == ["Title added: 'Paradise Found', top, 0–3 s."]


def test_changes_are_told_in_chinese() -> None:
    """The same change, in the language of the talk."""
    renamed = changes(_draft(), _draft(title=_TITLE | {"text": "新品"}), "zh-CN")
    assert renamed == ["标题已改为“新品”（之前为“Paradise Found”）。"]
    assert changes(_draft(), _draft(music=None), "zh") == ["已移除音乐：upbeat、35%、0–15 秒。"]


def test_documented_names_alone_say_what_can_be_said() -> None:
    """Without names, tracks are told by their segments' number, place and length."""
    before = {"t": [{"tt": 0, "sg": [{"d": 5000}, {"d": 5000}]}, {"tt": 7, "sg": [{"d": 2000}]}]}
    after = {"t": [{"tt": 0, "sg": [{"d": 5000}, {"d": 5000}, {"d": 5000}]}]}
    assert changes(before, after) == [
        "The video is 15 s long now (before: 10 s).",
        "Picture: 3 segments now (before: 2).",
        "Title removed: 0–2 s.",
    ]


def test_a_key_of_somebody_elses_is_told_by_its_name() -> None:
    """A change that only the service has a name for is told by that name; one without any is told all the same."""

    def shot(look: str) -> dict[str, Any]:
        return {"t": [{"tt": 0, "sg": [{"d": 5, "m": {"name": "a", "film_look": look}}]}]}

    assert changes(shot("warm"), shot("cold")) == ["Picture 1 (a): film look is cold now (before: warm)."]
    assert changes({"t": [], "x": 1}, {"t": [], "x": 2}) == [
        "Something changed in the timeline that has no name here."
    ]


@settings(deadline=None)
@given(st.data())
def test_no_change_of_a_draft_is_met_with_silence(data: st.DataObject) -> None:
    """Whatever key anywhere in a draft becomes another value: at least one sentence tells of it."""
    before = _draft()
    after = copy.deepcopy(before)
    holder, key = data.draw(st.sampled_from(_places(after)))
    holder[key] = data.draw(st.integers(0, 9) | st.text(max_size=5))
    assert bool(changes(before, after)) is (after != before)


def _places(value: object) -> list[tuple[dict[str, Any], str]]:
    """Return each key that holds a plain value, with the object that it is a key of."""
    if isinstance(value, list):
        return [place for inner in cast("list[object]", value) for place in _places(inner)]
    if not isinstance(value, dict):
        return []
    inside = cast("dict[str, Any]", value)
    plain = [(inside, key) for key, inner in inside.items() if not isinstance(inner, dict | list)]
    return plain + [place for inner in inside.values() for place in _places(inner)]
