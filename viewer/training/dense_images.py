"""What the dense autoencoder is trained on: MNIST's images, or shapes of tiles of radiographs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from viewer.codecs.dense.tiles import SIDE, Tiles, cut, grid, normal
from viewer.errors import TrainingError
from viewer.networks.dense import PIXELS
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.training.crops import Picture
from viewer.training.dense_trainer import Vectors
from viewer.training.idx_files import image_files, read_images
from viewer.training.pictures import read_pictures

TRAINING_TILES = 60_000
TEST_TILES = 10_000
_COUNTED_PICTURES = 60


@dataclass(frozen=True)
class Images:
    """Images for training and for testing.

    Attributes
    ----------
    train, test : ndarray, shape (n, 784)
        In 0 .. 1.
    pictures : list of (Tiles, int)
        The tiles of whole training pictures and how many lie in a row, to count tables on; empty
        for MNIST, whose images are no tiles.
    source : str
        "mnist" or "tiles".
    """

    train: Vectors
    test: Vectors
    pictures: list[tuple[Tiles, int]]
    source: str


def read_dense_images(
    data: Path,
    *,
    tiles: int = TRAINING_TILES,
    seed: int = 0,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> Images:
    """Read MNIST's IDX files from a folder, or cut tiles from the radiographs in it.

    Raises
    ------
    TrainingError
        When the folder is missing, or holds nothing that can be used.
    """
    if not data.is_dir():
        raise TrainingError(f"There is no folder {data} to train on.")
    files = image_files(data)
    if files is not None:
        train, test = (_unit(read_images(path, SIDE)) for path in files)
        return Images(train, test, [], "mnist")
    pictures = read_pictures(data, progress=progress, cancel=cancel)
    if not pictures.validation:
        raise TrainingError(
            f"The folder {data} holds {len(pictures.train)} pictures: too few to set some aside "
            "for testing (12, or a folder 'val' beside 'train')."
        )
    rng = np.random.default_rng(seed)
    train = _drawn(pictures.train, tiles, rng)
    test = _drawn(pictures.validation, min(TEST_TILES, tiles), rng)
    counted = pictures.train[:: max(1, len(pictures.train) // _COUNTED_PICTURES)]
    whole = [(cut(_normalised(p)), grid(*p.shape)[1]) for p in counted]
    return Images(train, test, whole, "tiles")


def _unit(images: np.ndarray) -> Vectors:
    return (images.reshape(-1, PIXELS) / np.float32(255)).astype(np.float32)


def _normalised(picture: Picture) -> Vectors:
    low, high = float(picture.min()), float(picture.max())
    return ((picture.astype(np.float32) - low) / max(high - low, 1.0)).astype(np.float32)


def _drawn(pictures: Sequence[Picture], count: int, rng: np.random.Generator) -> Vectors:
    """Shapes of tiles from random places, as many from each picture."""
    each = -(-count // len(pictures))
    found = np.empty((each * len(pictures), PIXELS), np.float32)
    for number, picture in enumerate(pictures):
        values = _normalised(picture)
        tiles = np.empty((each, PIXELS), np.float32)
        tops = rng.integers(values.shape[0] - SIDE + 1, size=each)
        lefts = rng.integers(values.shape[1] - SIDE + 1, size=each)
        for k, (top, left) in enumerate(zip(tops, lefts, strict=True)):
            tiles[k] = values[top : top + SIDE, left : left + SIDE].ravel()
        found[number * each : (number + 1) * each] = normal(tiles).shapes
    return found
