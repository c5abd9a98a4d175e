"""The wheel carries weights and resources: built, installed elsewhere, and used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel of this checkout was installed, alone."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run([*build, str(ROOT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    target = folder / "site"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(target)]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    return target


def _radview(installed: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "viewer.cli.main", *arguments],
        cwd=installed.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_is_what_runs(installed: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    code = "import viewer.resources as r; print(r.models_dir()); print(r.resource('.'))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=installed.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    for line in done.stdout.splitlines():
        assert Path(line).is_relative_to(installed)
        assert Path(line).is_dir()


@pytest.mark.parametrize("codec", ["jpeg2000", "vqvae2-paper"])
def test_an_image_is_compared_with_it(installed: Path, tmp_path: Path, codec: str) -> None:
    y, x = np.mgrid[0:192, 0:256]
    picture = (128 + 60 * np.sin(x / 19.0) + 50 * np.cos(y / 23.0)).astype(np.uint8)
    path = tmp_path / "waves.png"
    Image.fromarray(picture).save(path)
    (row,) = json.loads(_radview(installed, "compare", str(path), "--codec", codec, "--json"))
    assert row["codec"] == codec
    assert (row["rows"], row["columns"], row["bits_stored"]) == (192, 256, 8)
    assert row["bytes"] * 8 == pytest.approx(row["bpp"] * 192 * 256)
    assert row["psnr_db"] > 25
