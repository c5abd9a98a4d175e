"""Patterns of a recurrent network as the least-squares answer to its bits.

At the start of a training they are found for a code without cells; at its end once more, for what
the cells leave, on parts of whole pictures that are larger than the tiles of the training.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from viewer.networks.recurrent import Made, RecurrentNetwork, States, binarise
from viewer.networks.recurrent_direct import everywhere
from viewer.networks.recurrent_shape import BLOCK
from viewer.progress import NEVER, CancelToken, Progress, silent

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

    def add(self, signs: Tensor, gain: Tensor, blocks: Tensor, shares: Tensor) -> None:
        """Take more blocks (n, 256) in units of their gains, and what each counts (n,)."""
        count, bits, height, width = signs.shape
        gains = gain.expand(count, 1, height, width)
        # What the nine blocks around add, in units of the block in their middle.
        around = F.unfold(signs / gains, 3, padding=1).view(count, bits, 9, height, width)
        rows = (around * gains[:, :, None]).permute(0, 3, 4, 2, 1).reshape(-1, 9 * bits).double()
        weighted = rows * shares[:, None]
        self._normal += weighted.T @ rows
        self._answers += weighted.T @ blocks.double()

    def patterns(self, ridge: float) -> Tensor:
        """Return (bits, 1, reach, reach) with the least squared error, drawn to nothing a little.

        Parameters
        ----------
        ridge : float
            In units of the mean square of a sign.
        """
        bits = self._bits
        total = self._normal[4 * bits : 5 * bits, 4 * bits : 5 * bits].diagonal().mean()
        normal = self._normal + ridge * total * torch.eye(9 * bits, dtype=torch.float64)
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
        return canvas[:, None, first : first + self._reach, first : first + self._reach]


@dataclass
class _Part:
    """Some parts of pictures on their way through the passes."""

    pixels: Tensor
    analysed: States
    made: Made
    signs: Tensor
    gain: Tensor
    added: Tensor
    states: States


@torch.no_grad()
def fit_patterns(
    network: RecurrentNetwork,
    pixels: Tensor,
    *,
    share_power: float = 1.0,
    ridge: float = 0.02,
    together: int = 32,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> list[float]:
    """Better each pass's patterns by what they leave of parts of pictures, the cells as they are.

    Parameters
    ----------
    pixels : Tensor, (N, 1, H, W)
        Parts in -0.5 .. 0.5, sides multiples of 16.
    share_power : float
        A block counts as this power of what is left of it.
    ridge : float
        Holds the patterns near what they were.
    together : int
        Parts that go through the cells at once.

    Returns
    -------
    list of float
        Mean PSNR after each pass in dB.
    """
    direct = network.direct
    if direct is None:
        return []
    network.eval()
    nothing = torch.zeros(())
    parts = [
        _Part(some, network.encoder.start, Made(), nothing, nothing, nothing, ())
        for some in pixels.split(together)
    ]
    reached = []
    for number in range(network.shape.iterations):
        answer = PatternAnswer(network.shape.bits, direct.reach)
        for part in parts:
            cancel.check()
            left = part.pixels - part.made.output
            part.gain = network.gain(part.made)
            chances, part.analysed = network.analyse(left, part.analysed, part.gain, number)
            part.signs = binarise(chances, training=False)
            part.added, part.states = network.decoder(part.signs, part.made.states)
            scale = everywhere(part.gain, BLOCK)
            known = direct.synthesise(number, part.signs, part.gain) + part.added / scale
            blocks = block_rows((left - known) * scale)
            answer.add(part.signs, part.gain, blocks, block_weights(left, share_power))
        direct.patterns[number] += answer.patterns(ridge)
        for part in parts:
            part.made = network.extended(part.made, part.signs, part.gain, part.added, part.states)
        errors = torch.stack([_error(part) for part in parts]).mean()
        reached.append(float(-10 * torch.log10(errors + 1e-10)))
        progress(1.0, f"patterns of pass {number + 1}: {reached[-1]:.2f} dB")
    return reached


def _error(part: _Part) -> Tensor:
    assert isinstance(part.made.output, Tensor)
    return (part.made.output.clamp(-0.5, 0.5) - part.pixels).square().mean()


def block_rows(values: Tensor) -> Tensor:
    """Return (blocks, 256) of a plane (N, 1, H, W)."""
    return F.pixel_unshuffle(values, BLOCK).permute(0, 2, 3, 1).reshape(-1, BLOCK * BLOCK)


def block_weights(left: Tensor, power: float) -> Tensor:
    """Root mean square of what is left of each block, to a power, (blocks,)."""
    size = F.avg_pool2d(left.square(), BLOCK).sqrt().clamp_min(_LEAST)
    return size.reshape(-1).double() ** power


def block_shares(left: Tensor, power: float) -> Tensor:
    """The same, adding up to one."""
    size = block_weights(left, power)
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
