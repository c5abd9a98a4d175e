"""Training of the codec `vqvae2`: prior, then tables, then restoration filter, then the file.

``radview train vqvae2 --data DIR --out DIR [--minutes M] [--resume] [--from MODEL]``; also under
torchrun, where every process draws pictures of its own.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from viewer.codecs.vqvae2.model import Model, parse
from viewer.networks.device import choose_device
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.training.ranks import Ranks
from viewer.training.stopping import stopping_after_the_step
from viewer.training.vqvae2_crops import Picture, augmented, read_pictures
from viewer.training.vqvae2_export import starting_tables, weights_file
from viewer.training.vqvae2_prior import CONTINUED_RATE, PriorTrainer
from viewer.training.vqvae2_restoration import (
    DecodedPicture,
    RestorationTrainer,
    decode_picture,
)
from viewer.training.vqvae2_start import load_start, start_filter, start_prior
from viewer.training.vqvae2_tables import fit_tables

DEFAULT_MINUTES = 120.0
PRIOR_SHARE = 0.8
"""Of the time; the filter has the rest."""
FILTER_WIDTH = 32
FILTER_FOLDER = "filter"
FILTER_PICTURES = 160
SAVE_SECONDS = 300.0
HELD_BACK = 8
TABLE_EXAMPLES = 160
MODEL_NAME = "vqvae2.safetensors"


@dataclass
class _Plan:
    """What every part of a training is told."""

    out: Path
    seed: int
    ranks: Ranks
    device: torch.device
    progress: Progress
    cancel: CancelToken

    def report(self, fraction: float, text: str) -> None:
        if self.ranks.first:
            self.progress(fraction, text)

    def check(self) -> None:
        """Stop all processes after the same step."""
        if self.ranks.agree(self.cancel.cancelled):
            self.cancel.cancel()
            self.cancel.check()


def train(
    data: Path | Sequence[Path],
    out: Path,
    *,
    minutes: float | None = None,
    prior_minutes: float | None = None,
    filter_minutes: float | None = None,
    resume: bool = False,
    start: Path | None = None,
    device: str = "auto",
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
    seed: int = 0,
) -> Path:
    """Train on folders of images and write ``out/vqvae2.safetensors``.

    Parameters
    ----------
    data, out : Path
        Folders of images (eight of the first are held back for the validation curve), and where
        checkpoints, curve and model go.
    minutes, prior_minutes, filter_minutes : float, optional
        Of computing, in all or of either part; 120 in all without.
    resume : bool
        Go on from the checkpoints in ``out``.
    start : Path, optional
        A model whose weights are the first ones.
    device : str
        Where the networks run; codes are chosen on the CPU.
    cancel : CancelToken
        Stops after the step; the checkpoint is written first, as it is at SIGINT and SIGTERM.

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
    whole = DEFAULT_MINUTES if minutes is None else minutes
    times = (
        60 * (PRIOR_SHARE * whole if prior_minutes is None else prior_minutes),
        60 * ((1 - PRIOR_SHARE) * whole if filter_minutes is None else filter_minutes),
    )
    given = load_start(start) if start is not None else None
    with Ranks() as ranks, stopping_after_the_step(cancel) as stop:
        plan = _Plan(out, seed, ranks, choose_device(device), progress, stop)
        folders = [data] if isinstance(data, Path) else list(data)
        held, used, skipped = _read(folders, plan)
        trainer = _prior_trainer(plan, used, held, given, resume)
        about = {
            "name": "vqvae2",
            "training": json.dumps({"images": len(used), "skipped": skipped, "seed": seed}),
        }
        _train_prior(trainer, plan, times[0])
        return _finish(trainer, plan, used, given, about, times[1], resume)


