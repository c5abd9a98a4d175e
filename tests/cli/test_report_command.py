"""`radview report`."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from viewer.cli.main import main


@pytest.fixture
def picture(tmp_path):
    rng = np.random.default_rng(2)
    ramp = np.add.outer(np.arange(200), np.arange(220)) / 420 * 200
    path = tmp_path / "patient-name.png"
    Image.fromarray(np.clip(ramp + rng.normal(0, 8, ramp.shape), 0, 255).astype(np.uint8)).save(
        path
    )
    return path


def test_html_and_pdf(picture, tmp_path, capsys):
    for name, start in (("r.html", b"<!DOCTYPE"), ("r.pdf", b"%PDF")):
        out = tmp_path / name
        words = ["report", str(picture), "--codec", "jpeg2000", "--bpp", "0.5", "-o", str(out)]
        assert main([*words, "--roi", "10,10,60,50", "--curve", "0.25,1"]) == 0
        assert capsys.readouterr().out.strip() == str(out)
        data = out.read_bytes()
        assert data.startswith(start)
        assert b"patient-name" not in data
    html = (tmp_path / "r.html").read_text()
    assert "60 × 50 pixels at x 10, y 10" in html
    assert "asked for bpp 0.5" in html


def test_wrong_use_is_a_sentence(picture, tmp_path, capsys):
    words = ["report", str(picture), "--codec", "jpeg2000"]
    assert main([*words, "-o", str(tmp_path / "r.txt")]) == 1
    assert "A report is a .html or a .pdf file" in capsys.readouterr().err
    assert main([*words, "-o", str(tmp_path / "r.pdf"), "--frame", "2"]) == 1
    assert "no frame 2" in capsys.readouterr().err
    assert main([*words, "-o", str(tmp_path / "r.pdf"), "--curve", "x"]) == 2
    assert not (tmp_path / "r.pdf").exists()
