"""Training of the codec ``recurrent``: ``radview train recurrent --data DIR --out DIR``."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from viewer.errors import TrainingError
from viewer.networks.device import choose_device
from viewer.networks.recurrent import count_parameters
from viewer.networks.recurrent_shape import RecurrentShape
from viewer.networks.weights import save_weights
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.training.checkpoint import spare_checkpoint, write_json
from viewer.training.crops import CropPlan, CropSource
from viewer.training.recurrent_gains import settle_gains
from viewer.training.recurrent_loss import RESTORING, Recipe
from viewer.training.recurrent_trainer import Trainer, told
from viewer.training.tile_pictures import read_tile_pictures
from viewer.training.timed_run import run_for

DEFAULT_MINUTES = 60.0
_PARTS = CropPlan(side=128, border_share=0.3, changed_share=0.0)
_PART_COUNT = 64
"""Parts of training pictures on which the gains are settled."""

MOST_ITERATIONS = 16

PATTERNS = 24
"""Side of the patterns of each bit: four pixels over each border of its block."""

GUIDE = 12
"""Channels in which the third cell reads the picture, with patterns."""

_RESTORING = RecurrentShape(decoder=(64, 48, 32, 16))


def train(
    data: Path,
    out: Path,
    *,
    minutes: float | None = None,
    resume: bool = False,
    device: str = "auto",
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
    seed: int = 0,
    steps: int | None = None,
    cell: str = "gru",
    reconstruction: str = "additive",
    iterations: int = MOST_ITERATIONS,
    loss: str = "both",
    direct: int | None = None,
    shape: RecurrentShape | None = None,
    recipe: Recipe | None = None,
) -> Path:
    """Train the network on tiles of a folder of images and write ``weights.safetensors``.

    Parameters
    ----------
    data
        Folder with ``train`` and ``val`` inside, any folder of pictures, or CIFAR's ``.bin`` files.
    out
        Where checkpoint, ``curve.json`` and weights go; made when missing.
    minutes
        Length of the training in all, an hour by default; no limit where ``steps`` are given.
    resume
        Go on from the checkpoint in ``out``.
    device
        "auto", "cpu", "cuda" or "mps".
    seed
        Of the tiles and the start.
    steps
        Length in steps; ends after the minutes, if that is sooner.
    cell, reconstruction, iterations, loss
        "gru" or "lstm"; "additive" or "oneshot"; 1 .. 16; "l1", "ms-ssim" or "both".
    direct
        Side of the patterns around the cells, 0 for none; `PATTERNS` where they add up. With them
        the encoder is their filters, and the decoder's cells restore what they leave; without,
        encoder and decoder are cells, as in the paper.
    shape, recipe
        Other sizes than the defaults, for experiments and tests.

    Returns
    -------
    Path
        The weights file.

    Raises
    ------
    TrainingError
        When there is nothing to train on, or the checkpoint cannot be used.
    Cancelled
        When it was stopped; the checkpoint is kept.
    """
    if not 1 <= iterations <= MOST_ITERATIONS:
        raise TrainingError(f"A picture takes 1 to {MOST_ITERATIONS} iterations, not {iterations}.")
    spare_checkpoint(out, resume=resume)
    where = choose_device(device)
    pictures = read_tile_pictures(data, progress=progress, cancel=cancel)
    for sentence in pictures.skipped[:10]:
        progress(0.0, f"skipped {sentence}")
    out.mkdir(parents=True, exist_ok=True)
    around = _direct(direct, shape, reconstruction)
    sizes = shape or (_RESTORING if around else RecurrentShape())
    trainer = Trainer(
        pictures.train,
        pictures.validation,
        shape=replace(
            sizes,
            cell=cell,
            reconstruction=reconstruction,
            iterations=iterations,
            direct=around,
            guide=(sizes.guide or GUIDE) if around else 0,
            encoding="filters" if around else "cells",
        ),
        recipe=replace(recipe or (RESTORING if around else Recipe()), loss=loss),
        device=where,
        seed=seed,
    )
    progress(
        0.0,
        f"{len(pictures.train)} pictures to train on, {len(pictures.validation)} to validate, "
        f"{len(pictures.skipped)} skipped; {count_parameters(trainer.network):,} parameters",
    )
    if resume:
        trainer.resume(out)
    else:
        trainer.start_linearly(progress, cancel)
        progress(0.0, told(trainer.validate()))
    run_for(
        trainer,
        out,
        minutes=minutes or (math.inf if steps else DEFAULT_MINUTES),
        progress=progress,
        cancel=cancel,
        steps=steps,
    )
    progress(1.0, "settling the gains")
    parts = CropSource(pictures.train, _PARTS, seed + 1).batch(0, _PART_COUNT) - np.float32(0.5)
    reached = settle_gains(
        trainer.network, torch.from_numpy(parts).to(where), progress=progress, cancel=cancel
    )
    trainer.curve.append({"step": trainer.step, "settled": [round(db, 3) for db in reached]})
    write_json(out / "curve.json", trainer.curve)
    state = trainer.state()
    state["pictures"] = len(pictures.train)
    state["skipped"] = len(pictures.skipped)
    return write_model(trainer, out / "weights.safetensors", state)


def _direct(asked: int | None, shape: RecurrentShape | None, reconstruction: str) -> int:
    if asked is None:
        if shape is not None:
            return shape.direct
        return PATTERNS if reconstruction == "additive" else 0
    if asked and (reconstruction != "additive" or not 16 <= asked <= 48 or asked % 2):
        raise TrainingError(
            f"Patterns have an even side of 16 to 48 pixels, or 0, and add up; not {asked} "
            f"with {reconstruction} reconstruction."
        )
    return asked


def write_model(trainer: Trainer, path: Path, training: dict[str, Any]) -> Path:
    """Write the weights file of a training; ``training`` is kept in its description."""
    save_weights(
        path,
        {f"network.{name}": value for name, value in trainer.network.state_dict().items()},
        {"network": "recurrent", "shape": training["shape"], "training": training},
    )
    return path
