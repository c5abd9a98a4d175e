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
    "max_error": "Largest error",
    "lossless": "Lossless",
}

SUFFIXES: dict[TargetKind, str] = {
    "quality": "",
    "ratio": " : 1",
    "bpp": " bpp",
    "psnr": " dB",
    "max_error": " levels",
    "lossless": "",
}

FIRST: dict[TargetKind, float] = {
    "quality": 70,
    "ratio": 18,
    "bpp": 0.8,
    "psnr": 50,
    "max_error": 2,
    "lossless": 0,
}
"""What a kind starts with."""

_RANGES: dict[TargetKind, tuple[float, float]] = {
    "quality": (0, 100),
    "ratio": (2, 200),
    "bpp": (0.05, 8),
    "psnr": (30, 90),
    "max_error": (0, 32),
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
    labels : sequence of int
        What the steps are shown as, ascending; empty where by their value.
    """

    kind: TargetKind
    steps: Sequence[float] = ()
    labels: Sequence[int] = ()

    @staticmethod
    def of(
        kind: TargetKind,
        rates_bpp: Sequence[float],
        stored_bits: int,
        quality_steps: Sequence[int] = (),
    ) -> TargetScale:
        """Return the scale of a codec with these discrete rates (none: any).

        Parameters
        ----------
        stored_bits : int
            Bits of a whole pixel as stored: a rate is a ratio only against them.
        quality_steps : sequence of int
            What each quality is called, where there are only some.
        """
        if kind == "quality" and quality_steps:
            count = len(quality_steps)
            steps = tuple(100.0 * k / count for k in range(1, count + 1))
            return TargetScale(kind, steps, tuple(quality_steps))
        if kind == "bpp":
            return TargetScale(kind, tuple(sorted(rates_bpp)))
        if kind == "ratio":
            return TargetScale(kind, tuple(sorted(stored_bits / rate for rate in rates_bpp)))
        return TargetScale(kind)

    @property
    def positions(self) -> int:
        """The highest position of the slider; the lowest is 0."""
        if self.kind == "max_error":
            return round(self.limits[1])  # whole levels
        return max(0, len(self.steps) - 1) if self.steps else _POSITIONS

    def shown(self, value: float) -> float:
        """Return the number that is shown for a value: itself, or what its step is called."""
        return float(self.labels[self.position(value)]) if self.labels else value

    def meant(self, shown: float) -> float:
        """Return the value that a number shown stands for."""
        if not self.labels:
            return shown
        return self.value(min(range(len(self.labels)), key=lambda k: abs(self.labels[k] - shown)))

    @property
    def single_step(self) -> float:
        """By how much the arrows of the number change it."""
        if len(self.labels) > 1:
            return self.labels[1] - self.labels[0]
        return {"bpp": 0.05, "psnr": 0.5}.get(self.kind, 1)

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest value."""
        return (self.steps[0], self.steps[-1]) if self.steps else _RANGES[self.kind]

    def value(self, position: int) -> float:
        """Return the value at a position, rounded as it is shown."""
        if self.steps:
            return self.steps[min(max(position, 0), len(self.steps) - 1)]
        low, high = self.limits
        along = position / self.positions
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
        return round(self.positions * (value - low) / (high - low)) if high > low else 0

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
        return {"bpp": 2, "ratio": 1, "psnr": 1}.get(self.kind, 0)

    def target(self, value: float) -> Target:
        """Return what is asked of the codec."""
        return Target(self.kind, 0.0 if self.kind == "lossless" else value)

    def told(self, value: float) -> str:
        """Return a value with its unit."""
        if self.labels:
            return f"{self.shown(value):.0f}"
        if self.kind == "bpp":
            return formatting.bits_per_pixel(value)
        return f"{value:.{self.decimals}f}{SUFFIXES[self.kind]}"
