"""The integer tables from which both ends of the index coding take their probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import ModelError

Integers = NDArray[np.integer[Any]]
Floats = NDArray[np.floating[Any]]

FREQUENCY_BITS = 16
"""Frequencies of a context add up to 2^16."""

DC_LEVELS = 5
DC_SPREADS = 8
SLOPES = 7
SLOPE_ENERGIES = 3
ENERGIES = 24

LARGEST_CODEBOOK = 4096


@dataclass(frozen=True)
class GroupTables:
    """What is known of one group of components at one level.

    Attributes
    ----------
    energies
        Sixteen times the binary logarithm of each codeword's power, shape (K,), int32.
    frequencies
        Shape (contexts, K), uint16 of which 65536 is meant by a row's sum; never zero.
    weights
        Weights of the energy features in 1/1024, shape (passes, features), int32; empty for the
        top level's means.
    thresholds
        Upper bounds of the context's bins, ascending, int32.
    """

    energies: Integers
    frequencies: Integers
    weights: Integers
    thresholds: Integers

    @property
    def size(self) -> int:
        """Codewords K."""
        return int(self.energies.shape[0])

    def code_lengths(self) -> Floats:
        """Bits of each symbol in each context, shape (contexts, K), float32."""
        return (FREQUENCY_BITS - np.log2(self.frequencies.astype(np.float64))).astype(np.float32)

    def probabilities(self, context: int) -> Floats:
        """The row of a context as multiples of 2^-16, which float64 holds exactly."""
        return self.frequencies[context].astype(np.float64) / (1 << FREQUENCY_BITS)


@dataclass(frozen=True)
class IndexTables:
    """Everything the index coding knows of a model.

    Attributes
    ----------
    top, bottom
        One entry a group.
    means
        The first top group's codewords in 1/16 units, ascending, shape (K,), int32.
    slopes
        Upper bounds of the bins of the mean's signed slope, shape (SLOPES - 1,), int32.
    """

    top: tuple[GroupTables, ...]
    bottom: tuple[GroupTables, ...]
    means: Integers
    slopes: Integers

    def arrays(self) -> dict[str, Integers]:
        """Arrays by name, as they are kept in the weights file."""
        named: dict[str, Integers] = {"means": self.means, "slopes": self.slopes}
        for level, groups in (("top", self.top), ("bottom", self.bottom)):
            for number, group in enumerate(groups):
                for field in ("energies", "frequencies", "weights", "thresholds"):
                    named[f"{level}.{number}.{field}"] = getattr(group, field)
        return named

    @classmethod
    def from_arrays(cls, named: Mapping[str, Integers], top: int, bottom: int) -> IndexTables:
        """Put together and check what :meth:`arrays` gave, for the given numbers of groups.

        Raises
        ------
        ModelError
            When an array is missing or does not fit.
        """
        try:
            levels = [
                tuple(
                    GroupTables(
                        named[f"{level}.{n}.energies"].astype(np.int64),
                        named[f"{level}.{n}.frequencies"],
                        named[f"{level}.{n}.weights"].astype(np.int64),
                        named[f"{level}.{n}.thresholds"].astype(np.int64),
                    )
                    for n in range(count)
                )
                for level, count in (("top", top), ("bottom", bottom))
            ]
            means, slopes = named["means"].astype(np.int64), named["slopes"].astype(np.int64)
        except KeyError as missing:
            raise ModelError(f"The model lacks the coding table {missing}.") from None
        tables = cls(levels[0], levels[1], means, slopes)
        tables._check()
        return tables

    def _check(self) -> None:
        wrong = self.means.shape != (self.top[0].size,) or bool((np.diff(self.means) < 0).any())
        wrong |= self.slopes.shape != (SLOPES - 1,)
        for level, groups in (("top", self.top), ("bottom", self.bottom)):
            for number, group in enumerate(groups):
                rows = contexts_of(level, number)
                wrong |= group.frequencies.shape != (rows, group.size)
                wrong |= not 2 <= group.size <= LARGEST_CODEBOOK
                sums = group.frequencies.astype(np.int64).sum(1)
                wrong |= bool((sums != 1 << FREQUENCY_BITS).any())
                wrong |= bool((group.frequencies == 0).any())
                wrong |= group.thresholds.shape != (bins_of(level, number) - 1,)
        if wrong:
            raise ModelError("The model's coding tables do not fit its codebooks.")


def contexts_of(level: str, group: int) -> int:
    """Number of contexts of a group."""
    if level == "top" and group == 0:
        return DC_LEVELS * DC_SPREADS
    if level == "top" and group == 1:
        return SLOPES * SLOPES * SLOPE_ENERGIES
    return ENERGIES


def bins_of(level: str, group: int) -> int:
    """Number of bins of the scalar that chooses the context."""
    if level == "top" and group == 0:
        return DC_SPREADS
    return SLOPE_ENERGIES if level == "top" and group == 1 else ENERGIES


def frequencies_from_counts(counts: NDArray[np.float64], prior: float = 24.0) -> Integers:
    """Integer frequencies of each context from counts (contexts, K).

    A context is mixed with ``prior`` symbols drawn from the mean of all contexts, and every symbol
    keeps at least the frequency 1, so that whatever an encoder chooses can be written.
    """
    size = counts.shape[1]
    whole = counts.sum(0) + 0.02
    mixed = counts + prior * whole / whole.sum()
    shares = mixed / mixed.sum(1, keepdims=True)
    room = (1 << FREQUENCY_BITS) - size
    frequencies = 1 + np.floor(shares * room).astype(np.int64)
    for row in frequencies:
        row[np.argmax(row)] += (1 << FREQUENCY_BITS) - row.sum()
    return frequencies.astype(np.uint16)
