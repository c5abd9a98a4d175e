"""The recurrent network in training: recipe, steps, validation, checkpoints."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from viewer.networks.recurrent import Made, RecurrentNetwork, binarise
from viewer.networks.recurrent_halves import RecurrentEncoder
from viewer.networks.recurrent_shape import RecurrentShape
from viewer.progress import CancelToken, Progress
from viewer.training.checkpoint import load_checkpoint, save_checkpoint, write_json
from viewer.training.crops import CropPlan, CropSource, Picture
from viewer.training.recurrent_loss import LOSSES, Chain, Recipe, run_passes
from viewer.training.recurrent_start import start_linear
from viewer.training.recurrent_tiles import TileSource

SHOWN_PASSES = (1, 2, 4, 8, 16)
_PARTS = CropPlan(side=128, border_share=0.3, changed_share=0.15)


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
        if self.network.direct is not None and self.network.encoder is not None:
            raise ValueError("with patterns, an encoder of filters alone is trained for")
        self.source = TileSource(train, self.recipe, seed)
        self.validation = [
            middle(picture, self.recipe.validation_side)
            for picture in validation[: self.recipe.validation_pictures]
        ]
        self._train = train
        if self.network.direct is not None and self.network.scaling is not None:
            self.network.scaling.requires_grad_(False)
            self.network.direct.requires_grad_(False)
        learning = [one for one in self.network.parameters() if one.requires_grad]
        self.optimiser = torch.optim.Adam(learning, lr=self.recipe.learning_rate)
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
        share = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(done, 1)))
        share *= min(1.0, (self.step + 1) / 100)
        for slot in self.optimiser.param_groups:
            slot["lr"] = share * self.recipe.learning_rate
        network = self.network.train()
        # A step's noise depends on its number alone, so that a resumed training is the same one.
        torch.manual_seed(self.seed * 1_000_003 + self.step)
        pixels = self.source.draw(network, self.step, done)
        every = network.shape.iterations
        passes = every if self.step % 2 else min(every, self.recipe.fewest_passes)
        read = self._learn(pixels, passes)
        if network.scaling is None and done < self.recipe.gains_until:
            follow(network.gains, read)
        self.step += 1
        self.seconds += time.perf_counter() - began
        return self.last_db

    def _learn(self, pixels: Tensor, passes: int) -> list[float]:
        """Take some passes over tiles, and learn after every few; return what each has read."""
        network, chain, read = self.network, Chain(), []
        while chain.made.number < passes:
            some = min(self.recipe.unroll, passes - chain.made.number)
            passed, chain = run_passes(network, pixels, some, self.recipe, chain.cut())
            self.optimiser.zero_grad(set_to_none=True)
            passed.loss.backward()
            for slot in self.optimiser.param_groups:
                nn.utils.clip_grad_norm_(slot["params"], 1.0)
            self.optimiser.step()
            read += passed.read
            self.last_db = passed.last_db
        return read

    def start_linearly(self, progress: Progress, cancel: CancelToken) -> None:
        """Begin as a linear code, where the network has patterns."""
        if self.network.direct is not None:
            parts = self._parts(self.recipe.start_parts)
            start_linear(self.network, parts, progress=progress, cancel=cancel)

    def _parts(self, count: int) -> Tensor:
        source = CropSource(self._train, _PARTS, self.seed + 2)
        return torch.from_numpy(source.batch(0, max(count, 1)) - np.float32(0.5)).to(self.device)

    def observe(self, cancel: CancelToken) -> str:
        """Validate, and say what was found in a line."""
        cancel.check()
        return told(self.validate())

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
    analysed, made = RecurrentEncoder.start, Made()
    found = []
    for _ in range(network.shape.iterations):
        gain = network.gain(made)
        chances, analysed = network.analyse(pixels - made.output, analysed, gain, made.number)
        made = network.synthesise(binarise(chances, training=False), made, gain)
        found.append(made.picture)
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


def told(point: dict[str, Any]) -> str:
    """Return a point of the curve as a line."""
    shown = ", ".join(
        f"{n}: {point[f'psnr_db_{n}']:.2f}" for n in SHOWN_PASSES if f"psnr_db_{n}" in point
    )
    return f"step {point['step']}: validation dB after passes {shown}"
