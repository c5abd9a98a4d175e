"""The arrows of docs/ARCHITECTURE.md, and what opening an image must not load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_arrows_run_one_way() -> None:
    """The import-linter contracts of pyproject.toml hold."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "modules",
    [
        "viewer.images.opening, viewer.images.library, viewer.images.display",
        "viewer.codecs.registry, viewer.codecs.jpeg2000",
        "viewer.metrics.figures, viewer.evaluation.comparison",
        "viewer.archive.writing, viewer.archive.reading, viewer.session.session",
        "viewer.ui.app, viewer.ui.main_window",
        "viewer.cli.main",
    ],
)
def test_torch_waits_until_a_network_is_needed(modules: str) -> None:
    """Opening, judging and saving never import torch by themselves."""
    code = f"import sys, {modules}; sys.exit('torch' in sys.modules or 'numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_the_registry_names_modules_that_exist() -> None:
    """Every registered codec can be imported and says who it is."""
    from viewer.codecs import registry

    for name in registry.names():
        info = registry.get(name).info
        assert info.name == name
        assert info.title
        assert info.mark
        assert 0 < len(info.dicom_method) <= 16
        assert info.teaches
