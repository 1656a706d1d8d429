"""HDR pictures (PQ or HLG, BT.2020) as SDR ones: what phones film beside photos.

A table says for each colour which one stands for it. Diffuse white is taken to be 203 cd/m² (ITU-R BT.2408), a clip's
highlights 1,000 at most; from the knee on they are bent towards white by the curve of ITU-R BT.2390, by the strongest
of red, green and blue, so that no hue changes. The result is coded as photos are.
"""
# pyright: reportUnknownMemberType=false

import tempfile
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any, cast

import numpy as np
from av.filter import Graph
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.reformatter import ColorTrc
from numpy.typing import NDArray

FORMAT = "gbrp10le"
"""The pixels that are mapped: a photo's full range of red, green and blue, ten bits each."""

Floats = NDArray[np.float64]
_SIDE = 33
_PEAK, _WHITE = 1_000.0, 203.0  # cd/m²
_GAMMA = 2.2
_LUMA = np.array([0.2627, 0.6780, 0.0593])  # of BT.2020
_TO_709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])  # BT.2087


def is_hdr(frame: VideoFrame) -> bool:
    """Whether *frame* says that it is."""
    return frame.color_trc in _LIGHT


class ToneMap:
    """Maps frames in :data:`FORMAT`, all of one size and one *transfer*."""

    def __init__(self, transfer: int, width: int, height: int) -> None:
        graph = Graph()
        graph.threads = 1
        unit = Fraction(1, 1_000)
        source = graph.add_buffer(width=width, height=height, format=VideoFormat(FORMAT), time_base=unit)
        with tempfile.NamedTemporaryFile("w", suffix=".cube") as file:
            file.write(_cube(transfer))
            file.flush()
            mapping = graph.add("lut3d", file=file.name, interp="tetrahedral")
            sink = graph.add("buffersink")
            source.link_to(mapping)
            mapping.link_to(sink)
            graph.configure()
        self._graph = graph

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        """Return *frame* in SDR: BT.709's primaries, in the same format."""
        self._graph.push(frame)
        return cast("VideoFrame", self._graph.pull())


@cache
def _cube(transfer: int) -> str:
    """Return the table as a .cube file; red varies first."""
    signal = np.linspace(0, 1, _SIDE)
    blue, green, red = np.meshgrid(signal, signal, signal, indexing="ij")
    colours = mapped(np.stack((red, green, blue), axis=-1).reshape(-1, 3), transfer)
    lines: list[Any] = [f"LUT_3D_SIZE {_SIDE}", *(" ".join(f"{value:.6f}" for value in line) for line in colours)]
    return "\n".join(lines) + "\n"


def mapped(colours: Floats, transfer: int) -> Floats:
    """Return the SDR colours (n x 3, 0..1) that stand for HDR *colours* (n x 3, 0..1) of BT.2020 and *transfer*."""
    light = np.minimum(_LIGHT[transfer](colours), _PEAK)
    strongest = np.maximum(light.max(axis=1, keepdims=True), 1e-6)
    shown = np.clip((light * (_bent(strongest) / strongest)) @ _TO_709.T / _WHITE, 0, 1)
    return shown ** (1 / _GAMMA)


def _bent(light: Floats) -> Floats:
    """Return light of up to :data:`_PEAK` as light of up to :data:`_WHITE` (BT.2390's EETF, on the PQ scale)."""
    share, most = _pq(light) / _pq(np.array(_PEAK)), float(_pq(np.array(_WHITE)) / _pq(np.array(_PEAK)))
    knee = 1.5 * most - 0.5
    t = np.clip((share - knee) / (1 - knee), 0, 1)
    curve = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * most
    return _from_pq(np.where(share < knee, share, curve) * _pq(np.array(_PEAK)))


_M1, _M2, _C1, _C2, _C3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875  # SMPTE ST 2084


def _pq(light: Floats) -> Floats:
    power = (light / 10_000) ** _M1
    return ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2


def _from_pq(signal: Floats) -> Floats:
    power = signal ** (1 / _M2)
    return 10_000 * (np.maximum(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1)


def _from_hlg(signal: Floats) -> Floats:
    """Return the light of a display of :data:`_PEAK` (ITU-R BT.2100: inverse OETF, then OOTF of 1.2)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)  # noqa: PLR2004 - the standard's
    return _PEAK * scene * (scene @ _LUMA)[:, None] ** 0.2


_LIGHT: dict[int, Callable[[Floats], Floats]] = {ColorTrc.SMPTE2084: _from_pq, ColorTrc.ARIB_STD_B67: _from_hlg}
