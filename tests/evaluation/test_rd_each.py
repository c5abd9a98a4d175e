"""Differences image by image."""

from __future__ import annotations

import numpy as np

from viewer.evaluation.rd_each import each_table
from viewer.evaluation.rd_result import RdResult, Row

RATES = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)


def _row(image: str, codec: str, rate: float, factor: float) -> Row:
    return Row(
        image=image,
        patient=image,
        codec=codec,
        asked_bpp=rate,
        bits_stored=12,
        bytes=1000,
        bpp=rate * factor,
        megapixels=1.0,
        psnr=40 + 6 * float(np.log2(10 * rate)),
        ssim=0.9,
        ms_ssim=0.9,
        max_error=1,
        encode_seconds=0.1,
        decode_seconds=0.1,
        encode_processor_seconds=0.1,
        decode_processor_seconds=0.1,
    )


def test_every_image_has_its_difference() -> None:
    result = RdResult("folder", ("vqvae2", "jpeg2000"), RATES)
    for image, factor in (("a.dcm", 0.8), ("b.dcm", 1.1)):
        for rate in RATES:
            result.rows += [_row(image, "vqvae2", rate, factor), _row(image, "jpeg2000", rate, 1.0)]
    lines = each_table(result).splitlines()
    assert lines[0].startswith("BD-rate (PSNR) against jpeg2000")
    assert lines[2].split() == ["a.dcm", "12", "-20.0"]
    assert lines[3].split() == ["b.dcm", "12", "+10.0"]
    assert lines[4].endswith("below jpeg2000's at 0 of 12 images and rates")


def test_without_the_reference_there_is_nothing() -> None:
    result = RdResult("folder", ("vqvae2",), RATES)
    result.rows = [_row("a.dcm", "vqvae2", rate, 0.8) for rate in RATES]
    assert each_table(result) == "No codec can be set against jpeg2000."
