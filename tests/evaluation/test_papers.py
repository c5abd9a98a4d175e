"""The report: computed once, resumed, beside the papers' figures, small, self-contained."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from viewer.cli import evaluate_papers
from viewer.codecs.base import Options
from viewer.errors import Cancelled, MeasureError
from viewer.evaluation import paper_curves
from viewer.evaluation.paper_report import Report
from viewer.evaluation.paper_sizes import Sizes
from viewer.evaluation.paper_stages import Stages
from viewer.evaluation.shipped_origins import shipped_origins
from viewer.progress import NEVER, CancelToken, silent

SMALL = Sizes(
    rd_images=2,
    table_images=2,
    disturbed_images=1,
    rd_codecs=("jpeg2000", "jpeg"),
    rates=(0.3, 0.6, 1.0, 1.5),
    table_codecs=("jpeg2000",),
    patches=0,
    disturbed_codecs=("jpeg2000",),
    crop=96,
    nodule_codecs=("jpeg2000",),
    nodule_rates=(0.5,),
    regions=4,
    deep_crop=96,
    deep_codecs=("jpeg2000", "jpeg"),
)

CLASSIFIER: dict[str, Any] = {
    "classes": {"Edema": 33},
    "pictures": 340,
    "patients": 222,
    "folds": 5,
    "seeds": [0],
    "side": 128,
    "coded_side": 256,
    "shape": {"blocks": [1, 2], "growth": 4},
    "recipe": {"epochs": 2},
    "device": "cpu",
    "rule": "one a product",
    "macs": {"latent": 1e6},
    "macs_1024": {"latent": 3.74e9},
    "paper_gmacs": {"latent": 3.76},
    "inputs": {
        "latent": {
            "classes": {"Edema": {"area": 0.6, "interval": [0.5, 0.7]}},
            "mean": 0.6,
            "mean_interval": [0.5, None],
            "seeds": [0.6],
            "epoch_seconds": 1.0,
            "epoch_processor_seconds": 0.9,
            "peak_memory": 2**29,
        }
    },
}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("viewer.evaluation.paper_stages.other_modalities", lambda _: [])
    rng = np.random.default_rng(0)
    for name in ("chest", "lungs"):
        folder = tmp_path / "data" / name / "val"
        folder.mkdir(parents=True)
        for number in range(6):
            x = np.mgrid[:420, :420][1] / 420
            grey = 120 + 50 * np.sin(7 * x + number) + rng.normal(0, 5, x.shape)
            pixels = np.clip(grey, 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / f"0000000{number}_000.png")
    deep = tmp_path / "data" / "dicom" / "deep.png"
    deep.parent.mkdir()
    Image.fromarray((pixels.astype(np.uint16) * 200)[:200, :200]).save(deep)
    monkeypatch.setattr("viewer.evaluation.paper_stages.deep_radiographs", lambda _: [deep])
    return tmp_path / "data"


def _stages(data: Path, cache: Path, calls: list[str]) -> Stages:
    def classify(folder: Path, work: Path, sizes: Sizes, **running: Any) -> dict[str, Any]:
        calls.append(str(folder))
        running["cancel"].check()
        return CLASSIFIER

    return Stages(data, cache, SMALL, classify, Options())


def test_a_report_from_what_is_done(data: Path, tmp_path: Path) -> None:
    calls: list[str] = []
    stages = _stages(data, tmp_path / "cache", calls)
    parts = {name: stages.compute(name, silent, NEVER) for name in Stages.names}
    again = _stages(data, tmp_path / "cache", calls)
    for name in Stages.names:
        assert again.done(name) == parts[name]
        assert again.compute(name, silent, NEVER) == parts[name]
    assert len(calls) == 1
    pictures = {name: stages.path(name, "png") for name in parts}
    out = tmp_path / "report.html"
    report = Report(parts, pictures, "radview evaluate papers", "2026-01-01")
    report.write_html(out)
    page = out.read_text()
    assert out.stat().st_size < 5_000_000
    # Nothing is fetched from elsewhere.
    assert not re.search(r'(?:src|href)="(?!data:)', page)
    assert page.count("data:image/png;base64,") == 4
    for figure in ("45.12", "46.05", "3.81", "3.76", "3.74", "0.600 (0.500 .. 0.700)"):
        assert figure in page
    assert "other images" in page
    assert "12 images" not in page
    plain = next(r for r in parts["table"]["rows"] if r["tested_on"] == "lungs/val")
    assert f"{plain['psnr']:.2f} (" in page
    report.write_markdown(tmp_path / "docs" / "RESULTS.md", "results")
    text = (tmp_path / "docs" / "RESULTS.md").read_text()
    assert (tmp_path / "docs" / "results" / "detectability.png").is_file()
    for path in re.findall(r"\]\((.+?)\)", text):
        assert (tmp_path / "docs" / path).is_file()
    assert text.count("\n## ") == 6


def _row(codec: str, setting: str, ratio: float, psnr: float, frechet: float) -> dict[str, Any]:
    return {
        "tested_on": "lungs/val",
        "codec": codec,
        "setting": setting,
        "trained_on": "",
        "pictures": 3,
        "patients": 2,
        "ratio_16bit": ratio,
        "psnr": psnr,
        "psnr_interval": (psnr - 1, psnr + 1),
        "ssim": 0.9,
        "ssim_interval": (0.8, 1.0),
        "frechet": frechet,
        "kernel": 0.001,
        "patches": 30,
    }


def test_the_matched_rows_are_put_in_words() -> None:
    rows = [
        _row("vqvae2-paper", "24 : 1", 24.1, 40.0, 3.81),
        _row("jpeg2000", "24 : 1", 24.0, 41.0, 3.0),
        _row("jpeg2000", "bytes of vqvae2-paper", 24.1, 41.25, 2.9),
        _row("jpeg2000", "Frechet distance of vqvae2-paper", 33.3, 39.0, 3.79),
    ]
    found = paper_curves.table("Codecs", {"rows": rows, "bpp": 16 / 24, "refused": ["x"]})
    assert "+1.25 dB PSNR and +0.0000 SSIM" in found.notes[0]
    assert "(3.81; found 3.79) jpeg2000 takes 33.3 : 1, vqvae2-paper 24.1 : 1" in found.notes[0]
    assert found.notes[1:] == ["Left out: x"]
    assert "asked for 24 : 1" in found.text[1]


def test_origins_are_those_the_cards_name() -> None:
    models = Path(__file__).parents[2] / "models"
    for codec, origin in shipped_origins().items():
        card = models / codec / "CARD.md"
        if card.is_file():
            text = " ".join(card.read_text(encoding="utf-8").split())
            for name in origin.split(", "):
                folder = name.partition("/")[0]
                assert f"../shared/data/{folder}" in text, (codec, name)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    Report({}, {}, "x", "now").write_html(out)
    assert out.read_text().count("has not been computed") == 6
    with pytest.raises(MeasureError):
        Report({}, {}, "x", "now").write_html(tmp_path)


def test_a_stop_keeps_what_is_done(data: Path, tmp_path: Path) -> None:
    calls: list[str] = []
    stages = _stages(data, tmp_path / "cache", calls)
    stages.compute("table", silent, NEVER)
    stop = CancelToken()
    with pytest.raises(Cancelled):
        stages.compute("rd", lambda *_: stop.cancel(), stop)
    assert stages.done("table")
    assert stages.done("rd") is None
    assert stages.compute("rd", silent, NEVER)["images"] == 2


def test_other_data_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MeasureError, match="chest/val"):
        _stages(tmp_path, tmp_path / "cache", [])


def test_the_command(
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from viewer.cli.main import main

    monkeypatch.setattr(evaluate_papers, "_sizes", lambda _: SMALL)
    arguments = ["evaluate", "papers", "--data", str(data), "--out", str(tmp_path / "r.html")]
    arguments += ["--cache", str(tmp_path / "cache")]
    assert main([*arguments, "--only", "table", "--markdown", str(tmp_path / "R.md")]) == 0
    assert "missing" in capsys.readouterr().out
    assert "| the paper | VQ-VAE-2 |" in (tmp_path / "R.md").read_text()
    assert main([*arguments, "--only", "poems"]) == 1


def test_the_report_that_is_kept_is_whole() -> None:
    docs = Path(__file__).parents[2] / "docs"
    text = (docs / "RESULTS.md").read_text(encoding="utf-8")
    page = (docs / "results" / "report.html").read_text(encoding="utf-8")
    for kept in (text, page):
        assert "has not been computed" not in kept
        for title in ("figure 2", "figure 3", "table 1", "Does detail survive?", "other images"):
            assert title in kept
    assert len(page.encode()) < 5_000_000
    for path in re.findall(r"\]\((.+?)\)", text):
        assert (docs / path).is_file()
