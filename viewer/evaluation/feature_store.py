"""Inception features of pictures, computed once and kept on disk.

A set of features is named by what it was computed from (the network, the places, the eight-bit
picture), so that an interrupted evaluation goes on where it stopped and the originals' features
serve every codec.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from viewer.errors import MeasureError
from viewer.evaluation.patches import SIDE, cut
from viewer.progress import NEVER, CancelToken, Progress, silent

Extractor = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""Patches (n, 299, 299) -> features (n, d)."""

_BATCH = 25


def default_cache() -> Path:
    """Return the user's folder for what evaluations computed."""
    from platformdirs import user_cache_path

    return user_cache_path("radview") / "evaluation"


class FeatureStore:
    """Features on disk.

    Parameters
    ----------
    folder : Path
        Made when missing.
    network : str
        What tells one network from another: the hash of its file.
    extract : callable
        Loaded when first needed: returns the network.

    Raises
    ------
    MeasureError
        When the folder cannot be made.
    """

    def __init__(self, folder: Path, network: str, extract: Callable[[], Extractor]) -> None:
        self._folder = folder
        self._network = network
        self._load = extract
        self._extract: Extractor | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise MeasureError(f"The cache {folder} cannot be made: {error.strerror}.") from error

    def features(
        self,
        picture: NDArray[np.uint8],
        corners: NDArray[np.int64],
        *,
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> NDArray[np.float32]:
        """Return the features of a picture's patches, from disk when they are there.

        Parameters
        ----------
        picture : ndarray of uint8, shape (rows, columns)
        corners : ndarray, shape (n, 2)
            Of the patches.

        Returns
        -------
        ndarray of float32, shape (n, d)
            Mapped from disk where it was there.

        Raises
        ------
        Cancelled
            What was computed for earlier pictures stays.
        """
        path = self._folder / f"{self._name(picture, corners)}.npy"
        kept = _read(path, len(corners))
        if kept is not None:
            return kept
        if self._extract is None:
            self._extract = self._load()
        blocks = []
        for start in range(0, len(corners), _BATCH):
            cancel.check()
            progress(start / len(corners), f"patch {start}/{len(corners)}")
            blocks.append(self._extract(cut(picture, corners[start : start + _BATCH])))
        found = np.concatenate(blocks)
        beside = path.with_name(f"{path.name}.{os.getpid()}.part")
        with open(beside, "wb") as file:
            np.save(file, found, allow_pickle=False)
        os.replace(beside, path)
        return found

    def _name(self, picture: NDArray[np.uint8], corners: NDArray[np.int64]) -> str:
        digest = hashlib.sha256(f"{self._network} {SIDE} {picture.shape}".encode())
        digest.update(np.ascontiguousarray(corners, "<i8").tobytes())
        digest.update(np.ascontiguousarray(picture).data)
        return digest.hexdigest()[:40]


def _read(path: Path, count: int) -> NDArray[np.float32] | None:
    """Return what a file holds, or None where it is missing or damaged."""
    with contextlib.suppress(OSError, ValueError):
        found: NDArray[np.float32] = np.load(path, mmap_mode="r", allow_pickle=False)
        if found.ndim == 2 and len(found) == count and found.dtype == np.float32:
            return found
    return None
