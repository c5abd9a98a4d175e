"""Pictures with a label map: pairs of files, classes by the values that occur."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from viewer.errors import SamplingError
from viewer.images.display import render
from viewer.images.opening import looks_like_image, read_frame, read_header

MOST_CLASSES = 256


@dataclass(frozen=True)
class Pair:
    """A picture and its label map.

    Attributes
    ----------
    name
        The files' stem.
    picture, labels
    """

    name: str
    picture: Path
    labels: Path

    @property
    def patient(self) -> str:
        """The name without what follows its last underscore: the picture's number."""
        return self.name.rpartition("_")[0] or self.name


def find_pairs(folder: Path) -> list[Pair]:
    """Return the labelled pictures of a folder by name.

    Either ``images/`` and ``labels/`` hold files of the same stem, or a picture (not PNG) and its
    ``.png`` lie side by side.

    Raises
    ------
    SamplingError
        When the folder is missing or holds no pair.
    """
    if not folder.is_dir():
        raise SamplingError(f"There is no folder {folder}.")
    if (folder / "images").is_dir() and (folder / "labels").is_dir():
        pictures = [path for path in (folder / "images").iterdir() if path.is_file()]
        found = [Pair(p.stem, p, folder / "labels" / f"{p.stem}.png") for p in pictures]
    else:
        pictures = [p for p in folder.iterdir() if p.is_file() and p.suffix.lower() != ".png"]
        found = [Pair(p.stem, p, p.with_suffix(".png")) for p in pictures]
    pairs = [pair for pair in found if pair.labels.is_file() and looks_like_image(pair.picture)]
    if not pairs:
        raise SamplingError(f"The folder {folder} holds no picture with a label map (.png).")
    return sorted(pairs, key=lambda pair: pair.name)


def read_picture(pair: Pair) -> NDArray[np.uint8]:
    """Return the picture in 8 bits as first shown, (rows, columns) or with 3 channels.

    Raises
    ------
    ImageError
    """
    shown: NDArray[np.uint8] = render(read_frame(read_header(pair.picture)))
    return shown


def read_labels(pair: Pair, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return the values of the label map.

    Parameters
    ----------
    shape : tuple
        Of the picture; begins with rows and columns.

    Raises
    ------
    SamplingError
        When it cannot be read, is in colour, or has another size.
    """
    try:
        with Image.open(pair.labels, formats=["PNG"]) as image:
            if image.size != (shape[1], shape[0]):
                raise SamplingError(
                    f"{pair.labels.name}: the labels have {image.size[0]} x {image.size[1]} "
                    f"pixels, the picture has {shape[1]} x {shape[0]}."
                )
            values = np.asarray(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise SamplingError(f"{pair.labels.name}: the label map cannot be read.") from error
    if values.ndim != 2:
        raise SamplingError(f"{pair.labels.name}: a label map has one number a pixel, no colours.")
    return values.astype(np.int32)


def values_of(maps: Sequence[NDArray[Any]]) -> tuple[int, ...]:
    """Return the values that occur, rising: value number n is class n.

    Raises
    ------
    SamplingError
        Fewer than two, or more than 256.
    """
    found = sorted(set().union(*(np.unique(values).tolist() for values in maps)))
    if not 2 <= len(found) <= MOST_CLASSES:
        raise SamplingError(
            f"The label maps hold {len(found)} different values; 2 to {MOST_CLASSES} can be "
            "learned."
        )
    return tuple(int(value) for value in found)


def as_classes(raw: NDArray[Any], values: Sequence[int], name: str) -> NDArray[np.uint8]:
    """Return classes 0, 1, ... for the values of a label map.

    Raises
    ------
    SamplingError
        When a value is none of those known, with the file's name.
    """
    known = np.asarray(values)
    place = np.searchsorted(known, raw).clip(0, len(known) - 1)
    odd = known[place] != raw
    if bool(odd.any()):
        raise SamplingError(
            f"{name}: the labels hold the value {int(raw[odd][0])}, which no training label has."
        )
    return place.astype(np.uint8)
