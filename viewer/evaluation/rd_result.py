"""What an evaluation found: rows, curves, differences, as JSON and as text."""

from __future__ import annotations

import itertools
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import MeasureError
from viewer.evaluation.bd_rate import bd_rate, bootstrap_interval
from viewer.evaluation.json_files import write_json


@dataclass(frozen=True, slots=True)
class Row:
    """One image, one codec, one rate; `psnr` is None where nothing was lost."""

    image: str
    patient: str
    codec: str
    asked_bpp: float
    bits_stored: int
    bytes: int
    bpp: float
    megapixels: float
    psnr: float | None
    ssim: float | None
    ms_ssim: float | None
    max_error: int
    encode_seconds: float
    decode_seconds: float
    encode_processor_seconds: float
    decode_processor_seconds: float
    setting: str = ""
    model: str = ""


TIMED_AGAINST = "jpeg2000"
"""Codec whose times the others are set against."""


def _mean(values: list[float | None]) -> float:
    known = [v for v in values if v is not None and math.isfinite(v)]
    return float(np.mean(known)) if known else float("nan")


@dataclass
class RdResult:
    """Rows of an evaluation and what follows from them.

    Parameters
    ----------
    folder : str
        What was evaluated.
    codecs : tuple of str
    rates : tuple of float
        Bits per pixel asked for.
    crop : int or None
        Side of the square from the middle that alone was coded.
    about : dict
        Codec -> library, settings and limits.
    inception : dict or None
        As `viewer.evaluation.inception_distances.measure_distances` gives it.
    """

    folder: str
    codecs: tuple[str, ...]
    rates: tuple[float, ...]
    rows: list[Row] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    crop: int | None = None
    about: dict[str, str] = field(default_factory=dict)
    inception: dict[str, Any] | None = None
    _known: tuple[int, dict[str, dict[str, dict[str, Any]]]] | None = None

    def images(self, *codecs: str) -> list[str]:
        """Names of the images that every one of the codecs coded; of all images without."""
        names = {row.image for row in self.rows}
        for codec in codecs:
            names &= {row.image for row in self.rows if row.codec == codec}
        return sorted(names)

    def curve(self, codec: str) -> dict[str, list[float]]:
        """Means over the images at each rate, in the shape CompressAI's results have."""
        curve: dict[str, list[float]] = {
            key: [] for key in ("bpp", "psnr", "ssim", "ms-ssim", "encoding_time", "decoding_time")
        }
        for rate in self.rates:
            rows = [r for r in self.rows if r.codec == codec and r.asked_bpp == rate]
            curve["bpp"].append(_mean([r.bpp for r in rows]))
            curve["psnr"].append(_mean([r.psnr for r in rows]))
            curve["ssim"].append(_mean([r.ssim for r in rows]))
            curve["ms-ssim"].append(_mean([r.ms_ssim for r in rows]))
            curve["encoding_time"].append(_mean([r.encode_seconds for r in rows]))
            curve["decoding_time"].append(_mean([r.decode_seconds for r in rows]))
        return curve

    def _points(self, codec: str, images: list[str]) -> NDArray[np.float64]:
        """Rate and PSNR, shape (images, rates, 2); infinite where nothing was lost."""
        at = {
            (r.image, r.asked_bpp): (r.bpp, math.inf if r.psnr is None else r.psnr)
            for r in self.rows
            if r.codec == codec
        }
        return np.array([[at[image, rate] for rate in self.rates] for image in images])

    def differences(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Bjøntegaard rate differences of every codec against every other, percent.

        ``mean_curve`` is that of the curves averaged over the images both could code (rates at
        which a picture came out exact are left out), ``images`` that of each image, ``interval``
        95 % by bootstrap over patients. Missing where the curves cannot be compared.
        """
        if self._known is None or self._known[0] != len(self.rows):
            found: dict[str, dict[str, dict[str, Any]]] = {codec: {} for codec in self.codecs}
            for codec, reference in itertools.combinations(self.codecs, 2):
                entry = self._difference(codec, reference)
                if entry is not None:
                    found[codec][reference] = entry
                    found[reference][codec] = _turned(entry)
            self._known = len(self.rows), found
        return self._known[1]

    def _difference(self, codec: str, reference: str) -> dict[str, Any] | None:
        images = self.images(codec, reference)
        if not images:
            return None
        a, b = (_lossy(self._points(name, images)) for name in (codec, reference))
        mean, other = a.mean(0), b.mean(0)
        try:
            entry: dict[str, Any] = {
                "mean_curve": bd_rate(mean[:, 0], mean[:, 1], other[:, 0], other[:, 1])
            }
        except MeasureError:
            return None
        entry["images"] = {}
        for image, x, y in zip(images, a, b, strict=True):
            try:
                entry["images"][image] = bd_rate(x[:, 0], x[:, 1], y[:, 0], y[:, 1])
            except MeasureError:
                continue
        patient = {r.image: r.patient for r in self.rows}
        groups = [patient[image] for image in images]
        entry["interval"] = bootstrap_interval(a, b, groups)
        entry["patients"] = len(set(groups))
        return entry

    def times(self) -> dict[str, dict[str, float]]:
        """Seconds a megapixel of every codec, and their ratio to JPEG 2000's in this run.

        ``encode_wall, encode_processor, decode_wall, decode_processor``: medians over all rows;
        ``..._ratio`` where JPEG 2000 took part. Processor time adds up all threads, and other
        programs on the machine do not lengthen it.
        """
        found: dict[str, dict[str, float]] = {}
        for codec in self.codecs:
            rows = [r for r in self.rows if r.codec == codec]
            if rows:
                found[codec] = {
                    f"{way}_{kind or 'wall'}": float(
                        np.median([getattr(r, f"{way}{_of(kind)}") / r.megapixels for r in rows])
                    )
                    for way in ("encode", "decode")
                    for kind in ("", "processor")
                }
        base = found.get(TIMED_AGAINST)
        for entry in found.values() if base else ():
            assert base is not None
            entry.update({f"{k}_ratio": v / base[k] for k, v in list(entry.items()) if base[k]})
        return found

    def as_json(self) -> dict[str, Any]:
        """Everything, for a file."""
        differences = self.differences()
        found: dict[str, Any] = {
            "folder": self.folder,
            "crop": self.crop,
            "images": len(self.images()),
            "patients": len({r.patient for r in self.rows}),
            "peak": "2^BitsStored - 1",
            "curves": [
                {
                    "name": codec,
                    "description": self.about.get(codec, ""),
                    "results": self.curve(codec),
                }
                for codec in self.codecs
            ],
            "bd_rate_psnr": {
                codec: {ref: entry["mean_curve"] for ref, entry in others.items()}
                for codec, others in differences.items()
            },
            "bd_rate_psnr_detail": differences,
            "seconds_per_megapixel": self.times(),
            "rows": [asdict(r) for r in self.rows],
            "refused": self.refused,
        }
        if self.inception is not None:
            found["inception"] = self.inception
        return found

    def write_json(self, path: Path) -> None:
        """Write `as_json`, whole or not at all."""
        write_json(path, self.as_json())

    def table(self) -> str:
        """Curves, differences, times and distances as text."""
        from viewer.evaluation.rd_table import rd_table

        return rd_table(self)


def _turned(entry: dict[str, Any]) -> dict[str, Any]:
    """The difference seen from the other codec: factors of the rate are inverted."""

    def back(percent: float) -> float:
        return 100 / (1 + percent / 100) - 100

    low, high = entry["interval"]
    return {
        **entry,
        "mean_curve": back(entry["mean_curve"]),
        "images": {image: back(value) for image, value in entry["images"].items()},
        "interval": (back(high), back(low)),
    }


def _of(kind: str) -> str:
    return f"_{kind}_seconds" if kind else "_seconds"


def _lossy(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without the rates at which an image came out exact."""
    return points[:, np.isfinite(points).all((0, 2))]
