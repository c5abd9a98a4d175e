"""Points of the rate-distortion curve of one image, and the tables they are written as."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from viewer.codecs.base import CodecInfo, Target
from viewer.evaluation.comparison import Comparison

SWEPT_BPP = (0.06, 0.12, 0.25, 0.5, 1.0, 2.0)
"""Bits per pixel that a codec of any rate is swept over."""
SWEPT_QUALITIES = (10.0, 30.0, 50.0, 70.0, 90.0)
"""Of codecs that cannot be asked for a rate."""

SWEPT_ERRORS = (64.0, 32.0, 16.0, 8.0, 4.0, 2.0, 1.0)
"""Largest errors of codecs that can be asked for nothing else."""
MOST_STEPS = 8
"""About so many of a codec's counted qualities are swept."""

COLUMNS = (
    "codec", "asked", "bpp", "ratio", "psnr_db", "ssim", "ms_ssim", "bytes", "encode_s", "decode_s",
    "model",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RatePoint:
    """One coding of one image.

    Parameters
    ----------
    codec : str
    target : Target
        What was asked for: asking for it again gives this point.
    bpp, ratio : float
        Of the whole bitstream; the ratio against stored bits.
    psnr_db : float
        Infinite where nothing was lost.
    ssim, ms_ssim : float or None
    byte_count : int
    encode_s, decode_s : float
    model : str
    """

    codec: str
    target: Target
    bpp: float
    ratio: float
    psnr_db: float
    ssim: float | None
    ms_ssim: float | None
    byte_count: int
    encode_s: float
    decode_s: float
    model: str = ""


def rate_point(comparison: Comparison) -> RatePoint:
    """Return what a comparison says of its rate and distortion."""
    figures = comparison.figures
    return RatePoint(
        codec=comparison.codec,
        target=comparison.target,
        bpp=comparison.bpp,
        ratio=comparison.ratio_stored,
        psnr_db=figures.psnr_db,
        ssim=figures.ssim,
        ms_ssim=figures.ms_ssim,
        byte_count=comparison.byte_count,
        encode_s=comparison.encode_s,
        decode_s=comparison.decode_s,
        model=comparison.encoded.model,
    )


def swept_targets(info: CodecInfo) -> tuple[Target, ...]:
    """Return what a codec is asked for in a sweep, the coarsest first."""
    if "bpp" in info.targets:
        rates = sorted(info.rates_bpp) or SWEPT_BPP
        return tuple(Target("bpp", rate) for rate in rates)
    if "quality" in info.targets:
        count = len(info.quality_steps)
        # Of many steps every so-manyth, the finest among them.
        apart = max(1, count // MOST_STEPS)
        counted = [100 * k / count for k in range(count, 0, -apart)][::-1] if count else []
        steps = counted or SWEPT_QUALITIES
        return tuple(Target("quality", float(quality)) for quality in steps)
    bounded = SWEPT_ERRORS if "max_error" in info.targets else ()
    exact = [Target("lossless")] if "lossless" in info.targets else []
    return (*(Target("max_error", error) for error in bounded), *exact)


def in_turn(plans: Sequence[tuple[str, Sequence[Target]]]) -> list[tuple[str, Target]]:
    """Return codecs and targets so that every codec's curve grows alike."""
    longest = max((len(targets) for _, targets in plans), default=0)
    return [
        (codec, targets[place])
        for place in range(longest)
        for codec, targets in plans
        if place < len(targets)
    ]


def curve(points: Iterable[RatePoint], codec: str) -> list[RatePoint]:
    """Return the points of a codec by rate."""
    return sorted((p for p in points if p.codec == codec), key=lambda p: p.bpp)


def as_table(points: Iterable[RatePoint], between: str = ",") -> str:
    """Return the points as CSV (RFC 4180), or with tabs for a clipboard."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=between, lineterminator="\r\n" if between == "," else "\n")
    writer.writerow(COLUMNS)
    for p in points:
        writer.writerow(
            (
                p.codec, asked_text(p.target), f"{p.bpp:.6g}", f"{p.ratio:.6g}",
                "inf" if math.isinf(p.psnr_db) else f"{p.psnr_db:.6g}",
                *("" if value is None else f"{value:.6g}" for value in (p.ssim, p.ms_ssim)),
                p.byte_count, f"{p.encode_s:.4g}", f"{p.decode_s:.4g}", p.model,
            )
        )  # fmt: skip
    return text.getvalue()


def asked_text(target: Target) -> str:
    """Return "bpp 0.5", or "lossless"."""
    return "lossless" if target.kind == "lossless" else f"{target.kind} {target.value:g}"


def as_compressai(points: Sequence[RatePoint], description: str) -> list[dict[str, Any]]:
    """Return a curve a codec in the shape of CompressAI's result files.

    Their keys are ``name``, ``description`` and ``results`` of equally long lists; an infinite
    PSNR, which JSON does not have, is None.
    """
    found = []
    for codec in dict.fromkeys(p.codec for p in points):
        line = curve(points, codec)
        found.append(
            {
                "name": codec,
                "description": description,
                "results": {
                    "bpp": [p.bpp for p in line],
                    "psnr": [p.psnr_db if math.isfinite(p.psnr_db) else None for p in line],
                    "ssim": [p.ssim for p in line],
                    "ms-ssim": [p.ms_ssim for p in line],
                    "encoding_time": [p.encode_s for p in line],
                    "decoding_time": [p.decode_s for p in line],
                },
            }
        )
    return found
