"""A picture's tiles through encoder, quantiser and coder, and back."""

from __future__ import annotations

from viewer.codecs.dense.code_coding import decode, encode, quantise, restore
from viewer.codecs.dense.model import DecoderModel, run_decoder, run_encoder
from viewer.codecs.dense.tiles import Tiles, Values, cut, grid, join
from viewer.networks.dense import DenseEncoder


def write(encoder: DenseEncoder, decoder: DecoderModel, values: Values) -> bytes:
    """Return the payload of a picture with values in 0 .. 1."""
    tiles = cut(values)
    levels = quantise(run_encoder(encoder, tiles.shapes))
    _, across = grid(*values.shape)
    return encode(decoder.tables, levels, tiles.means, tiles.scales, across)


def read(decoder: DecoderModel, payload: bytes, rows: int, columns: int) -> Values:
    """Return the picture of a payload, near 0 .. 1.

    Raises
    ------
    CodecError
        When the payload is damaged.
    """
    down, across = grid(rows, columns)
    levels, means, scales = decode(decoder.tables, payload, down * across, across)
    shapes = run_decoder(decoder.network, restore(levels))
    return join(Tiles(means, scales, shapes), rows, columns)
