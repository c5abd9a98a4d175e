"""The two halves of the recurrent network of Toderici et al.: encoder and decoder of one pass."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from viewer.networks.recurrent_cells import Cell, State, make_cell
from viewer.networks.recurrent_guide import HALF, PLANES, Guide
from viewer.networks.recurrent_shape import BLOCK, RecurrentShape

States = tuple[State | None, ...]


class RecurrentEncoder(nn.Module):
    """What is left of a picture -> a number for each bit."""

    start: States = (None,) * 3

    def __init__(self, shape: RecurrentShape) -> None:
        super().__init__()
        self.first = nn.Conv2d(
            shape.planes,
            shape.first,
            3,
            stride=2,
            padding=1,
            bias=shape.bias,
            padding_mode="replicate",
        )
        widths = (shape.first, *shape.encoder)
        self.cells = nn.ModuleList(
            make_cell(
                shape.cell, widths[n], widths[n + 1], stride=2, bias=shape.bias, bypass=shape.bypass
            )
            for n in range(3)
        )
        self.bits = nn.Conv2d(shape.encoder[-1], shape.bits, 1, bias=shape.bias)

    def forward(self, values: Tensor, states: States) -> tuple[Tensor, States]:
        """Return (N, bits, H/16, W/16) of a picture (N, planes, H, W), and new states.

        Their hyperbolic tangents are the chances of the bits.
        """
        values, states = _through(self.cells, self.first(values), states, {}, shuffled=False)
        return self.bits(values), states


class RecurrentDecoder(nn.Module):
    """Signs -> a picture, or what to add to it."""

    start: States = (None,) * 4

    def __init__(self, shape: RecurrentShape) -> None:
        super().__init__()
        beside, more = 0, (0, 0, 0, 0)
        self.guide: Guide | None = None
        if shape.guide:
            beside, more = BLOCK * BLOCK, (0, 0, shape.guide, PLANES * HALF * HALF)
            self.guide = Guide(shape.guide)
        self.spread = nn.Conv2d(shape.bits + beside, shape.decoder[0], 1, bias=shape.bias)
        widths = (4 * shape.decoder[0], *shape.decoder)
        self.cells = nn.ModuleList(
            make_cell(
                shape.cell,
                widths[n] // 4 + more[n],
                widths[n + 1],
                hidden_kernel=shape.hidden_kernels[n],
                bias=shape.bias,
                bypass=shape.bypass,
            )
            for n in range(4)
        )
        self.last = nn.Conv2d(shape.decoder[-1] // 4, shape.planes, 1, bias=shape.bias)

    def forward(
        self, signs: Tensor, states: States, planes: Tensor | None = None
    ) -> tuple[Tensor, States]:
        """Return (N, planes, 16 h, 16 w) of signs (N, bits, h, w), and new states.

        A guided one reads the picture as well, as :func:`guide_planes` gives it.
        """
        beside: dict[int, Tensor] = {}
        if self.guide is not None and planes is not None:
            blocks, beside[2], beside[3] = self.guide(planes)
            signs = torch.cat((signs, blocks), 1)
        values, states = _through(self.cells, self.spread(signs), states, beside, shuffled=True)
        return self.last(values.float()), states


def _through(
    cells: nn.ModuleList,
    values: Tensor,
    states: States,
    beside: Mapping[int, Tensor],
    *,
    shuffled: bool,
) -> tuple[Tensor, States]:
    """Lead a map through all cells, some of which read another map beside it."""
    kept: list[State] = []
    cell: Cell
    for n, (cell, state) in enumerate(zip(cells, states, strict=True)):  # type: ignore[assignment]
        if n in beside:
            values = torch.cat((values, beside[n]), 1)
        values, state = cell(values, state)
        kept.append(state)
        if shuffled:
            values = F.pixel_shuffle(values, 2)
    return values, tuple(kept)
