"""Keys: what was made is named by all that decides it, the renderer's own code included."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import av
import cv2
import freetype  # pyright: ignore[reportMissingTypeStubs]
import numpy as np
import PIL
import uharfbuzz  # pyright: ignore[reportMissingTypeStubs]

_CODE = Path(__file__).parents[1]


def key_of(decides: list[Any]) -> str:
    """Return the key of what is decided by *decides*, which can be written as JSON."""
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


@cache
def renderer() -> str:
    """Return what tells one version of the renderer from another: its own code, and its libraries' versions."""
    modules = (av, cv2, np, PIL, uharfbuzz)
    libraries = (*(str(module.__version__) for module in modules), *(str(part) for part in freetype.version()))
    whole = hashlib.sha256(" ".join(libraries).encode())
    whole.update((_CODE / "containers.py").read_bytes())
    for part in ("render", "audio", "fonts"):
        for path in sorted((_CODE / part).rglob("*")):
            if path.suffix == ".py":
                whole.update(path.read_bytes())
            elif path.is_file() and path.suffix != ".pyc":
                whole.update(f"{path.name} {path.stat().st_size}".encode())
    return whole.hexdigest()
