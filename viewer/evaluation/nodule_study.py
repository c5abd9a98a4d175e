"""Does detail survive? Planted nodules, an observer, every codec at several rates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer import __version__
from viewer.codecs.base import Options
from viewer.errors import CodecError, MeasureError
from viewer.evaluation.coders import Coder, coder
from viewer.evaluation.nodules import Nodule, plant, regions
from viewer.evaluation.observer import (
    Detectability,
    area_difference,
    detectability,
    laguerre_gauss,
    responses,
    scores,
)
from viewer.evaluation.pictures import Picture, read_pictures
from viewer.evaluation.row_cache import RowCache
from viewer.metrics.auroc import separation
from viewer.progress import NEVER, CancelToken, Progress, silent

DEFAULT_NODULES = (Nodule(6, 0.01), Nodule(24, 0.025))
DEFAULT_RATES = (0.05, 0.1, 0.2, 0.4, 0.8)
FOLDS = 5
_CHANNEL_WIDTH = 1.5
"""Width of the widest Gaussian, in diameters of the nodule."""


class _Study:
    """The pictures, their regions, and what channels say of them before and after coding."""

    def __init__(
        self,
        paths: Sequence[Path],
        nodules: Sequence[Nodule],
        per_picture: int,
        seed: int,
        limit: int | None,
        crop: int | None,
        kept: RowCache,
    ) -> None:
        self._channels = {
            f"{n.diameter:g}": laguerre_gauss(_CHANNEL_WIDTH * n.diameter) for n in nodules
        }
        self.refused: list[str] = []
        self.pictures: list[Picture] = []
        self.corners: list[NDArray[np.int64]] = []
        self._kept = kept
        for picture in read_pictures(paths, limit=limit, crop=crop, refused=self.refused):
            try:
                found = regions(
                    picture.pixels, picture.pixel_format, per_picture, seed + len(self.pictures)
                )
            except MeasureError as error:
                self.refused.append(f"{picture.name}: {error}")
                continue
            self.pictures.append(picture)
            self.corners.append(found)
        if not self.pictures:
            raise MeasureError(f"There is no usable picture in {', '.join(map(str, paths))}.")
        self.groups = [p.patient for p in self.pictures for _ in range(per_picture)]

    def observed(
        self, nodule: Nodule, planted: bool, one: Coder | None, bpp: float, cancel: CancelToken
    ) -> tuple[NDArray[np.float64], float]:
        """Responses of all regions, and bits per pixel, of all pictures through a codec."""
        size = f"{nodule.diameter:g}"
        found, bits, pixels = [], 0, 0
        for picture, corners in zip(self.pictures, self.corners, strict=True):
            cancel.check()
            source = picture.pixels
            if planted:
                source = plant(source, picture.pixel_format, corners, nodule)
            seen = Picture(picture.name, picture.patient, source, picture.pixel_format)
            if one is None:
                found.append(responses(source, corners, self._channels[size]))
                continue
            value = self._coded(seen, corners, one, bpp, cancel)
            found.append(np.array(value["responses"][size]))
            bits += 8 * int(value["bytes"])
            pixels += source.size
        return np.concatenate(found), bits / pixels if pixels else 0.0

    def _coded(
        self,
        picture: Picture,
        corners: NDArray[np.int64],
        one: Coder,
        bpp: float,
        cancel: CancelToken,
    ) -> dict[str, Any]:
        """Bytes and responses of a picture through a codec, for the channels of every nodule."""
        key = ("nodule", __version__, picture.sha256(), picture.pixel_format, corners.tolist())
        coder_key = (one.name, one.identity(), bpp, sorted(self._channels))
        value = self._kept.get(*key, *coder_key)
        if value is None:
            coding = one.code(picture.pixels, picture.pixel_format, bpp, cancel)
            seen = {
                size: responses(coding.pixels, corners, channels).tolist()
                for size, channels in self._channels.items()
            }
            value = {"bytes": len(coding.data), "responses": seen}
            self._kept.put(value, *key, *coder_key)
        return value


def nodule_study(
    paths: Sequence[Path],
    codecs: Sequence[str],
    *,
    nodules: Sequence[Nodule] = DEFAULT_NODULES,
    rates: Sequence[float] = DEFAULT_RATES,
    per_picture: int = 12,
    limit: int | None = None,
    crop: int | None = None,
    seed: int = 0,
    cache: Path | None = None,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> dict[str, Any]:
    """Measure detectability on the originals and on every codec's reconstructions.

    Every picture is coded twice a nodule: as it is, and with nodules in all its regions. The
    observer learns its template anew on the pictures of each codec and rate, always from other
    patients than it is tested on.

    Returns
    -------
    dict
        ``rows`` (``nodule, codec, asked_bpp, bpp, ratio_16bit, area, interval, d_prime, change,
        change_interval``; codec "original" first), ``pictures, patients, regions, seed, refused``.

    Raises
    ------
    MeasureError
        When there are too few pictures or patients.
    Cancelled
        What is in the cache stays usable.
    """
    kept = RowCache(None if cache is None else cache / "nodules.jsonl")
    study = _Study(paths, nodules, per_picture, seed, limit, crop, kept)
    coders = [coder(name, options) for name in codecs]
    rows: list[dict[str, Any]] = []
    steps = len(nodules) * len(coders) * len(rates)
    for nodule in nodules:
        original = scores(
            study.observed(nodule, True, None, 0, cancel)[0],
            study.observed(nodule, False, None, 0, cancel)[0],
            study.groups,
            folds=FOLDS,
        )
        found = detectability(*original, study.groups)
        rows.append({"nodule": str(nodule), "codec": "original", **_area(found)})
        for one in coders:
            for rate in rates:
                done = sum(row["codec"] != "original" for row in rows) / steps
                progress(done, f"{nodule}: {one.name} at {rate:g} bpp")
                try:
                    present, bpp = study.observed(nodule, True, one, rate, cancel)
                    if rows[-1]["codec"] == one.name and rows[-1]["bpp"] == bpp:
                        continue  # A codec of few rates gives the same for several.
                    absent, _ = study.observed(nodule, False, one, rate, cancel)
                except CodecError as error:
                    study.refused.append(f"{one.name} at {rate:g} bpp: {error}")
                    continue
                seen = scores(present, absent, study.groups, folds=FOLDS)
                change, change_interval = area_difference(seen, original, study.groups)
                rows.append(
                    {
                        "nodule": str(nodule),
                        "codec": one.name,
                        "asked_bpp": rate,
                        "bpp": bpp,
                        "ratio_16bit": 16 / bpp,
                        **_area(detectability(*seen, study.groups)),
                        "change": change,
                        "change_interval": change_interval,
                    }
                )
    progress(1.0, "done")
    return {
        "rows": rows,
        "pictures": len(study.pictures),
        "patients": len(set(study.groups)),
        "regions": len(study.groups),
        "crop": crop,
        "seed": seed,
        "refused": study.refused,
    }


def _area(found: Detectability) -> dict[str, Any]:
    return {
        "area": found.area,
        "interval": found.interval,
        "d_prime": separation(found.area),
    }
