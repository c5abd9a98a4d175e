"""Convolutional recurrent cells: LSTM and gated unit, as in Toderici et al. (CVPR 2017, section 3).

A cell reads a map and its own state of the pass before, and gives a map. The input is read by a
convolution of 3 x 3 (with stride 2 where the map shrinks), the state by one of 1 x 1 or 3 x 3.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

CELLS = ("gru", "lstm")

State = Tensor
"""Of a cell: (N, channels, h, w), of an LSTM (N, 2 channels, h, w): output, then memory."""


class ConvolutionalLstm(nn.Module):
    """Long short-term memory whose products with matrices are convolutions.

    Parameters
    ----------
    inputs, channels : int
        Of the map that is read, and of output and memory.
    stride : int
        1 or 2.
    hidden_kernel : int
        Side of the convolution of the state, odd.
    bias : bool
        Whether the gates have offsets.
    """

    def __init__(
        self, inputs: int, channels: int, *, stride: int, hidden_kernel: int, bias: bool
    ) -> None:
        super().__init__()
        self.channels = channels
        self.read = _three(inputs, 4 * channels, stride, bias)
        self.recall = _odd(channels, 4 * channels, hidden_kernel)

    def forward(self, values: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Return the output (N, channels, h, w) and the new state."""
        gates = self.read(values)
        memory = None
        if state is not None:
            output, memory = state.chunk(2, 1)
            gates = gates + self.recall(output)
        keep_in, forget, candidate, show = gates.chunk(4, 1)
        fresh = torch.sigmoid(keep_in) * torch.tanh(candidate)
        memory = fresh if memory is None else torch.sigmoid(forget) * memory + fresh
        output = torch.sigmoid(show) * torch.tanh(memory)
        return output, torch.cat((output, memory), 1)


class ConvolutionalGru(nn.Module):
    """Gated recurrent unit of convolutions, with the paper's linear path around it.

    Parameters
    ----------
    inputs, channels, stride, hidden_kernel, bias
        As of :class:`ConvolutionalLstm`.
    bypass : bool
        Whether the output is the state plus a convolution of the input ("residual GRU"), which
        lets a small network begin as a linear transform.
    """

    def __init__(
        self,
        inputs: int,
        channels: int,
        *,
        stride: int,
        hidden_kernel: int,
        bias: bool,
        bypass: bool,
    ) -> None:
        super().__init__()
        self.channels = channels
        self.bypass = bypass
        self.read = _three(inputs, (4 if bypass else 3) * channels, stride, bias)
        self.recall = _odd(channels, 2 * channels, hidden_kernel)
        self.recall_reset = _odd(channels, channels, hidden_kernel)

    def forward(self, values: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Return the output (N, channels, h, w) and the new state."""
        c = self.channels
        update, reset, candidate, *around = self.read(values).split(c, 1)
        if state is None:
            fresh = torch.sigmoid(update) * torch.tanh(candidate)
        else:
            more_update, more_reset = self.recall(state).chunk(2, 1)
            update = torch.sigmoid(update + more_update)
            kept = self.recall_reset(torch.sigmoid(reset + more_reset) * state)
            fresh = torch.lerp(state, torch.tanh(candidate + kept), update)
        return (fresh + around[0] if around else fresh), fresh


Cell = ConvolutionalLstm | ConvolutionalGru


def make_cell(
    kind: str,
    inputs: int,
    channels: int,
    *,
    stride: int = 1,
    hidden_kernel: int = 1,
    bias: bool = True,
    bypass: bool = True,
) -> Cell:
    """Return a cell of a kind in `CELLS`; an LSTM has no bypass."""
    if kind == "lstm":
        return ConvolutionalLstm(
            inputs, channels, stride=stride, hidden_kernel=hidden_kernel, bias=bias
        )
    return ConvolutionalGru(
        inputs, channels, stride=stride, hidden_kernel=hidden_kernel, bias=bias, bypass=bypass
    )


def _three(inputs: int, outputs: int, stride: int, bias: bool) -> nn.Conv2d:
    # Replication: a tile's border looks like the inside of a picture, and most chests carry a
    # one-pixel dark frame.
    return nn.Conv2d(
        inputs, outputs, 3, stride=stride, padding=1, bias=bias, padding_mode="replicate"
    )


def _odd(inputs: int, outputs: int, side: int) -> nn.Conv2d:
    mode: Literal["zeros", "replicate"] = "zeros" if side == 1 else "replicate"
    return nn.Conv2d(inputs, outputs, side, padding=side // 2, bias=False, padding_mode=mode)
