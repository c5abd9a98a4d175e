"""Fit the frequency tables of a trained prior to the codes it will really see."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.vqvae2.analysis import analyse_tiles
from viewer.codecs.vqvae2.edges import measure
from viewer.codecs.vqvae2.layout import DEFAULT_TILE
from viewer.codecs.vqvae2.model import Model
from viewer.codecs.vqvae2.steps import nearest_index
from viewer.codecs.vqvae2.tables import (
    CENTROID_REACH,
    REACH,
    ROWS,
    SYMBOLS,
    Placement,
    place,
    to_codes,
)
from viewer.codecs.vqvae2.tile_encoding import TileAnalysis, TileChooser, choose
from viewer.codecs.vqvae2.tile_walk import walk
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.training.vqvae2_export import fitted_tables


class TableStatistics(TileChooser):
    """Walks like the encoder and notes what it chose."""

    counts: NDArray[np.float64]

    def collect_into(
        self, counts: NDArray[np.float64], sums: NDArray[np.float64], number: NDArray[np.float64]
    ) -> None:
        """Add to these arrays from now on."""
        self._counts, self._sums, self._number = counts, sums, number

    def group(
        self, level: int, group: int, scale: NDArray[np.int16], mean: NDArray[np.int16]
    ) -> tuple[NDArray[np.int32], Placement]:
        """Choose the codes of a group, scales as the prior has them, and note them."""
        flat = self._values(level, group)
        at = place(scale, mean)
        symbols, at = choose(flat, at, self._tables, self._worth)
        row, symbol = at.row.astype(np.int32), symbols
        codes = to_codes(symbols, at)
        rest = flat - codes + np.where(row >= ROWS, 0.5 * np.sign(codes), 0)
        rest = np.where(at.mirrored, -rest, rest)
        if at.shift is not None:
            keep = at.shift == 0
            row, symbol, rest = row[keep], symbol[keep], rest[keep]
        index = row * SYMBOLS + np.clip(symbol, -REACH, REACH) + REACH
        counts = self._counts
        counts += np.bincount(index, minlength=counts.size).reshape(counts.shape)
        near = np.clip(symbol, -CENTROID_REACH, CENTROID_REACH) + CENTROID_REACH
        width = 2 * CENTROID_REACH + 1
        index = row * width + near
        sums = self._sums
        sums += np.bincount(index, rest, minlength=sums.size).reshape(sums.shape)
        self._number += np.bincount(index, minlength=sums.size).reshape(sums.shape)
        return symbols, at


def fit_tables(
    model: Model,
    pictures: Iterable[tuple[NDArray[np.integer], float]],  # type: ignore[type-arg]
    *,
    rounds: int = 3,
    sums: Callable[[NDArray[np.float64]], NDArray[np.float64]] = lambda own: own,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> Model:
    """Return the model with tables fitted to ``pictures``.

    Parameters
    ----------
    model : Model
        Its tables decide what the encoder chooses in the first round.
    pictures : iterable of (ndarray, float)
        Stored values and the quantiser step to code them with.
    rounds : int
        The tables change the choices, the choices the tables; three rounds settle.
    sums : callable
        Adds up a count over the processes of a training.
    """
    prepared: list[tuple[list[TileAnalysis], int]] = []
    for pixels, step in pictures:
        cancel.check()
        prepared.append(
            (analyse_tiles(pixels, measure(pixels), DEFAULT_TILE)[1], nearest_index(step))
        )
    for turn in range(rounds):
        counts = np.zeros(model.tables.frequencies.shape)
        offsets = np.zeros(model.tables.centroids.shape)
        number = np.zeros_like(offsets)
        for done, (analyses, index) in enumerate(prepared):
            cancel.check()
            progress((turn + done / len(prepared)) / rounds, "fitting tables")
            for analysis in analyses:
                chooser = TableStatistics(analysis, model, index)
                chooser.collect_into(counts, offsets, number)
                walk(model, index, analysis.height, analysis.width, chooser)
        everywhere = (sums(own) for own in (counts, offsets, number))
        model = replace(model, tables=fitted_tables(*everywhere))
    return model
