"""Convolutions of small integers, by the fastest way on this machine that is exact.

Inputs are bytes, one a channel, channels last; weights are integers, sums stay below 2**24. Three
ways compute the very same sums: bytes times bytes into 32 bits where the processor has instructions
for it (VNNI), float32, and a product of matrices on other devices, where a convolution might be
transformed. Each is tried at the patches that give the largest and the smallest sums before it is
used: partial sums are largest there, so a way that saturates or rounds shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.errors import ModelError
from viewer.networks.vqvae2_integer import ACTIVATION_MAX, WEIGHT_STEPS
from viewer.networks.vqvae2_ways import (
    BYTE_WEIGHT,
    HALF,
    Bytes,
    DoubleMatrices,
    ExactConv,
    Floats,
    Integers,
    Matrices,
)

MIDDLE = 128
"""The byte that stands for zero where bytes have signs."""
SUM_LIMIT = 1 << 24
"""Sums stay below it, so that a float32 holds them."""
_PATCHES_A_ROW = 16


def repeats(weight: Integers) -> list[int]:
    """Input channels to give again, so that each weight can be a sum of bytes."""
    largest = np.abs(weight).max(axis=(0, 2, 3))
    return [
        channel
        for channel, size in enumerate(largest.tolist())
        for _ in range(-(-size // BYTE_WEIGHT) - 1)
    ]


def spread(weight: Integers, again: Sequence[int], beside: bool = True) -> Integers:
    """Weights for inputs some of which are given again: shares that add up to the whole.

    The inputs stand as `laid_out` says or, not beside each other, those given again at the end.
    """
    shares = [np.clip(weight, -BYTE_WEIGHT, BYTE_WEIGHT)]
    rest = weight - shares[0]
    for channel in again:
        share = np.clip(rest[:, channel : channel + 1], -BYTE_WEIGHT, BYTE_WEIGHT)
        rest[:, channel : channel + 1] -= share
        shares.append(share)
    # What is not given often enough keeps what is left over; it is no byte then.
    shares[0] = shares[0] + rest
    whole = np.concatenate(shares, axis=1)
    given = [*range(weight.shape[1]), *again]
    return whole[:, np.argsort(given, kind="stable")] if beside else whole


def laid_out(count: int, again: Sequence[int]) -> list[int]:
    """Which of ``count`` values stands in each channel: those given again beside each other."""
    return sorted([*range(count), *again])


WAYS: dict[str, tuple[Callable[[Integers, Integers, torch.device], ExactConv], ...]] = {
    "cpu": (Bytes, Floats, DoubleMatrices),
    "other": (Matrices, DoubleMatrices),
}


def exact_conv(weight: Integers, bias: Integers, device: torch.device, narrow: bool) -> ExactConv:
    """A convolution that has shown on this machine that it is exact.

    Parameters
    ----------
    weight : ndarray of int64, shape (o, i, k, k)
    bias : ndarray of int64, shape (o,)
    device : torch.device
        Results stay there.
    narrow : bool
        Whether to try bytes times bytes.

    Raises
    ------
    ModelError
        When sums can leave the bounds, or no way is exact here.
    """
    if largest_sum(weight, bias) >= SUM_LIMIT:
        raise ModelError("The model's weights are too large for exact integer arithmetic.")
    # Halves are added to sums before they are rounded: a float32 has room for them below 2**23.
    roomy = 2 * largest_sum(weight, bias) < SUM_LIMIT
    for way in WAYS["cpu" if device.type == "cpu" else "other"]:
        if (way is Bytes and not narrow) or (way is not DoubleMatrices and not roomy):
            continue
        try:
            conv = way(weight, bias, device)
            if _is_exact(conv, weight, bias):
                return conv
        except (ModelError, RuntimeError, TypeError, NotImplementedError):
            continue
    raise ModelError(f"The device {device} does not compute exactly; use the CPU.")


def signed_conv(weight: Integers, bias: Integers, device: torch.device) -> ExactConv | None:
    """A convolution of bytes of which `MIDDLE` means zero, or None where there is none exact here.

    Parameters
    ----------
    weight, bias, device
        As `exact_conv` takes them; only bytes are tried.
    """
    try:
        if 2 * largest_sum(weight, bias) >= SUM_LIMIT:
            return None
        conv = Bytes(weight, bias, device, MIDDLE)
        return conv if _is_exact(conv, weight, bias, MIDDLE) else None
    except (ModelError, RuntimeError, TypeError, NotImplementedError):
        return None


def largest_sum(weight: Integers, bias: Integers) -> int:
    """Largest size that a sum over bytes, or a part of it, can have."""
    above = np.maximum(weight, 0).sum(axis=(1, 2, 3))
    below = np.maximum(-weight, 0).sum(axis=(1, 2, 3))
    return int((np.maximum(above, below) * ACTIVATION_MAX + np.abs(bias)).max(initial=0))


def _is_exact(conv: ExactConv, weight: Integers, bias: Integers, middle: int = 0) -> bool:
    """Try the inputs that give each output its extremes, and random ones.

    Bytes less ``middle`` are what the weights meet.
    """
    outputs, inputs, kernel, _ = weight.shape
    generator = np.random.default_rng(outputs * inputs)
    least, most = -middle, ACTIVATION_MAX - middle
    patches = np.concatenate(
        [
            np.where(weight > 0, most, np.where(weight < 0, least, 0)),
            np.where(weight < 0, most, np.where(weight > 0, least, 0)),
            generator.integers(least, most + 1, (_PATCHES_A_ROW, inputs, kernel, kernel)),
        ]
    )
    fill = -len(patches) % _PATCHES_A_ROW
    patches = np.concatenate([patches, np.zeros((fill, *patches.shape[1:]), patches.dtype)])
    rows = len(patches) // _PATCHES_A_ROW
    grid = patches.reshape(rows, _PATCHES_A_ROW, inputs, kernel, kernel)
    mosaic = grid.transpose(0, 3, 1, 4, 2).reshape(rows * kernel, -1, inputs)
    mosaic = (mosaic + middle).astype(np.uint8)
    x = bytes_view(mosaic)
    flat = weight.reshape(outputs, -1)
    expected = patches.reshape(len(patches), -1) @ flat.T + bias
    expected = expected.reshape(rows, _PATCHES_A_ROW, outputs).transpose(2, 0, 1)
    middles = (slice(None), slice(kernel // 2, None, kernel), slice(kernel // 2, None, kernel))
    sums = conv.sums(x)[0].cpu().numpy()[middles]
    activations = conv.activations(x)[0].cpu().numpy()[middles]
    rounded = np.clip((expected + HALF) // WEIGHT_STEPS, 0, ACTIVATION_MAX)
    return bool((sums == expected).all() and (activations == rounded).all())


def bytes_view(values: NDArray[np.uint8]) -> Tensor:
    """``(h, w, i)`` as torch sees it: (1, i, h, w), channels last, nothing copied."""
    return torch.from_numpy(values).permute(2, 0, 1)[None]
