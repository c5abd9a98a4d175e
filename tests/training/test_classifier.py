"""The classifier on made-up findings: folds, learning, resuming, figures against known ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from viewer.cli.main import main
from viewer.codecs import registry
from viewer.codecs.base import PixelFormat, Target
from viewer.errors import Cancelled, TrainingError
from viewer.networks.densenet import Classifier, DenseShape
from viewer.networks.weights import load_weights
from viewer.progress import CancelToken
from viewer.training.classifier import train
from viewer.training.classifier_data import Labelled, patient_folds, read_labels
from viewer.training.classifier_fit import Fit, FitRecipe
from viewer.training.classifier_inputs import InputMaker, latents_of
from viewer.training.classifier_validation import classifier_text, cross_validate

TINY = DenseShape(growth=4, blocks=(2, 2, 2, 2), first=8, bottleneck=2)
QUICK = FitRecipe(epochs=6, batch=8, learning_rate=5e-3)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """48 pictures of 24 patients; a bright disc is the finding "Disc", "Coin" is a coin's toss."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "data"
    rows = ["file,patient,findings"]
    y, x = np.mgrid[:64, :64]
    for number in range(48):
        part = "train" if number < 36 else "val"
        (folder / part).mkdir(parents=True, exist_ok=True)
        disc = bool(number % 2)
        pixels = 90 + rng.normal(0, 8, (64, 64))
        if disc:
            centre = rng.integers(20, 44, 2)
            pixels += 90 * (np.hypot(y - centre[0], x - centre[1]) < 12)
        name = f"{part}/{number:08d}_000.png"
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(folder / name)
        found = ["Disc"] * disc + ["Coin"] * bool(rng.random() < 0.5)
        rows.append(f"{name},{number // 2},{'|'.join(found) or 'No Finding'}")
    rows.append("train/missing.png,99,Disc")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")
    return folder


def test_labels(data: Path) -> None:
    found = read_labels(data, fewest=10)
    assert found.classes[0] == "Disc"
    assert len(found.files) == 48
    assert found.labels[:, 0].sum() == 24
    assert len(read_labels(data, fewest=5, limit=20).files) == 20
    with pytest.raises(TrainingError, match="positives"):
        read_labels(data)
    with pytest.raises(TrainingError, match="cannot be read"):
        read_labels(data / "train")


def test_folds_hold_patients_together_and_spread_classes() -> None:
    rng = np.random.default_rng(1)
    patients = tuple(str(p) for p in rng.integers(0, 80, 300))
    labels = (rng.random((300, 3)) < (0.5, 0.2, 0.1)).astype(np.float32)
    data = Labelled(tuple(Path(str(n)) for n in range(300)), patients, ("a", "b", "c"), labels)
    fold = patient_folds(data, 5, 0)
    for patient in set(patients):
        assert len(set(fold[np.array(patients) == patient])) == 1
    counts = np.array([labels[fold == n].sum(0) for n in range(5)])
    assert (counts.min(0) > 0.5 * counts.mean(0)).all()
    assert np.bincount(fold).min() > 40
    with pytest.raises(TrainingError):
        patient_folds(data, 100, 0)


def test_latents_are_those_the_decoder_reads() -> None:
    """The codewords of a bitstream, put through the decoder, give the decoded pixels."""
    from viewer.codecs.paper_model import load_model

    rng = np.random.default_rng(2)
    pixels = np.clip(rng.normal(120, 20, (64, 96)), 0, 255).astype(np.uint8)
    codec = registry.get("vqvae2-paper")
    data = codec.encode(pixels, PixelFormat(8), Target("bpp", 16 / 24)).data
    top, bottom = latents_of(data)
    assert top.shape == (16, 8, 12)
    assert bottom.shape == (16, 16, 24)
    network = load_model(codec.weights()[0], torch.device("cpu")).network
    with torch.inference_mode():
        predicted = network.decode_top(torch.from_numpy(top)[None])
        grey = network.decode_bottom(predicted, torch.from_numpy(bottom)[None])[0, 0].numpy()
    low, high = int(pixels.min()), int(pixels.max())
    stored = np.rint(np.clip(grey, 0, 1) * (high - low)) + low
    assert np.abs(stored - codec.decode(data).pixels).max() <= 1


