"""Training of the two-level VQ-VAE-2 of the codec ``vqvae2-paper``.

One process, one thread or one GPU: ``radview train vqvae2-paper --data DIR --out DIR [--resume]``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from viewer.networks.device import choose_device
from viewer.networks.vqvae2_paper import PaperShape
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.training.checkpoint import spare_checkpoint
from viewer.training.crops import CropPlan
from viewer.training.paper_export import PaperExporter
from viewer.training.paper_trainer import Recipe, Trainer
from viewer.training.pictures import read_pictures
from viewer.training.timed_run import run_for

DEFAULT_MINUTES = 90.0

_COUNTED_PICTURES = 50


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
    shape: PaperShape | None = None,
    recipe: Recipe | None = None,
    plan: CropPlan | None = None,
) -> Path:
    """Train the network on a folder of radiographs and write ``weights.safetensors``.

    Parameters
    ----------
    data
        Folder with ``train`` and ``val`` inside, or any folder of pictures.
    out
        Where checkpoint, ``curve.json`` and weights go; made when missing.
    minutes
        Length of the training in all, ninety by default.
    resume
        Go on from the checkpoint in ``out``.
    device
        "auto", "cpu", "cuda" or "mps".
    seed
        Of the crops and the start.
    steps
        End after this many steps, if that is sooner.
    shape, recipe, plan
        Other than the defaults, for experiments and tests.

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
    pictures = read_pictures(data, progress=progress, cancel=cancel)
    for sentence in pictures.skipped[:10]:
        progress(0.0, f"skipped {sentence}")
    progress(
        0.0,
        f"{len(pictures.train)} pictures to train on, {len(pictures.validation)} to validate, "
        f"{len(pictures.skipped)} skipped",
    )
    spare_checkpoint(out, resume=resume)
    out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(
        pictures.train,
        pictures.validation,
        shape=shape,
        recipe=recipe,
        plan=plan,
        device=choose_device(device),
        seed=seed,
    )
    if resume:
        trainer.resume(out)
    else:
        progress(0.0, "starting from the block transform")
        trainer.start()
        point = trainer.validate()
        progress(0.0, f"start: {point['psnr_db']:.2f} dB at {point['order_0_bpp']:.3f} bpp")
    run_for(
        trainer,
        out,
        minutes=minutes or DEFAULT_MINUTES,
        progress=progress,
        cancel=cancel,
        steps=steps,
    )
    counted = pictures.train[:: max(1, len(pictures.train) // _COUNTED_PICTURES)]
    exporter = PaperExporter(
        trainer.network, trainer.lagrangian, counted, progress=progress, cancel=cancel
    )
    state = trainer.state()
    state["pictures"] = len(pictures.train)
    state["skipped"] = len(pictures.skipped)
    exporter.export(out / "weights.safetensors", state)
    return out / "weights.safetensors"


def main() -> None:
    """``python -m viewer.training.vqvae2_paper --data DIR --out DIR [--minutes M] [--resume]``."""
    parser = argparse.ArgumentParser(description="Train the network of the codec vqvae2-paper.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()

    def report(fraction: float, text: str) -> None:
        print(f"{100 * fraction:5.1f} %  {text}", flush=True)

    train(
        asked.data,
        asked.out,
        minutes=asked.minutes,
        resume=asked.resume,
        device=asked.device,
        seed=asked.seed,
        progress=report,
    )


if __name__ == "__main__":
    main()
