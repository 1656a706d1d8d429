"""The instruments that have a pitch: each makes one note, mono, that starts and ends at zero.

What is soft is also darker, what is high is shorter, as on the things themselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nightreel.studio.audio.signal import RATE, decay

Mono = NDArray[np.float32]
_TOP = 11_000.0
"""Hz: no partial lies above."""

_AUDIBLE = 1.2
"""How many times a partial's ring it can be heard: until it has fallen by 72 dB."""


def hertz(note: float) -> float:
    """Return the frequency of a MIDI note."""
    return 440.0 * 2 ** ((note - 69) / 12)


def wave(frequency: float, samples: int) -> Mono:
    """Return a sine."""
    return np.sin(_phase(frequency, samples))


def _phase(frequency: float, samples: int) -> Mono:
    """Return the phase of a tone, 0..2 pi: as exact at its end as at its beginning."""
    turns = np.arange(samples) * (frequency / RATE)
    return (2 * np.pi * (turns - np.floor(turns))).astype(np.float32)


def shaped(sound: NDArray[np.floating[Any]], attack: float, release: float) -> Mono:
    """Let *sound* begin and end smoothly, within so many seconds."""
    result: Mono = sound.astype(np.float32, copy=False)
    count = len(result)
    rise, fall = max(1, min(count, round(attack * RATE))), max(1, min(count, round(release * RATE)))
    result[:rise] *= 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, rise, dtype=np.float32))
    result[-fall:] *= 0.5 + 0.5 * np.cos(np.linspace(0, np.pi, fall, dtype=np.float32))
    return result


@dataclass(frozen=True, slots=True)
class Body:
    """How a thing sounds that is struck or plucked.

    Attributes:
        ratios: its partials' frequencies, in shares of the lowest; empty for a string's.
        slope: dB an octave by which a string's partials fall.
        pick: where a string is struck, in shares of its length.
        ring: seconds in which the lowest partial falls by 60 dB; how much sooner the others do, *damp* says.
        stiff: how sharp a string's high partials are.
        attack: seconds.
        click: how loud the stroke itself is.
        twin: cents between two strings of one note; 0 for one.
        release: seconds after the note's end.
    """

    ratios: tuple[tuple[float, float], ...] = ()
    slope: float = 6.0
    pick: float = 0.2
    ring: float = 2.0
    damp: float = 0.7
    stiff: float = 0.0
    attack: float = 0.002
    click: float = 0.0
    twin: float = 0.0
    release: float = 0.15


_BODIES = {
    "piano": Body(slope=9, pick=0.12, ring=5.5, damp=0.75, stiff=0.0004, attack=0.004, click=0.05, twin=1.2,
                  release=0.25),
    "guitar": Body(slope=7.5, pick=0.21, ring=2.6, damp=0.8, stiff=0.00008, click=0.04),
    "ukulele": Body(slope=7, pick=0.27, ring=0.9, damp=0.5, click=0.05),
    "muted": Body(slope=6.5, pick=0.14, ring=0.42, damp=0.55, click=0.05, release=0.06),
    "harp": Body(slope=8.5, pick=0.33, ring=3.4, damp=0.8, click=0.01, release=0.5),
    "pizzicato": Body(slope=8, pick=0.3, ring=0.55, damp=0.7, attack=0.005, twin=6, release=0.1),
    "pluck": Body(slope=5, pick=0.5, ring=0.7, damp=0.75, twin=7),
    "stab": Body(slope=5.5, pick=0.37, ring=1.1, damp=0.65, attack=0.004, twin=9, release=0.09),
    "spiccato": Body(slope=6.5, pick=0.09, ring=0.75, damp=0.25, attack=0.022, twin=8, release=0.12),
    "upright": Body(slope=8.5, pick=0.24, ring=1.9, damp=0.9, attack=0.006, click=0.05, release=0.08),
    "finger": Body(slope=7.5, pick=0.17, ring=2.6, damp=0.9, attack=0.005, click=0.02, release=0.06),
    "marimba": Body(ratios=((1, 1), (3.93, 0.32), (9.4, 0.07)), ring=0.9, damp=1.0, click=0.06),
    "kalimba": Body(ratios=((1, 1), (2.0, 0.12), (5.4, 0.20), (8.2, 0.05)), ring=1.5, damp=0.8, click=0.05),
    "glock": Body(ratios=((1, 1), (2.76, 0.35), (5.4, 0.12)), ring=1.8, damp=0.6, click=0.02, release=0.4),
    "celesta": Body(ratios=((1, 1), (2.0, 0.18), (3.0, 0.09), (4.1, 0.10)), ring=1.9, damp=0.6, attack=0.003,
                    click=0.01, release=0.3),
    "bell": Body(ratios=((1, 1), (2.0, 0.3), (2.76, 0.22), (4.07, 0.10), (5.2, 0.05)), ring=3.2, damp=0.6,
                 attack=0.004, twin=2, release=0.6),
}  # fmt: skip


