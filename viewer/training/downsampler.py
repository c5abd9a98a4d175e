"""Training of samplers and their segmenters: ``radview train downsampler --data DIR --out DIR``.

Every sampler, size and seed gives one weights file in DIR. For each sampler and seed alike,
networks are first trained at the largest size (the file ``sampler-start-seed``), where a target has
most samples; every size then goes on from there, the smaller ones one from another. Under torchrun
the batch is shared among the processes.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from viewer.errors import TrainingError
from viewer.networks.downsampler import (
    SAMPLERS,
    SEGMENTERS,
    Downsampler,
    DownsamplerShape,
    load_downsampler,
    save_downsampler,
)
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.sampling.density import check_width
from viewer.sampling.grid import check_size
from viewer.training.checkpoint import has_checkpoint
from viewer.training.downsampler_data import DataPlan, TrainingSet
from viewer.training.downsampler_run import Recipe, Run
from viewer.training.ranks import Ranks

SIZES = (64, 96, 128)
CHECKPOINT_SECONDS = 60.0


@dataclass(frozen=True)
class Task:
    """One weights file to train: of a size, or what all sizes of a sampler and seed start from."""

    sampler: str
    size: int
    seed: int
    start: bool = False

    @property
    def name(self) -> str:
        """Of its file, without suffix."""
        return f"{self.sampler}-{'start' if self.start else self.size}-{self.seed}"


def train(
    data: Path,
    out: Path,
    *,
    minutes: float | None = None,
    resume: bool = False,
    device: str = "auto",
    seed: int = 0,
    seeds: Sequence[int] | None = None,
    sampler: Sequence[str] = SAMPLERS,
    size: Sequence[int] = SIZES,
    segmenter: str = "small",
    width: int = 0,
    nodules: bool = False,
    variants: int = 2,
    view: int = 128,
    kernel_width: float = 0.0625,
    deformation_width: int = 24,
    steps: int | None = None,
    batch: int | None = None,
    gamma: float | None = None,
    squared: bool = False,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> list[Path]:
    """Train every combination of sampler, size and seed that is not there yet.

    Parameters
    ----------
    data : Path
        Pictures with label maps, see `viewer.sampling.labelled.find_pairs`; in ``train`` if there.
    out : Path
        Where weights and checkpoints go.
    minutes : float, optional
        After which it stops, at a checkpoint.
    resume : bool
        Keep what is finished and go on from checkpoints; else all is trained anew.
    device : str
        As `viewer.networks.device.choose_device` takes it; pictures are kept there whole.
    seed, seeds
        One seed, or several.
    sampler, size : sequence
        Which to train.
    segmenter, width
        Network and, unless 0, its channels.
    nodules, variants
        Whether nodules are planted into the masks, and how often each picture is taken with
        others.
    view, kernel_width, deformation_width
        As in `DownsamplerShape`.
    steps, batch, gamma, squared
        As in `Recipe`.

    Returns
    -------
    list of Path
        The weights files that are complete.

    Raises
    ------
    TrainingError, SamplingError, ImageError
    Cancelled
    """
    shape = DownsamplerShape(
        "learned",
        max(size),
        ("background", "target"),
        segmenter,
        view=view,
        kernel_width=kernel_width,
        segmenter_width=width,
        deformation_width=deformation_width,
        deformation_last=max(2, deformation_width // 2),
    )
    _check(sampler, size, shape)
    recipe = Recipe()
    if steps is not None:
        recipe = replace(recipe, steps=steps, continued=max(1, round(steps * 0.4)))
    if batch is not None:
        recipe = replace(recipe, batch=batch)
    if gamma is not None:
        recipe = replace(recipe, gamma=gamma)
    recipe = replace(recipe, squared=squared)
    began = time.monotonic()
    with Ranks() as ranks:
        if ranks.first:
            out.mkdir(parents=True, exist_ok=True)
        plan = DataPlan(
            view, shape.density_nodes, shape.edge_nodes, nodules, variants if nodules else 1
        )
        where = ranks.device(device)
        pictures = TrainingSet(data, plan, progress=progress, cancel=cancel).to(where)
        shape = replace(shape, classes=pictures.classes, inputs=pictures.inputs)
        ends = None if minutes is None else began + 60 * minutes
        work = _Work(pictures, shape, recipe, out, ranks, ends, progress, cancel)
        chains = [_chain(s, size, k) for k in (seeds or (seed,)) for s in sampler]
        if not resume and ranks.first:
            for task in (task for chain in chains for task in chain):
                (out / f"{task.name}.safetensors").unlink(missing_ok=True)
                shutil.rmtree(out / task.name, ignore_errors=True)
        return work.all_of(chains)


def _chain(sampler: str, sizes: Sequence[int], seed: int) -> list[Task]:
    """The trainings of a sampler and seed, in order."""
    falling = sorted(sizes, reverse=True)
    return [
        Task(sampler, falling[0], seed, start=True),
        *(Task(sampler, size, seed) for size in falling),
    ]


def _check(sampler: Sequence[str], size: Sequence[int], shape: DownsamplerShape) -> None:
    for name in sampler:
        if name not in SAMPLERS:
            raise TrainingError(f"There is no sampler '{name}'; there are {', '.join(SAMPLERS)}.")
    if shape.segmenter not in SEGMENTERS:
        known = ", ".join(SEGMENTERS)
        raise TrainingError(f"There is no segmenter '{shape.segmenter}'; there are {known}.")
    for side in size:
        check_size((side, side))
    check_width(shape.kernel_width, shape.density_nodes)


@dataclass
class _Work:
    data: TrainingSet
    shape: DownsamplerShape
    recipe: Recipe
    out: Path
    ranks: Ranks
    ends: float | None
    progress: Progress
    cancel: CancelToken

    def all_of(self, chains: Sequence[Sequence[Task]]) -> list[Path]:
        """Train what is not there; nothing further once time is up. Return the sizes' files."""
        done: list[Path] = []
        for number, chain in enumerate(chains):
            before: Path | None = None
            for place, task in enumerate(chain):
                path = self.out / f"{task.name}.safetensors"
                from_ = (number + place / len(chain)) / len(chains)
                if not path.is_file():
                    start = None if before is None else load_downsampler(before)[0]
                    if not self._one(task, path, start, from_, 1 / len(chain) / len(chains)):
                        return done
                if not task.start:
                    done.append(path)
                if task.start or task.size < chain[0].size:
                    before = path
        return done

    def _one(
        self, task: Task, path: Path, start: Downsampler | None, from_: float, share: float
    ) -> bool:
        """Train one; False when time ran out before its end."""
        shape = replace(self.shape, sampler=task.sampler, size=task.size)
        run = Run(self.data, shape, self.recipe, task.seed, self.ranks, start)
        folder = self.out / task.name
        if has_checkpoint(folder):
            run.resume(folder)
        saved = time.monotonic()
        try:
            while not run.finished:
                self.cancel.check()
                if self.ranks.agree(self.ends is not None and time.monotonic() > self.ends):
                    return False
                losses = run.advance()
                if run.step % 20 == 0:
                    text = ", ".join(f"{name} {value:.3f}" for name, value in losses.items())
                    part = from_ + share * run.step / run.steps
                    self.progress(part, f"{task.name}, step {run.step}/{run.steps}: {text}")
                if self.ranks.first and time.monotonic() - saved > CHECKPOINT_SECONDS:
                    run.save(folder)
                    saved = time.monotonic()
        finally:
            if self.ranks.first and not run.finished:
                run.save(folder)
        if self.ranks.first:
            save_downsampler(path, run.model, run.state())
            shutil.rmtree(folder, ignore_errors=True)
        if self.ranks.count > 1:
            torch.distributed.barrier()
        return True
