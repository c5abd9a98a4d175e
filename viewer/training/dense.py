"""Training of the dense autoencoder: ``radview train dense --data DIR --out DIR --code N``."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from viewer.codecs.dense.code_coding import (
    LENGTHS,
    LEVELS,
    Tables,
    differences,
    frequencies,
    lengths_of,
    quantise,
)
from viewer.codecs.dense.model import decoder_path, encoder_path, run_encoder
from viewer.codecs.dense.tiles import MEANS, SCALES, Tiles
from viewer.errors import TrainingError
from viewer.networks.dense import CODE_SIZES, DenseEncoder
from viewer.networks.weights import save_weights
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.training.checkpoint import write_json
from viewer.training.dense_images import TRAINING_TILES, read_dense_images
from viewer.training.dense_start import start_principal
from viewer.training.dense_trainer import DenseTrainer, Recipe

TILES = Recipe(epochs=4, learning_rate=2e-4, points=16)
"""For tiles of radiographs, which begin as a linear code; MNIST begins at random, as the paper."""


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
    code: int = CODE_SIZES[-1],
    epochs: int | None = None,
    tiles: int = TRAINING_TILES,
    recipe: Recipe | None = None,
) -> Path:
    """Train for one length of the code; write encoder, decoder and the curve, each apart.

    Parameters
    ----------
    data
        Folder with MNIST's IDX files, or with radiographs.
    out
        Where ``encoder-N.safetensors``, ``decoder-N.safetensors`` and ``curve-N.json`` go.
    minutes, resume
        A training takes a minute or two and is run whole: neither is taken.
    device
        The network is too small for anything but the CPU; "auto" or "cpu".
    code
        N, the numbers of the code.
    epochs
        Passes over the images; by default 15 over MNIST and 4 over tiles.
    tiles
        How many tiles are cut from radiographs.

    Returns
    -------
    Path
        The decoder's file.

    Raises
    ------
    TrainingError
        When there is nothing to train on, or something is asked that it does not know.
    Cancelled
    """
    if resume or minutes is not None:
        raise TrainingError("A training of dense is short and run whole: give --epochs instead.")
    if device not in ("auto", "cpu"):
        raise TrainingError("The dense network is trained on the CPU.")
    if not 1 <= code <= 256:
        raise TrainingError(f"A code has 1 to 256 numbers, not {code}.")
    if epochs is not None and epochs < 1:
        raise TrainingError("A training takes at least one epoch.")
    images = read_dense_images(data, tiles=tiles, seed=seed, progress=progress, cancel=cancel)
    recipe = recipe or (Recipe() if images.source == "mnist" else TILES)
    if epochs is not None:
        recipe = replace(recipe, epochs=epochs)
    trainer = DenseTrainer(images.train, images.test, code, recipe=recipe, seed=seed)
    if images.source == "tiles":
        start_principal(trainer.encoder, trainer.decoder, images.train)
    progress(0.0, f"{len(images.train)} images to train on, {len(images.test)} to test")
    trainer.run(progress=progress, cancel=cancel)
    out.mkdir(parents=True, exist_ok=True)
    state = {**trainer.state(), "source": images.source}
    kept: dict[str, Any] = {"code": code, "training": {**state, "curve": state["curve"][-1:]}}
    save_weights(
        encoder_path(out, code),
        _named("network", trainer.encoder),
        {"network": "dense-encoder", **kept},
    )
    tables = _tables(trainer.encoder.eval(), images.pictures)
    tensors = _named("network", trainer.decoder)
    for name in ("codes", "lengths", "scales"):
        tensors[f"tables.{name}"] = torch.from_numpy(getattr(tables, name).astype(np.int32))
    save_weights(decoder_path(out, code), tensors, {"network": "dense-decoder", **kept})
    write_json(out / f"curve-{code}.json", json.loads(json.dumps(state)))
    return decoder_path(out, code)


def _named(prefix: str, network: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Weights in half precision: a file of half the size, and no figure that changes."""
    return {f"{prefix}.{name}": value.half() for name, value in network.state_dict().items()}


def _tables(encoder: DenseEncoder, pictures: list[tuple[Tiles, int]]) -> Tables:
    """Frequencies over whole training pictures; even ones where there are none."""
    if not pictures:
        nothing = np.zeros(0, np.int64)
        even = frequencies(nothing, LEVELS)
        return Tables(
            np.tile(even, (encoder.size, 1)),
            frequencies(nothing, LENGTHS),
            frequencies(nothing, SCALES),
        )
    levels = np.concatenate([quantise(run_encoder(encoder, t.shapes)) for t, _ in pictures])
    steps = np.concatenate([differences(t.means, across) for t, across in pictures])
    assert int(np.abs(steps).max()) < MEANS
    return Tables(
        np.stack([frequencies(column, LEVELS) for column in levels.T]),
        frequencies(lengths_of(steps), LENGTHS),
        frequencies(np.concatenate([t.scales for t, _ in pictures]), SCALES),
    )
