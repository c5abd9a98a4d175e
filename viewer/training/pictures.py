"""The pictures of a training, read into memory; unreadable ones are skipped and counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from viewer.errors import RadviewError, TrainingError
from viewer.images.opening import looks_like_image, read_frame, read_header
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.training.crops import Picture

SMALLEST_SIDE = 64
"""Pixels below which a picture is not worth training on."""

_VALIDATION_EVERY = 12


@dataclass(frozen=True)
class Pictures:
    """Pictures for training and for validation, and what was left out.

    Attributes
    ----------
    train, validation
        Stored pixels, two-dimensional.
    skipped
        A sentence for each file that was left out.
    """

    train: list[Picture]
    validation: list[Picture]
    skipped: list[str] = field(default_factory=list)


def read_pictures(
    data: Path, *, progress: Progress = silent, cancel: CancelToken = NEVER
) -> Pictures:
    """Read a folder with ``train`` and ``val`` inside, or any folder.

    Of any other folder, every twelfth picture is for validation.

    Raises
    ------
    TrainingError
        When the folder is missing or holds no usable picture.
    """
    if not data.is_dir():
        raise TrainingError(f"There is no folder {data} to train on.")
    skipped: list[str] = []
    if (data / "train").is_dir():
        train = _read(data / "train", skipped, progress, cancel)
        validation = _read(data / "val", skipped, progress, cancel)
    else:
        every = _read(data, skipped, progress, cancel)
        validation = every[_VALIDATION_EVERY - 1 :: _VALIDATION_EVERY]
        train = [p for n, p in enumerate(every, 1) if n % _VALIDATION_EVERY]
    if not train:
        reason = f" ({skipped[0]})" if skipped else ""
        raise TrainingError(f"The folder {data} holds no picture to train on{reason}.")
    return Pictures(train, validation, skipped)


def _read(
    folder: Path, skipped: list[str], progress: Progress, cancel: CancelToken
) -> list[Picture]:
    pictures: list[Picture] = []
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    for number, path in enumerate(files):
        cancel.check()
        if number % 50 == 0:
            progress(0.0, f"reading picture {number + 1}/{len(files)}")
        try:
            if not looks_like_image(path):
                skipped.append(f"{path.name}: not an image.")
                continue
            radiograph = read_frame(read_header(path))
        except RadviewError as error:
            skipped.append(str(error))
            continue
        pixels = radiograph.pixels
        if pixels.ndim != 2:
            skipped.append(f"{path.name}: a colour picture.")
        elif min(pixels.shape) < SMALLEST_SIDE:
            skipped.append(f"{path.name}: smaller than {SMALLEST_SIDE} pixels.")
        elif is_mask(pixels):
            skipped.append(f"{path.name}: two values alone, a mask.")
        elif pixels.dtype.itemsize > 2:
            skipped.append(f"{path.name}: more than 16 bits.")
        else:
            pictures.append(pixels)
    return pictures


def is_mask(pixels: NDArray[np.integer]) -> bool:  # type: ignore[type-arg]
    """Whether there are two values at most: a mask beside radiographs is none."""
    return bool(((pixels == pixels.min()) | (pixels == pixels.max())).all())
