"""A picture to a bitstream."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.codecs.base import PixelFormat, Target
from viewer.codecs.vqvae2 import container, edges, rate_control, restoration
from viewer.codecs.vqvae2.analysis import analyse_tiles, to_picture
from viewer.codecs.vqvae2.finishing import part_of, restore, to_pixels
from viewer.codecs.vqvae2.layout import DEFAULT_TILE, MAX_TILE, MIN_TILE, UNIT, Tile
from viewer.codecs.vqvae2.model import Model
from viewer.codecs.vqvae2.parallel import in_order
from viewer.codecs.vqvae2.steps import INDICES, PER_OCTAVE, base_step
from viewer.codecs.vqvae2.synthesis import Canvas
from viewer.codecs.vqvae2.tile_encoding import TileAnalysis, encode_tile
from viewer.errors import CodecError
from viewer.images.radiograph import StoredPixels
from viewer.progress import CancelToken, Progress

FEW_TILES = 4
"""Tiles a search begins with when a picture has more than twice as many."""

Grey = NDArray[np.integer]  # type: ignore[type-arg]


@dataclass
class _Job:
    """One picture on its way into a bitstream."""

    pixels: Grey
    pixel_format: PixelFormat
    model: Model
    gains: edges.Gains
    layout: list[Tile]
    analyses: list[TileAnalysis]
    tile: int
    cancel: CancelToken

    def header(self, index: int) -> container.Header:
        return container.Header(
            rows=self.pixels.shape[0],
            columns=self.pixels.shape[1],
            type_name=self.pixels.dtype.name,
            bits_stored=self.pixel_format.bits_stored,
            signed=self.pixel_format.signed,
            step_index=index,
            tile=self.tile,
            model=self.model.digest,
            gains=self.gains,
            version=self.model.version,
        )


@dataclass
class _Trial:
    """A picture coded at one step, all but the filter's strengths."""

    index: int
    data: list[bytes]
    canvas: Canvas
    bits: int


@torch.inference_mode()
def encode(
    pixels: StoredPixels,
    pixel_format: PixelFormat,
    target: Target,
    model: Model,
    tile: int,
    progress: Progress,
    cancel: CancelToken,
) -> bytes:
    """The bitstream of a grey picture; ``tile`` is the wished side of a tile, 0 for no wish."""
    return encode_picture(pixels, pixel_format, target, model, tile, progress, cancel)[0]


@torch.inference_mode()
def encode_picture(
    pixels: StoredPixels,
    pixel_format: PixelFormat,
    target: Target,
    model: Model,
    tile: int,
    progress: Progress,
    cancel: CancelToken,
    *,
    layered: bool = False,
) -> tuple[bytes, container.Header, Tensor]:
    """The bitstream, its header, and the picture as decoded, before edges and rounding.

    ``layered`` says in the header that a layer will follow.
    """
    cancel.check()
    progress(0.0, "transform")
    side = min(max(tile or DEFAULT_TILE, MIN_TILE), MAX_TILE) // UNIT * UNIT
    gains = edges.measure(pixels)
    layout, analyses = analyse_tiles(pixels, gains, side)
    job = _Job(pixels, pixel_format, model, gains, layout, analyses, side, cancel)
    trial = _meet(job, target, progress)
    progress(0.9, "judging the filter")
    picture, strengths = _reconstructed(job, trial)
    coded = [container.CodedTile(d, s) for d, s in zip(trial.data, strengths, strict=True)]
    progress(1.0, "done")
    header = replace(job.header(trial.index), layered=layered)
    return container.pack(header, coded), header, picture


def _try(job: _Job, index: int, progress: Progress) -> _Trial:
    data: list[bytes] = []
    canvas = Canvas(*job.pixels.shape)
    progress(0.0, f"tile 1/{len(job.layout)}")

    def write(item: tuple[Tile, TileAnalysis]) -> bytes:
        job.cancel.check()
        tile, analysis = item
        part, bands = encode_tile(analysis, job.model, index)
        canvas.place(tile, bands)
        return part

    for part in in_order(write, zip(job.layout, job.analyses, strict=True)):
        data.append(part)
        progress(len(data) / len(job.layout), f"tile {len(data)}/{len(job.layout)}")
    job.cancel.check()
    size = container.overhead(job.header(index)) + sum(len(part) for part in data)
    return _Trial(index, data, canvas, 8 * size)


class _Search:
    """Trials of one request; keeps the one nearest to it."""

    def __init__(self, job: _Job, target: float, progress: Progress) -> None:
        self._job, self._target, self._progress = job, target, progress
        self._distance = math.inf
        self._count = 0
        self.best: _Trial | None = None

    def log_bits(self, index: int) -> float:
        trial = self._next(index)
        return self._keep(trial, math.log2(trial.bits))

    def psnr(self, index: int) -> float:
        trial = self._next(index)
        return self._keep(trial, _psnr(self._job, trial))

    def _keep(self, trial: _Trial, value: float) -> float:
        if abs(value - self._target) < self._distance:
            self._distance, self.best = abs(value - self._target), trial
        return value

    def _next(self, index: int) -> _Trial:
        # Half of what is left a trial: their number is not known beforehand.
        start, share = 0.85 * (1 - 0.5**self._count), 0.85 * 0.5 ** (self._count + 1)
        self._count += 1
        return _try(self._job, index, lambda f, text: self._progress(start + share * f, text))


