"""One test set of the codec table: its pictures, the places of their patches, its rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from viewer.errors import MeasureError
from viewer.evaluation.coders import Coder
from viewer.evaluation.feature_store import FeatureStore
from viewer.evaluation.inception_distances import PatchSet, distances
from viewer.evaluation.patches import SIDE
from viewer.evaluation.pictures import MASK, Picture, read_pictures
from viewer.images.radiograph import StoredPixels
from viewer.metrics.bootstrap import mean_interval
from viewer.metrics.figures import compare
from viewer.progress import CancelToken, Progress


@dataclass(frozen=True, slots=True)
class TableRow:
    """One codec at one setting on one test set; means over its pictures.

    Parameters
    ----------
    tested_on : str
        The test set.
    codec, setting : str
        Name, and what it was asked for.
    trained_on : str
        Where its weights come from; "" for codecs without.
    pictures, patients : int
    bpp, ratio_16bit : float
        Of all bytes over all pixels.
    psnr, ssim : float
    psnr_interval, ssim_interval : (float, float)
        95 %, by bootstrap over patients.
    frechet, kernel : float or None
        Over `patches` patches; None where they were not measured.
    patches : int
    """

    tested_on: str
    codec: str
    setting: str
    trained_on: str
    pictures: int
    patients: int
    bpp: float
    ratio_16bit: float
    psnr: float
    psnr_interval: tuple[float, float]
    ssim: float
    ssim_interval: tuple[float, float]
    frechet: float | None
    kernel: float | None
    patches: int


class TableSet:
    """A folder of pictures, the places of their patches and their features.

    Parameters
    ----------
    folder : Path
    limit : int or None
        At most so many pictures.
    store : FeatureStore or None
        Without, no distances are measured.
    patches, seed : int

    Raises
    ------
    MeasureError
        When the folder holds no picture that can be used.
    """

    def __init__(
        self, folder: Path, limit: int | None, store: FeatureStore | None, patches: int, seed: int
    ) -> None:
        self.folder = folder
        self.name = f"{folder.parent.name}/{folder.name}"
        self.refused: list[str] = []
        self._limit = limit
        self._patched = store is not None
        self.places = PatchSet(self.pictures, store, patches, seed) if store else None
        self.originals: list[NDArray[np.float32]] = []

    def pictures(self) -> list[Picture]:
        """Read the pictures that every row is made of.

        Raises
        ------
        MeasureError
            When there is none.
        """
        self.refused.clear()
        # The limit counts pictures: masks may lie beside them.
        found = list(islice(read_pictures([self.folder], refused=self.refused), self._limit))
        masks = [text for text in self.refused if text.endswith(MASK)]
        self.refused[:] = [text for text in self.refused if text not in masks]
        if masks:
            self.refused.append(f"{self.name}: masks of two values beside the images.")
        if self._patched:
            small = [p.name for p in found if min(p.pixels.shape) < SIDE]
            self.refused += [f"{name}: smaller than a patch of {SIDE}." for name in small]
            found = [p for p in found if p.name not in small]
        if not found:
            raise MeasureError(f"The folder {self.folder} holds no picture that can be used.")
        return found

    def row(
        self,
        one: Coder,
        setting: str,
        rate_of: Callable[[Picture], float],
        trained_on: str,
        progress: Progress,
        cancel: CancelToken,
    ) -> tuple[TableRow, list[int]]:
        """Code every picture at a rate of its own and measure; return the bytes as well."""
        pictures = self.pictures()
        figures: list[tuple[float, float]] = []
        sizes: list[int] = []

        def reconstructed(picture: Picture) -> StoredPixels:
            cancel.check()
            rate = rate_of(picture)
            coding = one.code(picture.pixels, picture.pixel_format, rate, cancel)
            found = compare(
                picture.pixels, coding.pixels, picture.pixel_format, padding=picture.padding
            )
            figures.append((found.psnr_db, found.ssim if found.ssim is not None else math.nan))
            sizes.append(len(coding.data))
            return coding.pixels

        measured: dict[str, float] = {}
        if self.places is None:
            for number, picture in enumerate(pictures):
                progress(number / len(pictures), f"image {number + 1}/{len(pictures)}")
                reconstructed(picture)
        else:
            blocks = self.places.features(reconstructed, progress=progress, cancel=cancel)
            if not self.originals:
                self.originals = self.places.features(lambda p: p.pixels, cancel=cancel)
            measured = distances(self.originals, blocks, cancel=cancel)
        pixels = sum(p.pixels.size for p in pictures)
        groups = [p.patient for p in pictures]
        psnr, ssim = (np.array(column) for column in zip(*figures, strict=True))
        return (
            TableRow(
                tested_on=self.name,
                codec=one.name,
                setting=setting,
                trained_on=trained_on,
                pictures=len(pictures),
                patients=len(set(groups)),
                bpp=8 * sum(sizes) / pixels,
                ratio_16bit=16 * pixels / (8 * sum(sizes)),
                psnr=float(psnr.mean()),
                psnr_interval=mean_interval(list(psnr), groups),
                ssim=float(np.nanmean(ssim)),
                ssim_interval=mean_interval(list(ssim), groups),
                frechet=measured.get("frechet"),
                kernel=measured.get("kernel"),
                patches=self.places.count if self.places else 0,
            ),
            sizes,
        )
