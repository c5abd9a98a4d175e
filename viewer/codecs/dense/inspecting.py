"""Inside a bitstream of ``dense``: a code vector a tile, its bits, the tile before and after."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.codecs import registry
from viewer.codecs.base import Options
from viewer.codecs.bitstream import HEADER_BYTES, BitstreamHeader, unpack
from viewer.codecs.dense.code_coding import (
    LEVELS,
    TOTAL,
    Tables,
    decode,
    differences,
    lengths_of,
    restore,
)
from viewer.codecs.dense.codec import NAME, Dense
from viewer.codecs.dense.model import DecoderModel, run_decoder
from viewer.codecs.dense.tiles import SIDE, Integers, Tiles, grid, join, level_of, scale_of
from viewer.codecs.headed_codec import stored_values
from viewer.codecs.inspection import Choice, CodeMap, Inside, Share, TileInside, Usage
from viewer.errors import CodecError
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels
from viewer.networks.torch_loading import load_torch
from viewer.progress import CancelToken, Progress

ALL, MEANS_ALONE, HALF = "all", "means", "half"

_PARTS = ("Means of tiles", "Scales of tiles", "Codes")


def inspect(
    data: bytes,
    original: StoredPixels,
    pixel_format: PixelFormat,
    *,
    options: Options,
    progress: Progress,
    cancel: CancelToken,
) -> Inside:
    """Read the code of every tile; see `viewer.codecs.inspection.inspect`."""
    load_torch()
    header, payload = unpack(data, NAME)
    if not payload:
        return _Flat(notes=["All pixels of this picture are alike: nothing was coded."])
    codec = registry.get(NAME)
    assert isinstance(codec, Dense)
    decoder = codec.decoder_of(header)
    down, across = grid(header.rows, header.columns)
    progress(0.0, "reading the codes")
    levels, means, scales = decode(decoder.tables, payload, down * across, across)
    cancel.check()
    shapes = run_decoder(decoder.network, restore(levels))
    progress(1.0, "done")
    return DenseInside(header, decoder, levels, Tiles(means, scales, shapes), original, len(data))


class DenseInside(Inside):
    """The tiles of one bitstream.

    Parameters
    ----------
    levels : ndarray, shape (tiles, N)
        The codes.
    tiles : Tiles
        As the decoder gives them.
    original : ndarray
        What was coded.
    size : int
        Bytes of the bitstream.
    """

    def __init__(
        self,
        header: BitstreamHeader,
        decoder: DecoderModel,
        levels: Integers,
        tiles: Tiles,
        original: StoredPixels,
        size: int,
    ) -> None:
        self._header, self._decoder, self._levels, self._tiles = header, decoder, levels, tiles
        self._original = original
        self._grid = grid(header.rows, header.columns)
        self._bits = _bits(decoder.tables, levels, tiles, self._grid[1])
        self._decoded = self._joined(tiles)
        count = levels.shape[1]
        sums = [float(bits.sum()) for bits in self._bits]
        shares = [Share("Header", 8.0 * HEADER_BYTES)]
        shares += [Share(title, bits) for title, bits in zip(_PARTS, sums, strict=True)]
        half = HEADER_BYTES + (sums[0] + sums[1] + self._number_bits()[: count // 2].sum()) / 8
        choices = (
            Choice(ALL, "All numbers", "What the decoder gives", float(size)),
            Choice(HALF, f"The first {count // 2} of {count} numbers",
                   "The decoder with the others at the middle of their range", half),
            Choice(MEANS_ALONE, "Means of the tiles alone",
                   "What is kept beside the codes", HEADER_BYTES + sums[0] / 8),
        )  # fmt: skip
        usage = (
            Usage("Numbers of the codes", np.bincount(levels.ravel(), minlength=LEVELS),
                  code="level of a number"),
            Usage("Scales", np.bincount(tiles.scales, minlength=1),
                  code="half powers of two below the range"),
        )  # fmt: skip
        super().__init__(
            self._maps(),
            usage,
            tuple(shares),
            choices,
            [f"A tile of {SIDE} × {SIDE} pixels is a mean, a scale and a code of {count} numbers."],
            SIDE,
        )

    def picture(self, key: str, *, progress: Progress, cancel: CancelToken) -> StoredPixels:
        """Join the tiles; with some numbers of the codes, or the means alone."""
        tiles = self._tiles
        if key == MEANS_ALONE:
            tiles = Tiles(tiles.means, tiles.scales, np.full_like(tiles.shapes, 0.5))
        elif key == HALF:
            codes = restore(self._levels)
            codes[:, codes.shape[1] // 2 :] = 0.5
            tiles = Tiles(tiles.means, tiles.scales, run_decoder(self._decoder.network, codes))
        elif key != ALL:
            raise _no_part(key)
        cancel.check()
        progress(1.0, "done")
        return self._joined(tiles)

    def tile(self, row: int, column: int) -> TileInside:
        """Return the tile that holds a pixel."""
        number = row // SIDE * self._grid[1] + column // SIDE
        place = tuple(slice(at // SIDE * SIDE, at // SIDE * SIDE + SIDE) for at in (row, column))
        span = float(self._header.highest - self._header.lowest)
        mean = float(level_of(self._tiles.means[number : number + 1])[0]) * span
        scale = float(scale_of(self._tiles.scales[number : number + 1])[0]) * span
        return TileInside(
            (row // SIDE, column // SIDE),
            self._original[place],
            self._decoded[place],
            restore(self._levels[number]),
            mean + self._header.lowest,
            scale,
            float(sum(bits[number] for bits in self._bits)),
        )

    def _joined(self, tiles: Tiles) -> StoredPixels:
        header = self._header
        return stored_values(join(tiles, header.rows, header.columns), header)

    def _number_bits(self) -> NDArray[np.float64]:
        """Bits of each number of the codes over all tiles."""
        tables = self._decoder.tables.codes
        return np.array(
            [_cost(table, self._levels[:, n]).sum() for n, table in enumerate(tables)], np.float64
        )

    def _maps(self) -> tuple[CodeMap, ...]:
        tiles, unit = self._tiles, f"a tile is {SIDE} pixels wide"
        bits = sum(self._bits) / SIDE**2
        span = float(self._header.highest - self._header.lowest)
        planes = (
            ("bits", "Bits spent", "bpp", bits,
             "What the entropy coder took for each tile, by its own tables"),
            ("error", "Error of each tile", "RMSE", self._errors(),
             "Root mean square of what the decoder gets wrong, in stored values"),
            ("mean", "Means", "stored value",
             level_of(tiles.means) * span + self._header.lowest, "The mean kept of each tile"),
            ("scale", "Scales", "stored values", scale_of(tiles.scales) * span,
             f"How far a tile's values may lie from its mean; {unit}"),
        )  # fmt: skip
        return tuple(
            CodeMap(
                key,
                title,
                unit,
                np.ascontiguousarray(np.reshape(plane, self._grid), np.float32),
                SIDE,
                tip,
            )
            for key, title, unit, plane, tip in planes
        )

    def _errors(self) -> NDArray[np.float64]:
        """Root mean square error of each tile as far as the image reaches, in stored values."""
        down, across = self._grid
        squares = (self._original.astype(np.float64) - self._decoded) ** 2
        edges = (np.arange(down) * SIDE, np.arange(across) * SIDE)
        sums = np.add.reduceat(np.add.reduceat(squares, edges[0], 0), edges[1], 1)
        heights = np.minimum(SIDE, self._header.rows - edges[0])
        widths = np.minimum(SIDE, self._header.columns - edges[1])
        found: NDArray[np.float64] = np.sqrt(sums / np.outer(heights, widths))
        return found


class _Flat(Inside):
    """A picture of one value: there is nothing inside."""

    def picture(self, key: str, *, progress: Progress, cancel: CancelToken) -> StoredPixels:
        raise _no_part(key)


def _no_part(key: str) -> CodecError:
    return CodecError(f"There is no part '{key}' of this {NAME} bitstream.")


def _cost(table: Integers, symbols: Integers) -> NDArray[np.float64]:
    """Bits of symbols by a table of frequencies."""
    found: NDArray[np.float64] = np.log2(TOTAL) - np.log2(table.astype(np.float64))[symbols]
    return found


def _bits(
    tables: Tables, levels: Integers, tiles: Tiles, across: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Bits of each tile's mean, scale and code."""
    lengths = lengths_of(differences(tiles.means, across))
    means = _cost(tables.lengths, lengths) + lengths
    codes = np.zeros(len(levels))
    for number, table in enumerate(tables.codes):
        codes += _cost(table, levels[:, number])
    return means, _cost(tables.scales, tiles.scales), codes
