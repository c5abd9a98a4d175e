"""How a slider's positions stand for what is asked of a codec. No widgets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from viewer.codecs.base import Target, TargetKind
from viewer.ui import formatting

TITLES: dict[TargetKind, str] = {
    "quality": "Quality",
    "ratio": "Ratio to stored bits",
    "bpp": "Bits per pixel",
    "psnr": "PSNR",
    "lossless": "Lossless",
}

SUFFIXES: dict[TargetKind, str] = {
    "quality": "",
    "ratio": " : 1",
    "bpp": " bpp",
    "psnr": " dB",
    "lossless": "",
}

FIRST: dict[TargetKind, float] = {
    "quality": 70,
    "ratio": 18,
    "bpp": 0.8,
    "psnr": 50,
    "lossless": 0,
}
"""What a kind starts with."""

_RANGES: dict[TargetKind, tuple[float, float]] = {
    "quality": (0, 100),
    "ratio": (2, 200),
    "bpp": (0.05, 8),
    "psnr": (30, 90),
    "lossless": (0, 0),
}
_LOGARITHMIC = ("ratio", "bpp")
_POSITIONS = 200


@dataclass(frozen=True, slots=True)
class TargetScale:
    """The positions of one kind of target.

    Parameters
    ----------
    kind : TargetKind
    steps : sequence of float
        The only values there are, in the order of the slider; empty where all are.
    """

    kind: TargetKind
    steps: Sequence[float] = ()

    @staticmethod
    def of(kind: TargetKind, rates_bpp: Sequence[float], stored_bits: int) -> TargetScale:
        """Return the scale of a codec with these discrete rates (none: any).

        Parameters
        ----------
        stored_bits : int
            Bits of a whole pixel as stored: a rate is a ratio only against them.
        """
        if kind == "bpp":
            return TargetScale(kind, tuple(sorted(rates_bpp)))
        if kind == "ratio":
            return TargetScale(kind, tuple(sorted(stored_bits / rate for rate in rates_bpp)))
        return TargetScale(kind)

    @property
    def positions(self) -> int:
        """The highest position of the slider; the lowest is 0."""
        return max(0, len(self.steps) - 1) if self.steps else _POSITIONS

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest value."""
        return (self.steps[0], self.steps[-1]) if self.steps else _RANGES[self.kind]

    def value(self, position: int) -> float:
        """Return the value at a position, rounded as it is shown."""
        if self.steps:
            return self.steps[min(max(position, 0), len(self.steps) - 1)]
        low, high = self.limits
        along = position / _POSITIONS
        if self.kind in _LOGARITHMIC:
            return self.rounded(low * (high / low) ** along)
        return self.rounded(low + (high - low) * along)

    def position(self, value: float) -> int:
        """Return the position nearest to a value."""
        if self.steps:
            nearest = min(self.steps, key=lambda step: abs(math.log(step / max(value, 1e-9))))
            return list(self.steps).index(nearest)
        low, high = self.limits
        value = min(max(value, low), high)
        if self.kind in _LOGARITHMIC:
            return round(_POSITIONS * math.log(value / low) / math.log(high / low))
        return round(_POSITIONS * (value - low) / (high - low)) if high > low else 0

    def snapped(self, value: float) -> float:
        """Return the value that can be had nearest to the one wanted."""
        if self.steps:
            return self.value(self.position(value))
        low, high = self.limits
        return min(max(value, low), high)

    def rounded(self, value: float) -> float:
        """Return a value with as many digits as are shown."""
        return round(value, self.decimals)

    @property
    def decimals(self) -> int:
        """Digits behind the point."""
        return {"bpp": 2, "ratio": 1, "psnr": 1, "quality": 0, "lossless": 0}[self.kind]

    def target(self, value: float) -> Target:
        """Return what is asked of the codec."""
        return Target(self.kind, 0.0 if self.kind == "lossless" else value)

    def told(self, value: float) -> str:
        """Return a value with its unit."""
        if self.kind == "bpp":
            return formatting.bits_per_pixel(value)
        return f"{value:.{self.decimals}f}{SUFFIXES[self.kind]}"
