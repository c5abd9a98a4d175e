"""The paper's codec with its shipped weights: any picture, any fault, and the figures promised."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from viewer.codecs import registry
from viewer.codecs.base import Options, PixelFormat, Target
from viewer.codecs.bitstream import HEADER_BYTES, pack, unpack
from viewer.codecs.vqvae2_paper import RATES_BPP, Vqvae2Paper
from viewer.errors import Cancelled, CodecError, ModelError
from viewer.images.opening import read_frame, read_header
from viewer.metrics.figures import compare
from viewer.progress import CancelToken

CPU = Options("cpu")
BEST = Target("bpp", RATES_BPP[0])


@pytest.fixture(scope="module")
def codec() -> Vqvae2Paper:
    codec = registry.get("vqvae2-paper")
    assert isinstance(codec, Vqvae2Paper)
    assert codec.unavailable() == ""
    return codec


def picture(rows: int, columns: int, bits: int, signed: bool = False) -> NDArray[np.generic]:
    """A smooth picture with an edge and a little noise, filling its bits."""
    rng = np.random.default_rng(rows * 1000 + columns)
    y, x = np.mgrid[:rows, :columns] / max(rows, columns)
    values = 0.5 + 0.3 * np.sin(5 * x + 3 * y) + 0.15 * (x > 0.6) + rng.normal(0, 0.003, y.shape)
    low = -(1 << bits - 1) if signed else 0
    stored = np.rint(np.clip(values, 0, 1) * ((1 << bits) - 1)) + low
    kind = "i" if signed else "u"
    return stored.astype(f"{kind}{1 if bits <= 8 else 2}")


@pytest.mark.parametrize(
    ("bits", "signed"), [(8, False), (10, False), (12, True), (16, False), (16, True), (8, True)]
)
def test_bit_depths_and_signs(codec: Vqvae2Paper, bits: int, signed: bool) -> None:
    pixels = picture(120, 136, bits, signed)
    before = pixels.copy()
    form = PixelFormat(bits, signed)
    encoded = codec.encode(pixels, form, BEST, options=CPU)
    decoded = codec.decode(encoded.data, options=CPU)
    np.testing.assert_array_equal(pixels, before)
    assert decoded.pixels.dtype == pixels.dtype
    assert decoded.pixels.shape == pixels.shape
    assert decoded.pixel_format == form
    assert compare(pixels, decoded.pixels, form).psnr_db > 38
    assert 8 * len(encoded.data) <= BEST.value * pixels.size or "coarsest" in encoded.notice


@pytest.mark.parametrize("shape", [(1, 1), (1, 37), (41, 1), (7, 9), (8, 8), (63, 130)])
def test_any_size(codec: Vqvae2Paper, shape: tuple[int, int]) -> None:
    pixels = picture(*shape, 12)
    decoded = codec.decode(codec.encode(pixels, PixelFormat(12), BEST, options=CPU).data)
    assert decoded.pixels.shape == shape
    worst = np.abs(decoded.pixels.astype(int) - pixels.astype(int)).max()
    assert worst <= (int(pixels.max()) - int(pixels.min())) * 0.6


@pytest.mark.parametrize("value", [-5, 0, 100])
def test_a_constant_picture_is_exact_and_tiny(codec: Vqvae2Paper, value: int) -> None:
    pixels = np.full((500, 300), value, np.int16)
    encoded = codec.encode(pixels, PixelFormat(12, signed=True), BEST)
    assert len(encoded.data) == HEADER_BYTES
    np.testing.assert_array_equal(codec.decode(encoded.data).pixels, pixels)


def test_the_size_of_tiles_does_not_show(codec: Vqvae2Paper) -> None:
    pixels = picture(264, 328, 12)
    whole = codec.encode(pixels, PixelFormat(12), BEST, options=Options("cpu", 1024))
    tiled = codec.encode(pixels, PixelFormat(12), BEST, options=Options("cpu", 128))
    assert abs(len(whole.data) - len(tiled.data)) < 0.02 * len(whole.data)
    first = codec.decode(whole.data, options=Options("cpu", 1024)).pixels.astype(int)
    second = codec.decode(whole.data, options=Options("cpu", 128)).pixels.astype(int)
    assert np.abs(first - second).max() <= 1
    other = codec.decode(tiled.data, options=CPU).pixels
    form = PixelFormat(12)
    assert abs(
        compare(pixels, first.astype(np.uint16), form).psnr_db
        - compare(pixels, other, form).psnr_db
    ) < 0.1  # fmt: skip


def test_rates_are_kept_and_another_rate_is_said(codec: Vqvae2Paper, shared_data: Path) -> None:
    path = sorted((shared_data / "chest" / "val").iterdir())[0]
    pixels = read_frame(read_header(path)).pixels[200:456, 200:456]
    sizes = []
    for bpp in RATES_BPP:
        encoded = codec.encode(pixels, PixelFormat(8), Target("bpp", bpp), options=CPU)
        assert encoded.notice == ""
        assert 0.85 * bpp < 8 * len(encoded.data) / pixels.size <= bpp
        sizes.append(len(encoded.data))
    assert sizes == sorted(sizes, reverse=True)
    asked = codec.encode(pixels, PixelFormat(8), Target("ratio", 4.0), options=CPU)
    assert "trained for" in asked.notice
    assert "took 0.667" in asked.notice
    assert len(asked.data) == sizes[0]
    exact = codec.encode(pixels, PixelFormat(8), Target("ratio", 12.0), options=CPU)
    assert exact.notice == ""
    low = codec.encode(pixels, PixelFormat(8), Target("quality", 0), options=CPU)
    assert len(low.data) == sizes[-1]


def test_a_large_picture_is_sampled_and_still_meets_its_budget(
    codec: Vqvae2Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.codecs.paper_payload._SAMPLED_PLACES", 400)
    pixels = picture(400, 320, 12)
    target = Target("bpp", RATES_BPP[1])
    encoded = codec.encode(pixels, PixelFormat(12), target, options=CPU)
    assert encoded.notice == ""
    assert 0.9 * target.value < 8 * len(encoded.data) / pixels.size <= target.value


@pytest.mark.parametrize(
    "target",
    [
        Target("lossless"),
        Target("psnr", 40),
        Target("ratio", 0),
        Target("bpp", float("nan")),
        Target("quality", 101),
    ],
)
def test_targets_it_cannot_meet(codec: Vqvae2Paper, target: Target) -> None:
    with pytest.raises(CodecError):
        codec.encode(picture(16, 16, 8), PixelFormat(8), target)


def test_pixels_it_cannot_code(codec: Vqvae2Paper) -> None:
    grey = picture(16, 16, 8)
    refused = [
        (np.stack([grey] * 2, 2), PixelFormat(8)),
        (grey[:0], PixelFormat(8)),
        (grey, PixelFormat(4)),
        (grey, PixelFormat(8, signed=True)),
        (grey.astype(np.int32), PixelFormat(20, signed=True)),
    ]
    for pixels, form in refused:
        with pytest.raises(CodecError):
            codec.encode(pixels, form, BEST)


def test_truncated_altered_and_foreign_bitstreams(codec: Vqvae2Paper) -> None:
    data = codec.encode(picture(64, 64, 8), PixelFormat(8), BEST).data
    assert codec.recognises(data)
    assert registry.recognise(data) is codec
    for length in (0, 3, 20, HEADER_BYTES - 1, HEADER_BYTES, len(data) - 1):
        with pytest.raises(CodecError):
            codec.decode(data[:length])
    for place in range(0, len(data), 7):
        altered = bytearray(data)
        altered[place] ^= 0x10
        with pytest.raises(CodecError):
            codec.decode(bytes(altered))
    assert not codec.recognises(b"\x89PNG\r\n")
    with pytest.raises(CodecError):
        codec.decode(b"\x89PNG\r\n" + data)


def test_a_payload_that_is_whole_but_wrong_is_refused(codec: Vqvae2Paper) -> None:
    data = codec.encode(picture(64, 64, 8), PixelFormat(8), BEST).data
    header, payload = unpack(data, "vqvae2-paper")
    for wrong in (b"", payload[:-1], payload + bytes(400)):
        with pytest.raises(CodecError):
            codec.decode(pack(header, wrong))


def test_another_model_is_named(codec: Vqvae2Paper) -> None:
    from dataclasses import replace

    data = codec.encode(picture(64, 64, 8), PixelFormat(8), BEST).data
    header, payload = unpack(data, "vqvae2-paper")
    with pytest.raises(ModelError, match="00000000"):
        codec.decode(pack(replace(header, model=bytes(16)), payload))


def test_missing_weights_are_one_sentence(tmp_path: Path) -> None:
    codec = Vqvae2Paper(tmp_path / "weights.safetensors")
    assert "missing" in codec.unavailable()
    with pytest.raises(ModelError, match="missing"):
        codec.encode(picture(16, 16, 8), PixelFormat(8), BEST)


def test_progress_rises_and_cancel_stops_between_tiles(codec: Vqvae2Paper) -> None:
    pixels = picture(200, 200, 8)
    token = CancelToken()
    seen: list[float] = []

    def report(fraction: float, text: str) -> None:
        seen.append(fraction)
        if len(seen) == 3:
            token.cancel()

    small = Options("cpu", 128)
    with pytest.raises(Cancelled):
        codec.encode(pixels, PixelFormat(8), BEST, options=small, progress=report, cancel=token)
    assert len(seen) == 3
    seen.clear()

    def listen(fraction: float, text: str) -> None:
        seen.append(fraction)

    data = codec.encode(pixels, PixelFormat(8), BEST, options=small, progress=listen).data
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    with pytest.raises(Cancelled):
        codec.decode(data, options=small, cancel=token)


def test_running_out_of_memory_reaches_the_caller(
    codec: Vqvae2Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from viewer.networks.vqvae2_paper import PaperNetwork

    data = codec.encode(picture(64, 64, 8), PixelFormat(8), BEST).data

    def fail(*_: object) -> None:
        raise torch.OutOfMemoryError("no memory left")

    monkeypatch.setattr(PaperNetwork, "features", fail)
    monkeypatch.setattr(PaperNetwork, "decode_bottom", fail)
    with pytest.raises(torch.OutOfMemoryError):
        codec.encode(picture(64, 64, 8), PixelFormat(8), BEST)
    with pytest.raises(torch.OutOfMemoryError):
        codec.decode(data)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_promised_quality_on_whole_chests(codec: Vqvae2Paper, shared_data: Path) -> None:
    figures = []
    for path in sorted((shared_data / "chest" / "val").iterdir())[::10]:
        pixels = read_frame(read_header(path)).pixels
        encoded = codec.encode(pixels, PixelFormat(8), BEST, options=CPU)
        assert 16 * pixels.size / (8 * len(encoded.data)) >= 24
        decoded = codec.decode(encoded.data, options=CPU)
        figures.append(compare(pixels, decoded.pixels, PixelFormat(8)))
    assert np.mean([f.psnr_db for f in figures]) >= 45.1
    assert np.mean([f.ssim for f in figures]) >= 0.953


def test_a_15_bit_radiograph(codec: Vqvae2Paper, rg1_path: Path) -> None:
    header = read_header(rg1_path)
    pixels = read_frame(header).pixels[300:620, 300:700]
    form = PixelFormat(header.bits_stored, header.signed)
    encoded = codec.encode(pixels, form, BEST, options=CPU)
    decoded = codec.decode(encoded.data, options=CPU)
    assert compare(pixels, decoded.pixels, form).psnr_db > 40


def test_torch_waits_until_it_is_needed() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from viewer.codecs import registry; "
        "registry.get('vqvae2-paper').unavailable(); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
