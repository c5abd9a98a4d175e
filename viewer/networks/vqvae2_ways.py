"""Ways of computing a convolution of bytes by small integers, exact where they have proved it.

`viewer.networks.vqvae2_exact` tries them. Inputs are bytes, one a channel, channels last.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from viewer.errors import ModelError
from viewer.networks.vqvae2_integer import ACTIVATION_MAX, WEIGHT_STEPS

Integers = NDArray[np.int64]

BYTE_WEIGHT = 127
HALF = WEIGHT_STEPS // 2
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


class Bytes:
    """By oneDNN's quantised convolution.

    ``middle`` is the byte that stands for zero.
    """

    def __init__(
        self, weight: Integers, bias: Integers, device: torch.device, middle: int = 0
    ) -> None:
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
        self._middle = middle
        self._ones = torch.ones(outputs)
        self._zeros = torch.zeros(outputs, dtype=torch.int64)
        self._bias = torch.from_numpy(bias.astype(np.float32))
        # Rounding goes to the even neighbour at a tie; half a unit more, and there is no tie.
        self._raised = self._bias + 0.5
        self._weight = torch.ops.onednn.qconv_prepack(
            torch.from_numpy(np.ascontiguousarray(weight.astype(np.int8))),
            self._ones,
            1.0,
            middle,
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
            self._middle,
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
        """See `ExactConv`."""
        return self._run(x, self._bias, 1.0, torch.float32, "none")

    def activations(self, x: Tensor) -> Tensor:
        """See `ExactConv`."""
        return self._run(x, self._raised, float(WEIGHT_STEPS), torch.uint8, "relu")


def _rounded(sums: Tensor) -> Tensor:
    sums.add_(HALF).mul_(1 / WEIGHT_STEPS).floor_().clamp_(0, ACTIVATION_MAX)
    return sums.to(torch.uint8)


class Floats:
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
        """See `ExactConv`."""
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
        """See `ExactConv`."""
        return _rounded(self.sums(x))


def _floats(weight: Integers) -> Tensor:
    values = torch.from_numpy(weight.astype(np.float32))
    return values.contiguous(memory_format=torch.channels_last)


class Matrices:
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
        """See `ExactConv`."""
        return self._sums(x).to(torch.float32)

    def activations(self, x: Tensor) -> Tensor:
        """See `ExactConv`."""
        return _rounded(self._sums(x))


class DoubleMatrices(Matrices):
    """The same where float32 products lose bits."""

    kind = torch.float64
