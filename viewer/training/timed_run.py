"""A training by the clock: steps, validations and checkpoints until its time is over."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Protocol

from viewer.progress import NEVER, CancelToken, Progress, silent

TOLD_EVERY = 50
"""Steps between lines that tell how far a training is."""


class Pace(Protocol):
    """How often a training looks at itself: steps, and seconds."""

    @property
    def validate_every(self) -> int:
        """Steps between validations."""

    @property
    def checkpoint_seconds(self) -> float:
        """Seconds between checkpoints."""


class TimedTraining(Protocol):
    """What is run: it knows its steps and the seconds they took."""

    step: int
    seconds: float

    @property
    def recipe(self) -> Pace:
        """How often it looks at itself."""

    def advance(self, done: float) -> float:
        """Take one step at the finished share in 0 .. 1; return its PSNR in dB."""

    def observe(self, cancel: CancelToken) -> str:
        """Validate, and say what was found in a line."""

    def save(self, folder: Path) -> None:
        """Write a checkpoint."""


def run_for(
    training: TimedTraining,
    out: Path,
    *,
    minutes: float,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
    steps: int | None = None,
) -> None:
    """Advance a training for the rest of ``minutes`` of steps, or up to ``steps``.

    An interrupt or a cancel keeps what was reached: the checkpoint is written on every way out.
    """
    recipe = training.recipe
    saved = time.monotonic()
    try:
        while True:
            done = training.seconds / (60 * minutes)
            if steps is not None:
                done = max(done, training.step / steps)
            if done >= 1.0:
                break
            cancel.check()
            psnr = training.advance(done)
            if training.step % recipe.validate_every == 0:
                progress(min(done, 1.0), training.observe(cancel))
            elif training.step % TOLD_EVERY == 0:
                progress(min(done, 1.0), f"step {training.step}: {psnr:.2f} dB")
            if time.monotonic() - saved > recipe.checkpoint_seconds:
                training.save(out)
                saved = time.monotonic()
        progress(1.0, training.observe(cancel))
    finally:
        training.save(out)
