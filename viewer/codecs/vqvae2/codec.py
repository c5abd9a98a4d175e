"""The codec `vqvae2`: a learned prior and decoder around an integer transform."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.codecs.base import (
    Codec,
    CodecInfo,
    Decoded,
    Encoded,
    Options,
    PixelFormat,
    Stopwatch,
    Target,
)
from viewer.codecs.vqvae2 import container, edges, model, rate_control, restoration
from viewer.codecs.vqvae2.analysis import analyse_tiles, to_picture
from viewer.codecs.vqvae2.layout import DEFAULT_TILE, MAX_TILE, MIN_TILE, Tile, tiles
from viewer.codecs.vqvae2.steps import FRACTION_BITS, INDICES, PER_OCTAVE, base_step
from viewer.codecs.vqvae2.synthesis import Canvas
from viewer.codecs.vqvae2.tile_decoding import decode_tile
from viewer.codecs.vqvae2.tile_encoding import (
    TileAnalysis,
    TileChooser,
    encode_tile,
    no_shifts,
)
from viewer.codecs.vqvae2.tile_walk import UNIT, TileBands, walk
from viewer.errors import CodecError, CodecUnavailableError, ModelError
from viewer.images.radiograph import StoredPixels
from viewer.progress import NEVER, CancelToken, Progress, silent

Grey = NDArray[np.integer]  # type: ignore[type-arg]


@dataclass
class _Job:
    """One picture on its way into a bitstream."""

    pixels: Grey
    pixel_format: PixelFormat
    model: model.Model
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
        )


class Vqvae2(Codec):
    """The learned codec a reader would choose.

    Parameters
    ----------
    weights : Path, optional
        A model of the user's own; the newest released one without.
    """

    info = CodecInfo(
        name="vqvae2",
        title="VQ-VAE-2 (learned)",
        mark="VQ-VAE-2",
        dicom_method="RADVIEW_VQVAE2",
        normative=True,
        learned=True,
        targets=("ratio", "bpp", "psnr", "quality"),
        teaches="Codes coarse structure first, then fine detail with a learned guess of each code "
        "from what is known already; a learned filter restores the picture.",
    )

    def __init__(self, weights: Path | None = None) -> None:
        self._weights = weights

    def recognises(self, data: bytes) -> bool:
        """Whether `data` starts like a bitstream of this codec."""
        return container.looks_like(data)

    def unavailable(self) -> str:
        """Return why the codec cannot be used, or ""."""
        try:
            self._model()
        except ModelError as error:
            return str(error)
        return ""

    def _model(self) -> model.Model:
        return model.load_path(self._weights) if self._weights else model.newest()

    @torch.inference_mode()
    def encode(
        self,
        pixels: StoredPixels,
        pixel_format: PixelFormat,
        target: Target,
        *,
        options: Options = Options(),
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> Encoded:
        """Code one frame; see `viewer.codecs.base.Codec.encode`."""
        watch = Stopwatch()
        job = self._prepare(pixels, pixel_format, options, progress, cancel)
        progress(0.1, "finding the rate")
        index = _index(job, target)
        writing, canvas = [], Canvas(*pixels.shape)
        for number, (tile, analysis) in enumerate(zip(job.layout, job.analyses, strict=True)):
            cancel.check()
            progress(0.5 + 0.4 * number / len(job.layout), f"tile {number + 1}/{len(job.layout)}")
            data, bands = encode_tile(analysis, job.model, index, no_shifts())
            writing.append(data)
            canvas.place(tile, bands)
        progress(0.9, "judging the filter")
        strengths = _strengths(job, canvas, index)
        coded = [container.CodedTile(d, s) for d, s in zip(writing, strengths, strict=True)]
        data = container.pack(job.header(index), coded)
        progress(1.0, "done")
        return Encoded(
            data, model=f"{job.model.name} {job.model.digest.hex()}", seconds=watch.seconds()
        )

    @torch.inference_mode()
    def decode(
        self,
        data: bytes,
        *,
        options: Options = Options(),
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> Decoded:
        """Give back the pixels; see `viewer.codecs.base.Codec.decode`."""
        watch = Stopwatch()
        header, coded = container.unpack(data)
        extra = (self._weights,) if self._weights else ()
        weights = model.by_digest(header.model, extra)
        layout = tiles(header.rows, header.columns, header.tile)
        canvas = Canvas(header.rows, header.columns)
        for number, (tile, part) in enumerate(zip(layout, coded, strict=True)):
            cancel.check()
            progress(0.8 * number / len(layout), f"tile {number + 1}/{len(layout)}")
            bands = decode_tile(part.data, weights, header.step_index, tile.height, tile.width)
            canvas.place(tile, bands)
        progress(0.8, "restoring")
        picture = canvas.picture()
        strengths = [part.strength for part in coded]
        if any(strengths):
            if weights.restoration is None:
                raise CodecError("The coded image is damaged: its model has no filter.")
            found = restoration.corrections(
                weights.restoration, picture, canvas.codes(), header.step_index, cancel.check
            )
            _restore(picture, found, layout, strengths, header.step_index)
        pixel_format = PixelFormat(header.bits_stored, header.signed)
        pixels = _to_pixels(picture, header, pixel_format)
        progress(1.0, "done")
        return Decoded(pixels, pixel_format, seconds=watch.seconds())

    def _prepare(
        self,
        pixels: StoredPixels,
        pixel_format: PixelFormat,
        options: Options,
        progress: Progress,
        cancel: CancelToken,
    ) -> _Job:
        _check(pixels, pixel_format)
        try:
            weights = self._model()
        except ModelError as error:
            raise CodecUnavailableError(str(error)) from error
        cancel.check()
        progress(0.0, "transform")
        side = min(max(options.tile or DEFAULT_TILE, MIN_TILE), MAX_TILE) // UNIT * UNIT
        gains = edges.measure(pixels)
        layout, analyses = analyse_tiles(pixels, gains, side)
        return _Job(pixels, pixel_format, weights, gains, layout, analyses, side, cancel)


def _check(pixels: StoredPixels, pixel_format: PixelFormat) -> None:
    if pixels.ndim != 2:
        raise CodecError("The codec vqvae2 codes grey images; this one has colour.")
    if pixels.dtype.name not in container.TYPES or not 1 <= pixel_format.bits_stored <= 16:
        raise CodecError(
            f"The codec vqvae2 codes 1 to 16 bits; this image has {pixel_format.bits_stored} "
            f"in {pixels.dtype.name}."
        )
    rows, columns = pixels.shape
    side = container.MAX_SIDE
    if not (1 <= rows <= side and 1 <= columns <= side and rows * columns <= container.MAX_PIXELS):
        raise CodecError(f"An image of {rows} x {columns} is beyond what the codec vqvae2 codes.")


def _quality_index(quality: float, bits_stored: int) -> int:
    """0 .. 100 to a step of 64 .. 1/4 grey levels of 8 bits, logarithmically."""
    octaves = 6 - 8 * min(max(quality, 0.0), 100.0) / 100 + bits_stored - 8
    return int(np.clip(round(PER_OCTAVE * (octaves + 4)), 0, INDICES - 1))


def _index(job: _Job, target: Target) -> int:
    """The step index that meets the request."""
    if not math.isfinite(target.value):
        raise CodecError("The request to the encoder is not a number.")
    size, bits = job.pixels.size, job.pixel_format.bits_stored
    if target.kind == "quality":
        return _quality_index(target.value, bits)
    if target.kind in ("bpp", "ratio"):
        if target.value <= 0:
            raise CodecError("The rate asked for must be above zero.")
        wanted = target.value * size if target.kind == "bpp" else bits * size / target.value
        meter = rate_control.RateMeter(
            job.analyses, job.model, container.overhead(job.header(0)), job.cancel
        )
        return rate_control.index_for_bits(meter, wanted)
    if target.kind == "psnr":
        peak = job.pixel_format.peak
        # A uniform quantiser's error is about step**2 / 12; half of that where codes are zero.
        step = peak * 10 ** (-target.value / 20) * math.sqrt(12)
        start = int(np.clip(PER_OCTAVE * (math.log2(max(step, 1e-3)) + 4), 0, INDICES - 1))
        return rate_control.index_for_psnr(lambda i: _psnr(job, i), target.value, start)
    raise CodecError("The codec vqvae2 is lossy; for lossless coding choose another codec.")


def _psnr(job: _Job, index: int) -> float:
    canvas = Canvas(*job.pixels.shape)
    for tile, analysis in zip(job.layout, job.analyses, strict=True):
        job.cancel.check()
        canvas.place(tile, _choose(job, analysis, index))
    header = job.header(index)
    picture, _ = _reconstructed(job, canvas, index)
    error = _to_pixels(picture, header, job.pixel_format).astype(np.float64) - job.pixels
    mean = float(np.square(error).mean())
    return 10 * math.log10(job.pixel_format.peak**2 / max(mean, 1e-12))


def _choose(job: _Job, analysis: TileAnalysis, index: int) -> TileBands:
    chooser = TileChooser(analysis, job.model, index, no_shifts())
    return walk(job.model, index, analysis.height, analysis.width, chooser)


def _strengths(job: _Job, canvas: Canvas, index: int) -> list[int]:
    return _reconstructed(job, canvas, index)[1]


@torch.inference_mode()
def _reconstructed(job: _Job, canvas: Canvas, index: int) -> tuple[Tensor, list[int]]:
    """The picture as decoded, and how strong the filter is best in each tile."""
    picture = canvas.picture()
    strengths = [0] * len(job.layout)
    if job.model.restoration is None:
        return picture, strengths
    found = restoration.corrections(
        job.model.restoration, picture, canvas.codes(), index, job.cancel.check
    )
    wanted = to_picture(job.pixels, job.gains)
    unit = 16 * 2.0**-23 * base_step(index)
    for number, tile in enumerate(job.layout):
        part = _part(tile)
        lack = wanted[part] - picture[part]
        change = found[part].to(torch.float64).mul_(unit)
        energy = float(change.square().sum())
        best = float((lack * change).sum()) / energy if energy else 0.0
        limit = container.MAX_STRENGTH
        strengths[number] = int(np.clip(round(best * container.STRENGTH_STEPS), 0, limit))
    _restore(picture, found, job.layout, strengths, index)
    return picture, strengths


def _part(tile: Tile) -> tuple[slice, slice]:
    return slice(tile.top, tile.top + tile.height), slice(tile.left, tile.left + tile.width)


def _restore(
    picture: Tensor, found: Tensor, layout: list[Tile], strengths: list[int], index: int
) -> None:
    for tile, strength in zip(layout, strengths, strict=True):
        restoration.apply(picture[_part(tile)], found[_part(tile)], strength, index)


def _to_pixels(
    picture: Tensor, header: container.Header, pixel_format: PixelFormat
) -> StoredPixels:
    """Round to stored values; overwrites ``picture``."""
    edges.restore(picture, header.gains, header.rows, header.columns)
    inside = picture[: header.rows, : header.columns]
    low = pixel_format.minimum
    values = inside.mul(2.0**-FRACTION_BITS).add_(0.5).floor_()
    values.clamp_(low, low + pixel_format.peak)
    return values.numpy().astype(header.type_name)
