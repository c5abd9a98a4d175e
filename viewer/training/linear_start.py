"""A linear block transform as the starting point of the two-level network.

Random weights spend most of a short training on finding out that nearby pixels resemble each other.
Instead, the
network starts as a transform codec: pairs of channels (+x, -x) carry signed values exactly through
the rectified
layers, the two stride-2 convolutions compute the 4x4 cosine transform of a block, the top level the
lowest
coefficients of the 8x8 block, and the bottom level what the top does not predict.  The residual
blocks start at zero
and the remaining channels at random; training moves everything.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

from viewer.networks.vector_quantiser import GroupedQuantiser, VectorQuantiser
from viewer.networks.vqvae2_paper import PaperNetwork

_HALF_GAIN = 1 / 8
_QUARTER_GAIN = 1 / 16
_TOP_GAIN = 1 / 32


def cosine_basis(side: int) -> Tensor:
    """Orthonormal cosine basis (side*side, side, side), lowest frequencies first."""
    n = torch.arange(side, dtype=torch.float64)
    line = torch.cos(math.pi * (n[None, :] + 0.5) * n[:, None] / side) * math.sqrt(2 / side)
    line[0] /= math.sqrt(2)
    basis = torch.einsum("ai,bj->abij", line, line).reshape(side * side, side, side)
    order = sorted(range(side * side), key=lambda k: (k // side + k % side, k // side))
    return basis[order]


@torch.no_grad()
def start_linear(network: PaperNetwork) -> None:
    """Give the network the weights of the block transform.

    Parameters
    ----------
    network
        Freshly built; needs at least 8 half-resolution channels, 32 channels and twice the top
        dimensions of top
        channels, and 16 bottom dimensions.
    """
    s = network.shape
    coefficients = s.bottom_dimensions
    if coefficients != 16 or s.channels < 32 or s.half_channels < 8 or s.upsampled < 16:
        raise ValueError("the linear start needs 16 bottom dimensions and room for signed pairs")
    if s.top_dimensions > 32 or s.top_channels < 2 * s.top_dimensions:
        raise ValueError("the linear start needs two top channels for each top dimension")
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d) and module.bias is not None:
            module.bias.zero_()
    for stack in (
        network.encode_blocks,
        network.top_encode_blocks,
        network.top_decode_blocks,
        network.decode_blocks,
    ):
        for block in stack.blocks:
            block.project.weight.zero_()  # type: ignore[union-attr,operator]

    half = cosine_basis(2)
    quarter = cosine_basis(4)
    top = cosine_basis(8)[: s.top_dimensions]
    half_gain = _gains(4, _HALF_GAIN)
    quarter_gain = _gains(16, _QUARTER_GAIN)
    top_gain = _gains(s.top_dimensions, _TOP_GAIN)

    # Pixels -> half resolution -> 4x4 cosine coefficients, each step an orthonormal change of
    # basis. mixing[k, a, i, j]: weight of half-resolution coefficient a at position (i, j) in
    # coefficient k.
    mixing = torch.einsum("kipjq,apq->kaij", quarter.reshape(16, 2, 2, 2, 2), half)
    down_1 = network.reduce_1.weight
    down_1.mul_(0.1)
    _signed_rows(down_1, (half * half_gain[:, None, None])[:, None])
    down_2 = network.reduce_2.weight
    weights = mixing * quarter_gain[:, None, None, None] / half_gain[None, :, None, None]
    _signed_rows(down_2, _pair_columns(weights))
    _identity_rows(network.encode_mix.weight, 32)

    # 4x4 coefficients of four blocks -> lowest 8x8 coefficients.
    gather = torch.einsum("kipjq,apq->kaij", top.reshape(-1, 2, 4, 2, 4), quarter)
    weights = gather * top_gain[:, None, None, None] / quarter_gain[None, :, None, None]
    _signed_rows(network.top_reduce.weight, _pair_columns(weights))
    _identity_rows(network.top_mix.weight, 2 * s.top_dimensions)
    _fill(network.top_latents.weight, _pair_columns((torch.diag(1 / top_gain))[:, :, None, None]))

    # Decoded top: the part of the four blocks' coefficients that the top coefficients give.
    expand = network.top_expand.weight
    expand *= top_gain.to(expand)[None, :, None, None]
    _signed_rows(expand, torch.diag(top_gain)[:, :, None, None])
    weights = gather * quarter_gain[None, :, None, None] / top_gain[:, None, None, None]
    _transposed_columns(network.top_up.weight, weights)

    # Bottom latents: coefficients less their prediction, in units of the orthonormal transform.
    undo = torch.diag(1 / quarter_gain)[:, :, None, None]
    latents = network.bottom_latents.weight
    latents.zero_()
    latents[:, :16] = -undo.to(latents)
    latents[:, s.upsampled : s.upsampled + 32] = _pair_columns(undo).to(latents)

    # Decoder: prediction plus codeword, then the inverse transform.
    mix = network.decode_mix.weight
    both = torch.zeros(16, mix.shape[1], 1, 1, dtype=torch.float64)
    both[:, :16, 0, 0] = torch.eye(16, dtype=torch.float64)
    both[:, s.upsampled : s.upsampled + 16, 0, 0] = torch.diag(quarter_gain)
    _signed_rows(mix, both)
    weights = mixing * half_gain[None, :, None, None] / quarter_gain[:, None, None, None]
    _transposed_columns(network.expand_2.weight, torch.cat((weights, -weights), 1))
    network.expand_1.weight.zero_()
    _transposed_columns(network.expand_1.weight, (half / half_gain[:, None, None])[:, None])


@torch.no_grad()
def fit_top_prediction(network: PaperNetwork, quantised: Tensor, features: Tensor) -> None:
    """Let the decoded top be the least-squares prediction from the four nearest codes.

    Parameters
    ----------
    network
        As left by :func:`start_linear`.
    quantised
        Top codewords, shape (N, Dt, h, w).
    features
        Bottom features of the same pictures, shape (N, C, 2h, 2w).
    """
    dimensions = network.shape.top_dimensions
    gain = _gains(dimensions, _TOP_GAIN)
    codes = quantised.double() * gain[None, :, None, None]
    target = (features[:, :16] - features[:, 16:32]).double()
    around = nn.functional.pad(codes, (1, 1, 1, 1), mode="replicate")
    height, width = codes.shape[2:]
    weight = network.top_up.weight
    for row in (0, 1):
        for column in (0, 1):
            taps = [(dy, dx) for dy in (row - 1, row) for dx in (column - 1, column)]
            inputs = torch.cat(
                [
                    around[:, :, 1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]
                    for dy, dx in taps
                ],
                1,
            )
            known = inputs.permute(0, 2, 3, 1).reshape(-1, inputs.shape[1]).numpy()
            known = np.concatenate((known, np.ones((known.shape[0], 1))), 1)
            wanted = target[:, :, row::2, column::2].permute(0, 2, 3, 1).reshape(-1, 16).numpy()
            solution = np.linalg.lstsq(known, wanted, rcond=None)[0]
            for number, (dy, dx) in enumerate(taps):
                part = torch.from_numpy(solution[number * dimensions : (number + 1) * dimensions])
                # Output 2j + r takes input j + d through tap 1 + r - 2d of the transposed kernel.
                tap_y, tap_x = 1 + row - 2 * dy, 1 + column - 2 * dx
                weight[:dimensions, :16, tap_y, tap_x] = part.to(weight)
                weight[dimensions : 2 * dimensions, :16, tap_y, tap_x] = -part.to(weight)


def _gains(count: int, first: float) -> Tensor:
    """Scale of each coefficient in the network: the mean of a block is far larger than the rest."""
    gains = torch.ones(count, dtype=torch.float64)
    gains[0] = first
    return gains


def _pair_columns(weights: Tensor) -> Tensor:
    """Weights for inputs that arrive as (+x, -x) pairs."""
    return torch.cat((weights, -weights), 1)


def _fill(weight: Tensor, values: Tensor) -> None:
    """Put values in the first rows and columns of the kernel's centre, zero beside them."""
    rows, columns, side = values.shape[0], values.shape[1], values.shape[2]
    first = (weight.shape[2] - side) // 2
    weight[:rows] = 0
    weight[:rows, :columns, first : first + side, first : first + side] = values.to(weight)