def _read(folders: Sequence[Path], plan: _Plan) -> tuple[list[Picture], list[Picture], int]:
    """Pictures held back, pictures to train on, and how many files were passed over."""
    sets = [read_pictures(f, progress=plan.report, cancel=plan.cancel) for f in folders]
    skipped = sum(count for _, count in sets)
    first = sets[0][0]
    every = -(-len(first) // HELD_BACK)
    held = set(range(0, len(first), every)) if len(first) > HELD_BACK else set()
    used = [picture for number, picture in enumerate(first) if number not in held]
    used += [picture for pictures, _ in sets[1:] for picture in pictures]
    plan.report(0.0, f"read {len(used) + len(held)} pictures; passed over {skipped} files")
    return [first[n] for n in sorted(held)] or first[:HELD_BACK], used, skipped


def _prior_trainer(
    plan: _Plan,
    used: Sequence[Picture],
    held: Sequence[Picture],
    given: Model | None,
    resume: bool,
) -> PriorTrainer:
    trainer = PriorTrainer(used, held, plan.seed, plan.ranks, plan.device)
    if given is not None:
        start_prior(trainer.prior, given)
        trainer.highest_rate = CONTINUED_RATE
    if resume:
        trainer.resume(plan.out)
    return trainer


def _train_prior(trainer: PriorTrainer, plan: _Plan, seconds: float) -> None:
    saved = time.monotonic()
    try:
        while (spent := plan.ranks.largest(trainer.seconds)) < seconds:
            plan.check()
            done = spent / seconds
            rate = trainer.advance(done)
            if trainer.step % 20 == 1:
                plan.report(PRIOR_SHARE * done, f"prior, step {trainer.step}: {rate:.3f} bpp")
            if plan.ranks.first and time.monotonic() - saved > SAVE_SECONDS:
                trainer.validate()
                trainer.save(plan.out)
                saved = time.monotonic()
        if plan.ranks.first and (not trainer.curve or trainer.curve[-1]["step"] < trainer.step):
            trainer.validate()
    finally:
        if plan.ranks.first:
            trainer.save(plan.out)


def _finish(
    trainer: PriorTrainer,
    plan: _Plan,
    used: Sequence[Picture],
    given: Model | None,
    about: dict[str, str],
    seconds: float,
    resume: bool,
) -> Path:
    """Tables, filter, file."""
    levels = trainer.prior.cpu().levels()
    model = parse(weights_file(levels, starting_tables(), None, about))
    rng = np.random.default_rng((plan.seed, 4))
    examples = _examples(used, rng, min(TABLE_EXAMPLES, 2 * len(used)))
    model = fit_tables(
        model,
        examples[plan.ranks.part(len(examples))],
        sums=plan.ranks.sum,
        progress=lambda done, text: plan.report(PRIOR_SHARE, text),
        cancel=plan.cancel,
    )
    restoration = _train_filter(model, plan, used, given, seconds, resume)
    path = plan.out / MODEL_NAME
    if plan.ranks.first:
        beside = path.with_name(path.name + ".part")
        network = restoration.network.cpu()
        beside.write_bytes(weights_file(levels, model.tables, network, about))
        beside.replace(path)
    plan.report(1.0, f"wrote {path}")
    return path


def _examples(
    pictures: Sequence[Picture], rng: np.random.Generator, count: int, side: int = 512
) -> list[tuple[Any, float]]:
    """Crops, in 1/64 grey levels, and steps to fit the tables with."""
    examples = []
    for number in rng.integers(len(pictures), size=count):
        picture = pictures[int(number)]
        top, left = (int(rng.integers(max(n - side, 0) + 1)) for n in picture.shape)
        crop = np.rint(64 * picture[top : top + side, left : left + side]).astype(np.int32)
        examples.append((crop, 64 * float(np.exp(rng.uniform(np.log(1.1), np.log(70))))))
    return examples


def _train_filter(
    model: Model,
    plan: _Plan,
    pictures: Sequence[Picture],
    given: Model | None,
    seconds: float,
    resume: bool,
) -> RestorationTrainer:
    """Train the filter on pictures as the finished prior codes them."""
    began = time.monotonic()
    rng = np.random.default_rng((plan.seed, 5))
    order = rng.permutation(len(pictures))[plan.ranks.part(len(pictures))]
    rng = np.random.default_rng((plan.seed, 6, plan.ranks.rank))
    decoded: list[DecodedPicture] = []
    for number in _while_time(order.tolist(), seconds / 5):
        plan.cancel.check()
        plan.report(PRIOR_SHARE, f"decoding pictures for the filter, {len(decoded)}")
        part = augmented(pictures[number], rng)
        decoded.append(decode_picture(model, part, rng, plan.cancel))
    trainer = RestorationTrainer(decoded, FILTER_WIDTH, plan.seed, plan.ranks, plan.device)
    folder = plan.out / FILTER_FOLDER
    if given is not None:
        start_filter(trainer.network, given)
    if resume and folder.is_dir():
        trainer.resume(folder)
    saved = time.monotonic()
    try:
        while (spent := plan.ranks.largest(time.monotonic() - began)) < seconds:
            plan.check()
            done = spent / seconds
            gain = trainer.advance(2e-3 * (0.5 + 0.5 * math.cos(math.pi * done)) + 1e-5)
            if trainer.step % 20 == 0:
                text = f"filter, step {trainer.step}: {gain:+.3f} dB"
                plan.report(PRIOR_SHARE + (1 - PRIOR_SHARE) * done, text)
            if plan.ranks.first and time.monotonic() - saved > SAVE_SECONDS:
                trainer.save(folder)
                saved = time.monotonic()
    finally:
        if plan.ranks.first:
            trainer.save(folder)
    return trainer


def _while_time(numbers: Iterable[int], seconds: float) -> Iterable[int]:
    """The first one, and more while there is time, `FILTER_PICTURES` at most."""
    began = time.monotonic()
    for done, number in enumerate(numbers):
        if done and (done >= FILTER_PICTURES or time.monotonic() - began > seconds):
            return
        yield number
