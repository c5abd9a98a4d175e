"""Convolutions of small integers, by the fastest way on this machine that is exact.

Inputs are bytes, one a channel, channels last; weights are integers, sums stay below 2**24. Three
ways compute the very same sums: bytes times bytes into 32 bits where the processor has instructions
for it (VNNI), float32, and a product of matrices on other devices, where a convolution might be
transformed. Each is tried at the patches that give the largest and the smallest sums before it is
used: partial sums are largest there, so a way that saturates or rounds shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from viewer.errors import ModelError
from viewer.networks.vqvae2_integer import ACTIVATION_MAX, WEIGHT_STEPS

Integers = NDArray[np.int64]

SUM_LIMIT = 1 << 24
"""Sums stay below it, so that a float32 holds them."""
BYTE_WEIGHT = 127
_HALF = WEIGHT_STEPS // 2
_PATCHES_A_ROW = 16
_WORTH_LEAVING = 0.6


class ExactConv(Protocol):
    """A convolution, zero padded to its input's size."""

    def sums(self, x: Tensor) -> Tensor:
        """Integers held in float32, (1, o, h, w), of bytes, (1, i, h, w), both channels last."""

    def activations(self, x: Tensor) -> Tensor:
        """Bytes: ``clamp(floor(sum / 128 + 1/2), 0, 255)``."""


def has_byte_products() -> bool:
    """Whether this processor multiplies bytes into 32 bits without saturating on the way."""
    try:
        found = torch.cpu.get_capabilities()
        _ = torch.ops.onednn.qconv2d_pointwise.default
    except (AttributeError, RuntimeError):
        return False
    return bool(found.get("avx512_vnni") or found.get("avx_vnni"))


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


