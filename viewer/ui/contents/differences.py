"""Differences of two pictures: signed, absolute, relative, squared."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import Header
from viewer.progress import CancelToken, Progress
from viewer.session.map_jobs import Pair
from viewer.ui import formatting
from viewer.ui.colour_maps import Colours, absolute_map, signed_map
from viewer.ui.contents.kinds import MapKind
from viewer.ui.difference import DifferenceMap, coloured, relative_parts, value_parts
from viewer.ui.geometry import Geometry
from viewer.ui.pane_overlay import ColourScale
from viewer.ui.pictures import Drawn

GROUP = "Difference"
SIGNED, ABSOLUTE, RELATIVE, SQUARED = "signed", "absolute", "relative", "squared"
LARGEST_GAIN = float(1 << 20)


def compute_values(pair: Pair, *, progress: Progress, cancel: CancelToken) -> DifferenceMap:
    """Return the errors in grey levels."""
    parts = value_parts(pair.reference.pixels, pair.changed.pixels)
    cancel.check()
    return DifferenceMap(*parts, pair.reference.peak)


def compute_relative(pair: Pair, *, progress: Progress, cancel: CancelToken) -> DifferenceMap:
    """Return the errors as parts of the values they are errors of."""
    header = pair.reference.header
    lowest = PixelFormat(header.bits_stored, header.signed).minimum
    parts = relative_parts(
        pair.reference.pixels, pair.changed.pixels, lowest, pair.reference.peak, cancel=cancel
    )
    return DifferenceMap(*parts, 65535)


class DifferencePicture:
    """One picture minus another, through its own colours at its own gain.

    Parameters
    ----------
    errors : DifferenceMap
    header : Header
    kind : {"signed", "absolute", "relative", "squared"}

    Attributes
    ----------
    gain : float
        How much smaller than the whole scale the errors are that reach the end of the colours.
    """

    windowed = False

    def __init__(self, errors: DifferenceMap, header: Header, kind: str) -> None:
        self.map = errors
        self.kind = kind
        self._header = header
        self.gain: float = self.first_gain
        self._tables: tuple[float, NDArray[np.uint8], NDArray[np.uint8]] | None = None

    @property
    def header(self) -> Header:
        """Of the image compared."""
        return self._header

    @property
    def first_gain(self) -> float:
        """The largest power of two that keeps the 99.9th percentile of errors within range."""
        first = self.map.first_gain
        return float(first * first if self.kind == SQUARED else first)

    @property
    def signed(self) -> bool:
        """Whether the colours tell above from below."""
        return self.kind in (SIGNED, RELATIVE)

    @property
    def colours(self) -> Colours:
        """The colour map in use."""
        return signed_map() if self.signed else absolute_map()

    @property
    def end(self) -> float:
        """What the end of the colours stands for, in `unit`."""
        whole = {SQUARED: float(self.map.peak) ** 2, RELATIVE: 100.0}
        return whole.get(self.kind, float(self.map.peak)) / self.gain

    @property
    def unit(self) -> str:
        """Of `end`."""
        return {SQUARED: "grey levels²", RELATIVE: "% of the value"}.get(self.kind, "grey levels")

    @property
    def scale(self) -> ColourScale:
        """The legend."""
        end = formatting.figure(self.end)
        if self.signed:
            return ColourScale(self.colours, f"−{end}", f"+{end}", self.unit, under=True)
        return ColourScale(self.colours, "0", end, self.unit)

    @property
    def details(self) -> tuple[str, ...]:
        """Gain and kind."""
        gain = formatting.gain(self.gain)
        return f"{gain}  {self.kind}", gain

    @property
    def message(self) -> str:
        """What is said where nothing differs."""
        return "No difference: every pixel is equal." if self.map.identical else ""

    def draw(self, geometry: Geometry) -> Drawn:
        """Return the visible part; below 1:1 the strongest error under each screen pixel."""
        if self._tables is None or self._tables[0] != self.gain:
            self._tables = self.gain, *self._made_tables()
        return Drawn(self.map.indices(geometry, *self._tables[1:]), self.colours)

    def _made_tables(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Return the colour of every error above and below."""
        errors = np.arange(65536, dtype=np.int32)
        if self.kind == SQUARED:
            squares = np.square(errors.astype(np.float32) / np.float32(self.map.peak))
            above = coloured(squares, 1.0, self.gain, False)
            return above, above
        signed = self.signed
        return (
            coloured(errors, self.map.peak, self.gain, signed),
            coloured(-errors, self.map.peak, self.gain, signed),
        )

    def sampling(self, geometry: Geometry) -> str:
        """Return "pixels" from 1:1 upwards, else "strongest"."""
        return "pixels" if geometry.device_scale >= 1 - 1e-9 else "strongest"


def _picture(kind: str, computed: object, header: Header) -> DifferencePicture:
    assert isinstance(computed, DifferenceMap)
    return DifferencePicture(computed, header, kind)


def _kind(key: str, title: str, tip: str) -> MapKind:
    relative = key == RELATIVE
    return MapKind(
        key,
        title,
        tip,
        compute_relative if relative else compute_values,
        partial(_picture, key),
        GROUP,
        "relative difference" if relative else "difference",
    )


KINDS = (
    _kind(SIGNED, "Difference", "How far values lie below (blue) or above (orange)"),
    _kind(ABSOLUTE, "Absolute difference", "How large errors are, without their sign"),
    _kind(
        RELATIVE,
        "Relative difference",
        "Errors as a part of the value, counted from the lowest that can be stored; values below "
        "1 % of the range count as 1 %",
    ),
    _kind(SQUARED, "Squared difference", "What PSNR sums up: large errors stand out"),
)
DIFFERENCE_KEYS = tuple(kind.key for kind in KINDS)
