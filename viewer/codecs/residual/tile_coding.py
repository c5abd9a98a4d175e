"""A tile of the layer, phase by phase."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.residual.features import LIMIT, TileContext
from viewer.codecs.residual.fitting import fit_laws, fit_weights
from viewer.codecs.residual.layout import PHASES, phase_shape
from viewer.codecs.residual.parameters import (
    MOST_SHIFT,
    PhaseParameters,
    TileParameters,
    unpack,
)
from viewer.codecs.residual.prediction import Range, expect
from viewer.codecs.residual.symbol_coding import SymbolDecoder, SymbolEncoder


def encode_tile(
    values: NDArray[np.int32], picture: NDArray[np.int32], within: Range
) -> tuple[bytes, NDArray[np.int32]]:
    """The bytes of a tile, and the values they give back.

    Parameters
    ----------
    values : ndarray of int32, shape (height, width)
        Stored values.
    picture : ndarray of int32, same shape
        Decoded values in 1/64.
    """
    tile = TileContext(picture, _shift(values, picture))
    given = np.empty_like(values)
    encoder = SymbolEncoder()
    phases = []
    for phase, (y, x) in enumerate(PHASES):
        wanted = values[y::2, x::2]
        if wanted.size == 0:
            mean, scale, curve = _nothing(phase)
            phases.append(PhaseParameters(mean, scale, curve))
            continue
        around = tile.around(phase)
        own = PhaseParameters(*fit_weights(tile, around, wanted))
        at = expect(tile, around, own, within)
        symbols = within.symbols(at.value, wanted)
        given[y::2, x::2] = within.nearest(at.value, symbols)
        flat = symbols.ravel()
        flat = np.where(at.mirrored, -flat, flat)
        own.laws.update(fit_laws(flat, at))
        encoder.put(flat, at.context, at.offset, own.laws)
        tile.learn(phase, given[y::2, x::2])
        phases.append(own)
    return TileParameters(tile.shift, phases).pack() + encoder.finish(), given


def decode_tile(data: bytes, picture: NDArray[np.int32], within: Range) -> NDArray[np.int32]:
    """The values of a tile.

    Raises
    ------
    CodecError
        When no encoder writes such data.
    """
    parameters, symbols_data = unpack(data)
    tile = TileContext(picture, parameters.shift)
    given = np.empty(picture.shape, np.int32)
    decoder = SymbolDecoder(symbols_data)
    for phase, (own, (y, x)) in enumerate(zip(parameters.phases, PHASES, strict=True)):
        if 0 in phase_shape(phase, *picture.shape):
            continue
        at = expect(tile, tile.around(phase), own, within)
        flat = decoder.get(at.context, at.offset, own.laws)
        symbols = np.where(at.mirrored, -flat, flat).reshape(at.value.shape)
        values = within.nearest(at.value, symbols)
        given[y::2, x::2] = values
        tile.learn(phase, values)
    return given


def _nothing(phase: int) -> tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.int32]]:
    from viewer.codecs.residual.features import CURVE
    from viewer.codecs.residual.parameters import mean_count, scale_count

    return (
        np.zeros(mean_count(phase), np.int16),
        np.zeros(scale_count(phase), np.int16),
        np.zeros(CURVE, np.int32),
    )


def _shift(values: NDArray[np.int32], picture: NDArray[np.int32]) -> int:
    """Halvings at which nearly all that is lacking can be looked at without being clamped."""
    lack = np.abs((values << 6) - picture)
    usual = float(lack.mean()) * 12
    return int(np.clip(np.ceil(np.log2(max(usual, 1.0) / LIMIT)), 0, MOST_SHIFT))
