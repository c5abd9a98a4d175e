"""The table of a progressive codec's passes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.codecs.recurrent.conftest import SMALL, save_model
from viewer.cli.main import main
from viewer.codecs import model_files, registry
from viewer.codecs.base import PixelFormat, Target
from viewer.errors import MeasureError, RadviewError
from viewer.evaluation.layer_figures import layer_figures
from viewer.metrics.errors import psnr


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    codec = registry.get("recurrent")
    path = save_model(tmp_path / "small.safetensors", SMALL)
    for name, value in (("_weights", path), ("_encoder", None), ("_decoder", None)):
        monkeypatch.setattr(codec, name, value)
    folder = tmp_path / "pictures"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(2):
        values = rng.integers(0, 256, (40 + number, 50)).astype(np.uint8)
        Image.fromarray(values).save(folder / f"{number}.png")
    (folder / "notes.txt").write_text("no picture")
    return folder


def test_each_row_is_the_mean_of_the_pictures(pictures: Path) -> None:
    found = layer_figures(pictures, "recurrent", steps=(1, 4, 16))
    assert [row["step"] for row in found.rows] == [1, 4, 16]
    assert found.pictures == 2
    codec = registry.get("recurrent")
    rates, decibels = [], []
    for path in sorted(pictures.glob("*.png")):
        with Image.open(path) as opened:
            pixels = np.asarray(opened)
        data = codec.encode(pixels, PixelFormat(8), Target("quality", 25)).data
        rates.append(8 * len(data) / pixels.size)
        decibels.append(psnr(pixels, codec.decode(data).pixels, 255))
    assert found.rows[1]["bpp"] == pytest.approx(np.mean(rates), abs=1e-4)
    assert found.rows[1]["psnr_db"] == pytest.approx(np.mean(decibels), abs=1e-4)
    assert found.rows[1]["jpeg2000"]["bpp"] <= 1.2 * found.rows[1]["bpp"] + 1
    assert "Iterations" in found.table()


def test_the_command_prints_and_keeps_it(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "layers.json"
    asked = ["evaluate", "layers", str(pictures), "--steps", "1,2", "--limit", "1"]
    assert main([*asked, "--json", str(out)]) == 0
    assert "1 pictures" in capsys.readouterr().out
    kept = json.loads(out.read_text())
    assert [row["step"] for row in kept["rows"]] == [1, 2]


def test_another_model_is_measured_by_its_file(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = next(m for m in model_files.models_of("recurrent") if "GRU additive" in m.name)
    out = tmp_path / "layers.json"
    asked = ["evaluate", "layers", str(pictures), "--steps", "1", "--limit", "1"]
    assert main([*asked, "--model", str(other.path), "--json", str(out)]) == 0
    assert other.sha256[:8] in json.loads(out.read_text())["model"]
    assert main([*asked, "--codec", "dense", "--model", str(other.path)]) != 0
    assert "not of dense" in capsys.readouterr().err


def test_what_has_no_layers_ends_in_a_sentence(pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(MeasureError, match="not counted"):
        layer_figures(pictures, "jpeg2000")
    with pytest.raises(MeasureError, match="Iterations of recurrent are 1, 2"):
        layer_figures(pictures, "recurrent", steps=(17,))
    with pytest.raises(RadviewError, match="no picture"):
        layer_figures(tmp_path, "recurrent")
    with pytest.raises(RadviewError, match="no folder"):
        layer_figures(tmp_path / "none", "recurrent")
