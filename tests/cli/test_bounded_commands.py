"""`--max-error`, `--lossless` and `--base-ratio` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.dicom_files import ramp, write_dicom_file
from viewer.cli.main import main


@pytest.fixture
def image(tmp_path: Path) -> str:
    rng = np.random.default_rng(5)
    path = tmp_path / "image.dcm"
    noisy = ramp(128, 128, 12) // 2 + rng.integers(0, 90, (128, 128))
    write_dicom_file(path, noisy.astype(np.uint16), bits_stored=12)
    return str(path)


def row(image: str, capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    assert main(["compare", image, *words, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize("codec", ["vqvae2", "jpeg2000", "jpegls"])
def test_a_bound_is_kept(codec: str, image: str, capsys) -> None:
    exact = row(image, capsys, "--codec", codec, "--max-error", "0")
    assert exact["max_error"] == 0
    assert exact["psnr_db"] is None
    bounded = row(image, capsys, "--codec", codec, "--max-error", "4")
    assert 0 < bounded["max_error"] <= 4
    assert bounded["bytes"] < exact["bytes"]


def test_the_base_ratio_is_the_first_part_s(image: str, capsys) -> None:
    small = row(image, capsys, "--codec", "vqvae2", "--lossless", "--base-ratio", "60")
    large = row(image, capsys, "--codec", "vqvae2", "--lossless", "--base-ratio", "6")
    assert small["max_error"] == large["max_error"] == 0
    assert small["bytes"] != large["bytes"]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--ratio", "9", "--base-ratio", "20"), 1, "goes with --lossless or --max-error alone"),
        (("--base-ratio", "20"), 1, "goes with --lossless or --max-error alone"),
        (("--max-error", "-1"), 2, "not a whole number from 0 on"),
        (("--max-error", "2", "--lossless"), 2, "not allowed with"),
    ],
)
def test_what_makes_no_sense_is_said(words, code: int, sentence: str, image: str, capsys) -> None:
    assert main(["compare", image, "--codec", "vqvae2", *words]) == code
    assert sentence in capsys.readouterr().err
