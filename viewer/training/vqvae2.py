"""Training of the codec `vqvae2`: prior, then tables, then restoration filter, then the file.

``radview train vqvae2 --data DIR --out DIR [--minutes M] [--resume]``, one process.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from viewer.codecs.vqvae2.model import Model, parse
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.training.checkpoint import load_checkpoint, save_checkpoint, write_json
from viewer.training.vqvae2_crops import Picture, PictureSource, read_pictures
from viewer.training.vqvae2_curve import plot_curve
from viewer.training.vqvae2_export import starting_tables, weights_file
from viewer.training.vqvae2_rate import PyramidPrior, code_picture, round_activations
from viewer.training.vqvae2_restoration import DecodedPicture, RestorationTrainer, decode_picture
from viewer.training.vqvae2_tables import fit_tables

DEFAULT_MINUTES = 90.0
PRIOR_SHARE = 0.75
"""Of the time; the filter has the rest."""
ROUNDING_FROM = 0.7
"""Share of the prior's time after which activations are rounded."""
WORTH = (0.06, 0.14)
FINE_CROPS, COARSE_CROPS, COARSE_SKIP = 3, 3, 2
LEARNING_RATE = 2e-3
FILTER_WIDTH = 32
VALIDATION_STEPS = (2.5, 5.0, 10.0, 20.0, 36.0)
VALIDATE_SECONDS = 300.0
HELD_BACK = 8


