"""Training of the dense autoencoder: IDX files, tiles, files apart, and the study."""

from __future__ import annotations

import gzip
import json
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from viewer.codecs.base import PixelFormat, Target
from viewer.codecs.dense.codec import Dense
from viewer.codecs.dense.model import load_decoder, load_encoder
from viewer.errors import TrainingError
from viewer.networks.dense import CODE_SIZES, DenseDecoder, DenseEncoder, parameters_of
from viewer.networks.recurrent import count_parameters
from viewer.training.dense import train
from viewer.training.dense_images import read_dense_images
from viewer.training.dense_start import start_principal
from viewer.training.dense_study import study_dense
from viewer.training.dense_study_plot import plot_dense
from viewer.training.dense_trainer import DenseTrainer, Recipe, mean_error
from viewer.training.idx_files import image_files, read_idx, read_images

QUICK = Recipe(epochs=2, points=4)


def write_idx(path: Path, values: np.ndarray, kind: int = 8) -> None:
    sides = struct.pack(f">{values.ndim}I", *values.shape)
    path.write_bytes(bytes([0, 0, kind, values.ndim]) + sides + values.tobytes())


@pytest.fixture
def mnist(tmp_path: Path) -> Path:
    """A folder like MNIST's, of a few strokes."""
    folder = tmp_path / "mnist"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name, count in (("train", 300), ("t10k", 60)):
        images = np.zeros((count, 28, 28), np.uint8)
        for image in images:
            one, other = rng.integers(4, 24, (2, 2)).tolist()
            cv2.line(image, one, other, 255, 2)
        write_idx(folder / f"{name}-images-idx3-ubyte", images)
        write_idx(folder / f"{name}-labels-idx1-ubyte", np.zeros(count, np.uint8))
    return folder


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(12):
        values = cv2.GaussianBlur(rng.integers(0, 256, (90, 100)).astype(np.float32), (0, 0), 4)
        values = (values - values.min()) / (values.max() - values.min()) * 255
        Image.fromarray(values.astype(np.uint8)).save(folder / f"{number:02}.png")
    return folder


@pytest.mark.parametrize("size", CODE_SIZES)
def test_the_networks_have_the_papers_shape(size: int) -> None:
    encoder, decoder = DenseEncoder(size), DenseDecoder(size)
    assert (count_parameters(encoder), count_parameters(decoder)) == parameters_of(size)
    shapes = [tuple(p.shape) for p in encoder.parameters()]
    assert shapes == [(128, 784), (128,), (size, 128), (size,)]
    shapes = [tuple(p.shape) for p in decoder.parameters()]
    assert shapes == [(128, size), (128,), (784, 128), (784,)]


def test_idx_files_plain_and_packed(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 256, (7, 28, 28)).astype(np.uint8)
    write_idx(tmp_path / "plain", values)
    (tmp_path / "packed.gz").write_bytes(gzip.compress((tmp_path / "plain").read_bytes()))
    for name in ("plain", "packed.gz"):
        np.testing.assert_array_equal(read_images(tmp_path / name, 28), values)
    with pytest.raises(TrainingError, match="7 x 28 x 28"):
        read_images(tmp_path / "plain", 32)


def test_corrupt_idx_files_end_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_idx(path, np.zeros((3, 28, 28), np.uint8))
    good = path.read_bytes()
    faults = {
        b"": "not an IDX",
        good[:3]: "not an IDX",
        b"\x80\x04" + good: "not an IDX",
        good[:2] + b"\x0d" + good[3:]: "type 13",
        good[:9]: "ends inside",
        good[:-1]: "2351 of the 2352",
        good + b"x": "more than the 2352",
        good[:4] + b"\xff" * 12 + good[16:]: "claims",
        good[:4] + bytes(4) + good[8:]: "claims 0",
        good[:3] + b"\x09" + good[4:]: "not an IDX",
        gzip.compress(good)[:-20]: "cannot be read|ends|of the",
        gzip.compress(good + bytes(10_000)): "more than the 2352",
        b"\x1f\x8b" + bytes(30): "cannot be read",
    }
    for data, said in faults.items():
        path.write_bytes(data)
        with pytest.raises(TrainingError, match=said):
            read_idx(path)
    with pytest.raises(TrainingError, match="cannot be read"):
        read_idx(tmp_path / "none")


def test_half_of_mnist_is_named(mnist: Path) -> None:
    found = image_files(mnist)
    assert found is not None
    found[1].unlink()
    with pytest.raises(TrainingError, match="t10k-images"):
        image_files(mnist)


