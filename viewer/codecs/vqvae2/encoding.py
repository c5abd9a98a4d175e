"""A picture to a bitstream."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from viewer.codecs.base import PixelFormat, Target
from viewer.codecs.vqvae2 import container
from viewer.codecs.vqvae2.finishing import to_pixels
from viewer.codecs.vqvae2.kept import analysed
from viewer.codecs.vqvae2.layout import DEFAULT_TILE, MAX_TILE, MIN_TILE, UNIT
from viewer.codecs.vqvae2.meeting import meet
from viewer.codecs.vqvae2.model import Model
from viewer.codecs.vqvae2.trials import Job, note_psnr, reconstructed
from viewer.images.radiograph import StoredPixels
from viewer.progress import CancelToken, Progress


@torch.inference_mode()
def encode(
    pixels: StoredPixels,
    pixel_format: PixelFormat,
    target: Target,
    model: Model,
    tile: int,
    progress: Progress,
    cancel: CancelToken,
    *,
    preview: bool = False,
) -> bytes:
    """The bitstream of a grey picture; ``tile`` is the wished side of a tile, 0 for no wish."""
    asked = (pixels, pixel_format, target, model, tile, progress, cancel)
    return encode_picture(*asked, preview=preview)[0]


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
    preview: bool = False,
    own: bool = False,
) -> tuple[bytes, container.Header, Tensor]:
    """The bitstream, its header, and the picture as decoded, before edges and rounding.

    ``layered`` says in the header that a layer will follow, ``preview`` that a request met nearly
    is enough, ``own`` that the rate is the encoder's choice, so that about will do.
    """
    cancel.check()
    progress(0.0, "transform")
    side = min(max(tile or DEFAULT_TILE, MIN_TILE), MAX_TILE) // UNIT * UNIT
    kept = analysed(pixels, side)
    job = Job(
        pixels,
        pixel_format,
        model,
        kept.gains,
        kept.layout,
        kept.analyses,
        kept.wanted,
        side,
        cancel,
        kept,
        preview,
        own,
    )
    trial = meet(job, target, progress)
    progress(0.9, "judging the filter")
    picture, strengths = reconstructed(job, trial)
    coded = [container.CodedTile(c.data(), s) for c, s in zip(trial.codes, strengths, strict=True)]
    progress(1.0, "done")
    header = replace(job.header(trial.index), layered=layered)
    data = container.pack(header, coded)
    if kept.lasts:
        answer = to_pixels(picture.clone(), header, pixel_format)
        note_psnr(job, trial, answer)
        kept.trial, kept.answer = trial, (data, answer)
    return data, header, picture
