"""Several processes of one training, started with torchrun; one process knows nothing of it."""

from __future__ import annotations

import os

import numpy as np
import torch
from numpy.typing import NDArray
from torch import distributed, nn

from viewer.networks.device import choose_device


class Ranks:
    """The place of this process among those of the training.

    torchrun sets RANK and WORLD_SIZE; gloo joins the processes, on one computer or several.
    """

    def __init__(self) -> None:
        self.count = int(os.environ.get("WORLD_SIZE", "1"))
        self.rank = int(os.environ.get("RANK", "0"))
        self._joined = False

    @property
    def first(self) -> bool:
        """Whether this process writes files and reports."""
        return self.rank == 0

    def __enter__(self) -> Ranks:
        if self.count > 1:
            distributed.init_process_group("gloo")
            self._joined = True
        return self

    def __exit__(self, *_: object) -> None:
        if self._joined:
            distributed.destroy_process_group()
            self._joined = False

    def device(self, wanted: str) -> torch.device:
        """Return where this process computes: of several CUDA devices, each process has its own.

        Raises
        ------
        ModelError
        """
        device = choose_device(wanted)
        if self.count > 1 and device.type == "cuda":
            local = int(os.environ.get("LOCAL_RANK", "0"))
            return torch.device("cuda", local % torch.cuda.device_count())
        return device

    def part(self, count: int) -> slice:
        """Return this process's share of a batch of ``count``."""
        return slice(self.rank % count, None, self.count)

    def average_gradients(self, model: nn.Module) -> None:
        """Give every process the mean of all gradients."""
        if not self._joined:
            return
        given = [p.grad for p in model.parameters() if p.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in given])
        distributed.all_reduce(flat)
        flat /= self.count
        place = 0
        for gradient in given:
            part = flat[place : place + gradient.numel()]
            gradient.copy_(part.view_as(gradient))
            place += gradient.numel()

    def largest(self, value: float) -> float:
        """Return the largest of the processes' values."""
        if not self._joined:
            return value
        shared = torch.tensor([value], dtype=torch.float64)
        distributed.all_reduce(shared, distributed.ReduceOp.MAX)
        return float(shared.item())

    def sum(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sum of the processes' arrays."""
        if not self._joined:
            return values
        shared = torch.from_numpy(values.copy())
        distributed.all_reduce(shared)
        return shared.numpy()

    def agree(self, stop: bool) -> bool:
        """Return whether any process wants to stop."""
        if not self._joined:
            return stop
        flag = torch.tensor([float(stop)])
        distributed.all_reduce(flag)
        return bool(flag.item() > 0)
