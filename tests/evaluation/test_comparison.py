"""One radiograph through one codec, figures against what is worked out here."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from tests.dicom_files import write_dicom_file
from viewer.codecs import registry
from viewer.codecs.base import Codec, Decoded, Encoded, PixelFormat, Target
from viewer.errors import Cancelled, CodecError, MeasureError, UnknownCodecError
from viewer.evaluation.comparison import COLOUR_TOGETHER, compare_radiograph
from viewer.images.opening import read_frame, read_header
from viewer.images.radiograph import Header, Radiograph
from viewer.metrics.figures import compare
from viewer.progress import CancelToken

KEYS = [
    "file",
    "codec",
    "model",
    "device",
    "rows",
    "columns",
    "bits_stored",
    "bytes",
    "bpp",
    "ratio_stored",
    "ratio_16bit",
    "psnr_db",
    "ssim",
    "ms_ssim",
    "max_error",
    "encode_s",
    "decode_s",
    "notice",
]


@pytest.fixture(scope="module")
def rg1(rg1_path: Path) -> Radiograph:
    return read_frame(read_header(rg1_path))


def made(pixels: np.ndarray, bits: int, signed: bool = False) -> Radiograph:
    header = Header(
        path=Path("made.dcm"),
        file_format="DICOM",
        rows=pixels.shape[0],
        columns=pixels.shape[1],
        frames=1,
        samples=1 if pixels.ndim == 2 else 3,
        bits_allocated=8 * pixels.itemsize,
        bits_stored=bits,
        signed=signed,
        photometric="MONOCHROME2" if pixels.ndim == 2 else "RGB",
        transfer_syntax="",
    )
    return Radiograph(header, pixels)


def test_a_real_radiograph(rg1: Radiograph) -> None:
    seen: list[float] = []
    result = compare_radiograph(
        rg1,
        "jpeg2000",
        Target("ratio", 18),
        box=(500, 600, 400, 300),
        progress=lambda fraction, text: seen.append(fraction),
    )
    decoded = registry.get("jpeg2000").decode(result.encoded.data).pixels
    assert np.array_equal(result.reconstruction.pixels, decoded)
    assert result.reconstruction.header == rg1.header
    assert result.figures == compare(rg1.pixels, decoded, PixelFormat(15))
    assert result.box_figures == compare(
        rg1.pixels[600:900, 500:900], decoded[600:900, 500:900], PixelFormat(15)
    )
    row = result.as_row()
    assert list(row) == [*KEYS, "roi"]
    assert row["file"] == str(rg1.header.path)
    assert (row["codec"], row["model"], row["device"]) == ("jpeg2000", "", "cpu")
    assert (row["rows"], row["columns"], row["bits_stored"]) == (1955, 1841, 15)
    assert row["bytes"] == len(result.encoded.data)
    pixels = 1955 * 1841
    assert row["bpp"] == pytest.approx(8 * row["bytes"] / pixels)
    assert row["ratio_stored"] == pytest.approx(15 / row["bpp"])
    assert row["ratio_stored"] == pytest.approx(18, rel=0.02)
    assert row["ratio_16bit"] == pytest.approx(16 / row["bpp"])
    delta = rg1.pixels.astype(np.float64) - decoded
    assert row["psnr_db"] == pytest.approx(10 * math.log10(32767**2 / np.mean(delta**2)))
    assert row["max_error"] == np.abs(delta).max()
    assert 0 < row["encode_s"] < 60
    assert 0 < row["decode_s"] < 60
    roi = row["roi"]
    assert [roi[key] for key in ("x", "y", "width", "height")] == [500, 600, 400, 300]
    assert roi["psnr_db"] == result.box_figures.psnr_db
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    json.dumps(row, allow_nan=False)


def test_without_loss_the_psnr_is_null() -> None:
    pixels = np.random.default_rng(0).integers(-500, 500, (40, 200)).astype(np.int16)
    result = compare_radiograph(made(pixels, 12, signed=True), "jpeg2000", Target("lossless"))
    row = result.as_row()
    assert list(row) == KEYS
    assert row["psnr_db"] is None
    assert row["ms_ssim"] is None
    assert row["ssim"] == 1.0
    assert row["max_error"] == 0
    assert result.figures.identical


def test_colour_counts_three_samples() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (60, 50, 3)).astype(np.uint8)
    result = compare_radiograph(made(pixels, 8), "jpeg2000", Target("ratio", 4))
    row = result.as_row()
    assert row["ratio_stored"] == pytest.approx(60 * 50 * 3 / row["bytes"])
    assert row["ratio_16bit"] == pytest.approx(2 * row["ratio_stored"])
    assert row["bpp"] == pytest.approx(8 * row["bytes"] / 3000)


def test_a_notice_reaches_the_row() -> None:
    pixels = np.full((64, 64), 7, np.uint8)
    row = compare_radiograph(made(pixels, 8), "jpeg2000", Target("ratio", 3)).as_row()
    assert "without loss" in row["notice"]


def test_a_box_outside_is_refused_before_anything_is_coded(
    rg1: Radiograph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "get", lambda name: pytest.fail("a codec was fetched"))
    with pytest.raises(MeasureError, match="1841 x 1955"):
        compare_radiograph(rg1, "jpeg2000", Target("ratio", 18), box=(0, 0, 2000, 10))


def test_an_unknown_codec_is_named(rg1: Radiograph) -> None:
    with pytest.raises(UnknownCodecError, match="jpeg3000"):
        compare_radiograph(rg1, "jpeg3000", Target("ratio", 18))


def test_cancel_between_encoding_and_decoding(rg1: Radiograph) -> None:
    cancel = CancelToken()

    def progress(fraction: float, text: str) -> None:
        if fraction >= 0.6:
            cancel.cancel()

    part = made(np.ascontiguousarray(rg1.pixels[:300, :300]), 15)
    with pytest.raises(Cancelled):
        compare_radiograph(part, "jpeg2000", Target("ratio", 18), progress=progress, cancel=cancel)


def test_a_codec_that_gives_back_another_shape_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    class Cropping(Codec):
        info = registry.get("jpeg2000").info

        def encode(self, pixels, pixel_format, target, **_):  # type: ignore[no-untyped-def]
            return Encoded(b"x")

        def decode(self, data, **_):  # type: ignore[no-untyped-def]
            return Decoded(np.zeros((3, 3), np.uint8), PixelFormat(8))

        def recognises(self, data: bytes) -> bool:
            return False

    monkeypatch.setattr(registry, "get", lambda name: Cropping())
    with pytest.raises(CodecError, match="cropping"):
        compare_radiograph(made(np.zeros((4, 4), np.uint8), 8), "cropping", Target("lossless"))


def test_how_colour_is_coded_is_said(tmp_path):
    colour = np.random.default_rng(2).integers(0, 256, (32, 40, 3), dtype=np.uint8)
    path = write_dicom_file(tmp_path / "colour.dcm", colour)
    result = compare_radiograph(read_frame(read_header(path)), "jpeg2000", Target("ratio", 4.0))
    assert result.as_row()["notice"] == COLOUR_TOGETHER
