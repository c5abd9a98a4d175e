"""Curves of DICOM files and crops, beside reference codecs, taken up again, with distances."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.cli.main import main
from viewer.errors import Cancelled, MeasureError, RadviewError
from viewer.evaluation import inception_distances
from viewer.evaluation.coders import RegistryCoder
from viewer.evaluation.feature_store import FeatureStore
from viewer.evaluation.pictures import picture_files, read_pictures
from viewer.evaluation.rd import InceptionPlan, evaluate_rd
from viewer.evaluation.rd_result import RdResult, Row
from viewer.images.opening import read_frame, read_header
from viewer.progress import CancelToken

RATES = (0.3, 0.6, 1.0, 1.6)


def test_dicom_at_its_stored_depth(rg1_path: Path, tmp_path: Path) -> None:
    """RG1: 15 bits, MONOCHROME1 as stored, 256 x 256 from the middle."""
    result = evaluate_rd([rg1_path], ("jpeg2000", "htj2k", "jpegls", "jpeg"), rates=RATES, crop=256)
    assert {row.bits_stored for row in result.rows} == {15}
    assert {row.megapixels for row in result.rows} == {256 * 256 / 1e6}
    assert {row.codec for row in result.rows} == {"jpeg2000", "htj2k", "jpegls"}
    assert any("up to 12 bits" in sentence for sentence in result.refused)
    whole = read_frame(read_header(rg1_path)).pixels
    (picture,) = read_pictures([rg1_path], crop=256)
    top, left = (whole.shape[0] - 256) // 2, (whole.shape[1] - 256) // 2
    np.testing.assert_array_equal(picture.pixels, whole[top : top + 256, left : left + 256])
    # Whose it is stays out of what is written.
    patient = read_header(rg1_path).identity.patient_id
    assert patient not in json.dumps(result.as_json())
    times = result.times()
    assert times["jpeg2000"]["encode_processor_ratio"] == 1
    assert times["htj2k"]["decode_wall"] > 0
    differences = result.differences()
    assert differences["htj2k"]["jpeg2000"]["patients"] == 1
    assert "jpeg" not in differences.get("jpeg2000", {})
    assert "Seconds a megapixel" in result.table()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    images = tmp_path / "images"
    images.mkdir()
    x = np.mgrid[:310, :320][1] / 320
    for number in range(2):
        pixels = np.clip(120 + 60 * np.sin(9 * x + number) + rng.normal(0, 4, x.shape), 0, 255)
        Image.fromarray(pixels.astype(np.uint8)).save(images / f"0000000{number}_000.png")
    Image.fromarray(((x > 0.5) * 255).astype(np.uint8)).save(images / "person1_mask.png")
    Image.new("RGB", (64, 64), (9, 99, 200)).save(images / "colour.png")
    return images


def test_what_was_measured_is_not_measured_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    stop = CancelToken()
    with pytest.raises(Cancelled):
        evaluate_rd(
            folder,
            ("jpeg2000",),
            rates=RATES,
            cache=cache,
            progress=lambda _, text: stop.cancel() if "2/" in text else None,
            cancel=stop,
        )
    kept = (cache / "rows.jsonl").read_text()
    assert kept.count('"bpp"') == 4
    # A line that was being written when the machine stopped.
    (cache / "rows.jsonl").write_text(kept + '\n{"key": "ab')
    first = evaluate_rd(folder, ("jpeg2000",), rates=RATES, cache=cache)
    assert len(first.rows) == 8
    assert len(first.refused) == 2
    monkeypatch.setattr(RegistryCoder, "code", lambda *_: pytest.fail("coded again"))
    again = evaluate_rd(folder, ("jpeg2000",), rates=RATES, cache=cache)
    assert again.rows == first.rows


def test_inception_distances_fall_with_the_rate(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def extract(patches: np.ndarray) -> np.ndarray:
        rows = patches[:, :296, :296].reshape(len(patches), 8, 37, 296).astype(np.float32)
        return np.abs(np.diff(rows, axis=3)).mean((2, 3))

    monkeypatch.setattr(
        inception_distances,
        "open_store",
        lambda cache, device: FeatureStore(tmp_path / "features", "simple", lambda: extract),
    )
    plan = InceptionPlan((0.3, 1.6), patches=50, codecs=("jpeg2000",))
    result = evaluate_rd(folder, ("jpeg2000", "jpegls"), rates=RATES, inception=plan)
    found = result.as_json()["inception"]
    assert found["patches"] == 50
    assert list(found["values"]) == ["jpeg2000"]
    low, high = found["values"]["jpeg2000"]["0.3"], found["values"]["jpeg2000"]["1.6"]
    assert low["frechet"] > high["frechet"] > 0
    assert "Inception distances over 50 patches" in result.table()
    with pytest.raises(MeasureError, match="rates of the evaluation"):
        evaluate_rd(folder, ("jpeg2000",), rates=RATES, inception=InceptionPlan((0.5,)))


def test_patients_of_the_data_sets_and_names(tmp_path: Path) -> None:
    names = ("00000193_019.png", "person100_bacteria_1.png", "person100_virus_2.png")
    for name in (*names, "NORMAL2_IM_0044_0001.png", "IM_0044_0002.png", "else.png"):
        rng = np.random.default_rng(len(name))
        Image.fromarray(rng.integers(0, 255, (8, 8), np.uint8)).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no image")
    patients = {p.name: p.patient for p in read_pictures([tmp_path])}
    assert patients["00000193_019.png"] == "00000193"
    assert patients["person100_bacteria_1.png"] == patients["person100_virus_2.png"]
    assert patients["NORMAL2_IM_0044_0001.png"] == patients["IM_0044_0002.png"]
    assert patients["else.png"] == "else"
    assert len(picture_files([tmp_path])) == 6
    with pytest.raises(RadviewError, match="no file or folder"):
        picture_files([tmp_path / "none"])


def test_exact_pictures_do_not_break_a_curve() -> None:
    """A rate at which a picture came out exact has no PSNR; the others still make a curve."""
    result = RdResult("x", ("a", "b"), (0.2, 0.4, 0.6, 0.8, 3.0))
    for codec, factor in (("a", 1.0), ("b", 0.5)):
        for rate in result.rates:
            psnr = None if rate == 3.0 else 40 + 6 * np.log2(rate)
            row = Row("i", "p", codec, rate, 8, 1, rate * factor, 1.0, psnr, 1, 1, 0, 1, 1, 1, 1)
            result.rows.append(row)
    assert result.differences()["b"]["a"]["mean_curve"] == pytest.approx(-50)


def test_the_command_refuses_in_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start = ["evaluate", "rd", str(folder), "--codecs"]
    assert main([*start, "gif"]) == 1
    assert "jpegxl" in capsys.readouterr().err
    assert main([*start, "jpeg2000", "--rates", "a,b"]) == 1
    assert main([*start, "jpeg2000", "--rates", "0.5", "--inception-rates", "0.7"]) == 1
    assert main([*start, "jpeg2000", "--crop", "0"]) == 2