def _signed_rows(weight: Tensor, values: Tensor) -> None:
    """First rows compute ``values`` and their negatives."""
    _fill(weight, torch.cat((values, -values), 0))


def _identity_rows(weight: Tensor, count: int) -> None:
    """First ``count`` channels pass unchanged."""
    _fill(weight, torch.eye(count, dtype=torch.float64)[:, :, None, None])


def _transposed_columns(weight: Tensor, values: Tensor) -> None:
    """Fill a transposed kernel (in, out, 4, 4) whose first inputs are (+x, -x) pairs."""
    pairs = torch.cat((values, -values), 0)
    rows, columns = pairs.shape[:2]
    weight[:, :columns] = 0
    weight[:rows, :columns, 1:3, 1:3] = pairs.to(weight)


@torch.no_grad()
def cluster(
    rows: Tensor, size: int, lagrangian: float, generator: torch.Generator, rounds: int = 14
) -> tuple[Tensor, Tensor]:
    """Entropy-constrained k-means (Chou et al., 1989).

    Parameters
    ----------
    rows
        Latents, shape (M, D).
    size
        Codewords K.
    lagrangian
        Squared distance that one bit is worth; reached over the first rounds.
    generator
        Source of the random starts.
    rounds
        Passes over the rows.

    Returns
    -------
    Tensor, Tensor
        Codewords (K, D) and their relative usage (K,).
    """
    repeats = -(-size // rows.shape[0])
    codewords = rows[torch.randperm(rows.shape[0], generator=generator)].repeat(repeats, 1)[:size]
    usage = torch.full((size,), 1 / size)
    for number in range(rounds):
        book = VectorQuantiser(size, rows.shape[1])
        book.set_codebook(codewords, usage)
        chosen = book.search(rows, lagrangian * min(1.0, number / 5))
        counts = torch.bincount(chosen, minlength=size).float()
        sums = torch.zeros_like(codewords).index_add_(0, chosen, rows)
        errors = (rows - codewords[chosen]).square().sum(1)
        codewords = torch.where(counts[:, None] > 0, sums / counts[:, None].clamp(min=1), codewords)
        usage = counts / counts.sum()
        empty = torch.nonzero(counts == 0)[:, 0]
        if number < rounds - 3 and empty.numel():
            picked = torch.multinomial(errors + 1e-9, empty.numel(), True, generator=generator)
            codewords[empty] = rows[picked]
            usage[empty] = 0.5 / rows.shape[0]
    return codewords, usage


@torch.no_grad()
def start_codebooks(
    network: PaperNetwork, pixels: Tensor, lagrangian: float, generator: torch.Generator
) -> None:
    """Give both levels' codebooks the cluster centres of the block transform's coefficients.

    Parameters
    ----------
    network
        As left by :func:`start_linear`.
    pixels
        Crops in 0 .. 1, shape (N, 1, H, W).
    lagrangian
        Squared distance that one bit is worth.
    generator
        Source of the random starts.
    """
    features, latents = [], []
    for part in pixels.split(16):
        of_bottom, of_top = network.features(part)
        features.append(of_bottom[:, :32].clone())
        latents.append(of_top)
    _cluster_groups(network.top_quantiser, torch.cat(latents), lagrangian, generator)
    quantised = torch.cat([network.top_quantiser(part, lagrangian).values for part in latents])
    fit_top_prediction(network, quantised, torch.cat(features))
    extra = network.shape.channels - 32
    bottoms = []
    for codes, part in zip(quantised.split(16), features, strict=True):
        padded = nn.functional.pad(part, (0, 0, 0, 0, 0, extra))
        bottoms.append(network.condition(network.decode_top(codes), padded))
    _cluster_groups(network.bottom_quantiser, torch.cat(bottoms), lagrangian, generator)


def _cluster_groups(
    quantiser: GroupedQuantiser, latents: Tensor, lagrangian: float, generator: torch.Generator
) -> None:
    for book, part in zip(quantiser.codebooks, quantiser.split(latents), strict=True):
        rows = part.permute(0, 2, 3, 1).reshape(-1, book.dimensions)
        rows = rows[torch.randperm(rows.shape[0], generator=generator)[:200_000]]
        book.set_codebook(*cluster(rows, book.size, lagrangian, generator))