class _Bytes:
    """By oneDNN's quantised convolution."""

    def __init__(self, weight: Integers, bias: Integers, device: torch.device) -> None:
        if np.abs(weight).max(initial=0) > BYTE_WEIGHT or device.type != "cpu":
            raise ModelError("The weights are no bytes.")
        # Channels at the end that nothing sees are left out where they are many: for the rest the
        # inputs would have to be copied, which takes longer than to multiply them by zeros.
        seen = np.flatnonzero(np.abs(weight).max(axis=(0, 2, 3), initial=0))
        end = int(seen[-1]) + 1 if seen.size else 1
        self._end = end if end <= _WORTH_LEAVING * weight.shape[1] else weight.shape[1]
        weight = weight[:, : self._end]
        outputs, inputs, kernel, _ = weight.shape
        self._pad = [kernel // 2, kernel // 2]
        self._ones = torch.ones(outputs)
        self._zeros = torch.zeros(outputs, dtype=torch.int64)
        self._bias = torch.from_numpy(bias.astype(np.float32))
        # Rounding goes to the even neighbour at a tie; half a unit more, and there is no tie.
        self._raised = self._bias + 0.5
        self._weight = torch.ops.onednn.qconv_prepack(
            torch.from_numpy(np.ascontiguousarray(weight.astype(np.int8))),
            self._ones,
            1.0,
            0,
            [1, 1],
            self._pad,
            [1, 1],
            1,
            [1, inputs, 64, 256],
        )

    def _run(self, x: Tensor, bias: Tensor, scale: float, kind: torch.dtype, after: str) -> Tensor:
        found: Tensor = torch.ops.onednn.qconv2d_pointwise(
            x[:, : self._end],
            1.0,
            0,
            self._weight,
            self._ones,
            self._zeros,
            bias,
            [1, 1],
            self._pad,
            [1, 1],
            1,
            scale,
            0,
            kind,
            after,
            [],
            "",
        )
        return found

    def sums(self, x: Tensor) -> Tensor:
        return self._run(x, self._bias, 1.0, torch.float32, "none")

    def activations(self, x: Tensor) -> Tensor:
        return self._run(x, self._raised, float(WEIGHT_STEPS), torch.uint8, "relu")


def _rounded(sums: Tensor) -> Tensor:
    sums.add_(_HALF).mul_(1 / WEIGHT_STEPS).floor_().clamp_(0, ACTIVATION_MAX)
    return sums.to(torch.uint8)


class _Floats:
    """By a float32 convolution on the CPU, where none transforms its input.

    Leading channels that only the middle of the window sees are convolved apart, with 1x1; channels
    at the end that nothing sees are left out. Where one half of the inputs counts against the
    other, their difference is convolved.
    """

    def __init__(self, weight: Integers, bias: Integers, device: torch.device) -> None:
        if device.type != "cpu":
            raise ModelError("Convolutions of this device may transform their input.")
        middle, half = weight.shape[2] // 2, weight.shape[1] // 2
        self._against = 0
        if weight.shape[1] == 2 * half and (weight[:, :half] == -weight[:, half:]).all():
            self._against, weight = half, weight[:, :half]
        seen = np.flatnonzero(np.abs(weight).max(axis=(0, 2, 3), initial=0))
        weight = weight[:, : int(seen[-1]) + 1 if seen.size else 1]
        self._end = weight.shape[1]
        around = weight.copy()
        around[:, :, middle, middle] = 0
        used = np.flatnonzero(np.abs(around).max(axis=(0, 2, 3), initial=0))
        wide = bool(middle and used.size)
        self._split = int(used[0]) if wide else weight.shape[1]
        self._narrow = _floats(weight[:, : self._split, middle : middle + 1, middle : middle + 1])
        self._wide = _floats(weight[:, self._split :]) if wide else None
        self._bias = torch.from_numpy(bias.astype(np.float32))
        self._pad = middle

    def sums(self, x: Tensor) -> Tensor:
        out: Tensor | None = None
        if self._split:
            out = F.conv2d(self._part(x, 0, self._split), self._narrow, self._bias)
        if self._wide is not None:
            part = self._part(x, self._split, self._end)
            bias = self._bias if out is None else None
            found = F.conv2d(part, self._wide, bias, padding=self._pad)
            out = found if out is None else out.add_(found)
        assert out is not None
        return out

    def _part(self, x: Tensor, start: int, end: int) -> Tensor:
        last = torch.channels_last
        part = x[:, start:end].to(torch.float32, memory_format=last)
        if self._against:
            # A float32 has room for bytes with a sign.
            part -= x[:, self._against + start : self._against + end]
        return part

    def activations(self, x: Tensor) -> Tensor:
        return _rounded(self.sums(x))


def _floats(weight: Integers) -> Tensor:
    values = torch.from_numpy(weight.astype(np.float32))
    return values.contiguous(memory_format=torch.channels_last)


class _Matrices:
    """By a product of matrices, on any device: every input around a pixel is one row."""

    kind = torch.float32

    def __init__(self, weight: Integers, bias: Integers, device: torch.device) -> None:
        self._kernel = weight.shape[2]
        self._device = device
        rows = weight.transpose(2, 3, 1, 0).reshape(-1, weight.shape[0])
        self._weight = torch.from_numpy(rows.astype(np.float64)).to(self.kind).to(device)
        self._bias = torch.from_numpy(bias.astype(np.float64)).to(self.kind).to(device)

    def _sums(self, x: Tensor) -> Tensor:
        k = self._kernel
        image = x[0].permute(1, 2, 0).to(self._device).to(self.kind)
        rows, columns = image.shape[:2]
        if k > 1:
            around = F.pad(image, (0, 0, k // 2, k // 2, k // 2, k // 2))
            views = [around[r : r + rows, c : c + columns] for r in range(k) for c in range(k)]
            image = torch.cat(views, 2)
        found = torch.matmul(image.reshape(rows * columns, -1), self._weight).add_(self._bias)
        return found.reshape(1, rows, columns, -1).permute(0, 3, 1, 2)

    def sums(self, x: Tensor) -> Tensor:
        return self._sums(x).to(torch.float32)

    def activations(self, x: Tensor) -> Tensor:
        return _rounded(self._sums(x))


class _DoubleMatrices(_Matrices):
    """The same where float32 products lose bits."""

    kind = torch.float64


WAYS: dict[str, tuple[Callable[[Integers, Integers, torch.device], ExactConv], ...]] = {
    "cpu": (_Bytes, _Floats, _DoubleMatrices),
    "other": (_Matrices, _DoubleMatrices),
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
        if (way is _Bytes and not narrow) or (way is not _DoubleMatrices and not roomy):
            continue
        try:
            conv = way(weight, bias, device)
            if _is_exact(conv, weight, bias):
                return conv
        except (ModelError, RuntimeError, TypeError, NotImplementedError):
            continue
    raise ModelError(f"The device {device} does not compute exactly; use the CPU.")


def largest_sum(weight: Integers, bias: Integers) -> int:
    """Largest size that a sum over bytes, or a part of it, can have."""
    above = np.maximum(weight, 0).sum(axis=(1, 2, 3))
    below = np.maximum(-weight, 0).sum(axis=(1, 2, 3))
    return int((np.maximum(above, below) * ACTIVATION_MAX + np.abs(bias)).max(initial=0))


def _is_exact(conv: ExactConv, weight: Integers, bias: Integers) -> bool:
    """Try the inputs that give each output its extremes, and random ones."""
    outputs, inputs, kernel, _ = weight.shape
    generator = np.random.default_rng(outputs * inputs)
    patches = np.concatenate(
        [
            ACTIVATION_MAX * (weight > 0),
            ACTIVATION_MAX * (weight < 0),
            generator.integers(0, ACTIVATION_MAX + 1, (_PATCHES_A_ROW, inputs, kernel, kernel)),
        ]
    )
    fill = -len(patches) % _PATCHES_A_ROW
    patches = np.concatenate([patches, np.zeros((fill, *patches.shape[1:]), patches.dtype)])
    rows = len(patches) // _PATCHES_A_ROW
    grid = patches.reshape(rows, _PATCHES_A_ROW, inputs, kernel, kernel)
    mosaic = grid.transpose(0, 3, 1, 4, 2).reshape(rows * kernel, -1, inputs).astype(np.uint8)
    x = bytes_view(mosaic)
    flat = weight.reshape(outputs, -1)
    expected = patches.reshape(len(patches), -1) @ flat.T + bias
    expected = expected.reshape(rows, _PATCHES_A_ROW, outputs).transpose(2, 0, 1)
    middles = (slice(None), slice(kernel // 2, None, kernel), slice(kernel // 2, None, kernel))
    sums = conv.sums(x)[0].cpu().numpy()[middles]
    activations = conv.activations(x)[0].cpu().numpy()[middles]
    rounded = np.clip((expected + _HALF) // WEIGHT_STEPS, 0, ACTIVATION_MAX)
    return bool((sums == expected).all() and (activations == rounded).all())


def bytes_view(values: NDArray[np.uint8]) -> Tensor:
    """``(h, w, i)`` as torch sees it: (1, i, h, w), channels last, nothing copied."""
    return torch.from_numpy(values).permute(2, 0, 1)[None]
