"""The beginning of a recurrent network with patterns: in each pass the best linear code of one bit.

Random weights spend most of a short training on finding out that nearby pixels resemble each other.
Instead, pass after pass, what is left of parts of training pictures is scaled by the gain that
least squares predict from the picture so far, its principal components are found, and the pass's
bits are shared out among them, one more threshold at a time where it helps most (for Gaussian
numbers; Max, "Quantizing for Minimum Distortion", 1960). The patterns are the least-squares answer
to the bits. The cells begin at nothing, and learn what a linear code cannot do.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from viewer.networks.recurrent import Made, RecurrentNetwork, binarise
from viewer.networks.recurrent_direct import MEASURES, everywhere
from viewer.networks.recurrent_shape import BLOCK
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.training.recurrent_patterns import PatternAnswer, block_rows, block_shares

WANTED = 0.5
"""Root mean square of what a pass should read."""

_LEAST = 1e-3
_STEEP = 1.5
_RIDGE = 1e-4
_SHARE_OF_CODE, _SHARE_OF_GAIN = 1.0, 2.0
"""A block counts as this power of what is left of it: a picture's error is that of its worst
blocks, letters and edges, of which there are few."""

_DRAWN = 20_000
_ROUNDS = 30

_DISTORTION = (
    1.0, 0.3634, 0.1902, 0.1175, 0.07994, 0.05798, 0.04400, 0.03454, 0.02785, 0.02293,
    0.01922, 0.01634, 0.01406, 0.01223, 0.01073, 0.009497, 0.00846, 0.00758, 0.00683,
)  # fmt: skip
"""Mean squared error of a Gaussian number in 1, 2, 3 ... levels (Max, 1960, and on)."""


@torch.no_grad()
def start_linear(
    network: RecurrentNetwork,
    pixels: Tensor,
    *,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> list[float]:
    """Set patterns and scaling from parts of pictures; return the mean PSNR after each pass.

    Parameters
    ----------
    network
        Freshly built, with patterns and one plane.
    pixels : Tensor, (N, 1, H, W)
        Parts in -0.5 .. 0.5, sides multiples of 16; some ten thousand blocks in all.
    """
    direct, scaling = network.direct, network.scaling
    if direct is None or scaling is None or network.shape.planes != 1:
        raise ValueError("a linear start needs patterns, and one plane")
    network.eval()
    for layer in (network.encoder.bits if network.encoder else None, network.decoder.last):
        if layer is not None:
            nn.init.zeros_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    made, reached = Made(), []
    for number in range(network.shape.iterations):
        cancel.check()
        left = pixels - made.output
        _fit_scaling(network, made, left)
        gain = network.gain(made)
        read = left * everywhere(gain, BLOCK)
        blocks, shares = block_rows(read), block_shares(left, _SHARE_OF_CODE)
        filters, thresholds = _filters(blocks, shares, network.shape.bits)
        direct.filters[number] = filters.view_as(direct.filters[number])
        direct.thresholds[number] = thresholds
        signs = binarise(direct.analyse(number, read), training=False)
        level = blocks.mean()
        direct.levels[number] = level
        answer = PatternAnswer(network.shape.bits, direct.reach)
        answer.add(signs, gain, shares, blocks - level)
        direct.patterns[number] = answer.solve(_RIDGE)
        # The cells give nothing yet, and need not be asked.
        made = network.outlined(signs, made, gain)
        reached.append(_decibels(made, pixels))
        progress(0.0, f"linear start, pass {number + 1}: {reached[-1]:.2f} dB")
    return reached


def _decibels(made: Made, pixels: Tensor) -> float:
    errors = (made.picture.clamp(-0.5, 0.5) - pixels).square().mean()
    return float(-10 * torch.log10(errors + 1e-10))


def _fit_scaling(network: RecurrentNetwork, made: Made, left: Tensor) -> None:
    """Gains that make what the next pass reads `WANTED` large, as far as the measures tell."""
    measures, scaling = made.measures, network.scaling
    if measures is None or scaling is None:
        return
    rows = measures.permute(0, 2, 3, 1).reshape(-1, MEASURES).double()
    rows = torch.cat((rows, torch.ones(len(rows), 1, dtype=rows.dtype)), 1)
    size = F.avg_pool2d(left.square(), BLOCK).sqrt().clamp_min(_LEAST)
    wanted = (WANTED / size).log().reshape(-1).double()
    shares = block_shares(left, _SHARE_OF_GAIN)[:, None]
    weighted = rows * shares
    normal = weighted.T @ rows
    normal += _RIDGE * torch.eye(len(normal), dtype=rows.dtype)
    solved = torch.linalg.solve(normal, weighted.T @ wanted).float()
    scaling.weights[made.number] = solved[:-1]
    scaling.offsets[made.number] = solved[-1]


def _filters(blocks: Tensor, shares: Tensor, bits: int) -> tuple[Tensor, Tensor]:
    """Filters (bits, 256) and thresholds (bits,) whose signs tell most of the blocks."""
    mean = (blocks * shares[:, None]).sum(0)
    centred = (blocks - mean).double()
    found, vectors = np.linalg.eigh((centred.T @ (centred * shares[:, None])).numpy())
    drawn = torch.multinomial(shares, _DRAWN, replacement=True)
    filters, thresholds = [], []
    for component, levels in _shared_out(found[::-1], bits):
        axis = torch.from_numpy(vectors[:, ::-1][:, component].copy()).float()
        steep = _STEEP / float(np.sqrt(found[::-1][component]) + 1e-9)
        projected = (blocks[drawn] @ axis).numpy()
        for border in _borders(projected, levels):
            filters.append(steep * axis)
            thresholds.append(-steep * border)
    return torch.stack(filters), torch.tensor(thresholds, dtype=torch.float32)


def _shared_out(variances: NDArray[np.float64], bits: int) -> list[tuple[int, int]]:
    """Return (component, levels) so that levels - 1 add up to the bits."""
    levels = np.ones(len(variances), int)
    table = np.array((*_DISTORTION, *(2.7 / np.arange(len(_DISTORTION) + 1, 64) ** 2)))
    gains = table[:-1] - table[1:]
    for _ in range(bits):
        worth = np.maximum(variances, 0) * gains[levels - 1]
        levels[int(np.argmax(worth))] += 1
    return [(int(k), int(levels[k])) for k in np.nonzero(levels > 1)[0]]


def _borders(values: NDArray[np.float32], levels: int) -> list[float]:
    """Borders between the levels that quantise some numbers with the least squared error."""
    some = np.sort(values)
    centres = np.quantile(some, (np.arange(levels) + 0.5) / levels).astype(np.float64)
    sums = np.concatenate(([0.0], np.cumsum(some, dtype=np.float64)))
    for _ in range(_ROUNDS):
        places = np.searchsorted(some, (centres[1:] + centres[:-1]) / 2)
        ends = np.concatenate(([0], places, [len(some)]))
        counts = np.diff(ends)
        centres = np.where(counts > 0, np.diff(sums[ends]) / np.maximum(counts, 1), centres)
    return [float(v) for v in (centres[1:] + centres[:-1]) / 2]