def note(player: str, pitch: int, seconds: float, force: float, slide: int = 0) -> Mono:
    """Return one note of *player*, about as loud as any other's; *slide* is the pitch that a bass comes from."""
    if (body := _BODIES.get(player)) is not None:
        return _struck(body, pitch, seconds, force)
    return _OTHERS[player](pitch, seconds, force, slide)


def _struck(body: Body, pitch: int, seconds: float, force: float) -> Mono:
    """A string, bar or bell: partials that each die away in their own time, and the noise of the stroke."""
    base = hertz(pitch)
    ring = body.ring * min(2.0, (262 / base) ** 0.45)
    samples = round((min(seconds, ring) + body.release) * RATE)
    sound = np.zeros(samples, np.float32)
    voices = [(_phase(base, samples), 1.0)]
    if body.twin:
        voices = [(voices[0][0], 0.6), (_phase(base * 2 ** (body.twin / 1200), samples), 0.4)]
    time = np.arange(samples, dtype=np.float32)
    for ratio, level, sooner in _partials(body, base, force):
        audible = min(samples, round(_AUDIBLE * ring / sooner * RATE))
        fading = decay(audible, ring / sooner)
        for phase, share in voices:
            part = phase[:audible] * np.float32(round(ratio))
            if ratio != round(ratio):
                part += time[:audible] * np.float32(2 * np.pi * base / RATE * (ratio - round(ratio)))
            np.sin(part, out=part)
            part *= fading
            part *= np.float32(share * level)
            sound[:audible] += part
    if body.click:
        _click(sound, body.click * force)
    return shaped(sound * np.float32(0.5), body.attack, min(body.release, 0.8 * samples / RATE))


def _partials(body: Body, base: float, force: float) -> list[tuple[float, float, float]]:
    """Return each partial's ratio, its level, and how many times sooner than the first it is gone."""
    if body.ratios:
        return [
            (ratio, level * force ** (0 if ratio == 1 else 0.8), ratio**body.damp)
            for ratio, level in body.ratios
            if base * ratio < _TOP
        ]
    partials: list[tuple[float, float, float]] = []
    slope = (body.slope + 3 * (1 - force)) / 6.02
    for number in range(1, 33):
        ratio = number * (1 + body.stiff * number * number) ** 0.5
        level = number**-slope * abs(np.sin(np.pi * number * body.pick)) * 1.4
        if base * ratio > _TOP or level < 1e-3:  # noqa: PLR2004 - not to be heard beside the others
            continue
        partials.append((ratio, level, number**body.damp))
    return partials


def _click(sound: Mono, level: float) -> None:
    """Add the stroke: a few thousandths of a second of dull noise."""
    count = min(len(sound), round(0.02 * RATE))
    noise = np.random.default_rng(7).uniform(-1, 1, count + 7)
    dull = np.convolve(noise, np.ones(8) / 8, "valid") * np.exp(-np.arange(count) / (0.004 * RATE))
    sound[:count] += (dull * 2.5 * level).astype(np.float32)


