"""Fitting the classifier: steps, augmentation, predictions."""

from __future__ import annotations

import math
import sys
import time
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.networks.densenet import Classifier
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.training.classifier_inputs import Planes


@dataclass(frozen=True)
class FitRecipe:
    """What decides the outcome beside data and network.

    Attributes
    ----------
    epochs, batch
        Passes over the data, pictures a step.
    learning_rate
        Of AdamW at its highest; rises over the first tenth, then falls along a cosine.
    weight_decay
        Of AdamW.
    """

    epochs: int = 15
    batch: int = 16
    learning_rate: float = 2e-3
    weight_decay: float = 0.02


@dataclass(frozen=True)
class FitCosts:
    """What a fit took: seconds an epoch (wall and processor), peak memory in bytes."""

    epoch_seconds: float
    epoch_processor_seconds: float
    peak_memory: int


class Fit:
    """A classifier in training; epochs are counted, so that it can be taken up again.

    Parameters
    ----------
    network : Classifier
        On its device.
    inputs : tuple of ndarray
        As `InputMaker.all` gives them.
    labels : ndarray, shape (n, classes)
    recipe : FitRecipe
    seed : int
    """

    def __init__(
        self,
        network: Classifier,
        inputs: Planes,
        labels: NDArray[np.float32],
        recipe: FitRecipe,
        seed: int,
    ) -> None:
        self.network = network
        self.recipe = recipe
        self.seed = seed
        self.epoch = 0
        self.seconds = 0.0
        self.processor_seconds = 0.0
        self._device = next(network.parameters()).device
        self._inputs = [torch.from_numpy(plane) for plane in inputs]
        self._labels = torch.from_numpy(labels)
        positives = self._labels.mean(0).clamp(0.02, 0.98)
        self._loss = torch.nn.BCEWithLogitsLoss(pos_weight=((1 - positives) / positives).sqrt())
        self._loss.to(self._device)
        self.optimiser = torch.optim.AdamW(
            network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
        )

    def advance(self, cancel: CancelToken = NEVER) -> float:
        """Take one epoch; return its mean loss.

        Raises
        ------
        Cancelled
            The epoch does not count then.
        """
        began, processor = time.perf_counter(), time.process_time()
        network, recipe = self.network.train(), self.recipe
        # The seed and the epoch alone decide, so that a resumed fit is the same one.
        generator = torch.Generator().manual_seed(self.seed * 100_003 + self.epoch)
        order = torch.randperm(len(self._labels), generator=generator)
        steps = max(1, len(order) // recipe.batch)
        losses = []
        for step in range(steps):
            cancel.check()
            self._set_rate((self.epoch + step / steps) / recipe.epochs)
            chosen = order[step * recipe.batch : (step + 1) * recipe.batch]
            flip = torch.rand(len(chosen), generator=generator) < 0.5
            batch = [_flipped(plane[chosen], flip).to(self._device) for plane in self._inputs]
            loss = self._loss(network(*batch), self._labels[chosen].to(self._device))
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            self.optimiser.step()
            losses.append(float(loss.detach()))
        self.epoch += 1
        self.seconds += time.perf_counter() - began
        self.processor_seconds += time.process_time() - processor
        return float(np.mean(losses))

    def _set_rate(self, done: float) -> None:
        shape = min(1.0, done / 0.1) * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.learning_rate * max(shape, 1e-3)

    def costs(self) -> FitCosts:
        """Return what the epochs of this process took on average."""
        epochs = max(1, self.epoch)
        return FitCosts(
            self.seconds / epochs, self.processor_seconds / epochs, _peak_memory(self._device)
        )

    def run(self, *, progress: Progress = silent, cancel: CancelToken = NEVER) -> None:
        """Take the epochs that are left."""
        while self.epoch < self.recipe.epochs:
            progress(self.epoch / self.recipe.epochs, f"epoch {self.epoch + 1}")
            self.advance(cancel)


@torch.inference_mode()
def predict(network: Classifier, inputs: Planes, batch: int = 32) -> NDArray[np.float64]:
    """Return logits, shape (n, classes), the mean over a picture and its mirror image."""
    device = next(network.parameters()).device
    network.eval()
    found = []
    for start in range(0, len(inputs[0]), batch):
        planes = [torch.from_numpy(p[start : start + batch]).to(device) for p in inputs]
        both = network(*planes) + network(*(p.flip(-1) for p in planes))
        found.append((both / 2).double().cpu().numpy())
    return np.concatenate(found)


def _flipped(planes: Tensor, flip: Tensor) -> Tensor:
    return torch.where(flip[:, None, None, None], planes.flip(-1), planes)


def _peak_memory(device: torch.device) -> int:
    """Of the GPU while it is one, else of the process; bytes."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    # Not everywhere there is such a module.
    import resource

    factor = 1 if sys.platform == "darwin" else 1024
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * factor
