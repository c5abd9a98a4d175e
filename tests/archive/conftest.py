"""Fixtures of the archive's tests: fake codecs, small source files, archives made of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.archive.fake_codecs import Drifting
from tests.dicom_files import ramp, write_dicom_file
from viewer.archive.coding import code_image
from viewer.archive.model import CodedImage
from viewer.archive.png_export import write_png
from viewer.archive.writing import write_archive
from viewer.codecs import registry
from viewer.codecs.base import Target
from viewer.images.opening import read_header

LOSSLESS = Target("lossless")


@pytest.fixture(autouse=True)
def fake_codecs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register the fake codecs for one test."""
    for name, cls in (("exact", "Exact"), ("lossy", "Lossy"), ("drifting", "Drifting")):
        monkeypatch.setitem(registry._FACTORIES, f"fake-{name}", f"tests.archive.fake_codecs:{cls}")
    monkeypatch.setattr(Drifting, "sparse", 0)
    monkeypatch.setattr(Drifting, "dense", 0)


@pytest.fixture
def dicom(tmp_path: Path) -> Path:
    """A 12-bit MONOCHROME1 file with private attributes."""
    return write_dicom_file(tmp_path / "chest.dcm", ramp(24, 32, 12), bits_stored=12,
                            photometric="MONOCHROME1")  # fmt: skip


@pytest.fixture
def raster(tmp_path: Path) -> Path:
    """An 8-bit PNG."""
    return write_png(tmp_path / "hand.png", ramp(16, 20, 8))


Make = Callable[..., CodedImage]


@pytest.fixture
def coded() -> Make:
    """Code a file with a fake codec: ``coded(path, "fake-lossy")``."""

    def make(path: Path, codec: str = "fake-exact", ratio: float = 4.0) -> CodedImage:
        target = LOSSLESS if codec == "fake-exact" else Target("ratio", ratio)
        return code_image(read_header(path), codec, target)

    return make


@pytest.fixture
def archive(tmp_path: Path, dicom: Path, raster: Path, coded: Make) -> Path:
    """An archive of two images: a lossy DICOM and a lossless PNG."""
    images = [coded(dicom, "fake-lossy"), coded(raster)]
    return write_archive(tmp_path / "study.radz", images)


def flip(path: Path, position: int, mask: int = 1) -> None:
    """Change one byte of a file."""
    with path.open("r+b") as stream:
        stream.seek(position)
        value = stream.read(1)[0]
        stream.seek(position)
        stream.write(bytes([value ^ mask]))


def noisy(rows: int, columns: int, bits: int, *samples: int) -> np.ndarray:
    """Values that no filter makes small, the same every time."""
    generator = np.random.default_rng(rows * columns + bits)
    dtype = np.uint8 if bits <= 8 else np.uint16
    return generator.integers(0, 1 << bits, (rows, columns, *samples)).astype(dtype)
