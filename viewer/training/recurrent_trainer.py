"""The recurrent network in training: recipe, steps, validation, checkpoints."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from viewer.networks.recurrent import (
    Made,
    RecurrentNetwork,
    RecurrentShape,
    binarise,
)
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.training.checkpoint import load_checkpoint, save_checkpoint, write_json
from viewer.training.crops import CropPlan, CropSource, Picture
from viewer.training.tile_similarity import ms_ssim

LOSSES = ("l1", "ms-ssim", "both")
SHOWN_PASSES = (1, 2, 4, 8, 16)


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the outcome of a training beside the data and its length.

    Attributes
    ----------
    loss
        "l1": logarithm of the mean absolute residual of every pass; "ms-ssim": one less MS-SSIM
        of every pass; "both".
    similarity_weight
        Of MS-SSIM beside the residual, where both are asked for.
    learning_rate
        Of Adam at its highest; falls to a fiftieth along a cosine over the training.
    batch, side
        Tiles a step and their side in pixels, a multiple of 16.
    fewest_passes
        A step takes all passes or this many, by turns: the first passes matter to all later ones.
    gains_until
        Share of the training after which the gains of the passes stay as they are.
    validate_every, checkpoint_seconds
        Steps between validations, seconds between checkpoints.
    validation_pictures, validation_side
        How many pictures are looked at each time, and the side of the middle that is.
    """

    loss: str = "both"
    similarity_weight: float = 0.1
    learning_rate: float = 3e-3
    batch: int = 16
    side: int = 32
    fewest_passes: int = 6
    gains_until: float = 0.5
    validate_every: int = 250
    checkpoint_seconds: float = 120.0
    validation_pictures: int = 6
    validation_side: int = 256


class Trainer:
    """One training: the network, its optimiser, where it stands, and its validation curve."""

    def __init__(
        self,
        train: Sequence[Picture],
        validation: Sequence[Picture],
        *,
        shape: RecurrentShape | None = None,
        recipe: Recipe | None = None,
        device: torch.device | None = None,
        seed: int = 0,
    ) -> None:
        torch.manual_seed(seed)
        self.recipe = recipe or Recipe()
        if self.recipe.loss not in LOSSES:
            raise ValueError(f"no loss {self.recipe.loss!r}; there are {', '.join(LOSSES)}")
        self.device = device or torch.device("cpu")
        self.network = RecurrentNetwork(shape)
        start_evenly(self.network)
        self.network.to(self.device)
        self.source = CropSource(train, CropPlan(side=self.recipe.side), seed)
        self.validation = [
            middle(picture, self.recipe.validation_side)
            for picture in validation[: self.recipe.validation_pictures]
        ]
        self.optimiser = torch.optim.Adam(self.network.parameters(), self.recipe.learning_rate)
        self.seed = seed
        self.step = 0
        self.seconds = 0.0
        self.last_db = 0.0
        self.curve: list[dict[str, Any]] = []

    def save(self, folder: Path) -> None:
        """Write checkpoint and curve."""
        save_checkpoint(folder, self.network, self.optimiser, self.state())
        write_json(folder / "curve.json", self.curve)

    def resume(self, folder: Path) -> None:
        """Go on from a checkpoint; the recipe stays as asked for.

        Raises
        ------
        TrainingError
            When there is none, or it is damaged or of another network.
        """
        state = load_checkpoint(folder, self.network, self.optimiser)
        self.step, self.seconds = int(state["step"]), float(state["seconds"])
        self.curve = list(state["curve"])

    def state(self) -> dict[str, Any]:
        """What a checkpoint and the weights file tell of this training."""
        return {
            "step": self.step,
            "seconds": round(self.seconds, 1),
            "seed": self.seed,
            "shape": asdict(self.network.shape),
            "recipe": asdict(self.recipe),
            "curve": self.curve,
        }

    def advance(self, done: float) -> float:
        """Take one step at the finished share ``done`` in 0 .. 1; return its last PSNR in dB."""
        began = time.perf_counter()
        rate = self.recipe.learning_rate
        rate *= 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(done, 1)))
        for slot in self.optimiser.param_groups:
            slot["lr"] = rate * min(1.0, (self.step + 1) / 100)
        network = self.network.train()
        # A step's noise depends on its number alone, so that a resumed training is the same one.
        torch.manual_seed(self.seed * 1_000_003 + self.step)
        pixels = torch.from_numpy(self.source.batch(self.step, self.recipe.batch) - np.float32(0.5))
        pixels = pixels.to(self.device)
        every = network.shape.iterations
        passes = every if self.step % 2 else min(every, self.recipe.fewest_passes)
        loss, read = self._loss(pixels, passes)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        self.optimiser.step()
        if done < self.recipe.gains_until:
            follow(network.gains, read)
        self.step += 1
        self.seconds += time.perf_counter() - began
        return self.last_db

    def _loss(self, pixels: Tensor, passes: int) -> tuple[Tensor, list[float]]:
        """Loss of some passes, and the root mean square of what each has read."""
        network, recipe = self.network, self.recipe
        likened = {int(torch.randint(passes, ()))} if recipe.loss == "both" else set()
        if recipe.loss == "ms-ssim":
            likened = set(range(passes))
        analysed, made = network.encoder.start, Made()
        residual, terms, read = pixels, [], []
        for number in range(passes):
            gain = network.gain(made)
            read.append(_rms(residual * gain))
            chances, analysed = network.analyse(residual, analysed, gain)
            made = network.synthesise(binarise(chances, training=True), made, gain)
            residual = pixels - made.output
            if recipe.loss != "ms-ssim":
                # Its logarithm: every pass counts the same, however little is left by then.
                terms.append(torch.log(residual.abs().mean() + 1e-4) / passes)
            if number in likened:
                weight = recipe.similarity_weight if recipe.loss == "both" else 1 / passes
                terms.append(weight * (1 - ms_ssim(pixels + 0.5, _of(made) + 0.5)))
        self.last_db = -20 * math.log10(_rms(residual) + 1e-6)
        return torch.stack(terms).sum(), read

    @torch.no_grad()
    def validate(self) -> dict[str, Any]:
        """Mean PSNR of the middles of whole pictures after 1, 2, 4, 8 and 16 passes, in dB.

        The peak is the picture's own range, which the network's -0.5 .. 0.5 stands for.
        """
        network = self.network.eval()
        sums: dict[int, list[float]] = {}
        for picture in self.validation:
            pixels = picture.to(self.device)
            for number, output in enumerate(reconstructions(network, pixels), 1):
                if number in SHOWN_PASSES:
                    error = (output.clamp(-0.5, 0.5) - pixels).square().mean().item()
                    sums.setdefault(number, []).append(-10 * math.log10(error + 1e-12))
        point: dict[str, Any] = {"step": self.step, "minutes": round(self.seconds / 60, 2)}
        for number, values in sums.items():
            point[f"psnr_db_{number}"] = round(sum(values) / len(values), 3)
        self.curve.append(point)
        return point


