"""The payload of ``vqvae2-paper``: a picture's indices within a budget of bits."""

from __future__ import annotations

import math

import numpy as np

from viewer.codecs.base import Options
from viewer.codecs.bitstream import HEADER_BYTES
from viewer.codecs.index_contexts import IndexWalk
from viewer.codecs.paper_model import PaperModel, Rate
from viewer.codecs.paper_rate import fit_lagrangian
from viewer.codecs.paper_tiles import Plane, TileRunner
from viewer.progress import CancelToken, Progress

DEFAULT_TILE = 1024
"""Side of a tile in pixels when the options leave the choice."""

SMALLEST_TILE = 64

_NEAR_ENOUGH = 0.93
"""Share of the budget with which the first search for the Lagrangian is content."""

_SAMPLED_PLACES = 1 << 14
_BAND_ROWS = 16
"""Top codes of a picture's sample, about, and the rows of its bands."""

_COARSER_TOPS = 4
"""How often the top level is chosen when the bottom level does not fit beside it."""

_SPARE_BITS = 128
"""Room for the last word of the range coder and the rounding of code lengths."""


def tile_runner(
    model: PaperModel,
    height: int,
    width: int,
    options: Options,
    progress: Progress,
    cancel: CancelToken,
) -> TileRunner:
    """The runner that the options ask for, of a picture of height x width top codes."""
    side = max(options.tile or DEFAULT_TILE, SMALLEST_TILE)
    return TileRunner(model, height, width, side, progress, cancel)


def write_payload(
    model: PaperModel,
    normal: Plane,
    rate: Rate,
    area: int,
    options: Options,
    progress: Progress,
    cancel: CancelToken,
) -> tuple[bytes, str]:
    """Payload within the rate's budget, and a sentence when that cannot be."""
    height, width = normal.shape[0] // 8, normal.shape[1] // 8
    runner = tile_runner(model, height, width, options, progress, cancel)
    top_latents, part = runner.analyse(normal, (0.0, 0.4))
    budget = max(rate.bpp * area - 8 * HEADER_BYTES - _SPARE_BITS, 1.0)
    walk, _, latents = _topped(model, runner, top_latents, part, rate.lagrangian, 0.4)

    share, few_top, few_bottom = _sample(top_latents, latents)

    def both_levels(lagrangian: float) -> float:
        # As if the bottom latents did not depend on the top codes: near enough to begin with.
        tried = IndexWalk(model.chooser.tables, *few_top.shape[1:])
        bits = model.chooser.choose_top(tried, few_top, lagrangian, cancel)
        return bits + model.chooser.choose_bottom(tried, few_bottom, lagrangian, cancel)

    progress(0.55, "fitting the rate")
    near, _ = fit_lagrangian(both_levels, share * budget, rate.lagrangian, close=_NEAR_ENOUGH)
    for _ in range(_COARSER_TOPS):
        walk, top_bits, latents = _topped(model, runner, top_latents, part, near, 0.7)
        bits_at = _BottomTrials(model, walk, latents, cancel)
        found, bits = fit_lagrangian(bits_at, max(budget - top_bits, 1.0), near)
        # The walk holds what was tried last, which need not be what was found.
        bits = bits_at(found)
        if top_bits + bits <= budget:
            break
        near *= 3.0
    progress(0.9, "writing the codes")
    payload = model.coder.encode(walk.top, walk.bottom, cancel=cancel)
    if top_bits + bits <= budget:
        return payload, ""
    bpp = 8 * (len(payload) + HEADER_BYTES) / area
    return payload, f"This picture needs {bpp:.3g} bits per pixel even at the coarsest setting."


def _sample(top: Plane, bottom: Plane) -> tuple[float, Plane, Plane]:
    """Bands of a large picture, for a first look at its bits, and their share of it."""
    height, width = top.shape[1:]
    bands = max(1, round(height * width / _SAMPLED_PLACES))
    rows = np.flatnonzero(np.arange(height) // _BAND_ROWS % bands == bands // 2)
    if bands == 1 or rows.size == 0:
        return 1.0, top, bottom
    fine = (2 * rows[:, None] + np.arange(2)).ravel()
    return rows.size / height, top[:, rows], bottom[:, fine]


def _topped(
    model: PaperModel,
    runner: TileRunner,
    top_latents: Plane,
    part: Plane,
    lagrangian: float,
    done: float,
) -> tuple[IndexWalk, float, Plane]:
    """A walk with the top level chosen, its bits, and the bottom latents beside it."""
    walk = IndexWalk(model.chooser.tables, *top_latents.shape[1:])
    bits = model.chooser.choose_top(walk, top_latents, lagrangian, runner.cancel)
    return walk, bits, runner.condition(walk.top, part, (done, done + 0.1))


class _BottomTrials:
    """Bits of the bottom level at a Lagrangian; the walk holds what was chosen last."""

    def __init__(
        self, model: PaperModel, walk: IndexWalk, latents: Plane, cancel: CancelToken
    ) -> None:
        self._chooser = model.chooser
        self._walk = walk
        self._latents = latents
        self._cancel = cancel
        self._last = (math.nan, 0.0)

    def __call__(self, lagrangian: float) -> float:
        """Choose the bottom level anew, unless it was chosen so last; return its bits."""
        if lagrangian != self._last[0]:
            self._walk.forget_bottom()
            bits = self._chooser.choose_bottom(self._walk, self._latents, lagrangian, self._cancel)
            self._last = (lagrangian, bits)
        return self._last[1]