def _quality_index(quality: float, bits_stored: int) -> int:
    """0 .. 100 to a step of 64 .. 1/4 grey levels of 8 bits, logarithmically."""
    octaves = 6 - 8 * min(max(quality, 0.0), 100.0) / 100 + bits_stored - 8
    return int(np.clip(round(PER_OCTAVE * (octaves + 4)), 0, INDICES - 1))


def _meet(job: _Job, target: Target, progress: Progress) -> _Trial:
    """The trial that meets the request."""
    if not math.isfinite(target.value):
        raise CodecError("The request to the encoder is not a number.")
    size, bits = job.pixels.size, job.pixel_format.bits_stored
    if target.kind == "quality":
        index = _quality_index(target.value, bits)
        return _try(job, index, lambda f, text: progress(0.85 * f, text))
    if target.kind in ("bpp", "ratio"):
        if target.value <= 0:
            raise CodecError("The rate asked for must be above zero.")
        wanted = target.value * size if target.kind == "bpp" else bits * size / target.value
        search = _meet_bits(job, max(wanted, 1.0), progress)
    elif target.kind == "psnr":
        peak = job.pixel_format.peak
        # A uniform quantiser's error is about step**2 / 12; half of that where codes are zero.
        step = peak * 10 ** (-target.value / 20) * math.sqrt(12)
        start = int(np.clip(PER_OCTAVE * (math.log2(max(step, 1e-3)) + 4), 0, INDICES - 1))
        search = _Search(job, target.value, progress)
        rate_control.search_psnr(search.psnr, target.value, start)
    else:
        raise CodecError("The codec vqvae2 is lossy; for lossless coding choose another codec.")
    assert search.best is not None
    return search.best


def _meet_bits(job: _Job, wanted: float, progress: Progress) -> _Search:
    """Find the step on a few tiles where there are many, then on all."""
    rough = rate_control.RoughRate(job.analyses)
    start = rate_control.rough_index(rough, wanted)
    if job.model.version > 1:
        start = min(start + rate_control.LARGER_STEPS, INDICES - 1)
    count = len(job.layout)
    if count > 2 * FEW_TILES:
        chosen = range(count // (2 * FEW_TILES), count, -(-count // FEW_TILES))
        few = replace(
            job,
            layout=[job.layout[i] for i in chosen],
            analyses=[job.analyses[i] for i in chosen],
        )
        part = rate_control.RoughRate(few.analyses)
        share = max(wanted * part.bits(start) / rough.bits(start), 1.0)
        search = _Search(few, math.log2(share), lambda f, text: progress(f / 2, text))
        rate_control.search_bits(search.log_bits, part, share, start)
        assert search.best is not None
        start = search.best.index
        done = 0.5
    else:
        done = 0.0
    whole = _Search(job, math.log2(wanted), lambda f, text: progress(done + (1 - done) * f, text))
    rate_control.search_bits(whole.log_bits, rough, wanted, start)
    return whole


def _psnr(job: _Job, trial: _Trial) -> float:
    picture, _ = _reconstructed(job, trial)
    pixels = to_pixels(picture, job.header(trial.index), job.pixel_format)
    mean = float(np.square(pixels.astype(np.float64) - job.pixels).mean())
    return 10 * math.log10(job.pixel_format.peak**2 / max(mean, 1e-12))


@torch.inference_mode()
def _reconstructed(job: _Job, trial: _Trial) -> tuple[Tensor, list[int]]:
    """The picture as decoded, and how strong the filter is best in each tile."""
    picture = trial.canvas.picture()
    strengths = [0] * len(job.layout)
    network = job.model.restorer()
    if network is None:
        return picture, strengths
    index = trial.index
    found = restoration.corrections(network, picture, trial.canvas.codes(), index, job.cancel.check)
    wanted = to_picture(job.pixels, job.gains)
    unit = 16 * 2.0**-23 * base_step(index)
    for number, tile in enumerate(job.layout):
        part = part_of(tile)
        lack = wanted[part] - picture[part]
        change = found[part].to(torch.float64).mul_(unit)
        energy = float(change.square().sum())
        best = float((lack * change).sum()) / energy if energy else 0.0
        limit = container.MAX_STRENGTH
        strengths[number] = int(np.clip(round(best * container.STRENGTH_STEPS), 0, limit))
    restore(picture, found, job.layout, strengths, index)
    return picture, strengths
