"""Every DICOM file of ../shared/data comes back bit for bit, and a bound holds in each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from viewer.codecs import registry
from viewer.codecs.base import PixelFormat, Target
from viewer.images.opening import read_frame, read_header

MIDDLE = 96
"""Side of what is coded where whole files take minutes; `radview evaluate lossless --every-file`
takes them whole with every codec (docs/LOSSLESS.md)."""

Picture = tuple[str, np.ndarray, PixelFormat]


@pytest.fixture(scope="module")
def pictures(shared_data: Path) -> list[Picture]:
    """Name, pixels and format of every file."""
    found = sorted(path for path in (shared_data / "dicom").rglob("*") if path.is_file())
    assert len(found) >= 21
    read = []
    for path in found:
        radiograph = read_frame(read_header(path))
        form = PixelFormat(radiograph.header.bits_stored, radiograph.header.signed)
        read.append((path.name, radiograph.pixels, form))
    return read


def middle(pixels: np.ndarray) -> np.ndarray:
    top, left = (max(0, (size - MIDDLE) // 2) for size in pixels.shape[:2])
    return np.ascontiguousarray(pixels[top : top + MIDDLE, left : left + MIDDLE])


@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", ["jpegls", "htj2k"])
def test_whole_files_come_back(name: str, pictures: list[Picture]) -> None:
    codec = registry.get(name)
    for file, pixels, form in pictures:
        found = codec.decode(codec.encode(pixels, form, Target("lossless")).data)
        assert found.pixels.dtype == pixels.dtype, file
        assert np.array_equal(found.pixels, pixels), file
        assert found.pixel_format == form, file


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("name", "bound"), [("vqvae2", 0), ("jpeg2000", 0), ("vqvae2", 2)])
def test_the_middle_of_every_file_is_within_the_bound(
    name: str, bound: int, pictures: list[Picture]
) -> None:
    codec = registry.get(name)
    for file, whole, form in pictures:
        pixels = middle(whole)
        found = codec.decode(codec.encode(pixels, form, Target("max_error", bound)).data)
        assert found.pixels.dtype == pixels.dtype, file
        assert np.abs(found.pixels.astype(int) - pixels).max() <= bound, file
