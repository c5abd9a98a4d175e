"""Training of the prior of `vqvae2`: the bits of codes as the codec will choose them."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from viewer.training.checkpoint import load_checkpoint, save_checkpoint, write_json
from viewer.training.ranks import Ranks
from viewer.training.vqvae2_crops import Picture, PictureSource
from viewer.training.vqvae2_curve import plot_curve
from viewer.training.vqvae2_rate import PyramidPrior, code_picture, round_activations

ROUNDING_FROM = 0.6
"""Share of the time after which activations are rounded."""
WORTH = (0.05, 0.11)
"""Worth of a bit in squared steps, drawn anew for each crop."""
VALIDATION_WORTH = 0.07
FINE_CROPS, COARSE_CROPS, COARSE_SKIP = 3, 1, 2
LEARNING_RATE = 2e-3
CONTINUED_RATE = 1.2e-3
"""Highest learning rate from the start, and from given weights."""
VALIDATION_STEPS = (3.5, 7.0, 14.0, 28.0, 50.0)


class PriorTrainer:
    """The prior, its optimiser, where it stands, and its validation curve.

    Parameters
    ----------
    train, validation : sequence of ndarray
        Pictures from `viewer.training.vqvae2_crops`.
    seed : int
    ranks : Ranks
        Each process draws crops of its own; gradients are averaged.
    device : torch.device
        Where the networks run.
    """

    def __init__(
        self,
        train: Sequence[Picture],
        validation: Sequence[Picture],
        seed: int,
        ranks: Ranks,
        device: torch.device,
    ) -> None:
        torch.manual_seed(seed)
        self._source = PictureSource(train, seed + 7919 * ranks.rank)
        self._validation = list(validation)
        self._seed, self._ranks, self._device = seed, ranks, device
        self.prior = PyramidPrior().to(device)
        self.optimiser = torch.optim.Adam(self.prior.parameters(), LEARNING_RATE, betas=(0.9, 0.99))
        self.highest_rate = LEARNING_RATE
        self.step = 0
        self.seconds = 0.0
        self.curve: list[dict[str, float]] = []

    def resume(self, folder: Path) -> None:
        """Go on from the checkpoint in ``folder``."""
        state = load_checkpoint(folder, self.prior, self.optimiser)
        self.step, self.seconds = int(state["step"]), float(state["seconds"])
        self.highest_rate = float(state.get("highest_rate", LEARNING_RATE))
        self.curve = list(state["curve"])

    def save(self, folder: Path) -> None:
        """Write the checkpoint and the validation curve, as JSON and PNG."""
        state: dict[str, Any] = {
            "step": self.step,
            "seconds": round(self.seconds, 1),
            "seed": self._seed,
            "highest_rate": self.highest_rate,
            "curve": self.curve,
        }
        save_checkpoint(folder, self.prior, self.optimiser, state)
        write_json(folder / "curve.json", self.curve)
        plot_curve(self.curve, folder / "curve.png")

    def advance(self, done: float) -> float:
        """One step; ``done`` is the finished share, 0 .. 1. Returns bits per pixel."""
        began = time.perf_counter()
        round_activations(self.prior, done >= ROUNDING_FROM)
        rate = self.highest_rate * min(1.0, (self.step + 1) / 100)
        rate *= 0.5 + 0.5 * math.cos(math.pi * min(done, 1.0))
        for group in self.optimiser.param_groups:
            group["lr"] = rate + 1e-5
        self.optimiser.zero_grad(set_to_none=True)
        rng = np.random.default_rng((self._seed, self.step, 3, self._ranks.rank))
        picture, step = self._source.fine(self.step, FINE_CROPS)
        bpp = self._backward(picture, step, rng, 0, 1.0, picture[0].numel())
        low, step = self._source.coarse(self.step, COARSE_CROPS, COARSE_SKIP)
        self._backward(low, step, rng, COARSE_SKIP, 2.0, low[0].numel() << 2 * COARSE_SKIP)
        self._ranks.average_gradients(self.prior)
        for net in self.prior.nets:
            nn.utils.clip_grad_norm_(net.parameters(), 0.3)
        self.optimiser.step()
        self.step += 1
        self.seconds += time.perf_counter() - began
        return bpp

    def _backward(
        self,
        picture: torch.Tensor,
        step: torch.Tensor,
        rng: np.random.Generator,
        skip: int,
        weight: float,
        pixels: int,
    ) -> float:
        worth = torch.from_numpy(rng.uniform(*WORTH, tuple(step.shape)).astype(np.float32))
        picture, step, worth = (t.to(self._device) for t in (picture, step, worth))
        bits, _ = code_picture(self.prior, picture, step, worth, skip)
        rate = bits.sum(1) / pixels
        # Relative to the rate: every quality counts alike, as in a Bjontegaard difference.
        loss = weight * (rate / (rate.detach() + 0.02)).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        return float(rate.detach().mean())

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Mean bits per pixel and PSNR of the held back pictures at five steps."""
        round_activations(self.prior, True)
        point: dict[str, float] = {"step": self.step, "minutes": round(self.seconds / 60, 2)}
        one = torch.ones((1, 1, 1, 1), device=self._device)
        for size in VALIDATION_STEPS:
            rates, errors = [], []
            for picture in self._validation:
                side = min(512, *(n // 64 * 64 for n in picture.shape))
                crop = torch.from_numpy(picture[-side:, -side:].copy())[None, None]
                crop = crop.to(self._device)
                bits, decoded = code_picture(self.prior, crop, size * one, VALIDATION_WORTH * one)
                rates.append(float(bits.sum()) / crop.numel())
                errors.append(float((decoded - crop).square().mean()))
            point[f"bpp_{size:g}"] = round(float(np.mean(rates)), 5)
            point[f"psnr_{size:g}"] = round(10 * math.log10(255**2 / float(np.mean(errors))), 3)
        self.curve.append(point)
        return point
