"""The table of exact and bounded coding: sizes that were decoded, sums that are right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.cli.main import main
from viewer.codecs.base import PixelFormat
from viewer.errors import ImageError, MeasureError
from viewer.evaluation import lossless_table
from viewer.evaluation.lossless_table import Made, Method, Row, summary, table_text
from viewer.evaluation.pictures import Picture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:96, 0:120]
    for number in range(2):
        values = 60 + x / 2 + y / 3 + rng.normal(0, 2, x.shape)
        Image.fromarray(np.clip(values, 0, 255).astype(np.uint8)).save(tmp_path / f"{number}.png")
    (tmp_path / "notes.txt").write_text("no image")
    return tmp_path


def test_the_command_prints_every_method(folder: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out.json"
    assert main(["evaluate", "lossless", str(folder), "--json", str(out), "--limit", "1"]) == 0
    text = capsys.readouterr().out
    for name in ("vqvae2 20:1", "jpegls", "jpegxl", "jpeg2000", "htj2k"):
        assert name in text
    assert "+0.0 %" in text
    assert out.is_file()
    assert main(["evaluate", "lossless", str(folder), "--max-errors", "x"]) == 1
    assert main(["evaluate", "lossless", str(folder / "nowhere")]) == 1


def test_bounds_hold_and_first_parts_are_as_asked(folder: Path) -> None:
    table = lossless_table.lossless_table([folder], bounds=(0, 1), limit=1)
    assert all(row["max_error"] <= row["bound"] for row in table["rows"])
    bases = {row["method"]: row["base_ratio"] for row in table["rows"] if row["base_ratio"]}
    assert bases["vqvae2 20:1"] == pytest.approx(20, rel=0.1)
    assert {row["method"] for row in table["rows"] if row["bound"]} == {
        "vqvae2 20:1", "vqvae2", "jpegls", "jpeg2000",
    }  # fmt: skip


def _row(**changes) -> Row:
    plain = Row("a", "x", "jpegls", 0, 0, 8, 1000, 400, None, "", 1.0, 1.0, 0.001, 0.002)
    return replace(plain, **changes)


def test_sums() -> None:
    rows = [
        _row(),
        _row(picture="y", bytes=200, pixels=2000),
        _row(method="other", bytes=300, base_ratio=20.0),
        _row(method="other", picture="y", bytes=250, pixels=2000, base_ratio=30.0),
    ]
    reference, other = summary(rows)
    assert reference["against_jpegls"] == 0
    assert reference["bpp"] == pytest.approx(8 * 600 / 3000)
    assert other["against_jpegls"] == pytest.approx((0.75 + 1.25) / 2 - 1)
    assert other["pictures_below"] == 1
    assert other["base_ratio"] == 25
    assert other["encode_cpu_s"] == pytest.approx(0.002 / 3000 * 1e6)
    assert "25.0:1" in table_text(
        {"rows": [], "summary": [reference, other], "refused": ["z: bad."]}
    )


def test_a_codec_that_breaks_its_bound_is_found_out(monkeypatch, folder: Path) -> None:
    def wrong(data: bytes, picture: Picture) -> np.ndarray:
        return picture.pixels ^ 4

    broken = Method("broken", lambda picture, bound: Made(b"1234"), wrong)
    monkeypatch.setattr(lossless_table, "methods", lambda options: (broken,))
    with pytest.raises(MeasureError, match="broken is off by 4"):
        lossless_table.lossless_table([folder])
    assert PixelFormat(8, False).peak == 255


def test_nothing_to_measure(tmp_path: Path) -> None:
    with pytest.raises(ImageError):
        lossless_table.lossless_table([tmp_path])
