"""What decides the tensors of a recurrent network, and the published sizes."""

from __future__ import annotations

from dataclasses import dataclass

from viewer.networks.recurrent_cells import CELLS

BLOCK = 16
"""Side of the pixels that one place of the code stands for."""

RECONSTRUCTIONS = ("additive", "oneshot")

ENCODINGS = ("cells", "filters")


@dataclass(frozen=True)
class RecurrentShape:
    """Everything that decides the network's tensors.

    Attributes
    ----------
    planes
        Of a picture: 1 for grey.
    cell
        "gru" or "lstm".
    reconstruction
        "additive" or "oneshot".
    iterations
        Passes it was trained for.
    first
        Channels of the encoder's first convolution, at half the side.
    encoder
        Channels of the encoder's three cells, at 1/4, 1/8 and 1/16 of the side.
    decoder
        Channels of the decoder's four cells, at 1/16, 1/8, 1/4 and 1/2 of the side; multiples of 4.
    bits
        Signs a block and pass.
    hidden_kernels
        Sides of the convolutions of the states of the decoder's cells, odd.
    bias, bypass
        Of the cells.
    direct
        Side of the patterns that lead straight around the cells, 16 or an even number more, with
        gains from measures of each block; 0 for neither.
    guide
        Channels in which the third of the decoder's cells reads the picture that the patterns
        make; the others read it as it is. 0 where the cells read signs alone.
    encoding
        "cells", or "filters" for those of the patterns alone.
    """

    planes: int = 1
    cell: str = "gru"
    reconstruction: str = "additive"
    iterations: int = 16
    first: int = 12
    encoder: tuple[int, int, int] = (24, 48, 64)
    decoder: tuple[int, int, int, int] = (64, 48, 32, 12)
    bits: int = 32
    hidden_kernels: tuple[int, int, int, int] = (1, 1, 1, 1)
    bias: bool = True
    bypass: bool = True
    direct: int = 0
    guide: int = 0
    encoding: str = "cells"

    def __post_init__(self) -> None:
        if self.cell not in CELLS or self.reconstruction not in RECONSTRUCTIONS:
            raise ValueError(f"no cell {self.cell!r} or reconstruction {self.reconstruction!r}")
        if any(channels % 4 for channels in self.decoder):
            raise ValueError("the channels of the decoder's cells must be multiples of 4")
        if self.direct and not (BLOCK <= self.direct <= 3 * BLOCK and self.direct % 2 == 0):
            raise ValueError(f"patterns of {self.direct} pixels do not fit blocks of {BLOCK}")
        if self.direct and self.reconstruction != "additive":
            raise ValueError("patterns add up: the reconstruction must be additive")
        if self.encoding not in ENCODINGS or self.guide < 0:
            raise ValueError(f"no encoding {self.encoding!r} or guide of {self.guide} channels")
        if not self.direct and (self.guide or self.encoding != "cells"):
            raise ValueError("without patterns the encoder has cells, and there is no guide")


PUBLISHED = RecurrentShape(
    planes=3,
    cell="lstm",
    first=64,
    encoder=(256, 512, 512),
    decoder=(512, 512, 256, 128),
    hidden_kernels=(1, 1, 3, 3),
    bias=False,
    bypass=False,
)
"""The sizes of the paper in its public PyTorch implementation: 35,456,800 parameters."""
