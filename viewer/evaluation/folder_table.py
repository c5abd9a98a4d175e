"""The table of the paper over the images that are open: ratio, PSNR, SSIM, Frechet distance.

Columns as in Kwon et al. (2020), figure 2. The Frechet distance is over the Inception features of
patches of 299 x 299 at the same places of originals and reconstructions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from viewer.codecs.base import Options, Target
from viewer.errors import MeasureError, ModelError, RadviewError
from viewer.evaluation.comparison import Comparison, compare_radiograph
from viewer.evaluation.feature_store import FeatureStore
from viewer.evaluation.patches import in_eight_bits, positions
from viewer.evaluation.rate_points import asked_text
from viewer.images.opening import read_frame
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import Header, Radiograph, StoredPixels
from viewer.progress import NEVER, CancelToken, Progress, silent

COLUMNS = ("Codec", "Asked", "Images", "Ratio", "bpp", "PSNR dB", "SSIM", "MS-SSIM", "Frechet")


@dataclass(frozen=True, slots=True)
class TableLine:
    """One codec at one target over all images.

    Parameters
    ----------
    codec : str
    target : Target
    images : int
        Coded; others are named in `notes`.
    ratio, bpp : float
        Of all bits together; the ratio against stored bits.
    psnr_db, ssim, ms_ssim : float or None
        Means over the images; identical ones are left out of the mean of PSNR.
    frechet : float or None
    patches : int
        Behind the Frechet distance; far fewer than 10,000 make it a rough one.
    notes : tuple of str
        Why something is missing.
    """

    codec: str
    target: Target
    images: int
    ratio: float
    bpp: float
    psnr_db: float | None
    ssim: float | None
    ms_ssim: float | None
    frechet: float | None = None
    patches: int = 0
    notes: tuple[str, ...] = ()

    def texts(self) -> tuple[str, ...]:
        """Return the line with the columns of `COLUMNS`."""
        return (
            self.codec, asked_text(self.target), str(self.images), f"{self.ratio:.1f} : 1",
            f"{self.bpp:.3f}",
            _or_dash(self.psnr_db, 2), _or_dash(self.ssim, 4), _or_dash(self.ms_ssim, 4),
            _or_dash(self.frechet, 2),
        )  # fmt: skip


def folder_table(
    headers: Sequence[Header],
    codings: Sequence[tuple[str, Target]],
    *,
    patches: int = 0,
    deliver: Callable[[TableLine], None] = lambda line: None,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> list[TableLine]:
    """Code every grey image with every codec and make a line each.

    Parameters
    ----------
    headers : sequence of Header
        Of files; the first frame of each is coded.
    patches : int
        In all, for the Frechet distance; 0 leaves it out.
    deliver : callable
        Given each line as it is done.

    Raises
    ------
    Cancelled
    """
    features, why = (None, "") if not patches else _store()
    lines: list[TableLine] = []
    each = math.ceil(patches / max(len(headers), 1))
    total = max(len(codings) * len(headers), 1)
    for number, (codec, target) in enumerate(codings):

        def report(done: int, name: str, number: int = number, codec: str = codec) -> None:
            place = number * len(headers) + done
            progress(place / total, f"{codec}, image {done + 1}/{len(headers)}")

        line = _Line(codec, target, features, each, why)
        for done, radiograph in enumerate(_read(headers, line.notes, cancel)):
            report(done, codec)
            line.add(radiograph, options, cancel)
        finished = line.finished()
        lines.append(finished)
        deliver(finished)
    progress(1.0, "")
    return lines


def _store() -> tuple[FeatureStore | None, str]:
    try:
        from viewer.evaluation.inception_distances import open_store

        return open_store(None), ""
    except (ModelError, ImportError) as error:
        return None, str(error)


def _read(headers: Sequence[Header], notes: list[str], cancel: CancelToken) -> Iterator[Radiograph]:
    for header in headers:
        cancel.check()
        try:
            radiograph = read_frame(header)
        except RadviewError as error:
            notes.append(str(error))
            continue
        if radiograph.pixels.ndim != 2:
            notes.append(f"{header.path.name} is in colour and left out.")
            continue
        yield radiograph


class _Line:
    """Gathers what becomes of the images in one codec; no image is kept."""

    def __init__(
        self, codec: str, target: Target, features: FeatureStore | None, each: int, why: str
    ) -> None:
        self._codec, self._target = codec, target
        self._features, self._each = features, each
        self.notes: list[str] = [why] if why else []
        self._bits = self._stored = self._pixels = self._images = 0
        self._figures: list[tuple[float | None, ...]] = []
        self._moments: list[object] = []
        self._patches = 0

    def add(self, radiograph: Radiograph, options: Options, cancel: CancelToken) -> None:
        """Code one image."""
        name = radiograph.header.path.name
        try:
            found = compare_radiograph(
                radiograph, self._codec, self._target, options=options, cancel=cancel
            )
        except MeasureError:
            raise
        except RadviewError as error:
            cancel.check()
            self.notes.append(f"{name}: {error}")
            return
        figures = found.figures
        self._images += 1
        self._bits += 8 * found.byte_count
        self._stored += radiograph.header.stored_bits_total
        self._pixels += radiograph.header.rows * radiograph.header.columns
        psnr = figures.psnr_db if math.isfinite(figures.psnr_db) else None
        self._figures.append((psnr, figures.ssim, figures.ms_ssim))
        if self._features is not None:
            self._add_features(found, cancel)

    def _add_features(self, found: Comparison, cancel: CancelToken) -> None:
        from viewer.evaluation.frechet import Moments

        assert self._features is not None
        original = found.radiograph.pixels
        header = found.radiograph.header
        try:
            corners = positions(original.shape[0], original.shape[1], self._each, seed=0)
        except MeasureError as error:
            self.notes.append(f"{header.path.name}: {error}")
            return
        kind = PixelFormat(header.bits_stored, header.signed)

        def features_of(pixels: StoredPixels) -> np.ndarray:
            assert self._features is not None
            grey = in_eight_bits(pixels, original, kind)
            return self._features.features(grey, corners, cancel=cancel)

        pair = features_of(original), features_of(found.reconstruction.pixels)
        if not self._moments:
            self._moments = [Moments(block.shape[1]) for block in pair]
        for moments, block in zip(self._moments, pair, strict=True):
            assert isinstance(moments, Moments)
            moments.add(block)
        self._patches += len(corners)

    def finished(self) -> TableLine:
        """Return the line."""
        columns = list(zip(*self._figures, strict=True)) if self._figures else [(), (), ()]
        psnr, ssim, ms_ssim = (_mean(column) for column in columns)
        return TableLine(
            self._codec, self._target, self._images,
            self._stored / self._bits if self._bits else math.nan,
            self._bits / self._pixels if self._pixels else math.nan,
            psnr, ssim, ms_ssim, self._frechet(), self._patches, tuple(dict.fromkeys(self.notes)),
        )  # fmt: skip

    def _frechet(self) -> float | None:
        from viewer.evaluation.frechet import Moments, frechet_distance

        if self._patches < 2:
            return None
        one, other = self._moments
        assert isinstance(one, Moments)
        assert isinstance(other, Moments)
        return frechet_distance(one, other)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return float(np.mean(known)) if known else None


def _or_dash(value: float | None, digits: int) -> str:
    return "–" if value is None or not math.isfinite(value) else f"{value:.{digits}f}"
