"""What the repository promises of itself: size, no foreign binaries, pinned packages."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def _tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("needs the git checkout, not an unpacked source archive")
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [ROOT / name for name in done.stdout.decode().split("\0") if name]


def test_no_tracked_file_is_large_or_a_data_set() -> None:
    for path in _tracked():
        if path.exists():
            assert path.stat().st_size < 8 * 2**20, f"{path} is too large for the repository"
            assert path.suffix not in {".dcm", ".jp2", ".ipynb", ".pt", ".pth", ".pkl"}, path


def test_every_direct_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    pinned = {
        re.sub(r"[-_.]+", "-", line.split("==")[0]).lower()
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    }
    for requirement in wanted:
        match = re.match(r"[A-Za-z0-9._-]+", requirement)
        assert match is not None
        assert re.sub(r"[-_.]+", "-", match[0]).lower() in pinned, requirement


def test_every_model_has_weights_and_a_card() -> None:
    folders = [path for path in (ROOT / "models").iterdir() if path.is_dir()]
    assert folders
    for folder in folders:
        card = (folder / "CARD.md").read_text()
        for word in ("Data", "Licence", "Command", "Limits"):
            assert word.lower() in card.lower(), f"{folder.name}: the card does not speak of {word}"
        assert list(folder.glob("*.safetensors")), folder
