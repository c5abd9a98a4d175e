"""What the encoder fits to a tile and writes before its symbols."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.residual.distributions import FORMS, SCALES
from viewer.codecs.residual.features import CURVE
from viewer.codecs.residual.layout import AROUND, PHASES, known_neighbours
from viewer.errors import CodecError

WEIGHT_BITS = 9
"""Weights are in 1/512."""
WEIGHT_SUM = 4096
CONTEXTS = 92
"""Quarter octaves of a sum below 2**23."""
MOST_SHIFT = 16
LARGEST_SHIFT = 24


def mean_count(phase: int) -> int:
    """How many planes the mean of a phase is predicted from."""
    return len(known_neighbours(phase)) + len(AROUND) + 1


def scale_count(phase: int) -> int:
    """How many planes the scale of a phase is predicted from."""
    return len(known_neighbours(phase)) + len(AROUND) + (6 if phase else 4)


@dataclass(frozen=True)
class Law:
    """The law of one context.

    Parameters
    ----------
    form, scale : int
        See `viewer.codecs.residual.distributions`.
    low_bits : int
        Bits of a symbol that are sent as they are.
    """

    form: int
    scale: int
    low_bits: int = 0


@dataclass
class PhaseParameters:
    """Of one phase.

    Parameters
    ----------
    mean, scale : ndarray of int16
        Weights in 1/512.
    curve : ndarray of int32, shape (CURVE,)
        Size of the noise by brightness, 0 .. 2047.
    laws : dict of int to Law
        By context; contexts that do not occur are left out.
    """

    mean: NDArray[np.int16]
    scale: NDArray[np.int16]
    curve: NDArray[np.int32]
    laws: dict[int, Law] = field(default_factory=dict)


@dataclass
class TileParameters:
    """Of a tile: how far values are shifted to be looked at, and each phase's own."""

    shift: int
    phases: list[PhaseParameters]

    def pack(self) -> bytes:
        """The bytes: a length, then the fields, deflated."""
        parts = [struct.pack("<B", self.shift)]
        for phase in self.phases:
            parts.append(phase.mean.astype("<i2").tobytes())
            parts.append(phase.scale.astype("<i2").tobytes())
            parts.append(phase.curve.astype("<u2").tobytes())
            present = np.zeros(CONTEXTS + 4, np.uint8)
            present[list(phase.laws)] = 1
            parts.append(np.packbits(present, bitorder="little").tobytes())
            for context in sorted(phase.laws):
                law = phase.laws[context]
                word = law.scale | law.form << 6 | law.low_bits << 8
                parts.append(struct.pack("<H", word))
        packed = zlib.compress(b"".join(parts), 9)
        return struct.pack("<H", len(packed)) + packed


_BITMAP = (CONTEXTS + 4) // 8


def _most_bytes() -> int:
    count = sum(mean_count(p) + scale_count(p) for p in range(len(PHASES)))
    return 1 + 2 * count + len(PHASES) * (2 * CURVE + _BITMAP + 2 * CONTEXTS)


def unpack(data: bytes) -> tuple[TileParameters, bytes]:
    """Read the parameters; return them and what follows.

    Raises
    ------
    CodecError
        When no encoder writes such parameters.
    """
    if len(data) < 2:
        raise CodecError("The exact part of the coded image is damaged: a tile is too short.")
    (length,) = struct.unpack_from("<H", data)
    engine = zlib.decompressobj()
    try:
        raw = engine.decompress(data[2 : 2 + length], _most_bytes() + 1)
    except zlib.error as error:
        raise _damaged() from error
    if not engine.eof or engine.unused_data or len(raw) > _most_bytes():
        raise _damaged()
    reader = _Reader(raw)
    shift = reader.take(1)[0]
    if shift > MOST_SHIFT:
        raise _damaged()
    phases = [_phase(reader, phase) for phase in range(len(PHASES))]
    if reader.left:
        raise _damaged()
    return TileParameters(shift, phases), data[2 + length :]


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        if count > self.left:
            raise _damaged()
        self._at += count
        return self._data[self._at - count : self._at]


def _phase(reader: _Reader, phase: int) -> PhaseParameters:
    mean = np.frombuffer(reader.take(2 * mean_count(phase)), "<i2").astype(np.int16)
    scale = np.frombuffer(reader.take(2 * scale_count(phase)), "<i2").astype(np.int16)
    curve = np.frombuffer(reader.take(2 * CURVE), "<u2").astype(np.int32)
    packed = np.frombuffer(reader.take(_BITMAP), np.uint8)
    contexts = np.flatnonzero(np.unpackbits(packed, bitorder="little")).tolist()
    words = struct.unpack(f"<{len(contexts)}H", reader.take(2 * len(contexts)))
    laws = {
        context: Law(word >> 6 & 3, word & 63, word >> 8)
        for context, word in zip(contexts, words, strict=True)
    }
    sums = max(int(np.abs(w.astype(np.int32)).sum()) for w in (mean, scale))
    wrong = any(
        law.form >= FORMS or law.scale >= SCALES or law.low_bits > LARGEST_SHIFT
        for law in laws.values()
    )
    if sums > WEIGHT_SUM or curve.max() > 2047 or wrong or max(contexts, default=0) >= CONTEXTS:
        raise _damaged()
    return PhaseParameters(mean, scale, curve, laws)


def _damaged() -> CodecError:
    return CodecError(
        "The exact part of the coded image is damaged: its parameters are impossible."
    )
