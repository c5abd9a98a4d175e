"""The codec table on a few small pictures: matched rows are matched, intervals hold the mean."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.cli.evaluate_arguments import other_models
from viewer.cli.main import main
from viewer.codecs import registry
from viewer.errors import CodecError, MeasureError, RadviewError
from viewer.evaluation import codec_table as module
from viewer.evaluation.codec_table import codec_table, sets_below
from viewer.evaluation.feature_store import FeatureStore
from viewer.evaluation.table_text import table_text
from viewer.metrics.bootstrap import interval, mean_interval, resampled
from viewer.resources import models_dir


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:320, :328] / 320
    for name in ("chest", "lungs"):
        (tmp_path / name / "val").mkdir(parents=True)
        for number in range(2):
            grey = 120 + 60 * np.sin(9 * x + number) * np.cos(6 * y) + rng.normal(0, 3, x.shape)
            pixels = np.clip(grey, 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / "val" / f"0000000{number}_000.png")
    mask = Image.fromarray((x > 0.5).astype(np.uint8) * 255)
    mask.save(tmp_path / "lungs" / "val" / "mask.png")
    return tmp_path


def _simple_store(cache: Path | None, device: str) -> FeatureStore:
    """Features that see the loss of detail: means and spreads of blocks of a patch."""
    assert cache is not None

    def extract(patches: np.ndarray) -> np.ndarray:
        blocks = patches[:, :296, :296].reshape(len(patches), 4, 74, 4, 74).astype(np.float32)
        fine = np.abs(np.diff(blocks, axis=2)).mean((2, 4)).reshape(len(patches), -1)
        return np.concatenate([blocks.mean((2, 4)).reshape(len(patches), -1) / 10, fine], 1)

    return FeatureStore(cache, "simple", lambda: extract)


def test_the_table(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "open_store", _simple_store)
    table = codec_table(
        sets_below(folder), ("jpeg2000", "vqvae2-paper"), patches=60, cache=tmp_path / "cache"
    )
    assert [r["tested_on"] for r in table["rows"]] == ["chest/val"] * 4 + ["lungs/val"] * 4
    assert len(table["refused"]) == 1
    for rows in (table["rows"][:4], table["rows"][4:]):
        plain, paper, same_bytes, same_distance = rows
        assert plain["ratio_16bit"] == pytest.approx(24, rel=0.02)
        assert same_bytes["bpp"] == pytest.approx(paper["bpp"], rel=0.02)
        assert same_distance["setting"] == "Frechet distance of vqvae2-paper"
        gap = abs(np.log(same_distance["frechet"] / paper["frechet"]))
        assert gap <= abs(np.log(plain["frechet"] / paper["frechet"])) + 0.05
        for row in rows:
            low, high = row["psnr_interval"]
            assert low <= row["psnr"] <= high
            assert row["patches"] == 60
    text = table_text(table)
    assert "45.12" in text
    assert "other images" in text


def test_other_weights_are_a_row_more(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first released model, trained on chests alone, beside the one in use."""
    path = models_dir() / "vqvae2" / "vqvae2-20f1bff68c452074.safetensors"
    found = other_models([f"chest/train={path}"])
    assert found == [("vqvae2", hashlib.sha256(path.read_bytes()).hexdigest(), "chest/train")]
    table = codec_table(
        [folder / "chest" / "val"], ("vqvae2",), patches=0, models=found, trained_on={"vqvae2": "a"}
    )
    own, other = table["rows"]
    assert (own["trained_on"], other["trained_on"]) == ("a", "chest/train")
    assert own["psnr"] != other["psnr"]
    with pytest.raises(RadviewError, match="NAME=VALUE"):
        other_models(["x"])


def test_the_command_without_distances(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "t.json"
    arguments = ["evaluate", "table", str(folder), "--codecs", "jpeg2000", "--patches", "0"]
    assert main([*arguments, "--json", str(out), "--trained-on", "jpeg2000=nothing"]) == 0
    assert out.exists()
    printed = capsys.readouterr().out
    assert "lungs/val   nothing" in printed
    assert main([*arguments, "--trained-on", "x"]) == 1
    weights = registry.get("vqvae2-paper").weights()[0]
    assert main([*arguments, "--limit", "1", "--model", f"elsewhere={weights}"]) == 0
    assert "elsewhere   vqvae2-paper" in capsys.readouterr().out
    assert main([*arguments, "--model", f"elsewhere={tmp_path / 't.json'}"]) == 1


def test_a_codec_that_refuses_costs_its_rows_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise CodecError("not such pictures")

    monkeypatch.setattr("viewer.evaluation.reference_codecs.Reference.code", refuse)
    table = codec_table(sets_below(folder), ("jpegxl", "jpeg2000"), patches=0)
    assert [row["codec"] for row in table["rows"]] == ["jpeg2000"] * 2
    assert "chest/val, jpegxl: not such pictures" in table["refused"]


def test_folders(tmp_path: Path) -> None:
    assert sets_below(tmp_path) == [tmp_path]
    with pytest.raises(MeasureError):
        sets_below(tmp_path / "none")
    with pytest.raises(MeasureError, match="no picture"):
        codec_table([tmp_path], ("jpeg2000",), patches=0)


def test_patients_are_drawn_whole() -> None:
    groups = ["a", "b", "a", "c", "b"]
    for drawn in resampled(groups, draws=20):
        count = np.bincount(drawn, minlength=5)
        assert count[0] == count[2]
        assert count[1] == count[4]
        assert count[0] + count[1] + count[3] == 3


def test_an_interval_of_known_width() -> None:
    """The mean of n normal values varies by sigma / sqrt(n)."""
    values = np.random.default_rng(0).normal(5, 2, 400)
    low, high = mean_interval(list(values), [str(n) for n in range(400)])
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.15)
    assert np.isnan(interval(lambda _: float("nan"), ["a", "b"])[0])
