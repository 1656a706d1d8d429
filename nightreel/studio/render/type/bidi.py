"""Reading directions: which way a paragraph reads, and at which level each of its characters stands."""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from typing import Any

from bidi import algorithm

from nightreel.studio.fonts.faces import IGNORED


def right_to_left(text: str) -> bool:
    """Whether *text* reads from right to left: its first letter with a direction says it."""
    return bool(algorithm.get_base_level(text))


def levels_of(text: str, *, rtl: bool) -> list[int]:
    """Return each character's level in a paragraph (Unicode Standard Annex 9): odd ones read from right to left."""
    base = int(rtl)
    shown = [index for index, character in enumerate(text) if character not in IGNORED]
    storage: Any = algorithm.get_empty_storage()
    storage["base_level"], storage["base_dir"] = base, "LR"[base]
    algorithm.get_embedding_levels("".join(text[index] for index in shown), storage)
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    algorithm.resolve_neutral_types(storage, debug=False)
    algorithm.resolve_implicit_levels(storage, debug=False)
    levels = [base] * len(text)
    for index, character in zip(shown, storage["chars"], strict=True):
        levels[index] = character["level"]
    for index in range(1, len(text)):
        levels[index] = levels[index - 1] if text[index] in IGNORED else levels[index]
    return levels
