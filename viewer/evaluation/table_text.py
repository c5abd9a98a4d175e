"""The codec table as text, beside the paper's figures."""

from __future__ import annotations

from typing import Any

PAPER_ROWS = (
    ("VQ-VAE-2", 24.0, 45.12, 0.953, 3.81),
    ("JPEG 2000", 15.4, 46.05, 0.968, 2.13),
)
"""Kwon et al. (2020), figure 2: codec, ratio against 16 bits, PSNR, SSIM, Frechet distance."""

OTHER_IMAGES = "The paper's figures are of other images (CheXpert and MIMIC at 1024 x 1024)."


def table_text(table: dict[str, Any]) -> str:
    """Return the rows of `viewer.evaluation.codec_table.codec_table`, a line each."""
    lines = [
        f"{'tested on':<12}{'trained on':<12}{'codec':<14}{'setting':<34}{'n':>4}"
        f"{'ratio 16':>9}{'bpp':>7}{'PSNR dB':>9}{'SSIM':>8}{'Frechet':>9}{'KID e3':>8}"
    ]
    for row in table["rows"]:
        lines.append(
            f"{row['tested_on']:<12}{row['trained_on'] or '-':<12}{row['codec']:<14}"
            f"{row['setting']:<34}{row['pictures']:>4}{row['ratio_16bit']:>9.1f}{row['bpp']:>7.3f}"
            f"{row['psnr']:>9.2f}{row['ssim']:>8.4f}{_or_dash(row['frechet'], 1):>9}"
            f"{_or_dash(row['kernel'], 1000):>8}"
        )
    for name, ratio, psnr, ssim, frechet in PAPER_ROWS:
        lines.append(
            f"{'the paper':<12}{'':<12}{name:<14}{'':<34}{'':>4}{ratio:>9.1f}{16 / ratio:>7.3f}"
            f"{psnr:>9.2f}{ssim:>8.4f}{frechet:>9.3f}"
        )
    patches = table["rows"][0]["patches"] if table["rows"] else 0
    if patches:
        lines.append(f"Distances over {patches} patches of 299 x 299 a test set.")
    lines.append(OTHER_IMAGES)
    return "\n".join([*lines, *(f"left out: {text}" for text in table["refused"])])


def _or_dash(value: float | None, factor: float) -> str:
    return "-" if value is None else f"{factor * value:.3f}"
