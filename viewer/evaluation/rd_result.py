"""What an evaluation found: rows, curves, differences, as JSON and as text."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import MeasureError
from viewer.evaluation.bd_rate import bd_rate, bootstrap_interval


@dataclass(frozen=True, slots=True)
class Row:
    """One image, one codec, one rate."""

    image: str
    patient: str
    codec: str
    asked_bpp: float
    bpp: float
    megapixels: float
    psnr: float
    ssim: float | None
    ms_ssim: float | None
    encode_seconds: float
    decode_seconds: float


def _mean(values: list[float | None]) -> float:
    known = [v for v in values if v is not None and math.isfinite(v)]
    return float(np.mean(known)) if known else float("nan")


@dataclass
class RdResult:
    """Rows of an evaluation and what follows from them.

    Parameters
    ----------
    folder : str
    codecs : tuple of str
    rates : tuple of float
        Bits per pixel asked for.
    """

    folder: str
    codecs: tuple[str, ...]
    rates: tuple[float, ...]
    rows: list[Row] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

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

    def _points(self, codec: str) -> NDArray[np.float64]:
        images = sorted({r.image for r in self.rows})
        at = {(r.image, r.asked_bpp): (r.bpp, r.psnr) for r in self.rows if r.codec == codec}
        return np.array([[at[image, rate] for rate in self.rates] for image in images])

    def differences(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Bjøntegaard rate differences of every codec against every other, percent.

        ``mean_curve`` is that of the curves averaged over images, ``images`` that of each image,
        ``interval`` 95 % by bootstrap over patients. Missing where the curves cannot be compared.
        """
        images = sorted({r.image for r in self.rows})
        patient = {r.image: r.patient for r in self.rows}
        groups = [patient[image] for image in images]
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for codec in self.codecs:
            found[codec] = {}
            for reference in self.codecs:
                if reference == codec:
                    continue
                a, b = self._points(codec), self._points(reference)
                mean, other = a.mean(0), b.mean(0)
                try:
                    entry: dict[str, Any] = {
                        "mean_curve": bd_rate(mean[:, 0], mean[:, 1], other[:, 0], other[:, 1])
                    }
                except MeasureError:
                    continue
                entry["images"] = {}
                for image, x, y in zip(images, a, b, strict=True):
                    try:
                        entry["images"][image] = bd_rate(x[:, 0], x[:, 1], y[:, 0], y[:, 1])
                    except MeasureError:
                        continue
                entry["interval"] = bootstrap_interval(a, b, groups)
                found[codec][reference] = entry
        return found

    def as_json(self) -> dict[str, Any]:
        """Everything, for a file."""
        differences = self.differences()
        return {
            "folder": self.folder,
            "images": len({r.image for r in self.rows}),
            "patients": len({r.patient for r in self.rows}),
            "peak": "2^BitsStored - 1",
            "curves": [
                {"name": codec, "description": "", "results": self.curve(codec)}
                for codec in self.codecs
            ],
            "bd_rate_psnr": {
                codec: {ref: entry["mean_curve"] for ref, entry in others.items()}
                for codec, others in differences.items()
            },
            "bd_rate_psnr_detail": differences,
            "rows": [asdict(r) for r in self.rows],
            "refused": self.refused,
        }

    def write_json(self, path: Path) -> None:
        """Write `as_json`, whole or not at all."""
        text = json.dumps(_finite(self.as_json()), indent=1, allow_nan=False)
        temporary = path.with_name(path.name + ".part")
        temporary.write_text(text + "\n", encoding="utf-8")
        temporary.replace(path)

    def table(self) -> str:
        """Curves and differences as text."""
        lines = [
            f"{len({r.image for r in self.rows})} images of {self.folder}; "
            "PSNR with peak 2^BitsStored - 1",
            f"{'codec':<14}{'bpp':>8}{'PSNR dB':>9}{'SSIM':>8}{'MS-SSIM':>9}"
            f"{'enc s':>8}{'dec s':>8}",
        ]
        for codec in self.codecs:
            curve = self.curve(codec)
            for point in zip(*curve.values(), strict=True):
                bpp, psnr, ssim, ms_ssim, encode, decode = point
                lines.append(
                    f"{codec:<14}{bpp:>8.4f}{psnr:>9.2f}{ssim:>8.4f}{ms_ssim:>9.4f}"
                    f"{encode:>8.3f}{decode:>8.3f}"
                )
        for codec, others in self.differences().items():
            for reference, entry in others.items():
                low, high = entry["interval"]
                lines.append(
                    f"BD-rate (PSNR) {codec} against {reference}: {entry['mean_curve']:+.1f} % "
                    f"(95 %: {low:+.1f} .. {high:+.1f})"
                )
        return "\n".join([*lines, *(f"left out: {text}" for text in self.refused)])


def _finite(value: Any) -> Any:
    """The same with None for what JSON cannot say."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
