"""An archive coded with a model of the user's own opens where that model is not installed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dicom_files import ramp, write_dicom_file
from tests.trained_models import vqvae2_model
from viewer.archive.reading import read_archive
from viewer.archive.verification import verify
from viewer.cli.main import main
from viewer.codecs import carried_weights, model_files


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "image.dcm"
    write_dicom_file(path, ramp(128, 96, 12))
    return path


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(model_files.FOLDER_VARIABLE, str(tmp_path / "none"))
    monkeypatch.setattr(model_files, "_named", {})
    monkeypatch.setattr(carried_weights, "_files", {})


def test_the_user_s_model_travels_in_the_archive(
    image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = vqvae2_model(tmp_path / "knees.safetensors")
    archive = tmp_path / "study.radz"
    words = ["compress", image, "-o", archive, "--codec", "vqvae2", "--bpp", "1"]
    assert main([*map(str, words), "--model", str(weights)]) == 0
    digest = model_files.use(weights).sha256
    (coded,) = read_archive(archive).images
    assert coded.coding.model == f"mine {digest[:16]}"
    assert [file.sha256 for file in coded.decoders] == [digest]
    weights.unlink()
    monkeypatch.setattr(model_files, "_named", {})
    # Another process, which never saw the model:
    code = f"from viewer.cli.main import main; raise SystemExit(main(['verify', {str(archive)!r}]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert verify(archive).ok


def test_without_the_decoder_the_model_must_be_installed(
    image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = vqvae2_model(tmp_path / "knees.safetensors")
    archive = tmp_path / "study.radz"
    words = ["compress", image, "-o", archive, "--codec", "vqvae2", "--bpp", "1", "--no-decoder"]
    assert main([*map(str, words), "--model", str(weights)]) == 0
    monkeypatch.setattr(model_files, "_named", {})
    report = verify(archive)
    assert "which is not installed here" in report.images[0].sentence
    kept = model_files.add(weights)
    monkeypatch.setattr(model_files, "_named", {})
    assert kept.path.is_file()
    assert verify(archive).ok


def test_commands_take_a_path_or_a_hash_and_refuse_the_rest(
    image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = vqvae2_model(tmp_path / "knees.safetensors")
    words = ["compare", str(image), "--codec", "vqvae2", "--bpp", "1", "--json", "--model"]
    assert main([*words, str(weights)]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["model"].startswith("mine ")
    assert main([*words, row["model"].split()[1]]) == 0
    assert json.loads(capsys.readouterr().out)[0]["model"] == row["model"]
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"?" * 100)
    for named, sentence in ((bad, "no safetensors file"), ("/no/where", "There is no model")):
        assert main([*words, str(named)]) == 1
        told = capsys.readouterr().err
        assert sentence in told
        assert told.count("\n") == 1
    paper = ["compare", str(image), "--codec", "vqvae2-paper", "--model", str(weights)]
    assert main(paper) == 1
    assert "one of vqvae2, not of vqvae2-paper" in capsys.readouterr().err


def test_curves_of_a_model_of_the_user_s(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from PIL import Image

    weights = vqvae2_model(tmp_path / "knees.safetensors")
    folder = tmp_path / "images"
    folder.mkdir()
    Image.fromarray(ramp(96, 96, 8)).save(folder / "a.png")
    words = ["evaluate", "rd", str(folder), "--rates", "0.5", "--model", str(weights)]
    assert main([*words, "--codecs", "vqvae2,jpeg2000"]) == 0
    assert "vqvae2" in capsys.readouterr().out
    assert main([*words, "--codecs", "jpeg2000"]) == 1
    assert "not among the codecs" in capsys.readouterr().err
