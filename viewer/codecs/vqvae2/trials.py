"""One picture coded at one step, and what comes out of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.codecs.base import PixelFormat
from viewer.codecs.vqvae2 import container, rate_control, restoration
from viewer.codecs.vqvae2.finishing import part_of, restore, to_pixels
from viewer.codecs.vqvae2.kept import Kept
from viewer.codecs.vqvae2.later_coding import TileCode
from viewer.codecs.vqvae2.layout import Tile
from viewer.codecs.vqvae2.model import Model
from viewer.codecs.vqvae2.parallel import in_order
from viewer.codecs.vqvae2.steps import base_step
from viewer.codecs.vqvae2.synthesis import Canvas
from viewer.codecs.vqvae2.tile_encoding import TileAnalysis, encode_tile
from viewer.images.radiograph import StoredPixels
from viewer.progress import CancelToken, Progress

Grey = NDArray[np.integer]  # type: ignore[type-arg]


@dataclass
class Job:
    """One picture on its way into a bitstream.

    Parameters
    ----------
    kept : Kept or None
        What is kept of the whole picture; None where only some of its tiles are tried.
    preview : bool
        Whether a request met nearly is enough.
    own : bool
        Whether the rate is the encoder's own choice, not the user's.
    """

    pixels: Grey
    pixel_format: PixelFormat
    model: Model
    gains: tuple[int, ...]
    layout: list[Tile]
    analyses: list[TileAnalysis]
    wanted: Tensor
    tile: int
    cancel: CancelToken
    kept: Kept | None = None
    preview: bool = False
    own: bool = False

    @property
    def tolerance(self) -> float:
        """How far, as a share, the rate may be from the request."""
        near = rate_control.NEAR_RATE if self.preview else rate_control.RATE_TOLERANCE
        return rate_control.OWN_RATE if self.own else near

    def header(self, index: int) -> container.Header:
        """The header of a bitstream at a step."""
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
            version=self.model.versions[-1],
        )


@dataclass
class Trial:
    """A picture coded at one step.

    Parameters
    ----------
    index : int
        Of the step.
    model : bytes
        Digest of the model.
    codes : list of TileCode
        Of each tile.
    canvas : Canvas
    bits : float
        Of the whole bitstream, about.
    judged : tuple of Tensor and list of int, or None
        The picture as decoded and how strong the filter is in each tile, once they are known.
    """

    index: int
    model: bytes
    codes: list[TileCode]
    canvas: Canvas
    bits: float
    judged: tuple[Tensor, list[int]] | None = None


def attempt(job: Job, index: int, progress: Progress) -> Trial:
    """Code a picture at a step, or give what is kept of it."""
    kept = job.kept
    if kept is not None and kept.trial is not None:
        last = kept.trial
        if (last.index, last.model) == (index, job.model.digest):
            return last
    codes: list[TileCode] = []
    # Codes of large pictures are many bytes to keep.
    at_once = kept is None or not kept.lasts
    rows, columns = job.pixels.shape
    canvas = Canvas(rows, columns, len(job.layout))
    progress(0.0, f"tile 1/{len(job.layout)}")

    def choose(item: tuple[Tile, TileAnalysis]) -> TileCode:
        job.cancel.check()
        tile, analysis = item
        code, bands = encode_tile(analysis, job.model, index)
        canvas.place(tile, bands)
        if at_once:
            code.data()
        return code

    for code in in_order(choose, zip(job.layout, job.analyses, strict=True)):
        codes.append(code)
        progress(len(codes) / len(job.layout), f"tile {len(codes)}/{len(job.layout)}")
    job.cancel.check()
    bits = 8.0 * container.overhead(job.header(index)) + sum(code.bits for code in codes)
    if kept is not None:
        kept.bits.setdefault(job.model.digest, {})[index] = bits
    return Trial(index, job.model.digest, codes, canvas, bits)


def psnr_of(job: Job, trial: Trial) -> float:
    """PSNR in dB of what a decoder will see."""
    picture, _ = reconstructed(job, trial)
    return note_psnr(job, trial, to_pixels(picture, job.header(trial.index), job.pixel_format))


def note_psnr(job: Job, trial: Trial, pixels: StoredPixels) -> float:
    """PSNR in dB of what comes out of a trial; kept for requests to come."""
    change = np.subtract(pixels, job.pixels, dtype=np.float64)
    error = float(np.square(change, out=change).mean())
    found = 10 * math.log10(job.pixel_format.peak**2 / max(error, 1e-12))
    if job.kept is not None:
        job.kept.psnr.setdefault(job.model.digest, {})[trial.index] = found
    return found


@torch.inference_mode()
def reconstructed(job: Job, trial: Trial) -> tuple[Tensor, list[int]]:
    """The picture as decoded, the caller's own, and how strong the filter is best in each tile."""
    if job.kept is None or not job.kept.lasts:
        return _judged(job, trial)
    if trial.judged is None:
        trial.judged = _judged(job, trial)
    picture, strengths = trial.judged
    return picture.clone(), strengths


def _judged(job: Job, trial: Trial) -> tuple[Tensor, list[int]]:
    picture = trial.canvas.picture()
    strengths = [0] * len(job.layout)
    network = job.model.restorer()
    if network is None:
        return picture, strengths
    index = trial.index
    found = restoration.corrections(network, picture, trial.canvas.signs(), index, job.cancel.check)
    wanted = job.wanted
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
