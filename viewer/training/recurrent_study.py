"""The study of Donis and Brown (2020): one pass, several batch sizes and sizes of training set.

Each setting is trained from the same start for some epochs, and after each the PSNR, the MS-SSIM
and the residual loss are measured on training and validation tiles. Larger training sets are the
same tiles turned by 90, 180 and 270 degrees besides. The paper's scale is 50,000, 100,000 and
200,000 tiles, batches of 32 to 1024 and 15 epochs; any part of it can be run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from viewer.errors import TrainingError
from viewer.networks.device import choose_device
from viewer.networks.recurrent import Made, RecurrentNetwork, binarise, count_parameters
from viewer.networks.recurrent_halves import RecurrentEncoder
from viewer.networks.recurrent_shape import RecurrentShape
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.training.crops import CropPlan, CropSource
from viewer.training.recurrent_trainer import start_evenly
from viewer.training.tile_pictures import read_tile_pictures
from viewer.training.tile_similarity import ms_ssim

SIDE = 32
PAPER_TILES = 50_000
PAPER_BATCHES = (32, 64, 128, 256, 512, 1024)
PAPER_TURNS = (1, 2, 4)
PAPER_EPOCHS = 15
MEASURES = ("psnr_db", "ms_ssim", "residual_loss")

Tiles = NDArray[np.float32]


@dataclass(frozen=True)
class StudyPlan:
    """What is run.

    Attributes
    ----------
    tiles
        Of the smallest training set.
    batches
        Sizes of a batch, each with the smallest set.
    turns
        Sizes of the training set in multiples of the smallest: 1, 2 or 4 rotations.
    turned_batch
        Size of a batch for these.
    epochs
        Passes over the set.
    validation_tiles
        Measured after each epoch, and as many of the training set.
    learning_rate
        Of Adam, the same for all.
    """

    tiles: int = PAPER_TILES
    batches: tuple[int, ...] = PAPER_BATCHES
    turns: tuple[int, ...] = PAPER_TURNS
    turned_batch: int = 128
    epochs: int = PAPER_EPOCHS
    validation_tiles: int = 1000
    learning_rate: float = 1e-3


@dataclass
class StudyResult:
    """Curves of all settings.

    Attributes
    ----------
    plan
    parameters
        Of the network.
    seed
    settings
        For each: ``tiles``, ``batch``, and ``training`` and ``validation`` with a list a measure.
    """

    plan: StudyPlan
    parameters: int
    seed: int
    settings: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return what the JSON file holds, the paper's scale beside this one's."""
        return {
            "plan": asdict(self.plan),
            "paper": {
                "tiles": [PAPER_TILES * turn for turn in PAPER_TURNS],
                "batches": list(PAPER_BATCHES),
                "epochs": PAPER_EPOCHS,
            },
            "parameters": self.parameters,
            "iterations": 1,
            "seed": self.seed,
            "settings": self.settings,
        }

    def table(self) -> str:
        """Return the last epoch of each setting as text, the scale before it."""
        plan = self.plan
        lines = [
            f"One pass, {plan.epochs} epochs (paper: {PAPER_EPOCHS}), smallest set "
            f"{plan.tiles:,} tiles (paper: {PAPER_TILES:,}), {self.parameters:,} parameters",
            f"{'tiles':>8} {'batch':>6} {'PSNR train':>11} {'valid.':>7} "
            f"{'MS-SSIM train':>14} {'valid.':>7} {'residual train':>15} {'valid.':>7}",
        ]
        for row in self.settings:
            train, valid = row["training"], row["validation"]
            lines.append(
                f"{row['tiles']:>8} {row['batch']:>6} "
                f"{train['psnr_db'][-1]:>11.2f} {valid['psnr_db'][-1]:>7.2f} "
                f"{train['ms_ssim'][-1]:>14.4f} {valid['ms_ssim'][-1]:>7.4f} "
                f"{train['residual_loss'][-1]:>15.5f} {valid['residual_loss'][-1]:>7.5f}"
            )
        return "\n".join(lines)