def _keys(pitch: int, seconds: float, force: float, _slide: int) -> Mono:
    """An electric piano: a tine that rings, and a bar that it bends."""
    base = hertz(pitch)
    samples = round((min(seconds, 2.6) + 0.22) * RATE)
    low = min(1.0, (330 / base) ** 0.5)
    bend = wave(base, samples) * decay(samples, 1.6) * np.float32((0.5 + 1.1 * force) * low)
    tine = wave(base * (14 if base < 500 else 7), samples) * decay(samples, 0.28)  # noqa: PLR2004 - below 7 kHz
    sound = np.sin(_phase(base, samples) + bend + np.float32(0.22 * force) * tine) * decay(samples, 3.6 * low)
    return shaped(sound * np.float32(0.5), 0.003, 0.2)


def _sustained(
    levels: Sequence[float], attack: float, release: float, vibrato: float
) -> Callable[[int, float, float, int], Mono]:
    """Return an instrument that sounds for as long as it is played: partials of fixed levels, and a vibrato."""

    def play(pitch: int, seconds: float, force: float, _slide: int) -> Mono:
        base = hertz(pitch)
        samples = round((seconds + release) * RATE)
        time = np.arange(samples) / RATE
        shake = vibrato * np.clip((time - 0.25) / 0.4, 0, 1) * np.sin(2 * np.pi * 5.1 * time)
        turns = base * time + base * 0.0035 * shake / 5.1
        phase = (2 * np.pi * (turns - np.floor(turns))).astype(np.float32)
        sound = np.zeros(samples, np.float32)
        for number, level in enumerate(levels, 1):
            if base * number < _TOP:
                sound += np.sin(number * phase) * np.float32(level * force ** (0.5 * (number - 1)))
        return shaped(sound * np.float32(0.36), attack, min(release + 0.3 * seconds, 0.7 * samples / RATE))

    return play


def _bass(
    levels: Sequence[float], attack: float, drive: float, ring: float, release: float = 0.07
) -> Callable[[int, float, float, int], Mono]:
    """Return a bass that glides from the note before, with enough above its base to be heard on a phone."""

    def play(pitch: int, seconds: float, force: float, slide: int) -> Mono:
        samples = round((min(seconds, 4.0) + release) * RATE)
        time = np.arange(samples) / RATE
        bend = np.exp(-time / 0.022) * ((slide - pitch) / 12 if slide else 0.0)
        turns = np.cumsum(hertz(pitch) / RATE * 2**bend)
        phase = (2 * np.pi * (turns - np.floor(turns))).astype(np.float32)
        sound = np.zeros(samples, np.float32)
        for number, level in enumerate(levels, 1):
            sound += np.sin(number * phase) * decay(samples, 2 * ring / number**0.8) * np.float32(level)
        sound = np.tanh(sound * np.float32(drive * (0.7 + 0.3 * force))) * decay(samples, 3 * ring)
        return shaped(sound * np.float32(0.62), attack, release)

    return play


_OTHERS: dict[str, Callable[[int, float, float, int], Mono]] = {
    "keys": _keys,
    "whistle": _sustained((1.0, 0.10, 0.03), 0.03, 0.06, 1.6),
    "horn": _sustained((1.0, 0.62, 0.40, 0.22, 0.10, 0.05), 0.09, 0.25, 0.8),
    "lead": _sustained((1.0, 0.35, 0.28, 0.10, 0.12, 0.05, 0.04), 0.012, 0.10, 1.0),
    "sub": _bass((1.0, 0.22, 0.06), 0.012, 1.1, 3.0, 0.16),
    "synth bass": _bass((1.0, 0.55, 0.38, 0.26, 0.18, 0.12, 0.08), 0.004, 1.2, 0.8),
    "contrabass": _bass((1.0, 0.7, 0.4, 0.25, 0.12), 0.09, 0.9, 5.0, 0.5),
}
