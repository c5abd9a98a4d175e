"""How the numbers of an array of stored values are to be read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """How the numbers in an array are to be read.

    Parameters
    ----------
    bits_stored : int
        1..16 (32 where a codec can). Unsigned values lie in 0..2^bits-1, signed ones in
        -2^(bits-1)..2^(bits-1)-1.
    signed : bool
    """

    bits_stored: int
    signed: bool = False

    @property
    def peak(self) -> int:
        """2^BitsStored - 1."""
        return int((1 << self.bits_stored) - 1)

    @property
    def minimum(self) -> int:
        """The lowest value the format can hold."""
        return -(1 << (self.bits_stored - 1)) if self.signed else 0