def test_mnist_is_learned_and_saved_apart(mnist: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for code in (22, 64):
        train(mnist, out, code=code, recipe=Recipe(epochs=12, batch=32, points=6))
    curve = json.loads((out / "curve-64.json").read_text())["curve"]
    assert [point["iteration"] for point in curve] == [20, 40, 60, 80, 100, 120]
    assert curve[-1]["test_rmse"] < curve[0]["test_rmse"]
    for point in curve:
        assert point["test_rmse"] ** 2 == pytest.approx(point["test_mse"], rel=1e-2)
    assert load_encoder(out / "encoder-64.safetensors").size == 64
    assert load_decoder(out / "decoder-64.safetensors").network.size == 64
    study = study_dense(out, mnist)
    assert [row["code"] for row in study.rows] == [64, 22]
    for row in study.rows:
        decoder = (out / f"decoder-{row['code']}.safetensors").stat().st_size
        assert row["decoder_bytes"] == decoder
        assert row["text_bytes"] == 22 * row["code"]
        for bits, stored in row["stored"].items():
            assert stored["largest_error"] <= 2.0 ** -(int(bits) + 1) + 1e-6
            assert stored["coded_bytes"] < row["code"] * int(bits) / 8 + 3
        saved = 784 - row["stored"]["6"]["coded_bytes"]
        assert row["break_even_samples"] == -(-decoder // saved)
        assert row["stored"]["16"]["rmse"] == pytest.approx(row["rmse"], abs=1e-4)
    table = study.table()
    assert "PCA" in table
    assert "is like" not in table
    plot_dense(study, tmp_path / "dense.png")
    with Image.open(tmp_path / "dense.png") as shown:
        assert shown.size[0] > 800
    json.dumps(study.as_json())


def test_principal_components_are_the_best_linear_code(mnist: Path, tmp_path: Path) -> None:
    train(mnist, tmp_path / "out", code=50, recipe=QUICK)
    row = study_dense(tmp_path / "out", mnist).rows[0]
    train_images, test_images = (
        read_images(path, 28).reshape(-1, 784) / 255 for path in image_files(mnist) or ()
    )
    mean = train_images.mean(0)
    axes = np.linalg.svd(train_images - mean, full_matrices=False)[2][:50]
    left = (test_images - mean) - (test_images - mean) @ axes.T @ axes
    assert row["pca_mse"] == pytest.approx(float((left**2).mean()), rel=0.01)


def test_tiles_of_radiographs_make_a_codec(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for code in CODE_SIZES:
        train(pictures, out, code=code, tiles=400, recipe=QUICK)
    codec = Dense(out)
    assert codec.unavailable() == ""
    with Image.open(pictures / "03.png") as opened:
        pixels = np.asarray(opened)
    for quality in (25, 100):
        data = codec.encode(pixels, PixelFormat(8), Target("quality", quality)).data
        assert len(data) < pixels.size / 4
        decoded = codec.decode(data).pixels
        # So little training finds no detail, but means and scales are those of the tiles.
        assert abs(decoded.astype(float).mean() - pixels.mean()) < 10
    study = study_dense(out, pictures, tiles=400)
    assert study.source == "tiles"


def test_what_it_cannot_do_ends_in_a_sentence(mnist: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(TrainingError, match="no folder"):
        train(tmp_path / "nowhere", out)
    for options in (
        {"resume": True},
        {"minutes": 2.0},
        {"device": "cuda"},
        {"code": 0},
        {"epochs": 0},
    ):
        with pytest.raises(TrainingError):
            train(mnist, out, **options)  # type: ignore[arg-type]
    few = tmp_path / "few"
    few.mkdir()
    Image.fromarray(np.arange(6400, dtype=np.uint16).astype(np.uint8).reshape(80, 80)).save(
        few / "one.png"
    )
    with pytest.raises(TrainingError, match="too few"):
        train(few, out)
    with pytest.raises(TrainingError, match="no dense model"):
        study_dense(few, mnist)
    assert not out.exists()


def test_tiles_begin_near_the_best_linear_code(pictures: Path) -> None:
    images = read_dense_images(pictures, tiles=3000)
    trainer = DenseTrainer(images.train, images.test, 22, seed=0)
    before = mean_error(trainer.encoder, trainer.decoder, torch.from_numpy(images.test))
    start_principal(trainer.encoder, trainer.decoder, images.train)
    after = mean_error(trainer.encoder, trainer.decoder, torch.from_numpy(images.test))
    around = images.train - images.train.mean(0)
    axes = np.linalg.svd(around, full_matrices=False)[2][:22]
    tested = images.test - images.train.mean(0)
    linear = float(((tested - tested @ axes.T @ axes) ** 2).mean())
    assert linear < after < 2.5 * linear + 1e-3
    assert after < 0.2 * before
