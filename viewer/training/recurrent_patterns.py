"""Patterns of a recurrent network as the least-squares answer to its bits."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from viewer.networks.recurrent_shape import BLOCK

_LEAST = 1e-3


class PatternAnswer:
    """Sums over blocks, and the patterns that follow.

    Parameters
    ----------
    bits : int
        Of a block.
    reach : int
        Side of a pattern.
    """

    def __init__(self, bits: int, reach: int) -> None:
        self._bits, self._reach = bits, reach
        self._normal = torch.zeros(9 * bits, 9 * bits, dtype=torch.float64)
        self._answers = torch.zeros(9 * bits, BLOCK * BLOCK, dtype=torch.float64)

    def add(self, signs: Tensor, gain: Tensor, shares: Tensor, blocks: Tensor) -> None:
        """Take more blocks (n, 256) in units of their gains, and what each counts (n,)."""
        count, bits, height, width = signs.shape
        gains = gain.expand(count, 1, height, width)
        # What the nine blocks around add, in units of the block in their middle.
        around = F.unfold(signs / gains, 3, padding=1).view(count, bits, 9, height, width)
        rows = (around * gains[:, :, None]).permute(0, 3, 4, 2, 1).reshape(-1, 9 * bits).double()
        weighted = rows * shares[:, None]
        self._normal += weighted.T @ rows
        self._answers += weighted.T @ blocks.double()

    def solve(self, ridge: float) -> Tensor:
        """Return patterns (bits, 1, reach, reach) with the least squared error.

        Parameters
        ----------
        ridge : float
            In units of the mean square of a sign; draws the patterns to nothing a little.
        """
        bits = self._bits
        own = self._normal[4 * bits : 5 * bits, 4 * bits : 5 * bits].diagonal().mean()
        normal = self._normal + ridge * own * torch.eye(9 * bits, dtype=torch.float64)
        canvas = torch.zeros(bits, 3 * BLOCK, 3 * BLOCK)
        for places, pixels in zones((self._reach - BLOCK) // 2):
            chosen = torch.cat([torch.arange(bits) + bits * place for place in places])
            numbers = torch.tensor([y * BLOCK + x for y, x in pixels])
            answers = self._answers[chosen][:, numbers]
            solved = torch.linalg.solve(normal[chosen][:, chosen], answers).float()
            down = torch.tensor([y for y, _ in pixels])
            right = torch.tensor([x for _, x in pixels])
            for k, place in enumerate(places):
                # A block above (place 0, 1, 2) reaches these pixels below its own.
                y, x = down + BLOCK * (2 - place // 3), right + BLOCK * (2 - place % 3)
                canvas[:, y, x] = solved[bits * k : bits * (k + 1)]
        first = (3 * BLOCK - self._reach) // 2
        last = first + self._reach
        return canvas[:, None, first:last, first:last]


def block_rows(values: Tensor) -> Tensor:
    """Return (blocks, 256) of a plane (N, 1, H, W)."""
    return F.pixel_unshuffle(values, BLOCK).permute(0, 2, 3, 1).reshape(-1, BLOCK * BLOCK)


def block_shares(left: Tensor, power: float) -> Tensor:
    """Root mean square of what is left of each block, to a power; together they are one."""
    size = F.avg_pool2d(left.square(), BLOCK).sqrt().clamp_min(_LEAST).reshape(-1).double() ** power
    return size / size.sum()


def zones(beyond: int) -> list[tuple[list[int], list[tuple[int, int]]]]:
    """Pixels of a block that the same blocks reach; places 0 .. 8 are those around, 4 its own.

    Parameters
    ----------
    beyond : int
        Pixels that patterns reach beyond their block, 0 .. 16.
    """
    found: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for y in range(BLOCK):
        for x in range(BLOCK):
            downs = [d for d in range(3) if 0 <= y + BLOCK * (1 - d) + beyond < BLOCK + 2 * beyond]
            rights = [r for r in range(3) if 0 <= x + BLOCK * (1 - r) + beyond < BLOCK + 2 * beyond]
            places = tuple(3 * d + r for d in downs for r in rights)
            found.setdefault(places, []).append((y, x))
    return [(list(places), pixels) for places, pixels in found.items()]
