"""One training of a sampler and its segmenter: steps, losses, checkpoints."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from viewer.networks.deformation import GridMaker, edge_entropy, edge_loss
from viewer.networks.downsampler import Downsampler, DownsamplerShape
from viewer.sampling.density import FLOOR, kernels
from viewer.sampling.edge_energy import as_nodes
from viewer.sampling.grid import LEAST_AREA, resized, uniform_grid
from viewer.training.checkpoint import load_checkpoint, save_checkpoint
from viewer.training.downsampler_data import TrainingSet
from viewer.training.ranks import Ranks

NODE_LOSS = 100.0
"""Weight of the edge sampler's squared error, in shares of the picture, beside the other losses."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training beside its data; the same for all samplers.

    Attributes
    ----------
    steps
        Of the common start at the largest size; every size goes on for ``continued``.
    batch
        Pictures a step at 64 x 64; fewer at larger sizes, as many samples.
    learning_rate, weight_decay
        Of AdamW; the rate falls along a cosine.
    gamma
        Weight of the edge loss; 100 is published for the squared one.
    squared
        Whether the edge loss is the published squared difference, not the cross entropy.
    dice
        Weight of the overlap term beside the cross entropy.
    rarest
        Largest weight of a class in the cross entropy, that of the commonest being 1.
    """

    steps: int = 500
    continued: int = 200
    batch: int = 8
    learning_rate: float = 3e-3
    weight_decay: float = 1e-4
    gamma: float = 1.0
    squared: bool = False
    dice: float = 1.0
    rarest: float = 16.0

    def batch_at(self, size: int) -> int:
        """Pictures a step at a size."""
        return max(2, round(self.batch * (64 / size) ** 2))


class Run:
    """A training and where it stands."""

    def __init__(
        self,
        data: TrainingSet,
        shape: DownsamplerShape,
        recipe: Recipe,
        seed: int,
        ranks: Ranks,
        start: Downsampler | None = None,
    ) -> None:
        torch.manual_seed(seed)
        self.data, self.recipe, self.seed, self.ranks = data, recipe, seed, ranks
        self.model = Downsampler(shape)
        self.model.to(data.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.steps = recipe.steps
        if start is not None:
            self.model.load_state_dict(start.state_dict())
            self.steps = recipe.continued
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay
        )
        self.step, self.seconds = 0, 0.0
        self._maker: GridMaker | None = None
        if shape.sampler == "learned":
            tables = kernels(shape.size, shape.density_nodes, shape.kernel_width)
            self._maker = GridMaker(*tables, FLOOR, LEAST_AREA).to(data.device)
        even = uniform_grid((shape.size, shape.size))
        self._uniform = torch.from_numpy(even).float()[None].to(data.device)
        shares = data.class_shares().clamp_min(1e-6)
        self._weights = (shares.max() / shares).sqrt().clamp_max(recipe.rarest)

    @property
    def finished(self) -> bool:
        """Whether all steps are done."""
        return self.step >= self.steps

    def advance(self) -> dict[str, float]:
        """Take one step; return the losses."""
        began = time.perf_counter()
        self.model.train()
        done = self.step / self.steps
        rate = self.recipe.learning_rate * min(1.0, (self.step + 1) / 20)
        for group in self.optimiser.param_groups:
            group["lr"] = rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
        index, flipped = self._draw()
        losses = self._losses(index, flipped)
        self.optimiser.zero_grad(set_to_none=True)
        torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        self.ranks.average_gradients(self.model)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimiser.step()
        self.step += 1
        self.seconds += time.perf_counter() - began
        return {name: float(value.detach()) for name, value in losses.items()}

    def _draw(self) -> tuple[Tensor, Tensor]:
        """Pictures of this step and which are mirrored; the same order for every sampler."""
        count = self.recipe.batch_at(self.model.shape.size)
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.step)
        index = torch.randint(len(self.data), (count,), generator=generator)
        flipped = torch.rand(count, generator=generator) < 0.5
        mine = self.ranks.part(count)
        return index[mine].to(self.data.device), flipped[mine].to(self.data.device)

    def _losses(self, index: Tensor, flipped: Tensor) -> dict[str, Tensor]:
        mirrored = flipped[:, None, None, None]
        view = self.data.view[index]
        view = torch.where(mirrored, view.flip(-1), view)
        losses: dict[str, Tensor] = {}
        position, shape = self.model.position, self.model.shape
        if self._maker is not None and position is not None:
            density = position(view)
            edges = self.data.edges[index]
            edges = torch.where(mirrored[..., 0], edges.flip(-1), edges)
            compare = edge_loss if self.recipe.squared else edge_entropy
            losses["edge"] = self.recipe.gamma * compare(density, edges)
            grid = self._maker(density)
        elif position is not None:
            offsets = position(view)
            nodes = self.data.nodes[index]
            mirror = nodes.flip(2) * torch.tensor([-1.0, 1.0], device=nodes.device)
            nodes = torch.where(mirrored, mirror, nodes)
            losses["nodes"] = NODE_LOSS * (offsets - nodes).square().sum(-1).mean()
            size = (shape.size, shape.size)
            whole = [resized(as_nodes(one.numpy()), size) for one in offsets.detach().cpu()]
            grid = torch.stack([torch.from_numpy(one) for one in whole]).float().to(nodes.device)
        else:
            grid = self._uniform.expand(len(index), -1, -1, -1)
        values, labels = self.data.sample(index, grid, flipped)
        scores = self.model.segmenter(values.contiguous(memory_format=torch.channels_last))
        losses["segmentation"] = F.cross_entropy(scores, labels, self._weights)
        losses["overlap"] = self.recipe.dice * _overlap_loss(scores, labels)
        return losses

    def save(self, folder: Path) -> None:
        """Write the checkpoint."""
        folder.mkdir(parents=True, exist_ok=True)
        save_checkpoint(folder, self.model, self.optimiser, self.state())

    def resume(self, folder: Path) -> None:
        """Go on from a checkpoint.

        Raises
        ------
        TrainingError
        """
        state = load_checkpoint(folder, self.model, self.optimiser)
        self.step, self.seconds = int(state["step"]), float(state["seconds"])

    def state(self) -> dict[str, Any]:
        """Where it stands and how it was trained, as JSON can hold it."""
        return {
            "step": self.step,
            "steps": self.steps,
            "seconds": round(self.seconds, 1),
            "seed": self.seed,
            "recipe": asdict(self.recipe),
            "data": asdict(self.data.plan),
            "values": list(self.data.values),
            "pictures": len(self.data),
        }


def _overlap_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """One minus the mean Dice overlap of the classes that occur in the batch."""
    shares = scores.softmax(1)
    truth = F.one_hot(labels, scores.shape[1]).permute(0, 3, 1, 2).to(shares.dtype)
    both = (shares * truth).sum((0, 2, 3))
    either = shares.sum((0, 2, 3)) + truth.sum((0, 2, 3))
    there = truth.sum((0, 2, 3)) > 0
    return 1 - ((2 * both + 1) / (either + 1))[there].mean()
