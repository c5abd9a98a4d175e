"""Pictures, reconstructions and differences side by side in one PNG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from viewer.images.radiograph import StoredPixels

_SIDE = 160
_GAP = 4
_TEXT = 13


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One picture through one codec.

    Parameters
    ----------
    title, note : str
        What it is, and how it fared.
    original, decoded, difference : ndarray of uint8
        As shown.
    """

    title: str
    note: str
    original: NDArray[np.uint8]
    decoded: NDArray[np.uint8]
    difference: NDArray[np.uint8]


def eight_bits(pixels: StoredPixels, low: float, high: float) -> NDArray[np.uint8]:
    """Map `low` .. `high` linearly to 0 .. 255."""
    scaled = (pixels.astype(np.float64) - low) * (255 / max(high - low, 1e-9))
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


def write_sheet(cells: Sequence[Cell], path: Path, *, across: int = 2) -> None:
    """Write a PNG: original, reconstruction and difference of each cell, two lines of text above.

    Parameters
    ----------
    across : int
        Cells beside each other.
    """
    from PIL import Image, ImageDraw, ImageFont

    wide, high = 3 * _SIDE + 4 * _GAP, _SIDE + 2 * _TEXT + 2 * _GAP
    rows = -(-len(cells) // across)
    sheet = Image.new("L", (across * wide, rows * high), 24)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=11)
    for number, cell in enumerate(cells):
        left, top = number % across * wide, number // across * high
        draw.text((left + _GAP, top), cell.title, fill=255, font=font)
        draw.text((left + _GAP, top + _TEXT), cell.note, fill=190, font=font)
        for place, picture in enumerate((cell.original, cell.decoded, cell.difference)):
            small = Image.fromarray(picture)
            small.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
            x = left + _GAP + place * (_SIDE + _GAP) + (_SIDE - small.width) // 2
            sheet.paste(small, (x, top + 2 * _TEXT + _GAP + (_SIDE - small.height) // 2))
    beside = path.with_name(path.name + ".part")
    sheet.save(beside, format="PNG", optimize=True)
    beside.replace(path)