class PriorTrainer:
    """The prior, its optimiser, where it stands, and its validation curve."""

    def __init__(self, train: Sequence[Picture], validation: Sequence[Picture], seed: int) -> None:
        torch.manual_seed(seed)
        self._source = PictureSource(train, seed)
        self._validation = list(validation)
        self._seed = seed
        self.prior = PyramidPrior()
        self.optimiser = torch.optim.Adam(self.prior.parameters(), LEARNING_RATE, betas=(0.9, 0.99))
        self.step = 0
        self.seconds = 0.0
        self.curve: list[dict[str, float]] = []

    def resume(self, folder: Path) -> None:
        """Go on from the checkpoint in ``folder``."""
        state = load_checkpoint(folder, self.prior, self.optimiser)
        self.step, self.seconds = int(state["step"]), float(state["seconds"])
        self.curve = list(state["curve"])

    def save(self, folder: Path) -> None:
        """Write the checkpoint and the validation curve, as JSON and PNG."""
        state: dict[str, Any] = {
            "step": self.step,
            "seconds": round(self.seconds, 1),
            "seed": self._seed,
            "curve": self.curve,
        }
        save_checkpoint(folder, self.prior, self.optimiser, state)
        write_json(folder / "curve.json", self.curve)
        plot_curve(self.curve, folder / "curve.png")

    def advance(self, done: float) -> float:
        """One step; ``done`` is the finished share, 0 .. 1. Returns bits per pixel."""
        began = time.perf_counter()
        round_activations(self.prior, done >= ROUNDING_FROM)
        rate = LEARNING_RATE * min(1.0, (self.step + 1) / 100)
        rate *= 0.5 + 0.5 * math.cos(math.pi * min(done, 1.0))
        for group in self.optimiser.param_groups:
            group["lr"] = rate + 1e-5
        self.optimiser.zero_grad(set_to_none=True)
        rng = np.random.default_rng((self._seed, self.step, 3))
        picture, step = self._source.fine(self.step, FINE_CROPS)
        bpp = self._backward(picture, step, rng, 0, 1.0, picture[0].numel())
        low, step = self._source.coarse(self.step, COARSE_CROPS, COARSE_SKIP)
        self._backward(low, step, rng, COARSE_SKIP, 2.0, low[0].numel() << 2 * COARSE_SKIP)
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
        for size in VALIDATION_STEPS:
            rates, errors = [], []
            for picture in self._validation:
                side = min(512, *(n // 64 * 64 for n in picture.shape))
                crop = torch.from_numpy(picture[-side:, -side:].copy())[None, None]
                step, worth = torch.full((1, 1, 1, 1), size), torch.full((1, 1, 1, 1), 0.1)
                bits, decoded = code_picture(self.prior, crop, step, worth)
                rates.append(float(bits.sum()) / crop.numel())
                errors.append(float((decoded - crop).square().mean()))
            point[f"bpp_{size:g}"] = round(float(np.mean(rates)), 5)
            point[f"psnr_{size:g}"] = round(10 * math.log10(255**2 / float(np.mean(errors))), 3)
        self.curve.append(point)
        return point


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
) -> Path:
    """Train on a folder of images and write ``out/vqvae2.safetensors``.

    Parameters
    ----------
    data, out : Path
        Images (the last eight are held back for the validation curve), and where checkpoints,
        curve and model go.
    minutes : float, optional
        Of computing; 90 without.
    resume : bool
        Go on from the checkpoint in ``out``.
    device : str
        "auto" or "cpu": the walk over the codes runs on the CPU alone.
    cancel : CancelToken
        Stops after the step; the checkpoint is written first.

    Returns
    -------
    Path
        The model.

    Raises
    ------
    TrainingError
    Cancelled
    """
    out.mkdir(parents=True, exist_ok=True)
    total = 60 * (minutes or DEFAULT_MINUTES)
    pictures, skipped = read_pictures(data, progress=progress, cancel=cancel)
    held = pictures[-HELD_BACK:]
    used = pictures[:-HELD_BACK] or pictures
    trainer = PriorTrainer(used, held, seed)
    if resume:
        trainer.resume(out)
    try:
        _train_prior(trainer, out, total * PRIOR_SHARE, progress, cancel)
    finally:
        trainer.save(out)
    about = {
        "name": "vqvae2",
        "training": json.dumps({"images": len(used), "skipped": skipped, "seed": seed}),
    }
    levels = trainer.prior.levels()
    model = parse(weights_file(levels, starting_tables(), None, about))
    rng = np.random.default_rng((seed, 4))
    model = fit_tables(
        model, _examples(used, rng, min(160, 8 * len(used))), progress=progress, cancel=cancel
    )
    restoration = _train_filter(model, used, seed, total * (1 - PRIOR_SHARE), progress, cancel)
    path = out / "vqvae2.safetensors"
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(weights_file(levels, model.tables, restoration.network, about))
    beside.replace(path)
    return path


def _train_prior(
    trainer: PriorTrainer, out: Path, seconds: float, progress: Progress, cancel: CancelToken
) -> None:
    validated = time.monotonic()
    while trainer.seconds < seconds:
        cancel.check()
        done = trainer.seconds / seconds
        rate = trainer.advance(done)
        if trainer.step % 20 == 1:
            progress(PRIOR_SHARE * done, f"prior, step {trainer.step}: {rate:.3f} bpp")
        if time.monotonic() - validated > VALIDATE_SECONDS:
            trainer.validate()
            trainer.save(out)
            validated = time.monotonic()
    trainer.validate()


def _examples(
    pictures: Sequence[Picture], rng: np.random.Generator, count: int, side: int = 512
) -> list[tuple[Any, float]]:
    """Crops, in 1/64 grey levels, and steps to fit the tables with."""
    examples = []
    for number in rng.integers(len(pictures), size=count):
        picture = pictures[int(number)]
        top, left = (int(rng.integers(max(n - side, 0) + 1)) for n in picture.shape)
        crop = np.rint(64 * picture[top : top + side, left : left + side]).astype(np.int32)
        examples.append((crop, 64 * float(np.exp(rng.uniform(np.log(0.8), np.log(50))))))
    return examples


def _train_filter(
    model: Model,
    pictures: Sequence[Picture],
    seed: int,
    seconds: float,
    progress: Progress,
    cancel: CancelToken,
) -> RestorationTrainer:
    began = time.monotonic()
    rng = np.random.default_rng((seed, 5))
    decoded: list[DecodedPicture] = []
    for number in rng.permutation(len(pictures)).tolist():
        if decoded and time.monotonic() - began > seconds / 5:
            break
        progress(PRIOR_SHARE, f"decoding pictures for the filter, {len(decoded)}")
        decoded.append(decode_picture(model, pictures[number], rng, cancel))
    trainer = RestorationTrainer(decoded, FILTER_WIDTH, seed)
    while (spent := time.monotonic() - began) < seconds:
        cancel.check()
        done = spent / seconds
        gain = trainer.advance(1.5e-3 * (0.5 + 0.5 * math.cos(math.pi * done)) + 1e-5)
        if trainer.step % 20 == 0:
            text = f"filter, step {trainer.step}: {gain:+.3f} dB"
            progress(PRIOR_SHARE + (1 - PRIOR_SHARE) * done, text)
    return trainer
