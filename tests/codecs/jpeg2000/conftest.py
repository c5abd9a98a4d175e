"""Real radiographs of 15 and of 8 stored bits."""

from __future__ import annotations

from pathlib import Path

import pytest
from numpy.typing import NDArray

from viewer.images.opening import read_frame, read_header


@pytest.fixture(scope="module")
def rg1(rg1_path: Path) -> NDArray:
    return read_frame(read_header(rg1_path)).pixels


@pytest.fixture(scope="module")
def chests(shared_data: Path) -> list[NDArray]:
    files = sorted((shared_data / "chest" / "val").glob("*.jp2"))[:2]
    return [read_frame(read_header(path)).pixels for path in files]
