"""The bits of the passes to bytes and back, without loss: adaptive contexts and range coding.

Chances come from integer counts alone, never from a network: what float noise does to a network
on another machine cannot change what is read. A bit's context is its channel, the sum of the known
bits around it (`bit_order`), and the same place's bit in the pass before. Counts begin anew for
each picture and are carried from pass to pass at a quarter of their size.

The range coder (Martin, 1979) is that of ``constriction``, given chances as exact multiples of
2^-16 in float64, with ``perfect=False``: the same on every machine with IEEE 754 numbers.
"""

from __future__ import annotations

from typing import Any

import constriction
import numpy as np
from numpy.typing import NDArray

from viewer.codecs.recurrent.bit_order import KINDS, Step, steps
from viewer.errors import CodecError

Bits = NDArray[np.uint8]
"""Bits of a pass, 0 or 1, shape (channels, height, width)."""

_SUMS, _BEFORE = 9, 3
_CONTEXTS = KINDS * _SUMS * _BEFORE
_LEAST = 48
"""Lowest chance of a bit in 2^-16: a surprise costs ten bits at most."""


class BitCoder:
    """Codes the passes of one picture in turn; one coder writes or one reads.

    Parameters
    ----------
    channels : int
        Bits of a place and pass.
    height, width : int
        Places.
    """

    def __init__(self, channels: int, height: int, width: int) -> None:
        self._shape = channels, height, width
        # The first kind of steps has none before it to learn from: a row of nothing stands there.
        self._counts = np.zeros((channels * _CONTEXTS + _SUMS * _BEFORE, 2), np.int64)
        self._offsets = (np.arange(channels) * _CONTEXTS)[:, None]
        self._nothing = channels * _CONTEXTS
        self._before = np.zeros((channels, height * width), np.int8)

    def encode(self, bits: Bits) -> bytes:
        """Return the bytes of the next pass."""
        coder = constriction.stream.queue.RangeEncoder()
        flat = bits.reshape(self._shape[0], -1)

        def write(step: Step, chances: NDArray[np.float64]) -> NDArray[np.int64]:
            chosen = flat[:, step.places].astype(np.int32)
            coder.encode(chosen.ravel(), _model(), chances)
            return chosen.astype(np.int64)

        self._walk(write)
        return np.asarray(coder.get_compressed(), "<u4").tobytes()

    def decode(self, data: bytes) -> Bits:
        """Return the bits of the next pass.

        Raises
        ------
        CodecError
            When the bytes are not what :meth:`encode` gives.
        """
        if len(data) % 4:
            raise CodecError("A coded pass is not a whole number of 32-bit words.")
        coder = constriction.stream.queue.RangeDecoder(np.frombuffer(data, "<u4").astype(np.uint32))
        channels = self._shape[0]

        def read(step: Step, chances: NDArray[np.float64]) -> NDArray[np.int64]:
            try:
                found = coder.decode(_model(), chances)
            except AssertionError:
                raise CodecError("A coded pass is damaged.") from None
            return np.asarray(found, np.int64).reshape(channels, -1)

        bits = self._walk(read)
        if not coder.maybe_exhausted():
            raise CodecError("A coded pass is followed by bytes that belong to nothing.")
        return bits

    def _walk(self, take: Any) -> Bits:
        channels, height, width = self._shape
        # One place more stands for all outside the map.
        signs = np.zeros((channels, height * width + 1), np.int8)
        for step in steps(height, width):
            contexts = self._contexts(step, signs)
            chosen = take(step, self._chances(contexts, step.kind))
            signs[:, step.places] = 2 * chosen - 1
            seen = np.bincount((2 * contexts + chosen).ravel(), minlength=2 * self._counts.shape[0])
            self._counts += seen.reshape(-1, 2)
        self._before = signs[:, :-1]
        self._counts >>= 2
        return (self._before > 0).astype(np.uint8).reshape(self._shape)

    def _contexts(self, step: Step, signs: NDArray[np.int8]) -> NDArray[np.int64]:
        around = signs[:, step.neighbours].sum(axis=1, dtype=np.int64) + 4
        before = self._before[:, step.places].astype(np.int64) + 1
        return self._offsets + (step.kind * _SUMS + around) * _BEFORE + before

    def _chances(self, contexts: NDArray[np.int64], kind: int) -> NDArray[np.float64]:
        """Chances of a 1, multiples of 2^-16: what was seen, and a little of coarser steps."""
        places = contexts.ravel()
        coarser = places - _SUMS * _BEFORE if kind else np.full_like(places, self._nothing)
        zeros, ones = (4 * self._counts[places] + self._counts[coarser]).T
        scaled = ((ones + 2) << 16) // (zeros + ones + 4)
        return np.clip(scaled, _LEAST, (1 << 16) - _LEAST) / 65536.0


def _model() -> Any:
    return constriction.stream.model.Bernoulli(perfect=False)
