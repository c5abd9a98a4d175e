"""The pictures of a downsampler's training in memory, ready to be sampled anywhere at little cost.

All pyramids lie in one long array of bytes; a batch of grids is read with eight gathers, whatever
the pictures' sizes. Low-resolution pictures and targets are computed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from viewer.errors import TrainingError
from viewer.networks.downsampler import normalised
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.sampling.boundaries import edge_map
from viewer.sampling.edge_energy import edge_nodes
from viewer.sampling.grid import uniform_grid
from viewer.sampling.labelled import (
    Pair,
    as_classes,
    find_pairs,
    read_labels,
    read_picture,
    values_of,
)
from viewer.sampling.nodules import plant
from viewer.sampling.pyramid import LEVEL_BIAS, build_pyramid
from viewer.sampling.view import low_resolution_view

LEVELS = 8
NODULE = "nodule"


@dataclass(frozen=True)
class DataPlan:
    """What is made of the pictures.

    Attributes
    ----------
    view, density_nodes, edge_nodes
        Sides of the low-resolution picture, of the density and of the edge sampler's grid.
    nodules
        Whether nodules are planted into class 1, as a class of their own.
    variants
        How often each picture is taken, each time with other nodules.
    nodule_seed
        Of the first variant.
    """

    view: int
    density_nodes: int
    edge_nodes: int
    nodules: bool
    variants: int = 1
    nodule_seed: int = 1000


class TrainingSet:
    """Labelled pictures for training.

    Parameters
    ----------
    folder : Path
        With ``train`` inside, or with the pairs themselves.
    plan : DataPlan

    Attributes
    ----------
    values
        Label values of the classes that were read.
    classes
        Names of the classes.
    inputs
        Channels: 3 when any picture is in colour, else 1.
    view, mean, deviation, edges, nodes
        Normalised low-resolution pictures, what normalised them, and both targets, a row a picture.

    Raises
    ------
    TrainingError, SamplingError, ImageError
    """

    def __init__(
        self,
        folder: Path,
        plan: DataPlan,
        *,
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> None:
        inside = folder / "train"
        pairs = find_pairs(inside if inside.is_dir() else folder)
        pictures, maps = [], []
        for number, pair in enumerate(pairs):
            cancel.check()
            if number % 20 == 0:
                progress(0.0, f"reading picture {number + 1}/{len(pairs)}")
            pictures.append(read_picture(pair))
            maps.append(read_labels(pair, pictures[-1].shape))
        self.values = values_of(maps)
        self.inputs = 3 if any(picture.ndim == 3 for picture in pictures) else 1
        names = [f"class {value}" for value in self.values]
        if plan.nodules:
            if len(self.values) != 2 or self.inputs != 1:
                raise TrainingError("Nodules can be planted into grey pictures with a mask alone.")
            names.append(NODULE)
        self.classes = tuple(names)
        self.plan = plan
        self._fill(pairs, pictures, maps, cancel)

    def __len__(self) -> int:
        return len(self.view)

    def _fill(
        self,
        pairs: Sequence[Pair],
        pictures: Sequence[NDArray[np.uint8]],
        maps: Sequence[NDArray[Any]],
        cancel: CancelToken,
    ) -> None:
        parts: list[NDArray[np.uint8]] = []
        label_parts: list[NDArray[np.uint8]] = []
        views, edges, nodes, table = [], [], [], []
        place = label_place = 0
        for variant in range(self.plan.variants):
            for pair, picture, raw in zip(pairs, pictures, maps, strict=True):
                cancel.check()
                labels = as_classes(raw, self.values, pair.labels.name)
                if self.plan.nodules:
                    seed = self.plan.nodule_seed + variant
                    picture, labels = plant(picture, labels, pair.name, seed)
                pyramid = build_pyramid(self._channels(picture))
                levels = list(pyramid.levels[:LEVELS])
                rows: list[tuple[int, int, int]] = []
                for level in levels + [levels[-1]] * (LEVELS + 1 - len(levels)):
                    if len(rows) < len(levels):
                        parts.append(np.rint(level).astype(np.uint8).reshape(-1, self.inputs))
                        rows.append((place, level.shape[0], level.shape[1]))
                        place += len(parts[-1])
                    else:
                        rows.append(rows[-1])
                table.append((rows, len(levels), label_place))
                label_parts.append(labels.ravel())
                label_place += labels.size
                view = low_resolution_view(pyramid, self.plan.view)
                views.append(torch.from_numpy(view).permute(2, 0, 1))
                edges.append(torch.from_numpy(self._edges(labels)))
                count = self.plan.edge_nodes
                wanted = edge_nodes(labels, count) - uniform_grid((count, count))
                nodes.append(torch.from_numpy(wanted).float())
        self._bytes = torch.from_numpy(np.concatenate(parts))
        self._labels = torch.from_numpy(np.concatenate(label_parts))
        self._levels = torch.tensor([entry[0] for entry in table])
        self._top = torch.tensor([entry[1] - 1.0 for entry in table])
        self._label_place = torch.tensor([entry[2] for entry in table])
        self.view, self.mean, self.deviation = normalised(torch.stack(views))
        self.edges, self.nodes = torch.stack(edges), torch.stack(nodes)

    def to(self, device: torch.device) -> TrainingSet:
        """Move everything to the device that trains; return itself."""
        for name, value in vars(self).items():
            if isinstance(value, Tensor):
                setattr(self, name, value.to(device))
        return self

    @property
    def device(self) -> torch.device:
        """Where the tensors are."""
        return self.view.device

    def _edges(self, labels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Boundaries of each class but the first, all of the same weight together."""
        found = []
        for number in range(1, len(self.classes)):
            edges = edge_map((labels == number).astype(np.uint8), self.plan.density_nodes)
            if edges.any():
                found.append(edges / edges.sum())
        if not found:
            return np.zeros((self.plan.density_nodes,) * 2, np.float32)
        mixed = np.sum(found, axis=0)
        return np.asarray(mixed / mixed.max(), np.float32)

    def _channels(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if picture.ndim == 2:
            picture = picture[..., None]
        return np.repeat(picture, self.inputs // picture.shape[2], axis=2)

    def class_shares(self) -> Tensor:
        """Return the share of each class in all pixels."""
        count = torch.bincount(self._labels.int(), minlength=len(self.classes)).float()
        return count / count.sum()

    def sample(self, index: Tensor, grid: Tensor, flipped: Tensor) -> tuple[Tensor, Tensor]:
        """Return normalised samples (batch, inputs, h, w) and their labels (batch, h, w).

        The twin of `viewer.sampling.pyramid.sample`, differentiable in the grid.

        Parameters
        ----------
        index : Tensor of int64, shape (batch,)
        grid : Tensor, shape (batch, h, w, 2)
        flipped : Tensor of bool, shape (batch,)
            Pictures seen in a mirror; the grid is in their coordinates.
        """
        mirrored = flipped[:, None, None]
        x = torch.where(mirrored, 1 - grid[..., 0], grid[..., 0])
        y = grid[..., 1]
        shape = self._levels[index, 0]
        height = self._heights(grid, shape).clamp_min(0)
        height = torch.minimum(height, self._top[index][:, None, None])
        lower = height.floor()
        share = (height - lower)[..., None]
        number = lower.long()
        rows = index[:, None, None]
        first = self._bilinear(self._levels[rows, number], x, y)
        second = self._bilinear(self._levels[rows, number + 1], x, y)
        values = ((1 - share) * first + share * second).permute(0, 3, 1, 2)
        values = (values - self.mean[index]) / self.deviation[index]
        with torch.no_grad():
            down = (y * shape[:, 1, None, None]).long()
            down = torch.minimum(down, shape[:, 1, None, None] - 1)
            across = (x * shape[:, 2, None, None]).long()
            across = torch.minimum(across, shape[:, 2, None, None] - 1).clamp_min(0)
            place = self._label_place[index][:, None, None]
            labels = self._labels[place + down * shape[:, 2, None, None] + across].long()
        return values, labels

    @torch.no_grad()
    def _heights(self, grid: Tensor, shape: Tensor) -> Tensor:
        upper, lower = grid[:, :-1, 1:] - grid[:, :-1, :-1], grid[:, 1:, 1:] - grid[:, 1:, :-1]
        left, right = grid[:, 1:, :-1] - grid[:, :-1, :-1], grid[:, 1:, 1:] - grid[:, :-1, 1:]
        areas = torch.zeros_like(upper[..., 0])
        for a in (upper, lower):
            for b in (left, right):
                areas += 0.25 * (a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])
        areas = F.pad(areas[:, None], (1, 1, 1, 1), mode="replicate")
        areas = F.avg_pool2d(areas, 2, 1)[:, 0]
        pixels = areas * (shape[:, 1] * shape[:, 2])[:, None, None]
        return 0.5 * pixels.clamp_min(1e-12).log2() + LEVEL_BIAS

    def _bilinear(self, level: Tensor, x: Tensor, y: Tensor) -> Tensor:
        start, rows, columns = level.unbind(-1)
        zero = torch.zeros((), dtype=x.dtype, device=x.device)
        px = torch.minimum(torch.maximum(x * columns - 0.5, zero), columns - 1.0)
        py = torch.minimum(torch.maximum(y * rows - 0.5, zero), rows - 1.0)
        left, top = px.detach().long(), py.detach().long()
        right = torch.minimum(left + 1, columns - 1)
        bottom = torch.minimum(top + 1, rows - 1)
        across, down = (px - left)[..., None], (py - top)[..., None]
        upper, lower = start + top * columns, start + bottom * columns

        def read(place: Tensor) -> Tensor:
            return self._bytes[place].float()

        above = (1 - across) * read(upper + left) + across * read(upper + right)
        below = (1 - across) * read(lower + left) + across * read(lower + right)
        return (1 - down) * above + down * below
