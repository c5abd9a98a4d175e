"""The shipped dense models on real radiographs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.archive.compressing import compress
from viewer.archive.verification import verify
from viewer.codecs import registry
from viewer.codecs.base import PixelFormat, Target
from viewer.codecs.dense.codec import SIZES
from viewer.images.opening import read_frame, read_header
from viewer.metrics.errors import psnr


@pytest.fixture(scope="module")
def chests(shared_data: Path) -> list[np.ndarray]:
    paths = sorted((shared_data / "chest" / "val").iterdir())[:3]
    return [read_frame(read_header(path)).pixels[200:700, 100:600] for path in paths]


def test_longer_codes_are_better_in_the_mean(chests: list[np.ndarray]) -> None:
    codec = registry.get("dense")
    assert codec.unavailable() == ""
    decibels, rates = [], []
    for number in range(1, len(SIZES) + 1):
        target = Target("quality", 25 * number)
        coded = [codec.encode(pixels, PixelFormat(8), target).data for pixels in chests]
        pairs = zip(chests, coded, strict=True)
        decibels.append(np.mean([psnr(p, codec.decode(data).pixels, 255) for p, data in pairs]))
        rates.append(np.mean([8 * len(data) / chests[0].size for data in coded]))
    assert decibels == sorted(decibels)
    assert decibels[0] > 33
    assert rates == sorted(rates)
    assert rates[-1] < 0.6


def test_deep_pixels(rg1_path: Path) -> None:
    radiograph = read_frame(read_header(rg1_path))
    form = PixelFormat(radiograph.header.bits_stored)
    codec = registry.get("dense")
    decoded = codec.decode(codec.encode(radiograph.pixels, form, Target("quality", 100)).data)
    assert psnr(radiograph.pixels, decoded.pixels, form.peak) > 38


def test_archives_keep_it_with_its_decoders(chests: list[np.ndarray], tmp_path: Path) -> None:
    Image.fromarray(np.ascontiguousarray(chests[0])).save(tmp_path / "chest.png")
    archive = tmp_path / "study.radz"
    compress([tmp_path / "chest.png"], archive, codec_name="dense", target=Target("quality", 50))
    assert verify(archive).ok
