"""Training of the classifier of chest radiographs (Kwon et al. 2020, table 1).

``radview train classifier --input original|reconstructed|latent --data DIR --out DIR [--resume]``.
"""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from viewer.errors import TrainingError
from viewer.metrics.auroc import auroc
from viewer.networks.densenet import (
    DENSENET_121,
    REDUCED,
    Classifier,
    DenseShape,
    InputKind,
    example_inputs,
)
from viewer.networks.device import choose_device
from viewer.networks.mac_count import RULE, multiply_accumulates
from viewer.networks.weights import save_weights
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.training.checkpoint import (
    load_checkpoint,
    save_checkpoint,
    spare_checkpoint,
    write_json,
)
from viewer.training.classifier_data import Labelled, read_labels
from viewer.training.classifier_fit import Fit, FitRecipe, predict
from viewer.training.classifier_inputs import InputMaker

NETWORK = "classifier"
INPUTS: tuple[InputKind, ...] = ("original", "reconstructed", "latent")
REDUCED_SIDE, FULL_SIDE = 128, 1024


def scale_of(device: torch.device, side: int | None) -> tuple[DenseShape, int]:
    """Return the network and the side of the pictures: full on a GPU, reduced on a processor."""
    if device.type == "cuda":
        return DENSENET_121, side or FULL_SIDE
    return REDUCED, side or REDUCED_SIDE


def counted(kind: InputKind, classes: int, shape: DenseShape, side: int) -> int:
    """Return the multiply-accumulates of one picture, by `viewer.networks.mac_count.RULE`."""
    with torch.device("meta"):
        network = Classifier(kind, classes, shape)
    return multiply_accumulates(network, *example_inputs(kind, side, device="meta"))


def train(
    data: Path,
    out: Path,
    *,
    input: InputKind = "original",
    minutes: float | None = None,
    resume: bool = False,
    device: str = "auto",
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
    seed: int = 0,
    side: int | None = None,
    epochs: int | None = None,
    recipe: FitRecipe | None = None,
    shape: DenseShape | None = None,
) -> Path:
    """Train on the files of ``labels.csv`` under ``train/``, validate on the others, write weights.

    Parameters
    ----------
    data
        Folder with ``labels.csv`` and the pictures it names.
    out
        Where inputs, checkpoint, ``curve.json`` and weights go; made when missing.
    input
        What the classifier sees: "original", "reconstructed" or "latent" (of `vqvae2-paper`).
    minutes
        Stop after this long, at the end of an epoch.
    resume
        Go on from the checkpoint in ``out``.
    side
        Of the pictures; 1024 on a GPU, 128 elsewhere.
    epochs
        Passes over the pictures, 15 without.
    recipe, shape
        Other than the defaults, for experiments and tests.

    Returns
    -------
    Path
        The weights file.

    Raises
    ------
    TrainingError
        When labels or pictures cannot be used, or the checkpoint cannot.
    Cancelled
        When it was stopped; the last epoch's checkpoint is kept.
    """
    if input not in INPUTS:
        raise TrainingError(f"There is no input '{input}'; there are {', '.join(INPUTS)}.")
    place = choose_device(device)
    usual, side = scale_of(place, side)
    shape = shape or usual
    recipe = recipe or (FitRecipe(epochs=epochs) if epochs else FitRecipe())
    labelled = read_labels(data)
    training, validation = _split(labelled)
    spare_checkpoint(out, resume=resume)
    maker = InputMaker(input, side, out / "inputs", place.type)
    inputs = maker.all(training, progress=progress, cancel=cancel)
    held_back = maker.all(validation, progress=progress, cancel=cancel)
    torch.manual_seed(seed)
    network = Classifier(input, len(labelled.classes), shape).to(place)
    fit = Fit(network, inputs, training.labels, recipe, seed)
    curve: list[dict[str, Any]] = []
    if resume:
        state = load_checkpoint(out, network, fit.optimiser)
        fit.epoch, curve = int(state["step"]), list(state["curve"])
    began = time.perf_counter()
    while fit.epoch < fit.recipe.epochs:
        loss = fit.advance(cancel)
        areas = _areas(network, held_back, validation)
        curve.append({"epoch": fit.epoch, "loss": loss, **areas})
        known = [area for area in areas.values() if area is not None]
        mean = sum(known) / len(known) if known else float("nan")
        progress(
            fit.epoch / fit.recipe.epochs,
            f"epoch {fit.epoch}/{fit.recipe.epochs}: loss {loss:.4f}, validation AUROC {mean:.3f}",
        )
        save_checkpoint(out, network, fit.optimiser, {"step": fit.epoch, "curve": curve})
        write_json(out / "curve.json", curve)
        if minutes is not None and time.perf_counter() - began > 60 * minutes:
            break
    path = out / "weights.safetensors"
    save_weights(
        path,
        {f"network.{name}": value for name, value in network.state_dict().items()},
        {
            "network": NETWORK,
            "input": input,
            "classes": list(labelled.classes),
            "side": side,
            "shape": asdict(shape),
            "recipe": asdict(fit.recipe),
            "epochs": fit.epoch,
            "seed": seed,
            "pictures": len(training.files),
            "multiply_accumulates": counted(input, len(labelled.classes), shape, side),
            "rule": RULE,
            "curve": curve,
        },
    )
    return path


def _split(labelled: Labelled) -> tuple[Labelled, Labelled]:
    """Files under ``train`` and the others; without such folders every fifth patient is held."""
    inside = [i for i, path in enumerate(labelled.files) if path.parent.name == "train"]
    if not inside or len(inside) == len(labelled.files):
        held = set(sorted(set(labelled.patients))[::5])
        inside = [i for i, patient in enumerate(labelled.patients) if patient not in held]
    outside = [i for i in range(len(labelled.files)) if i not in set(inside)]
    if not inside or not outside:
        raise TrainingError("There are too few patients to train on some and validate on others.")
    return labelled.part(inside), labelled.part(outside)


def _areas(network: Classifier, inputs: Any, labelled: Labelled) -> dict[str, float | None]:
    """AUROC a class; None where all or none of the validation pictures are positive."""
    logits = predict(network, inputs)
    found: dict[str, float | None] = {}
    for number, name in enumerate(labelled.classes):
        area = auroc(logits[:, number], labelled.labels[:, number] > 0.5)
        found[name] = None if area != area else area
    return found
