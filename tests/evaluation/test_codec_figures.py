"""Mean figures over a folder are those of its pictures, one by one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.codecs.base import Target
from viewer.errors import RadviewError
from viewer.evaluation.codec_figures import codec_figures, main
from viewer.evaluation.comparison import compare_radiograph
from viewer.images.opening import read_frame, read_header
from viewer.images.radiograph import Radiograph


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for number in range(3):
        smooth = np.add.outer(np.arange(200), np.arange(210)) / 3 + rng.normal(0, 3, (200, 210))
        Image.fromarray(np.clip(smooth, 0, 255).astype(np.uint8)).save(tmp_path / f"{number}.png")
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    return tmp_path


def test_means_are_those_of_the_pictures(folder: Path) -> None:
    target = Target("bpp", 0.8)
    figures = codec_figures(folder, "jpeg2000", target)
    rows = [
        compare_radiograph(
            read_frame(read_header(folder / f"{n}.png")), "jpeg2000", target
        ).as_row()
        for n in range(3)
    ]
    assert figures["pictures"] == 3
    assert len(figures["skipped"]) == 1
    for name in ("bpp", "ratio_16bit", "psnr_db", "ssim"):
        expected = np.mean([row[name] for row in rows])
        assert figures["mean"][name] == pytest.approx(expected, abs=1e-4)
    assert figures["largest_bpp"] == max(row["bpp"] for row in rows)
    assert figures["lowest_psnr_db"] == min(row["psnr_db"] for row in rows)


def test_exact_pictures_have_no_psnr(folder: Path) -> None:
    figures = codec_figures(folder, "jpeg2000", Target("lossless"), every=2)
    assert figures["mean"]["psnr_db"] is None
    assert figures["mean"]["max_error"] == 0


def test_the_command_prints_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder), "--codec", "jpeg2000", "--ratio", "10", "--every", "5"]) == 0
    assert json.loads(capsys.readouterr().out)["target"] == {"ratio": 10.0}
    assert main([str(folder), "--codec", "none"]) == 1
    assert "none" in capsys.readouterr().err


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(RadviewError, match="no picture"):
        codec_figures(tmp_path, "jpeg2000", Target("bpp", 1))
    with pytest.raises(RadviewError, match="no folder"):
        codec_figures(tmp_path / "none", "jpeg2000", Target("bpp", 1))


def _read(folder: Path, number: int) -> Radiograph:
    return read_frame(read_header(folder / f"{number}.png"))
