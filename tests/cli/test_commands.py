"""The commands as a user runs them: their output, their exit codes, their sentences."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from skimage.metrics import structural_similarity

from viewer.cli.main import main

INFO_KEYS = {
    "file", "modality", "rows", "columns", "frames", "bits_stored", "signed", "photometric",
    "transfer_syntax", "minimum", "maximum", "pixel_sha256",
}  # fmt: skip
COMPARE_KEYS = {
    "file", "codec", "model", "device", "rows", "columns", "bits_stored", "bytes", "bpp",
    "ratio_stored", "ratio_16bit", "psnr_db", "ssim", "ms_ssim", "max_error", "encode_s",
    "decode_s",
}  # fmt: skip


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A small 8-bit grey PNG with edges, gradients and some noise."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:200, 0:240]
    pixels = 90 + 0.4 * x + 40 * (np.hypot(x - 120, y - 100) < 60) + rng.normal(0, 2, x.shape)
    path = tmp_path / "picture.png"
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path)
    return path


def test_info_of_rg1_agrees_with_its_bytes(
    rg1_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["info", str(rg1_path), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert set(row) >= INFO_KEYS
    dataset = pydicom.dcmread(rg1_path)
    stored = np.frombuffer(dataset.PixelData, "<u2")[: dataset.Rows * dataset.Columns]
    stored = stored & ((1 << dataset.BitsStored) - 1)
    assert row["rows"] == dataset.Rows == 1955
    assert row["columns"] == dataset.Columns == 1841
    assert row["bits_stored"] == 15
    assert row["signed"] is False
    assert row["photometric"] == "MONOCHROME1"
    assert row["transfer_syntax"] == str(dataset.file_meta.TransferSyntaxUID)
    assert (row["minimum"], row["maximum"]) == (stored.min(), stored.max())
    assert row["pixel_sha256"] == hashlib.sha256(stored.astype("<u2").tobytes()).hexdigest()


def test_compare_prints_figures_that_can_be_computed_again(
    picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--codec", "jpeg2000", "--ratio", "10"]
    assert main(["compare", str(picture), *words, "--roi", "60,50,80,70", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert set(row) >= COMPARE_KEYS
    assert row["bytes"] * 8 / (200 * 240) == pytest.approx(row["bpp"])
    assert row["ratio_stored"] == pytest.approx(8 / row["bpp"])
    assert row["ratio_16bit"] == pytest.approx(16 / row["bpp"])
    assert row["ratio_stored"] == pytest.approx(10, rel=0.03)

    # The same coding through an archive gives the pixels the figures were made of.
    archive = tmp_path / "study.radz"
    assert main(["compress", str(picture), "-o", str(archive), *words]) == 0
    assert main(["verify", str(archive)]) == 0
    assert main(["restore", str(archive), "-o", str(tmp_path / "out")]) == 0
    (restored,) = (tmp_path / "out").glob("*.png")
    before = np.asarray(Image.open(picture), dtype=np.float64)
    after = np.asarray(Image.open(restored), dtype=np.float64)
    mse = np.mean((before - after) ** 2)
    assert row["psnr_db"] == pytest.approx(10 * np.log10(255**2 / mse), abs=1e-6)
    assert row["max_error"] == np.abs(before - after).max()
    expected = structural_similarity(
        before,
        after,
        data_range=255,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    )
    assert row["ssim"] == pytest.approx(expected, abs=1e-4)


def test_lossless_is_exact_and_json_has_no_infinity(
    picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", str(picture), "--codec", "jpeg2000", "--lossless", "--json"]) == 0
    text = capsys.readouterr().out
    assert "Infinity" not in text
    (row,) = json.loads(text)
    assert row["psnr_db"] is None
    assert row["max_error"] == 0


def test_dicom_comes_back_as_dicom(rg1_path: Path, tmp_path: Path) -> None:
    archive = tmp_path / "rg1.radz"
    assert (
        main(["compress", str(rg1_path), "-o", str(archive), "--codec", "jpeg2000", "--lossless"])
        == 0
    )
    assert main(["restore", str(archive), "-o", str(tmp_path / "out")]) == 0
    (restored,) = (path for path in (tmp_path / "out").rglob("*") if path.is_file())
    before, after = pydicom.dcmread(rg1_path), pydicom.dcmread(restored)
    assert np.array_equal(before.pixel_array, after.pixel_array)
    assert before.SOPInstanceUID == after.SOPInstanceUID
    assert after.get("LossyImageCompression", "00") != "01"


@pytest.mark.parametrize(
    "words",
    [
        ["compare"],
        ["compare", "x.png", "--codec", "no-such-codec"],
        ["compare", "x.png", "--codec", "jpeg2000", "--ratio", "-3"],
        ["compare", "x.png", "--codec", "jpeg2000", "--ratio", "3", "--bpp", "1"],
        ["compare", "x.png", "--codec", "jpeg2000", "--roi", "1,2,3"],
        ["no-such-command"],
        ["info", "x.png", "--no-such-option"],
        ["info", "x.png", "--log", "x"],
    ],
)
def test_wrong_usage_is_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_failures_are_one_sentence_and_1(
    tmp_path: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not an image")
    damaged = tmp_path / "damaged.radz"
    damaged.write_bytes(b"PK\x03\x04 not really")
    for words in (
        ["info", str(tmp_path / "missing.dcm")],
        ["info", str(text)],
        ["compare", str(text), "--codec", "jpeg2000"],
        ["compare", str(picture), "--codec", "jpeg2000", "--roi", "1000,1000,50,50"],
        ["compress", str(picture), "-o", str(text / "x.radz"), "--codec", "jpeg2000"],
        ["verify", str(damaged)],
        ["restore", str(damaged), "-o", str(tmp_path / "out")],
    ):
        assert main(words) == 1, words
        error = capsys.readouterr().err.strip()
        assert error.startswith("radview: "), words
        assert len(error.splitlines()) == 1, error
        assert "unexpectedly" not in error, error


def test_a_bad_file_does_not_hide_the_good_ones(
    tmp_path: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.dcm"
    bad.write_bytes(bytes(128) + b"DICM" + b"\x00" * 30)
    assert main(["info", str(bad), str(picture), "--json"]) == 1
    captured = capsys.readouterr()
    (row,) = json.loads(captured.out)
    assert row["file"] == str(picture)
    assert "bad.dcm" in captured.err


def test_the_command_runs_as_a_process(picture: Path) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "viewer.cli.main", "info", str(picture), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["columns"] == 240
    assert done.stderr == ""
