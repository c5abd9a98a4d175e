"""The codec with any model: every picture, every target, every prefix, every fault."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.codecs.recurrent.conftest import SMALL, save_model
from viewer.codecs import registry
from viewer.codecs.base import Options, PixelFormat, Target
from viewer.codecs.bitstream import HEADER_BYTES, pack, unpack
from viewer.codecs.recurrent import encoding
from viewer.codecs.recurrent.codec import Recurrent
from viewer.codecs.recurrent.inspecting import inspect
from viewer.codecs.recurrent.layers import count_layers, join, prefix, sizes, split
from viewer.errors import Cancelled, CodecError, ModelError
from viewer.progress import NEVER, CancelToken, silent

CPU = Options("cpu")
ALL = Target("quality", 100)


def picture(
    rows: int, columns: int, bits: int, signed: bool = False, seed: int = 0
) -> NDArray[np.generic]:
    rng = np.random.default_rng(seed)
    low = -(1 << bits - 1) if signed else 0
    values = rng.integers(0, 1 << bits, (rows, columns)) + low
    return values.astype(f"{'i' if signed else 'u'}{1 if bits <= 8 else 2}")


@given(
    rows=st.integers(1, 50),
    columns=st.integers(1, 50),
    bits=st.integers(1, 16),
    signed=st.booleans(),
)
@settings(max_examples=15, deadline=None)
def test_any_shape_and_depth(
    small_path: Path, rows: int, columns: int, bits: int, signed: bool
) -> None:
    codec = Recurrent(small_path)
    pixels = picture(rows, columns, bits, signed)
    before = pixels.copy()
    form = PixelFormat(bits, signed)
    encoded = codec.encode(pixels, form, Target("quality", 25), options=CPU)
    decoded = codec.decode(encoded.data, options=CPU)
    np.testing.assert_array_equal(pixels, before)
    assert (decoded.pixels.shape, decoded.pixels.dtype) == (pixels.shape, pixels.dtype)
    assert decoded.pixel_format == form
    assert decoded.pixels.min() >= pixels.min()
    assert decoded.pixels.max() <= pixels.max()


def test_a_constant_picture_is_exact_and_tiny(small: Recurrent) -> None:
    pixels = np.full((70, 50), -3, np.int16)
    encoded = small.encode(pixels, PixelFormat(12, signed=True), ALL)
    assert len(encoded.data) == HEADER_BYTES
    np.testing.assert_array_equal(small.decode(encoded.data).pixels, pixels)
    assert prefix(encoded.data, 3) == encoded.data


def test_each_quality_is_a_prefix_of_one_coding(
    small: Recurrent, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []
    real = encoding.encode_layers
    monkeypatch.setattr(encoding, "encode_layers", lambda *a: runs.append(1) or real(*a))
    pixels, form = picture(40, 56, 12), PixelFormat(12)
    whole = small.encode(pixels, form, ALL, options=CPU).data
    assert count_layers(whole) == 16
    fresh = Recurrent(small._path())
    for count in (16, 1, 7, 3, 12):
        data = small.encode(pixels, form, Target("quality", 100 * count / 16), options=CPU).data
        assert data == prefix(whole, count)
        assert count_layers(data) == count
        again = fresh.decode(data, options=CPU).pixels
        np.testing.assert_array_equal(small.decode(data, options=CPU).pixels, again)
    assert len(runs) == 1


def test_an_encoder_of_filters_asks_the_cells_for_psnr_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shape = replace(SMALL, direct=24, guide=4, encoding="filters", iterations=5)
    codec = Recurrent(save_model(tmp_path / "filters.safetensors", shape))
    model, pixels, form = codec.model(CPU), picture(40, 56, 12), PixelFormat(12)
    with torch.no_grad():
        torch.nn.init.normal_(model.network.direct.filters)
        torch.nn.init.normal_(model.network.direct.patterns, std=0.05)
    asked = []
    real = model.network.decoder.forward
    monkeypatch.setattr(model.network.decoder, "forward", lambda *a: asked.append(1) or real(*a))
    data = codec.encode(pixels, form, ALL, options=CPU).data
    assert not asked
    reached = codec.encode(pixels, form, Target("psnr", 90), options=CPU)
    assert len(asked) == 5
    assert "All 5 passes reach" in reached.notice
    assert reached.data == data
    layers = next(iter(codec._encoder._kept.values()))
    decoded = codec.decode(data, options=CPU).pixels
    told = 10 * np.log10(form.peak**2 / np.mean((pixels.astype(float) - decoded) ** 2))
    assert layers.psnr_db[-1] == pytest.approx(told, abs=0.01)


def test_the_patterns_picture_is_shown_without_the_cells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shape = replace(SMALL, direct=24, guide=4, encoding="filters", iterations=3)
    codec = Recurrent(save_model(tmp_path / "filters.safetensors", shape))
    monkeypatch.setattr(registry, "get", lambda name: codec)
    model, pixels, form = codec.model(CPU), picture(40, 56, 12), PixelFormat(12)
    with torch.no_grad():
        torch.nn.init.normal_(model.network.direct.filters)
        torch.nn.init.normal_(model.network.direct.patterns, std=0.05)
        torch.nn.init.normal_(model.network.decoder.last.weight)
    data = codec.encode(pixels, form, ALL, options=CPU).data
    asked = {"options": CPU, "progress": silent, "cancel": NEVER}
    inside = inspect(data, pixels, form, **asked)
    assert [choice.key for choice in inside.choices] == ["1", "2", "3", "bare"]
    bare = inside.picture("bare", progress=silent, cancel=NEVER)
    assert not np.array_equal(bare, codec.decode(data).pixels)
    model.network.direct.trust.zero_()
    fresh = Recurrent(tmp_path / "filters.safetensors")
    np.testing.assert_array_equal(bare, fresh.decode(data).pixels)


def test_what_was_encoded_is_what_is_decoded(small: Recurrent) -> None:
    pixels, form = picture(33, 47, 10), PixelFormat(10)
    for count in (1, 5, 16):
        target = Target("quality", 100 * count / 16)
        decoded = small.decode(small.encode(pixels, form, target).data).pixels
        error = np.mean((pixels.astype(float) - decoded) ** 2)
        model = small.model(CPU)
        assert small._encoder is not None
        layers = next(iter(small._encoder._kept.values()))
        told = layers.psnr_db[count - 1]
        assert abs(10 * np.log10(form.peak**2 / error) - told) < 0.01
        assert model.iterations == 16


def test_rates_and_fidelities_take_as_many_layers_as_fit(small: Recurrent) -> None:
    pixels, form = picture(64, 64, 8), PixelFormat(8)
    whole = small.encode(pixels, form, ALL).data
    _, payload = unpack(whole, "recurrent")
    lengths = sizes(split(payload, 16))
    for count, length in enumerate(lengths, 1):
        bpp = 8 * length / pixels.size
        assert len(small.encode(pixels, form, Target("bpp", bpp)).data) == length
        assert count_layers(small.encode(pixels, form, Target("ratio", 8 / bpp)).data) == count
    tight = small.encode(pixels, form, Target("bpp", 0.001))
    assert count_layers(tight.data) == 1
    assert "One pass takes" in tight.notice
    assert "All 16 passes" in small.encode(pixels, form, Target("bpp", 9)).notice
    assert "All 16 passes reach" in small.encode(pixels, form, Target("psnr", 120)).notice
    assert count_layers(small.encode(pixels, form, Target("psnr", 0.1)).data) == 1


def test_one_shot_and_lstm_models_code_as_well(tmp_path: Path) -> None:
    for cell, reconstruction in (("lstm", "additive"), ("gru", "oneshot"), ("lstm", "oneshot")):
        shape = replace(SMALL, cell=cell, reconstruction=reconstruction, iterations=3)
        codec = Recurrent(save_model(tmp_path / f"{cell}{reconstruction}.safetensors", shape))
        pixels = picture(20, 36, 8)
        data = codec.encode(pixels, PixelFormat(8), ALL).data
        assert count_layers(data) == 3
        assert codec.decode(data).pixels.shape == (20, 36)


def test_colour_goes_channel_by_channel(small: Recurrent) -> None:
    pixels = np.stack([picture(20, 30, 8, seed=n) for n in range(3)], axis=-1)
    encoded = small.encode(pixels, PixelFormat(8), Target("quality", 20))
    assert small.recognises(encoded.data)
    assert small.decode(encoded.data).pixels.shape == (20, 30, 3)


@pytest.mark.parametrize(
    "target",
    [
        Target("lossless"),
        Target("psnr", float("inf")),
        Target("ratio", 0),
        Target("bpp", float("nan")),
        Target("quality", 101),
        Target("quality", -1),
    ],
)
def test_targets_it_cannot_meet(small: Recurrent, target: Target) -> None:
    with pytest.raises(CodecError):
        small.encode(picture(16, 16, 8), PixelFormat(8), target)


def test_pixels_it_cannot_code(small: Recurrent) -> None:
    grey = picture(16, 16, 8)
    for pixels, form in (
        (np.stack([grey] * 2, 2), PixelFormat(8)),
        (grey[:0], PixelFormat(8)),
        (grey, PixelFormat(4)),
        (grey, PixelFormat(8, signed=True)),
        (grey.astype(np.int32), PixelFormat(20, signed=True)),
    ):
        with pytest.raises(CodecError):
            small.encode(pixels, form, ALL)


def test_a_cancelled_coding_stops_and_leaves_nothing(small: Recurrent) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        small.encode(picture(32, 32, 8), PixelFormat(8), ALL, cancel=token)
    data = Recurrent(small._path()).encode(picture(32, 32, 8), PixelFormat(8), ALL).data
    with pytest.raises(Cancelled):
        small.decode(data, cancel=token)
    assert small.decode(data).pixels.shape == (32, 32)


def test_damaged_streams_end_in_a_sentence(small: Recurrent) -> None:
    pixels = picture(48, 32, 12)
    data = small.encode(pixels, PixelFormat(12), Target("quality", 25)).data
    rng = np.random.default_rng(0)
    for length in (*range(0, HEADER_BYTES + 9, 5), len(data) - 1):
        with pytest.raises(CodecError):
            small.decode(data[:length])
    for _ in range(60):
        altered = bytearray(data)
        altered[int(rng.integers(len(data)))] ^= int(rng.integers(1, 256))
        with pytest.raises((CodecError, ModelError)):
            small.decode(bytes(altered))
    # What a checksum made anew lets through must end in pixels or in a sentence as well.
    header, payload = unpack(data, "recurrent")
    for _ in range(60):
        body = bytearray(payload)
        body[int(rng.integers(len(body)))] ^= int(rng.integers(1, 256))
        try:
            found = small.decode(pack(header, bytes(body))).pixels
        except CodecError:
            continue
        assert found.shape == pixels.shape
    layers = split(payload, 4)
    for rate, body in (
        (3, payload),
        (5, payload),
        (17, join([*layers, *[layers[0]] * 13])),
        (0, payload),
        (4, b""),
        (4, payload + b"\0"),
    ):
        with pytest.raises(CodecError):
            small.decode(pack(replace(header, rate=rate), body))
    np.testing.assert_array_equal(
        small.decode(data).pixels, Recurrent(small._path()).decode(data).pixels
    )


def test_prefixes_that_do_not_exist(small: Recurrent) -> None:
    data = small.encode(picture(16, 16, 8), PixelFormat(8), Target("quality", 25)).data
    for count in (0, 5, -1):
        with pytest.raises(CodecError, match="layers 1 to 4"):
            prefix(data, count)


def test_models_that_cannot_be_used(tmp_path: Path, small: Recurrent) -> None:
    missing = Recurrent(tmp_path / "none.safetensors")
    assert "missing" in missing.unavailable()
    with pytest.raises(ModelError, match="missing"):
        missing.encode(picture(16, 16, 8), PixelFormat(8), ALL)
    data = small.encode(picture(16, 16, 8), PixelFormat(8), ALL).data
    other = Recurrent(save_model(tmp_path / "other.safetensors", SMALL, seed=1))
    with pytest.raises(ModelError, match="written with the model"):
        other.decode(data)
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(small._path().read_bytes()[:-9])
    with pytest.raises(ModelError):
        Recurrent(broken).encode(picture(16, 16, 8), PixelFormat(8), ALL)
