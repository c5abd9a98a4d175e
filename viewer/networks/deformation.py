"""The deformation module and its grid in torch (Jin et al., ICLR 2022).

A small network looks at the low-resolution picture and says where samples are worth most; softmax
over all positions makes it a density, and `viewer.sampling.density` says how a grid follows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class DeformationShape:
    """Channels of the first two convolutions and of the third: 192 and 24 are published.

    With a ``stride`` of 2 the density has half as many nodes a side as the picture has pixels;
    1 is published.
    """

    width: int = 192
    last: int = 24
    stride: int = 1


class DeformationModule(nn.Module):
    """Low-resolution picture in, density out: 3 x 3, 3 x 3, 3 x 3, 1 x 1, softmax."""

    def __init__(self, shape: DeformationShape, inputs: int = 1) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, shape.width, 3, shape.stride, padding=1),
            nn.BatchNorm2d(shape.width),
            nn.ReLU6(),
            nn.Conv2d(shape.width, shape.width, 3, padding=1),
            nn.BatchNorm2d(shape.width),
            nn.ReLU6(),
            nn.Conv2d(shape.width, shape.last, 3, padding=1),
            nn.BatchNorm2d(shape.last),
            nn.ReLU(),
            nn.Conv2d(shape.last, 1, 1),
        )

    def forward(self, picture: Tensor) -> Tensor:
        """Density (batch, rows, columns), summing to 1, of a picture (batch, inputs, ...)."""
        scores = self.body(picture)[:, 0]
        return scores.flatten(1).softmax(dim=1).view_as(scores)


class GridMaker(nn.Module):
    """The differentiable twin of `viewer.sampling.density.grid_of_density`.

    Parameters
    ----------
    weights, moments : ndarray, shape (positions, nodes)
        What `viewer.sampling.density.kernels` gives; handed in, since networks stand below.
    floor, least : float
        As `FLOOR` and `LEAST_AREA` there.
    """

    weights: Tensor
    moments: Tensor
    uniform: Tensor
    inner: Tensor

    def __init__(
        self,
        weights: np.ndarray[tuple[int, int], np.dtype[np.float64]],
        moments: np.ndarray[tuple[int, int], np.dtype[np.float64]],
        floor: float,
        least: float,
    ) -> None:
        super().__init__()
        self.floor, self.least = floor, least
        side = weights.shape[0]
        line = torch.linspace(0, 1, side)
        self.register_buffer("weights", torch.tensor(weights, dtype=torch.float32), False)
        self.register_buffer("moments", torch.tensor(moments, dtype=torch.float32), False)
        uniform = torch.stack([line.expand(side, side), line[:, None].expand(side, side)], dim=-1)
        self.register_buffer("uniform", uniform.contiguous(), False)
        pin = torch.ones(side, side, 2)
        pin[:, [0, -1], 0] = 0
        pin[[0, -1], :, 1] = 0
        self.register_buffer("inner", pin, False)

    def forward(self, density: Tensor) -> Tensor:
        """Grid (batch, side, side, 2) of x and y in 0 .. 1."""
        even = (1 - self.floor) * density + self.floor / density[0].numel()
        weights, moments, uniform = self.weights, self.moments, self.uniform
        along = even @ weights.T
        total = weights @ along
        x = weights @ (even @ moments.T) / total
        y = moments @ along / total
        offset = torch.stack([x, y], dim=-1) * self.inner
        return uniform + offset * self._share(uniform + offset.detach())

    @torch.no_grad()
    def _share(self, grid: Tensor) -> Tensor:
        """The part of the way from the uniform grid at which no cell folds, one a picture."""
        share = torch.zeros(len(grid), 1, 1, 1, device=grid.device)
        todo = torch.ones(len(grid), dtype=torch.bool, device=grid.device)
        for step in range(64, 0, -1):
            mixed = self.uniform + (grid[todo] - self.uniform) * (step / 64)
            good = least_corner(mixed) >= self.least
            found = todo.nonzero()[good]
            share[found] = step / 64
            todo[found] = False
            if not bool(todo.any()):
                break
        return share


def least_corner(grid: Tensor) -> Tensor:
    """Smallest corner area of each grid, 1 being a uniform cell."""
    upper, lower = grid[:, :-1, 1:] - grid[:, :-1, :-1], grid[:, 1:, 1:] - grid[:, 1:, :-1]
    left, right = grid[:, 1:, :-1] - grid[:, :-1, :-1], grid[:, 1:, 1:] - grid[:, :-1, 1:]
    areas = [
        (a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]).flatten(1).amin(1)
        for a in (upper, lower)
        for b in (left, right)
    ]
    cells = (grid.shape[1] - 1) * (grid.shape[2] - 1)
    return torch.stack(areas).amin(0) * cells


def edge_entropy(density: Tensor, target: Tensor) -> Tensor:
    """Cross entropy of a density and the edges as a density, above that of the edges themselves.

    Not published: the squared difference hardly sees a target of a few nodes among thousands.
    Pictures without edges count nothing.
    """
    edges = target.flatten(1)
    total = edges.sum(1, keepdim=True)
    edges = edges / total.clamp_min(1e-12)
    ratio = torch.log((edges + 1e-12) / (density.flatten(1) + 1e-12))
    return ((edges * ratio).sum(1) * (total[:, 0] > 0)).mean()


def edge_loss(density: Tensor, target: Tensor) -> Tensor:
    """Mean squared difference of a density and the edges, both stretched to 0 .. 1 (published)."""
    flat = density.flatten(1)
    low, high = flat.amin(1, keepdim=True), flat.amax(1, keepdim=True)
    return ((flat - low) / (high - low + 1e-12) - target.flatten(1)).square().mean()