@torch.no_grad()
def reconstructions(network: RecurrentNetwork, pixels: Tensor) -> list[Tensor]:
    """Return the picture after each pass, binarised as in use."""
    analysed, made = network.encoder.start, Made()
    found = []
    for _ in range(network.shape.iterations):
        gain = network.gain(made)
        chances, analysed = network.analyse(pixels - made.output, analysed, gain)
        made = network.synthesise(binarise(chances, training=False), made, gain)
        found.append(_of(made))
    return found


@torch.no_grad()
def start_evenly(network: nn.Module) -> None:
    """Start the convolutions so that a signal keeps its size, and the last one near nothing."""
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d):
            nn.init.xavier_normal_(module.weight, 0.1 if name == "decoder.last" else 1.0)
            if module.bias is not None:
                module.bias.zero_()


@torch.no_grad()
def follow(gains: Tensor, read: Sequence[float]) -> None:
    """Move the gains so that what the passes read nears a root mean square of a half."""
    wanted = torch.tensor([0.5 / max(value, 1e-3) for value in read]).to(gains)
    gains[: len(read)] *= wanted.clamp(0.25, 4.0) ** 0.03


def middle(picture: Picture, side: int) -> Tensor:
    """Return the middle of a picture in -0.5 .. 0.5, (1, 1, h, w), sides multiples of 16."""
    low, high = float(picture.min()), float(picture.max())
    rows, columns = (min(side, length) & ~15 for length in picture.shape)
    top, left = (picture.shape[0] - rows) // 2, (picture.shape[1] - columns) // 2
    part = picture[top : top + rows, left : left + columns].astype(np.float32)
    return torch.from_numpy((part - low) / max(high - low, 1.0) - np.float32(0.5))[None, None]


def _of(made: Made) -> Tensor:
    assert isinstance(made.output, Tensor)
    return made.output


def _rms(values: Tensor) -> float:
    return math.sqrt(values.detach().square().mean().item())


def run(
    trainer: Trainer,
    out: Path,
    *,
    minutes: float,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
    steps: int | None = None,
) -> None:
    """Advance ``trainer`` for the rest of ``minutes``, or up to ``steps``.

    An interrupt or a cancel keeps what was reached: the checkpoint is written on every way out.
    """
    recipe = trainer.recipe
    saved = time.monotonic()
    try:
        while True:
            done = trainer.seconds / (60 * minutes)
            if steps is not None:
                done = max(done, trainer.step / steps)
            if done >= 1.0:
                break
            cancel.check()
            psnr = trainer.advance(done)
            if trainer.step % recipe.validate_every == 0:
                progress(min(done, 1.0), told(trainer.validate()))
            elif trainer.step % 50 == 0:
                progress(min(done, 1.0), f"step {trainer.step}: {psnr:.2f} dB")
            if time.monotonic() - saved > recipe.checkpoint_seconds:
                trainer.save(out)
                saved = time.monotonic()
        trainer.validate()
    finally:
        trainer.save(out)


def told(point: dict[str, Any]) -> str:
    """Return a point of the curve as a line."""
    shown = ", ".join(
        f"{n}: {point[f'psnr_db_{n}']:.2f}" for n in SHOWN_PASSES if f"psnr_db_{n}" in point
    )
    return f"step {point['step']}: validation dB after passes {shown}"
