"""The dense autoencoder in training: epochs of RMSprop, errors by iteration."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from viewer.networks.dense import DenseDecoder, DenseEncoder
from viewer.progress import NEVER, CancelToken, Progress, silent

Vectors = NDArray[np.float32]
"""Images as rows of 784 values in 0 .. 1."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the outcome beside the data.

    Attributes
    ----------
    epochs, batch
        Passes over the images, images a step.
    learning_rate, smoothing
        Of RMSprop; the rate falls to a hundredth along a cosine.
    points
        How many points the curve has within the training.
    """

    epochs: int = 15
    batch: int = 128
    learning_rate: float = 2e-2
    smoothing: float = 0.9
    points: int = 60


class DenseTrainer:
    """One training.

    Parameters
    ----------
    train, test : ndarray, shape (n, 784)
    size : int
        Numbers of the code.
    """

    def __init__(
        self, train: Vectors, test: Vectors, size: int, *, recipe: Recipe | None = None, seed: int
    ) -> None:
        torch.manual_seed(seed)
        self.recipe = recipe or Recipe()
        self.seed = seed
        self.encoder, self.decoder = DenseEncoder(size), DenseDecoder(size)
        for module in (*self.encoder.modules(), *self.decoder.modules()):
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        self._train, self._test = torch.from_numpy(train), torch.from_numpy(test)
        self.curve: list[dict[str, float]] = []
        self.seconds = 0.0

    @property
    def iterations(self) -> int:
        """Steps of the whole training."""
        return self.recipe.epochs * -(-len(self._train) // self.recipe.batch)

    def run(self, *, progress: Progress = silent, cancel: CancelToken = NEVER) -> None:
        """Train to the end."""
        recipe = self.recipe
        parameters = [*self.encoder.parameters(), *self.decoder.parameters()]
        optimiser = torch.optim.RMSprop(parameters, recipe.learning_rate, recipe.smoothing)
        generator = torch.Generator().manual_seed(self.seed)
        every = max(1, self.iterations // recipe.points)
        iteration = 0
        began = time.perf_counter()
        for epoch in range(recipe.epochs):
            order = torch.randperm(len(self._train), generator=generator)
            for places in order.split(recipe.batch):
                cancel.check()
                done = iteration / self.iterations
                rate = recipe.learning_rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
                for slot in optimiser.param_groups:
                    slot["lr"] = rate
                values = self._train[places]
                loss = nn.functional.mse_loss(self.decoder(self.encoder(values)), values)
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                optimiser.step()
                iteration += 1
                if iteration % every == 0 or iteration == self.iterations:
                    point = self._point(iteration, epoch + 1, loss.item())
                    progress(iteration / self.iterations, told(point))
        self.seconds = time.perf_counter() - began

    def state(self) -> dict[str, Any]:
        """What the weights files tell of this training."""
        return {
            "recipe": asdict(self.recipe),
            "seed": self.seed,
            "images": len(self._train),
            "test_images": len(self._test),
            "seconds": round(self.seconds, 1),
            "curve": self.curve,
        }

    def _point(self, iteration: int, epoch: int, loss: float) -> dict[str, float]:
        mse = mean_error(self.encoder, self.decoder, self._test)
        point = {
            "iteration": iteration,
            "epoch": epoch,
            "train_mse": round(loss, 6),
            "test_mse": round(mse, 6),
            "test_rmse": round(math.sqrt(mse), 6),
        }
        self.curve.append(point)
        return point


@torch.no_grad()
def mean_error(encoder: DenseEncoder, decoder: DenseDecoder, values: Tensor) -> float:
    """Mean squared error over images in 0 .. 1."""
    total = 0.0
    for part in values.split(4096):
        total += float((decoder(encoder(part)) - part).double().square().sum())
    return total / values.numel()


def told(point: dict[str, float]) -> str:
    """Return a point of the curve as a line."""
    return (
        f"epoch {point['epoch']}, iteration {point['iteration']}: "
        f"test RMSE {point['test_rmse']:.4f}, MSE {point['test_mse']:.5f}"
    )
