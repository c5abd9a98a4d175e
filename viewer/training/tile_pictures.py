"""What tiles are cut from: a folder of images, or CIFAR's binary files, whose images are tiles."""

from __future__ import annotations

from pathlib import Path

from viewer.errors import TrainingError
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.training.cifar_files import cifar_files, read_cifar
from viewer.training.pictures import Pictures, read_pictures


def read_tile_pictures(
    data: Path, *, progress: Progress = silent, cancel: CancelToken = NEVER
) -> Pictures:
    """Read a folder of images, or one with CIFAR's ``.bin`` files, of which those of test validate.

    Raises
    ------
    TrainingError
        When the folder is missing, or holds nothing that can be used.
    """
    if not data.is_dir():
        raise TrainingError(f"There is no folder {data} to train on.")
    files = cifar_files(data)
    if not files:
        return read_pictures(data, progress=progress, cancel=cancel)
    kept = Pictures([], [])
    for path in files:
        cancel.check()
        progress(0.0, f"reading {path.name}")
        (kept.validation if path.name.startswith("test") else kept.train).extend(read_cifar(path))
    if not kept.train:
        raise TrainingError(f"The folder {data} holds CIFAR's test file alone, none to train on.")
    if not kept.validation:
        kept.validation.extend(kept.train[11::12])
        del kept.train[11::12]
    return kept
