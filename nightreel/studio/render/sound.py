"""The finished sound: encoded, listened to, and encoded again a little softer where the codec overshot a peak."""
# pyright: reportUnknownMemberType=false

import io
from typing import cast

import av
import numpy as np

from nightreel.studio.audio.loudness import limited, true_peak
from nightreel.studio.audio.signal import Sound
from nightreel.studio.render.encoder import encode_sound

_MOST = -1.5
"""dBTP: what platforms take without clipping it."""

_AIM = -2.0
_TIMES = 4


def finished(sound: Sound) -> bytes:
    """Encode *sound* such that its true peak is at most -1.5 dBTP when it is decoded; it is limited in place."""
    data = encode_sound(sound)
    for _ in range(_TIMES):
        decoded = heard(data)[: len(sound)]
        if true_peak(decoded) <= _MOST:
            break
        decoded = np.pad(decoded, ((0, len(sound) - len(decoded)), (0, 0)))
        data = encode_sound(limited(sound, _AIM, decoded))
    return data


def heard(data: bytes) -> Sound:
    """Return the sound of an encoded piece as a player decodes it: samples x 2."""
    with av.open(io.BytesIO(data), "r") as container:
        blocks = [cast("Sound", frame.to_ndarray()) for frame in container.decode(container.streams.audio[0])]
    return np.ascontiguousarray(np.concatenate(blocks, axis=1).T)