def test_inputs_are_kept_and_bounded(data: Path, tmp_path: Path) -> None:
    labelled = read_labels(data, fewest=10).part([0, 1])
    maker = InputMaker("latent", 128, tmp_path / "inputs")
    top, bottom = maker.all(labelled)
    assert top.shape == (2, 16, 16, 16)
    assert bottom.shape == (2, 16, 32, 32)
    # The reconstruction came along.
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "inputs").iterdir()}
    (grey,) = InputMaker("reconstructed", 128, tmp_path / "inputs").all(labelled)
    assert grey.shape == (2, 1, 128, 128)
    assert -1.2 < grey.min() < grey.max() < 1.2
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "inputs").iterdir()} == before
    with pytest.raises(TrainingError, match="multiples of 32"):
        InputMaker("latent", 64, tmp_path)


def test_a_finding_is_learned_and_a_coin_is_not(data: Path, tmp_path: Path) -> None:
    options = {"inputs": ("original",), "folds": 3, "side": 64, "shape": TINY, "fewest": 10}
    work = tmp_path / "work"
    found = cross_validate(data, work, recipe=QUICK, **options)  # type: ignore[arg-type]
    areas = found["inputs"]["original"]["classes"]
    assert areas["Disc"]["area"] > 0.9
    low, high = areas["Coin"]["interval"]
    assert low < 0.6
    assert high > 0.4
    assert found["macs_1024"]["original"] == pytest.approx(59.5e9, rel=0.01)
    text = classifier_text(found)
    assert "paper: 60.22" in text
    stamps = {path: path.stat().st_mtime_ns for path in work.glob("fold-*.json")}
    assert len(stamps) == 3
    # What is done is not done again; a damaged fold is.
    next(iter(stamps)).write_text("{")
    again = cross_validate(data, work, recipe=QUICK, **options)  # type: ignore[arg-type]
    assert again["inputs"]["original"]["classes"].keys() == areas.keys()
    changed = [path for path, stamp in stamps.items() if path.stat().st_mtime_ns != stamp]
    assert len(changed) == 1


def test_a_stop_keeps_whole_folds(data: Path, tmp_path: Path) -> None:
    stop = CancelToken()

    def report(fraction: float, text: str) -> None:
        if "fold 2" in text:
            stop.cancel()

    with pytest.raises(Cancelled):
        cross_validate(
            data,
            tmp_path,
            inputs=("original",),
            side=64,
            shape=TINY,
            recipe=FitRecipe(epochs=1, batch=8),
            fewest=10,
            progress=report,
            cancel=stop,
        )
    assert len(list(tmp_path.glob("fold-*.json"))) == 1


def test_training_resumes_to_the_same_weights(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.training.classifier_data.FEWEST_POSITIVES", 10)
    monkeypatch.setattr(
        "viewer.training.classifier.read_labels", lambda path: read_labels(path, fewest=10)
    )
    recipe = FitRecipe(epochs=3, batch=8)
    whole = train(data, tmp_path / "a", side=64, shape=TINY, recipe=recipe)
    stop = CancelToken()

    def report(fraction: float, text: str) -> None:
        if text.startswith("epoch 1/"):
            stop.cancel()

    with pytest.raises(Cancelled):
        train(
            data, tmp_path / "b", side=64, shape=TINY, recipe=recipe, progress=report, cancel=stop
        )
    with pytest.raises(TrainingError, match="resume"):
        train(data, tmp_path / "b", side=64, shape=TINY, recipe=recipe)
    parts = train(data, tmp_path / "b", side=64, shape=TINY, recipe=recipe, resume=True)
    one, other = load_weights(whole, "classifier"), load_weights(parts, "classifier")
    assert one.description["epochs"] == other.description["epochs"] == 3
    for name, tensor in one.tensors.items():
        torch.testing.assert_close(tensor, other.tensors[name], msg=name)
    curve = json.loads((tmp_path / "b" / "curve.json").read_text())
    assert [point["epoch"] for point in curve] == [1, 2, 3]


def test_the_loss_weighs_rare_findings() -> None:
    labels = np.array([[1, 0]] * 5 + [[0, 1]] + [[0, 0]] * 14, np.float32)
    fit = Fit(
        Classifier("original", 2, TINY), (np.zeros((20, 1, 32, 32), np.float32),), labels, QUICK, 0
    )
    assert fit._loss.pos_weight is not None
    torch.testing.assert_close(fit._loss.pos_weight, torch.tensor([3.0, 19.0]).sqrt())


def test_commands_say_what_is_wrong(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "out")]
    assert main(["train", "classifier", "--data", str(data / "train"), *out]) == 1
    assert "labels" in capsys.readouterr().err
    assert main(["train", "vqvae2", "--input", "latent", "--data", str(data), *out]) == 1
    assert main(["evaluate", "classifier", "--data", str(data), "--inputs", "smell"]) == 1
