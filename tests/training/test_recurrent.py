"""Training of the recurrent codec: its loss, its data, resuming, and the study."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from viewer.codecs.base import PixelFormat, Target
from viewer.codecs.recurrent.codec import Recurrent
from viewer.errors import TrainingError
from viewer.metrics.similarity import ms_ssim as ms_ssim_of_pictures
from viewer.networks.recurrent_shape import RecurrentShape
from viewer.training.cifar_files import cifar_files, read_cifar
from viewer.training.recurrent import train
from viewer.training.recurrent_loss import Recipe
from viewer.training.recurrent_study import StudyPlan, run_study
from viewer.training.recurrent_study_plot import plot_study
from viewer.training.tile_pictures import read_tile_pictures
from viewer.training.tile_similarity import WEIGHTS, ms_ssim, scale_weights

SMALL = RecurrentShape(first=4, encoder=(4, 8, 8), decoder=(8, 8, 8, 4), iterations=3)
QUICK = Recipe(
    batch=2, validate_every=4, validation_pictures=1, validation_side=64, start_parts=100
)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(13):
        values = cv2.GaussianBlur(rng.integers(0, 256, (80, 96)).astype(np.float32), (0, 0), 3)
        values = (values - values.min()) / (values.max() - values.min()) * 255
        Image.fromarray(values.astype(np.uint8)).save(folder / f"{number:02}.png")
    return folder


def test_a_training_stops_resumes_and_codes(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    lines: list[str] = []
    path = train(
        pictures, out, steps=6, shape=SMALL, iterations=3, recipe=QUICK, device="cpu",
        progress=lambda fraction, text: lines.append(text),
    )  # fmt: skip
    assert "12 pictures to train on, 1 to validate" in " ".join(lines)
    first = path.read_bytes()
    with pytest.raises(TrainingError, match="resume"):
        train(pictures, out, steps=8, shape=SMALL, iterations=3, recipe=QUICK)
    train(
        pictures, out, steps=8, shape=SMALL, iterations=3, recipe=QUICK, resume=True, device="cpu"
    )
    assert path.read_bytes() != first
    curve = json.loads((out / "curve.json").read_text())
    assert [point["step"] for point in curve] == [0, 4, 6, 8, 8, 8]
    assert len(curve[-1]["settled"]) == 3
    codec = Recurrent(path)
    pixels = np.random.default_rng(1).integers(0, 4096, (40, 40)).astype(np.uint16)
    data = codec.encode(pixels, PixelFormat(12), Target("quality", 100)).data
    assert codec.decode(data).pixels.shape == (40, 40)


def test_patterns_begin_fitted(pictures: Path, tmp_path: Path) -> None:
    recipe = replace(QUICK, start_parts=24, wide_from=0.5, hard_share=0.5, unroll=2)
    path = train(
        pictures, tmp_path / "out", steps=4, shape=SMALL, iterations=3, direct=20, recipe=recipe,
        device="cpu",
    )  # fmt: skip
    curve = json.loads((tmp_path / "out" / "curve.json").read_text())
    assert curve[0]["psnr_db_2"] > curve[0]["psnr_db_1"] + 1 > 15
    assert curve[-1]["settled"][2] > curve[-1]["settled"][0]
    assert curve[-2]["psnr_db_1"] >= curve[0]["psnr_db_1"] - 0.2
    codec = Recurrent(path)
    pixels = np.asarray(Image.open(pictures / "00.png"))
    data = codec.encode(pixels, PixelFormat(8), Target("quality", 100)).data
    error = codec.decode(data).pixels.astype(float) - pixels
    assert -10 * np.log10((error**2).mean() / 255**2) > 20


def test_patterns_that_cannot_be_are_refused(pictures: Path, tmp_path: Path) -> None:
    for asked in ({"direct": 15}, {"direct": 50}, {"direct": 24, "reconstruction": "oneshot"}):
        with pytest.raises(TrainingError, match="even side"):
            train(pictures, tmp_path / "out", **asked)


def test_steps_bring_the_loss_down(pictures: Path, tmp_path: Path) -> None:
    train(
        pictures,
        tmp_path / "out",
        steps=80,
        shape=SMALL,
        iterations=3,
        loss="l1",
        recipe=replace(QUICK, batch=4, learning_rate=0.02, validate_every=1000),
        device="cpu",
    )
    curve = json.loads((tmp_path / "out" / "curve.json").read_text())
    assert curve[-2]["psnr_db_2"] > curve[0]["psnr_db_2"] + 1


@pytest.mark.parametrize("loss", ["ms-ssim", "both"])
@pytest.mark.parametrize("reconstruction", ["oneshot", "additive"])
def test_every_loss_and_reconstruction_trains(
    pictures: Path, tmp_path: Path, loss: str, reconstruction: str
) -> None:
    path = train(
        pictures, tmp_path / "out", steps=2, shape=SMALL, iterations=2, cell="lstm", loss=loss,
        reconstruction=reconstruction, recipe=QUICK, device="cpu",
    )  # fmt: skip
    assert path.is_file()


def test_iterations_beyond_sixteen_are_refused(pictures: Path, tmp_path: Path) -> None:
    for iterations in (0, 17):
        with pytest.raises(TrainingError, match="1 to 16"):
            train(pictures, tmp_path / "out", iterations=iterations)


def test_ms_ssim_of_tiles_takes_the_scales_that_fit() -> None:
    assert scale_weights(32) == pytest.approx([w / sum(WEIGHTS[:2]) for w in WEIGHTS[:2]])
    assert scale_weights(176) == pytest.approx(WEIGHTS, rel=1e-3)
    with pytest.raises(ValueError, match="smaller"):
        scale_weights(10)


def test_ms_ssim_of_large_tiles_is_that_of_the_metrics() -> None:
    rng = np.random.default_rng(0)
    first = cv2.GaussianBlur(rng.random((192, 200)).astype(np.float32), (0, 0), 2)
    first = np.rint((first - first.min()) / (first.max() - first.min()) * 255)
    second = np.clip(np.rint(first + rng.normal(0, 6, first.shape)), 0, 255)
    wanted = ms_ssim_of_pictures(first.astype(np.uint8), second.astype(np.uint8), PixelFormat(8))
    tiles = (torch.from_numpy(p / 255.0).double()[None, None] for p in (first, second))
    assert float(ms_ssim(*tiles)) == pytest.approx(wanted, abs=2e-3)


def write_cifar(path: Path, count: int, labels: int = 1) -> np.ndarray:
    rng = np.random.default_rng(count)
    planes = rng.integers(0, 256, (count, 3, 32, 32)).astype(np.uint8)
    head = np.zeros((count, labels), np.uint8)
    path.write_bytes(np.concatenate([head, planes.reshape(count, -1)], axis=1).tobytes())
    return planes


@pytest.mark.parametrize("labels", [1, 2])
def test_cifars_own_files_are_read(tmp_path: Path, labels: int) -> None:
    planes = write_cifar(tmp_path / "data_batch_1.bin", 5, labels)
    tiles = read_cifar(tmp_path / "data_batch_1.bin")
    assert len(tiles) == 5
    grey = np.rint(planes[3].astype(float).T @ [0.299, 0.587, 0.114]).T
    assert np.abs(tiles[3].astype(float) - grey).max() <= 1
    write_cifar(tmp_path / "test_batch.bin", 3, labels)
    kept = read_tile_pictures(tmp_path)
    assert (len(kept.train), len(kept.validation)) == (5, 3)


def test_pickles_are_named_and_never_opened(tmp_path: Path) -> None:
    (tmp_path / "data_batch_1").write_bytes(b"\x80\x04c__builtin__\nexit\n.")
    with pytest.raises(TrainingError, match=r"pickle.*binary version"):
        cifar_files(tmp_path)


def test_bad_data_ends_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no folder"):
        train(tmp_path / "nowhere", tmp_path / "out")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(TrainingError, match="no picture"):
        train(empty, tmp_path / "out")
    (empty / "data_batch_1.bin").write_bytes(bytes(3073 + 7))
    with pytest.raises(TrainingError, match="whole number"):
        train(empty, tmp_path / "out")
    (empty / "data_batch_1.bin").unlink()
    write_cifar(empty / "test_batch.bin", 2)
    with pytest.raises(TrainingError, match="none to train on"):
        train(empty, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_study_measures_every_setting(pictures: Path, tmp_path: Path) -> None:
    plan = StudyPlan(
        tiles=16, batches=(4, 8), turns=(1, 2, 4), turned_batch=8, epochs=2, validation_tiles=6
    )
    result = run_study(pictures, plan, shape=SMALL, device="cpu")
    settings = [(row["tiles"], row["batch"]) for row in result.settings]
    assert settings == [(16, 4), (16, 8), (32, 8), (64, 8)]
    for row in result.settings:
        for part in ("training", "validation"):
            assert set(row[part]) == {"psnr_db", "ms_ssim", "residual_loss"}
            assert all(len(curve) == 2 for curve in row[part].values())
            assert row[part]["residual_loss"][-1] < 0.5
    kept = json.loads(json.dumps(result.as_json()))
    assert kept["paper"]["tiles"] == [50_000, 100_000, 200_000]
    assert kept["paper"]["batches"] == [32, 64, 128, 256, 512, 1024]
    assert "paper: 50,000" in result.table()
    plot_study(result, tmp_path / "study.png")
    with Image.open(tmp_path / "study.png") as shown:
        assert shown.size[0] > 1000


def test_a_study_that_makes_no_sense_is_refused(pictures: Path) -> None:
    for plan in (
        StudyPlan(tiles=16, batches=(32,)),
        StudyPlan(turns=(3,)),
        StudyPlan(epochs=0),
    ):
        with pytest.raises(TrainingError):
            run_study(pictures, plan)
