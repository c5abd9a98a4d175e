"""SSIM and PSNR of each neighbourhood, as maps: dark is alike, bright is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import Header
from viewer.metrics.local_maps import WINDOW, dissimilarity, local_psnr
from viewer.progress import CancelToken, Progress
from viewer.session.map_jobs import Pair
from viewer.ui.colour_maps import heat_map
from viewer.ui.contents.kinds import MapKind
from viewer.ui.geometry import Geometry
from viewer.ui.pane_overlay import ColourScale
from viewer.ui.pictures import Drawn
from viewer.ui.strongest import StrongestPyramid

_WITHIN = 99.9
"""Percentile of pixels that lies within the colours."""
_SSIM_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_LAST = 254
"""The last index within the scale; 255 is beyond it."""


@dataclass(frozen=True, eq=False, slots=True)
class LocalMap:
    """A map as indices of colours, 0 where the two are most alike.

    Parameters
    ----------
    pyramid : StrongestPyramid
        Of one plane of uint8.
    alike, unlike : str
        What the dark and the bright end stand for.
    unit : str
    detail : str
        What is said above it.
    identical : bool
    """

    pyramid: StrongestPyramid
    alike: str
    unlike: str
    unit: str
    detail: str
    identical: bool


def compute_ssim(pair: Pair, *, progress: Progress, cancel: CancelToken) -> LocalMap:
    """Return the SSIM map; it ends at the first round figure that holds nearly all of it."""
    plane = dissimilarity(pair.reference.pixels, pair.changed.pixels, _format(pair), cancel=cancel)
    cancel.check()
    most = _percentile(plane, _WITHIN)
    end = next((step for step in _SSIM_STEPS if step >= most), _SSIM_STEPS[-1])
    return LocalMap(
        StrongestPyramid(_indices(plane, 0.0, end)),
        "1",
        f"{1 - end:.3f}".rstrip("0") if end < 1 else "0",
        "SSIM",
        "11 × 11 Gaussian",
        not plane.any(),
    )


def compute_psnr(pair: Pair, *, progress: Progress, cancel: CancelToken) -> LocalMap:
    """Return the map of local PSNR, over round decibels that hold nearly all of it."""
    plane = local_psnr(
        pair.reference.pixels, pair.changed.pixels, _format(pair), progress=progress, cancel=cancel
    )
    cancel.check()
    finite = plane[np.isfinite(plane)]
    if finite.size == 0:
        finite = np.array([99.0], np.float32)
    low = 5 * np.floor(_percentile(finite, 100 - _WITHIN) / 5)
    high = max(5 * np.ceil(_percentile(finite, 90.0) / 5), low + 10)
    return LocalMap(
        StrongestPyramid(_indices(plane, float(high), float(low))),
        f"{high:.0f}",
        f"{low:.0f}",
        "dB",
        f"{WINDOW} × {WINDOW} pixels",
        bool(np.isinf(plane).all()),
    )


class LocalPicture:
    """A local map on the screen; zoomed out, the least alike pixel under each screen pixel."""

    windowed = False

    def __init__(self, computed: LocalMap, header: Header) -> None:
        self.map = computed
        self._header = header

    @property
    def header(self) -> Header:
        """Of the image compared."""
        return self._header

    @property
    def scale(self) -> ColourScale:
        """The legend."""
        return ColourScale(heat_map(), self.map.alike, self.map.unlike, self.map.unit)

    @property
    def details(self) -> tuple[str, ...]:
        """The window."""
        return (self.map.detail,)

    @property
    def message(self) -> str:
        """What is said where nothing differs."""
        return "No difference: every pixel is equal." if self.map.identical else ""

    def draw(self, geometry: Geometry) -> Drawn:
        """Return the visible part."""
        return Drawn(self.map.pyramid.visible(geometry)[0], heat_map())

    def sampling(self, geometry: Geometry) -> str:
        """Return "pixels" from 1:1 upwards, else "strongest"."""
        return "pixels" if geometry.device_scale >= 1 - 1e-9 else "strongest"


def _indices(plane: NDArray[np.float32], alike: float, unlike: float) -> NDArray[np.uint8]:
    """Return indices 0 (`alike`) to 254 (`unlike`), 255 beyond."""
    result = np.empty(plane.shape, np.uint8)
    scale = np.float32(_LAST / (unlike - alike))
    for top in range(0, len(plane), 256):
        strip = slice(top, top + 256)
        # Infinite PSNR is beyond the dark end, and dark.
        scaled = np.rint((plane[strip] - np.float32(alike)) * scale)
        result[strip] = np.clip(scaled, 0, 255)
    return result


def _percentile(plane: NDArray[np.float32], percent: float) -> float:
    """Return a percentile of a million of the pixels."""
    flat = plane.reshape(-1)
    return float(np.percentile(flat[:: max(1, flat.size // 1_000_000)], percent))


def _format(pair: Pair) -> PixelFormat:
    header = pair.reference.header
    return PixelFormat(header.bits_stored, header.signed)


def _picture(computed: object, header: Header) -> LocalPicture:
    assert isinstance(computed, LocalMap)
    return LocalPicture(computed, header)


KINDS = (
    MapKind("ssim", "SSIM map", "Where structure is kept (dark) and lost", compute_ssim, _picture),
    MapKind("psnr", "Local PSNR map", "PSNR around each pixel: bright is worse", compute_psnr,
            _picture),
)  # fmt: skip
