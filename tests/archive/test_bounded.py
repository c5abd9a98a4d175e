"""Archives keep bounds and base ratios; what is exact is not marked as lossy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.dicom_files import ramp, write_dicom_file
from viewer.archive.compressing import compress
from viewer.archive.exporting import export
from viewer.archive.reading import read_archive
from viewer.archive.restoring import restore
from viewer.archive.verification import verify
from viewer.codecs.base import Target


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "image.dcm"
    rng = np.random.default_rng(3)
    noisy = ramp(140, 110, 12) // 2 + rng.integers(0, 60, (140, 110))
    write_dicom_file(path, noisy.astype(np.uint16), bits_stored=12)
    return path


@pytest.mark.parametrize(
    ("codec", "target"),
    [
        ("vqvae2", Target("lossless", base=25.0)),
        ("vqvae2", Target("max_error", 0)),
        ("jpegls", Target("lossless")),
        ("htj2k", Target("lossless")),
    ],
)
def test_what_is_exact_is_not_marked(
    codec: str, target: Target, image: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "study.radz"
    summary = compress([image], archive, codec_name=codec, target=target)
    assert summary.lossless == 1
    (coded,) = read_archive(archive).images
    assert coded.lossless
    assert coded.coding.target == target
    assert verify(archive).ok
    before = pydicom.dcmread(image)
    (restored,) = restore(archive, tmp_path / "restored")
    after = pydicom.dcmread(restored)
    assert np.array_equal(before.pixel_array, after.pixel_array)
    assert after.SOPInstanceUID == before.SOPInstanceUID
    assert "LossyImageCompression" not in after
    done = export([archive], tmp_path / "dicom", syntax="jpeg-ls")
    assert len(done.written) == 1
    for path in done.written:
        exported = pydicom.dcmread(path)
        assert np.array_equal(exported.pixel_array, before.pixel_array)
        assert exported.get("LossyImageCompression", "00") == "00"
        assert "LossyImageCompressionRatio" not in exported


@pytest.mark.parametrize(
    ("codec", "method"), [("vqvae2", "RADVIEW_VQVAE2"), ("jpegls", "ISO_14495_1")]
)
def test_what_is_bounded_is_marked(codec: str, method: str, image: Path, tmp_path: Path) -> None:
    archive = tmp_path / "study.radz"
    compress([image], archive, codec_name=codec, target=Target("max_error", 3))
    (coded,) = read_archive(archive).images
    assert not coded.lossless
    assert coded.coding.target == Target("max_error", 3)
    assert coded.frames[0].figures.max_error == 3
    assert verify(archive).ok
    (restored,) = restore(archive, tmp_path / "restored")
    after = pydicom.dcmread(restored)
    assert after.LossyImageCompression == "01"
    assert after.LossyImageCompressionMethod == method
    difference = after.pixel_array.astype(int) - pydicom.dcmread(image).pixel_array
    assert np.abs(difference).max() == 3
