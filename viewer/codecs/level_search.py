"""Finding the level of an encoder that meets a size or a PSNR, in few encodings.

An encoder's level is a nominal PSNR in dB. What it yields (bytes, or the PSNR really reached)
grows with it, but how is the picture's own affair, so it has to be tried; each trial costs a
whole encoding. What was learned of one picture is kept for the next request.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

Guess = Callable[[dict[float, float]], float]

_FINEST = 0.02
"""Brackets are not narrowed below this, in dB: a size still changes by less than 1 % then, and
one that does not is a step between two truncations of the last code block."""


_LEAST_STEP = 0.05
"""dB."""

_NEAR_THE_END = 0.6
"""Part of the largest size from which on the approach to it is the better model."""

_SHRINKING = 0.18
"""Nepers a decibel by which what is missing to the largest size shrinks, usually."""

_REACH = 6.0
"""dB by which an extrapolation may leave the nearest trial."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One encoding.

    Parameters
    ----------
    level : float
        What was asked of the encoder, in dB.
    value : float
        What it yielded: bytes or dB.
    data : bytes
    """

    level: float
    value: float
    data: bytes


@dataclass(slots=True)
class LevelSearch:
    """A search for a level whose value lies in an interval.

    Parameters
    ----------
    encode : callable
        level -> Trial. Called at most `most_trials` times.
    low, high : float
        The interval the value has to fall into.
    floor, saturation, ceiling : float
        Levels from `floor` to `ceiling` are tried. The encoder gives all it has at the ceiling,
        and hardly less from `saturation` on: when the way leads there, the ceiling is tried first.
    known : dict
        level -> value of earlier trials of the same picture; new ones are added.
    prefer_low : bool
        Which side is nearer the wish when the interval cannot be hit: below it for a size, above
        it for a PSNR.
    """

    encode: Callable[[float], Trial]
    low: float
    high: float
    floor: float
    saturation: float
    ceiling: float
    known: dict[float, float] = field(default_factory=dict)
    prefer_low: bool = True
    most_trials: int = 14

    def run(self, guess: Guess) -> Trial:
        """Search, asking `guess` for the next level from what is known.

        Returns
        -------
        Trial
            One inside the interval; else the nearest on the preferred side; else the nearest.
        """
        best: Trial | None = None
        tried: set[float] = set()
        while len(tried) < self.most_trials:
            level = self._next(guess, stuck=len(tried) in (5, 8, 11))
            if level is None or level in tried:
                break
            trial = self.encode(level)
            tried.add(level)
            self.known[level] = trial.value
            if best is None or self._rank(trial) < self._rank(best):
                best = trial
            if self.low <= trial.value <= self.high:
                break
        assert best is not None
        return best

    def _next(self, guess: Guess, *, stuck: bool) -> float | None:
        """Return the level to try, one tried already when there is no better, or None."""
        below = max((at for at, value in self.known.items() if value < self.low), default=None)
        above = min((at for at, value in self.known.items() if value > self.high), default=None)
        hits = [at for at, value in self.known.items() if self.low <= value <= self.high]
        if hits:
            return min(hits)
        if below is not None and below >= self.ceiling:
            return below
        if above is not None and above <= self.floor:
            return above
        level = guess(self.known)
        if above is None and level > self.saturation:
            return self.ceiling
        if below is None and level <= self.floor:
            return self.floor
        bottom = self.floor if below is None else below
        top = self.ceiling if above is None else above
        width = top - bottom
        if below is not None and above is not None:
            if width < _FINEST:
                return above if self.prefer_low is False else below
            # A guess outside the bracket comes of a wrong model, one that is always a little
            # short of a bent one: halve then.
            edge = min(width / 50, _FINEST)
            inside = bottom + edge <= level <= top - edge
            return level if inside and not stuck else (bottom + top) / 2
        # One side alone is known: a step at least, or a guess that is always short would creep.
        step = min(_LEAST_STEP, width / 2)
        return min(max(level, bottom + step), top - step)

    def _rank(self, trial: Trial) -> tuple[bool, float]:
        wrong_side = trial.value > self.high if self.prefer_low else trial.value < self.low
        return wrong_side, max(trial.value - self.high, self.low - trial.value, 0)


def size_guess(
    wanted: float,
    samples: int,
    overhead: float,
    knee: float,
    ceiling: float,
    model: Callable[[float], float],
) -> Guess:
    """Return a guess of the level that gives `wanted` bytes.

    What the model is off drifts slowly with the rate, so it is interpolated over ln(rate) between
    the trials around. Where the size comes near that of everything the transform gives, what is
    missing to it shrinks by the same factor for each decibel, and its logarithm is interpolated.

    Parameters
    ----------
    wanted : float
        Bytes.
    samples : int
        Of the picture.
    overhead : float
        Bytes of the headers alone.
    knee, ceiling : float
        The saturation level of the encoder, and the one that gives everything.
    model : callable
        Bits a sample -> level expected of this picture.
    """

    def rate(size: float) -> float:
        return 8 * max(size - overhead, 4) / samples

    def missing(size: float, everything: float) -> float:
        return -math.log(max(1 - size / everything, 1e-4))

    def guess(known: dict[float, float]) -> float:
        if wanted <= overhead:
            return -math.inf
        everything = known.get(ceiling, math.inf)
        trials = {at: size for at, size in known.items() if at < ceiling and size < everything}
        if wanted > _NEAR_THE_END * everything:
            points = [
                (missing(size, everything), at)
                for at, size in trials.items()
                if size > everything / 2
            ]
            goal = missing(wanted, everything)
            return _interpolated(points or [(2.0, knee)], goal, slope=1 / _SHRINKING)
        goal = math.log(rate(wanted))
        points = [
            (math.log(rate(size)), level - model(rate(size))) for level, size in trials.items()
        ]
        return model(rate(wanted)) + (_interpolated(points, goal) if points else 0.0)

    return guess


def psnr_guess(wanted: float) -> Guess:
    """Return a guess of the level that gives `wanted` dB: the deviation is interpolated."""

    def guess(known: dict[float, float]) -> float:
        points = [(value, level - value) for level, value in known.items() if math.isfinite(value)]
        return wanted + (_interpolated(points, wanted) if points else 0.0)

    return guess


def _interpolated(points: list[tuple[float, float]], at: float, slope: float = 0.0) -> float:
    """Lay a line through the two points nearest to `at`, not to leave the nearest by much.

    The nearest two, even when both lie on one side: a far point on the other says little of the
    slope here. Of a single point the line goes on with `slope`.
    """
    near, *others = sorted(points, key=lambda point: abs(point[0] - at))
    other = next((point for point in others if abs(point[0] - near[0]) > 1e-9), None)
    if other is not None:
        slope = (near[1] - other[1]) / (near[0] - other[0])
    return near[1] + min(max(slope * (at - near[0]), -_REACH), _REACH)
