"""Inside a bitstream: maps of its codes, where its bits went, pictures of parts of it.

Each codec that can be looked into has a function of its own, which is imported when it is first
asked for; it decodes the bitstream at hand, so that what is shown is what was coded.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.codecs import colour_planes, registry
from viewer.codecs.base import Options
from viewer.errors import CodecError
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels
from viewer.progress import CancelToken, Progress

_FUNCTIONS = {
    "dense": "viewer.codecs.dense.inspecting:inspect",
    "jpeg2000": "viewer.codecs.jpeg2000_inspecting:inspect",
    "recurrent": "viewer.codecs.recurrent.inspecting:inspect",
    "vqvae2": "viewer.codecs.vqvae2.inspecting:inspect",
    "vqvae2-paper": "viewer.codecs.paper_inspecting:inspect",
}
_LOOKED_AT = 1
"""Of three colour planes the one that is looked into: green."""


@dataclass(frozen=True, eq=False, slots=True)
class CodeMap:
    """A plane of numbers that lies over the image, cell beside cell from its upper left corner.

    Parameters
    ----------
    key, title, tip : str
    unit : str
        Of the numbers, "bpp" for bits per pixel.
    plane : ndarray of float32, shape (rows, columns)
        May reach beyond the image, where the codec pads it.
    cell : int
        Side of a cell in pixels of the image.
    counted : bool
        Whether its numbers are names (of codewords in no order), not amounts.
    """

    key: str
    title: str
    unit: str
    plane: NDArray[np.float32]
    cell: int
    tip: str = ""
    counted: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Usage:
    """How often each code is used.

    Parameters
    ----------
    title : str
    counts : ndarray of int64
    first : int
        What the first of the counts is of.
    code : str
        What is counted: "codeword", "code in steps", or else what stands under the bars.
    """

    title: str
    counts: NDArray[np.int64]
    first: int = 0
    code: str = "codeword"

    @property
    def used(self) -> int:
        """How many codes occur at all."""
        return int(np.count_nonzero(self.counts))

    @property
    def bits(self) -> float:
        """Entropy of the counts in bits a code."""
        total = int(self.counts.sum())
        if not total:
            return 0.0
        shares = self.counts[self.counts > 0] / total
        return float(-(shares * np.log2(shares)).sum())


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the bitstream and its bits, rounding aside."""

    title: str
    bits: float


@dataclass(frozen=True, slots=True)
class Choice:
    """A picture that can be decoded of a part of the bitstream.

    Parameters
    ----------
    key, title, tip : str
    byte_count : float or None
        What of the bitstream it takes; None where that is not known.
    """

    key: str
    title: str
    tip: str = ""
    byte_count: float | None = None


@dataclass(frozen=True, eq=False, slots=True)
class TileInside:
    """A tile that is coded on its own.

    Parameters
    ----------
    place : (row, column)
        Of the tile among tiles.
    original, decoded : ndarray, shape (rows, columns)
        Its pixels as far as the image reaches.
    code : ndarray of float32, shape (N,)
        The numbers of its code as they are decoded, in 0 .. 1.
    mean, scale : float
        What is kept beside the code, in stored values.
    bits : float
        What all of it took.
    """

    place: tuple[int, int]
    original: StoredPixels
    decoded: StoredPixels
    code: NDArray[np.float32]
    mean: float
    scale: float
    bits: float

    @property
    def error(self) -> NDArray[np.float64]:
        """What the decoder gives less what it should, in stored values."""
        return self.decoded.astype(np.float64) - self.original

    @property
    def rmse(self) -> float:
        """Root mean square error in stored values."""
        return float(np.sqrt(np.mean(self.error**2)))


@dataclass(eq=False)
class Inside(ABC):
    """What is found in one bitstream.

    Parameters
    ----------
    maps, usage, shares, choices
    notes : list of str
        What must be said of it, a sentence each.
    cell : int
        Side of the tiles that can be looked at one by one; 0 where there are none.
    """

    maps: Sequence[CodeMap] = ()
    usage: Sequence[Usage] = ()
    shares: Sequence[Share] = ()
    choices: Sequence[Choice] = ()
    notes: list[str] = field(default_factory=list)
    cell: int = 0

    def tile(self, row: int, column: int) -> TileInside:
        """Return the tile that holds a pixel of the image.

        Raises
        ------
        CodecError
            Where tiles cannot be looked at one by one.
        """
        raise CodecError("Tiles of this bitstream cannot be looked at one by one.")

    @abstractmethod
    def picture(self, key: str, *, progress: Progress, cancel: CancelToken) -> StoredPixels:
        """Decode one of `choices`.

        Returns
        -------
        ndarray
            Shape and type of what was coded.

        Raises
        ------
        CodecError, Cancelled
        """


class _Plane(Inside):
    """One plane of a colour picture, shown as grey in all three."""

    def __init__(self, inside: Inside) -> None:
        notes = ["Colour is coded as three grey pictures: this is the green one.", *inside.notes]
        parts = inside.maps, inside.usage, inside.shares, inside.choices
        super().__init__(*parts, notes, inside.cell)
        self._inside = inside

    def tile(self, row: int, column: int) -> TileInside:
        return self._inside.tile(row, column)

    def picture(self, key: str, *, progress: Progress, cancel: CancelToken) -> StoredPixels:
        plane = self._inside.picture(key, progress=progress, cancel=cancel)
        return np.repeat(plane[..., None], colour_planes.CHANNELS, axis=2)


def can_inspect(codec: str) -> bool:
    """Whether there is a look inside the bitstreams of a codec."""
    return codec in _FUNCTIONS


def inspect(
    codec: str,
    data: bytes,
    original: StoredPixels,
    pixel_format: PixelFormat,
    *,
    options: Options,
    progress: Progress,
    cancel: CancelToken,
) -> Inside:
    """Look into a bitstream.

    Parameters
    ----------
    codec : str
        Name in the registry.
    original : ndarray
        What was coded: JPEG 2000 codes it once more for its quality layers.

    Raises
    ------
    CodecError
        When there is nothing to be shown of that codec, or the bitstream is damaged.
    Cancelled
    """
    if codec not in _FUNCTIONS:
        raise CodecError(f"There is no look inside {registry.get(codec).info.title} bitstreams.")
    module, name = _FUNCTIONS[codec].split(":")
    function: Any = getattr(import_module(module), name)
    asked = {"options": options, "progress": progress, "cancel": cancel}
    if colour_planes.recognises(data, codec):
        plane = colour_planes.streams(data)[_LOOKED_AT]
        grey = np.ascontiguousarray(original[..., _LOOKED_AT])
        return _Plane(function(plane, grey, pixel_format, **asked))
    inside: Inside = function(data, original, pixel_format, **asked)
    return inside
