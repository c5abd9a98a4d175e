"""The result of a rate-distortion evaluation as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from viewer.evaluation.rd_result import TIMED_AGAINST

if TYPE_CHECKING:
    from viewer.evaluation.rd_result import RdResult


def rd_table(result: RdResult) -> str:
    """Return curves, differences, times and distances, a line each."""
    parts = (_curves, _differences, _times, _distances)
    lines = [line for part in parts for line in part(result)]
    return "\n".join([*lines, *(f"left out: {text}" for text in result.refused)])


def _curves(result: RdResult) -> Iterator[str]:
    cropped = f", {result.crop} x {result.crop} from the middle" if result.crop else ""
    yield (
        f"{len(result.images())} images of {result.folder}{cropped}; "
        "PSNR with peak 2^BitsStored - 1"
    )
    yield (
        f"{'codec':<14}{'images':>7}{'bpp':>8}{'PSNR dB':>9}{'SSIM':>8}{'MS-SSIM':>9}"
        f"{'enc s':>8}{'dec s':>8}"
    )
    for codec in result.codecs:
        curve = result.curve(codec)
        images = len(result.images(codec))
        for point in zip(*curve.values(), strict=True) if images else ():
            bpp, psnr, ssim, ms_ssim, encode, decode = point
            yield (
                f"{codec:<14}{images:>7}{bpp:>8.4f}{psnr:>9.2f}{ssim:>8.4f}{ms_ssim:>9.4f}"
                f"{encode:>8.3f}{decode:>8.3f}"
            )


def _differences(result: RdResult) -> Iterator[str]:
    against = {TIMED_AGAINST} if TIMED_AGAINST in result.codecs else set(result.codecs)
    for codec, others in result.differences().items():
        for reference, entry in others.items():
            # All the others are in the JSON.
            if reference not in against and len(result.codecs) > 2:
                continue
            low, high = entry["interval"]
            yield (
                f"BD-rate (PSNR) {codec} against {reference}: {entry['mean_curve']:+.1f} % "
                f"(95 %: {low:+.1f} .. {high:+.1f})"
            )


def _times(result: RdResult) -> Iterator[str]:
    yield "Seconds a megapixel, wall / processor, median; in brackets against jpeg2000's processor"
    for codec, entry in result.times().items():
        ways = (
            f"{way} {entry[f'{way}_wall']:.3f} / {entry[f'{way}_processor']:.3f}"
            + (f" ({r:.1f} x)" if (r := entry.get(f"{way}_processor_ratio")) else "")
            for way in ("encode", "decode")
        )
        yield f"{codec:<14}" + ", ".join(ways)


def _distances(result: RdResult) -> Iterator[str]:
    found = result.inception
    if found is None:
        return
    yield (
        f"Inception distances over {found['patches']} patches of {found['side']} x "
        f"{found['side']} from {found['images']} images"
    )
    for codec, rates in found["values"].items():
        for entry in rates.values():
            yield (
                f"{codec:<14}{entry['bpp']:>8.4f} bpp: Frechet {entry['frechet']:.3f}, "
                f"kernel x 1000 {1000 * entry['kernel']:.3f} +- "
                f"{1000 * entry['kernel_deviation']:.3f}"
            )
    for codec, reason in found["refused"].items():
        yield f"{codec:<14}{reason}"