def run_study(
    data: Path,
    plan: StudyPlan | None = None,
    *,
    shape: RecurrentShape | None = None,
    device: str = "auto",
    seed: int = 0,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> StudyResult:
    """Train and measure every setting of a plan.

    Raises
    ------
    TrainingError
        When the data cannot be used, or the plan asks for what makes no sense.
    Cancelled
    """
    plan = plan or StudyPlan()
    _check(plan)
    pictures = read_tile_pictures(data, progress=progress, cancel=cancel)
    if not pictures.validation:
        raise TrainingError(f"The folder {data} holds too few pictures to validate with.")
    train = _tiles(pictures.train, plan.tiles, seed)
    validation = _tiles(pictures.validation, plan.validation_tiles, seed + 1)
    shape = replace(shape or RecurrentShape(), iterations=1)
    where = choose_device(device)
    result = StudyResult(plan, count_parameters(RecurrentNetwork(shape)), seed)
    settings = [(1, batch) for batch in plan.batches]
    settings += [(turn, plan.turned_batch) for turn in plan.turns]
    settings = list(dict.fromkeys(settings))
    for number, (turn, batch) in enumerate(settings):

        def report(fraction: float, text: str, number: int = number) -> None:
            progress((number + fraction) / len(settings), text)

        turned = _turned(train, turn)
        curves = _run(turned, validation, batch, plan, shape, where, seed, report, cancel)
        result.settings.append({"tiles": len(turned), "batch": batch, **curves})
    return result


def _check(plan: StudyPlan) -> None:
    counts = (plan.tiles, plan.epochs, plan.turned_batch, plan.validation_tiles, *plan.batches)
    if min(counts) < 1 or not set(plan.turns) <= set(PAPER_TURNS):
        raise TrainingError(
            "A study takes at least one tile, batch and epoch, and 1, 2 or 4 turns."
        )
    if max(plan.batches, default=1) > plan.tiles:
        raise TrainingError(
            f"A batch of {max(plan.batches)} is larger than the {plan.tiles} tiles of the set."
        )


def _tiles(pictures: Sequence[NDArray[Any]], count: int, seed: int) -> Tiles:
    """Tiles in -0.5 .. 0.5, (count, 1, 32, 32), unchanged in their greys."""
    source = CropSource(pictures, CropPlan(SIDE, border_share=0.1, changed_share=0.0), seed)
    return source.batch(0, count) - np.float32(0.5)


def _turned(tiles: Tiles, turns: int) -> Tiles:
    angles = {1: (0,), 2: (0, 1), 4: (0, 1, 2, 3)}[turns]
    return np.concatenate([np.rot90(tiles, angle, (2, 3)) for angle in angles])


def _run(
    train: Tiles,
    validation: Tiles,
    batch: int,
    plan: StudyPlan,
    shape: RecurrentShape,
    device: torch.device,
    seed: int,
    progress: Progress,
    cancel: CancelToken,
) -> dict[str, dict[str, list[float]]]:
    torch.manual_seed(seed)
    network = RecurrentNetwork(shape)
    start_evenly(network)
    network.to(device)
    optimiser = torch.optim.Adam(network.parameters(), plan.learning_rate)
    rng = np.random.default_rng(seed)
    curves: dict[str, dict[str, list[float]]] = {
        name: {measure: [] for measure in MEASURES} for name in ("training", "validation")
    }
    seen = train[rng.permutation(len(train))[: plan.validation_tiles]]
    for epoch in range(plan.epochs):
        network.train()
        order = rng.permutation(len(train))
        for start in range(0, len(order), batch):
            cancel.check()
            pixels = torch.from_numpy(train[order[start : start + batch]]).to(device)
            loss = (pixels - _one_pass(network, pixels)).abs().mean()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
        network.eval()
        for name, tiles in (("training", seen), ("validation", validation)):
            for measure, value in _measured(network, tiles, device).items():
                curves[name][measure].append(round(value, 6))
        psnr = curves["validation"]["psnr_db"][-1]
        progress(
            (epoch + 1) / plan.epochs,
            f"{len(train)} tiles, batch {batch}, epoch {epoch + 1}: validation {psnr:.2f} dB",
        )
    return curves


def _one_pass(network: RecurrentNetwork, pixels: torch.Tensor) -> torch.Tensor:
    made = Made()
    gain = network.gain(made)
    chances, _ = network.analyse(pixels, RecurrentEncoder.start, gain, 0)
    signs = binarise(chances, training=network.training)
    output = network.synthesise(signs, made, gain).output
    assert isinstance(output, torch.Tensor)
    return output


@torch.no_grad()
def _measured(network: RecurrentNetwork, tiles: Tiles, device: torch.device) -> dict[str, float]:
    sums = dict.fromkeys(MEASURES, 0.0)
    for start in range(0, len(tiles), 250):
        pixels = torch.from_numpy(tiles[start : start + 250]).to(device)
        output = _one_pass(network, pixels).clamp(-0.5, 0.5)
        errors = (output - pixels).square().mean((1, 2, 3)).clamp_min(1e-10)
        sums["psnr_db"] += float((-10 * torch.log10(errors)).sum())
        # Brightness, not its distance from the middle grey, is what SSIM compares.
        sums["ms_ssim"] += float(ms_ssim(pixels + 0.5, output + 0.5)) * len(pixels)
        sums["residual_loss"] += float((output - pixels).abs().mean((1, 2, 3)).sum())
    means = {name: total / len(tiles) for name, total in sums.items()}
    if not all(math.isfinite(value) for value in means.values()):
        raise TrainingError("The training went astray: its figures are not numbers any more.")
    return means
