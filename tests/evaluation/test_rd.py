"""Rate-distortion curves: figures that are known beforehand, and a small real evaluation."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.errors import ImageError, MeasureError
from viewer.evaluation.bd_rate import bd_rate, bootstrap_interval
from viewer.evaluation.rd import evaluate_rd
from viewer.images.opening import read_frame, read_header

RATES = np.array([0.1, 0.2, 0.4, 0.6, 0.8, 1.0])
QUALITY = 40 + 6 * np.log2(RATES * 10)


@pytest.mark.parametrize("factor", [0.7, 1.0, 1.3])
def test_a_curve_moved_along_the_rate_axis(factor: float) -> None:
    found = bd_rate(RATES * factor, QUALITY, RATES, QUALITY)
    assert found == pytest.approx(100 * (factor - 1), abs=1e-6)


def test_order_does_not_matter_and_nonsense_is_refused() -> None:
    backwards = bd_rate(RATES[::-1] * 0.8, QUALITY[::-1], RATES, QUALITY)
    assert backwards == pytest.approx(-20)
    with pytest.raises(MeasureError, match="in common"):
        bd_rate(RATES, QUALITY + 100, RATES, QUALITY)
    with pytest.raises(MeasureError, match="at least"):
        bd_rate(RATES[:3], QUALITY[:3], RATES, QUALITY)
    with pytest.raises(MeasureError):
        bd_rate(RATES, QUALITY * np.nan, RATES, QUALITY)


def test_patients_are_drawn_together() -> None:
    rng = np.random.default_rng(0)
    reference = np.stack([np.stack([RATES, QUALITY], 1)] * 12)
    curves = reference.copy()
    curves[..., 0] *= rng.uniform(0.7, 0.9, (12, 1))
    low, high = bootstrap_interval(curves, reference, [str(i // 2) for i in range(12)], draws=200)
    assert -30 < low < high < -10


def test_a_folder_is_evaluated(shared_data: Path, tmp_path: Path) -> None:
    rates = (0.2, 0.4, 0.6, 0.8)
    source = sorted((shared_data / "chest" / "val").glob("*.jp2"))[0]
    folder = tmp_path / "images"
    folder.mkdir()
    pixels = read_frame(read_header(source)).pixels[300:620, 200:520]
    Image.fromarray(pixels).save(folder / f"{source.stem}.png")
    (folder / "junk.png").write_bytes(b"junk")
    json_path, plot_path = tmp_path / "rd.json", tmp_path / "rd.png"
    result = evaluate_rd(
        folder,
        ("vqvae2", "jpeg2000"),
        rates=rates,
        json_path=json_path,
        plot_path=plot_path,
    )
    assert len(result.rows) == 8
    assert len(result.refused) == 1
    for row in result.rows:
        assert row.bpp == pytest.approx(row.asked_bpp, rel=0.02)
        assert row.patient == source.stem.split("_")[0]
    read = json.loads(json_path.read_text())
    assert set(read["curves"][0]["results"]) >= {"bpp", "psnr", "ssim", "encoding_time"}
    there, back = (
        read["bd_rate_psnr"]["vqvae2"]["jpeg2000"],
        read["bd_rate_psnr"]["jpeg2000"]["vqvae2"],
    )
    assert (1 + there / 100) * (1 + back / 100) == pytest.approx(1, abs=0.03)
    assert plot_path.read_bytes().startswith(b"\x89PNG")
    assert "BD-rate (PSNR) vqvae2 against jpeg2000" in result.table()


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(ImageError):
        evaluate_rd(tmp_path, ("jpeg2000",))
