"""Perturbations do what they say; the table and the sheet of a few pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.cli.main import main
from viewer.evaluation.other_modalities import other_modalities
from viewer.evaluation.perturbations import STRENGTHS, perturb
from viewer.images.pixel_format import PixelFormat

EIGHT = PixelFormat(8)


def _ramp() -> np.ndarray:
    y, x = np.mgrid[:200, :240]
    grain = np.random.default_rng(1).normal(0, 4, x.shape)
    return np.clip(55 + 0.4 * x + 0.25 * y + grain, 20, 240).astype(np.uint8)


@pytest.mark.parametrize("kind", list(STRENGTHS))
def test_a_stronger_one_changes_more(kind: str) -> None:
    pixels = _ramp()
    if kind == "blur":
        # Its strength goes by the size of the picture.
        pixels = np.tile(pixels, (4, 3))
    changes = []
    for strength in STRENGTHS[kind]:
        found = perturb(pixels, EIGHT, kind, strength, seed=3)
        assert found.dtype == pixels.dtype
        assert found.shape == pixels.shape
        assert found.min() >= pixels.min()
        assert found.max() <= pixels.max()
        changes.append(np.abs(found.astype(float) - pixels).mean())
        np.testing.assert_array_equal(found, perturb(pixels, EIGHT, kind, strength, seed=3))
    assert 0 < changes[0] < changes[1] < changes[2]


def test_noise_has_its_deviation() -> None:
    pixels = np.full((300, 300), 2000, np.uint16)
    pixels[0, 0], pixels[0, 1] = 0, 4000
    found = perturb(pixels, PixelFormat(12), "noise", 0.05)
    assert np.std(found[1:].astype(float)) == pytest.approx(0.05 * 4000, rel=0.02)


def test_a_swirl_leaves_the_middle_and_the_far_where_they_are() -> None:
    pixels = np.zeros((401, 401), np.uint8)
    pixels[200, 200] = 255
    found = perturb(pixels, EIGHT, "swirl", 1.5)
    assert found[200, 200] > 200
    y, x = np.mgrid[:401, :401]
    far = perturb(((x + y) // 4).astype(np.uint8), EIGHT, "swirl", 0.5)
    assert np.abs(far[:2].astype(int) - ((x + y) // 4)[:2]).max() <= 5


def test_blur_keeps_the_mean_and_signed_values() -> None:
    pixels = np.random.default_rng(0).integers(-1000, 1000, (200, 200)).astype(np.int16)
    found = perturb(pixels, PixelFormat(12, signed=True), "blur", 6)
    assert found.mean() == pytest.approx(pixels.mean(), abs=5)
    assert found.std() < pixels.std() / 3


def test_the_command(
    rg1_path: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    Image.fromarray(_ramp()).save(folder / "ramp.png")
    some = other_modalities(folder)
    assert any("ultrasound" in name for name, _ in some)
    monkeypatch.setattr(
        "viewer.evaluation.other_modalities.other_modalities",
        lambda _: [pair for pair in some if "US1" in pair[0]],
    )
    sheet, out = tmp_path / "sheet.png", tmp_path / "r.json"
    arguments = ["evaluate", "robustness", str(folder), "--codecs", "jpeg2000", "--crop", "128"]
    arguments += ["--sheet", str(sheet), "--json", str(out), "--cache", str(tmp_path / "cache")]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert printed.count("jpeg2000") == 14
    assert "ultrasound" in printed
    with Image.open(sheet) as picture:
        assert picture.height > 7 * 160
    first = (tmp_path / "cache" / "robustness.jsonl").read_text()
    assert main(arguments) == 0
    assert (tmp_path / "cache" / "robustness.jsonl").read_text() == first
    assert main(["evaluate", "robustness", str(tmp_path / "none"), "--codecs", "jpeg2000"]) == 1
