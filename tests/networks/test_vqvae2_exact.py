"""Every way of convolving gives the same integers, and a way that does not is found out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.errors import ModelError
from viewer.networks import vqvae2_exact as exact
from viewer.networks.vqvae2_filter import RestorationFilter
from viewer.networks.vqvae2_inference import (
    BANDS,
    CODES_AT,
    KNOWN,
    SLOPES,
    FilterInference,
    PriorInference,
)
from viewer.networks.vqvae2_prior import BUSY_BANDS, GROUPS, LevelPrior
from viewer.networks.vqvae2_ways import has_byte_products

CPU = torch.device("cpu")


def _layer(seed: int, outputs: int, inputs: int, kernel: int, most: int) -> tuple:
    rng = np.random.default_rng(seed)
    weight = rng.integers(-most, most + 1, (outputs, inputs, kernel, kernel))
    x = rng.integers(0, 256, (int(rng.integers(1, 40)), int(rng.integers(1, 40)), inputs))
    return weight, rng.integers(-9000, 9000, outputs), x.astype(np.uint8)


def _plain(weight: np.ndarray, bias: np.ndarray, x: np.ndarray) -> torch.Tensor:
    values = torch.from_numpy(x).permute(2, 0, 1)[None].double()
    return torch.nn.functional.conv2d(
        values,
        torch.from_numpy(weight).double(),
        torch.from_numpy(bias).double(),
        padding=weight.shape[2] // 2,
    )


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 3]), st.sampled_from([50, 255]))
@settings(max_examples=20, deadline=None)
def test_all_ways_agree(seed: int, kernel: int, most: int) -> None:
    weight, bias, x = _layer(seed, 5, 9, kernel, most)
    expected = _plain(weight, bias, x)
    rounded = torch.floor(expected / 128 + 0.5).clamp(0, 255)
    again = exact.repeats(weight)
    given_again = np.ascontiguousarray(x[:, :, exact.laid_out(x.shape[2], again)])
    ways = [
        (exact.Floats, weight, x),
        (exact.Matrices, weight, x),
        (exact.DoubleMatrices, weight, x),
    ]
    if has_byte_products():
        ways.append((exact.Bytes, exact.spread(weight, again), given_again))
    for way, integers, values in ways:
        conv = way(integers, bias, CPU)
        assert exact._is_exact(conv, integers, bias)
        assert torch.equal(conv.sums(exact.bytes_view(values)).double(), expected)
        assert torch.equal(conv.activations(exact.bytes_view(values)).double(), rounded)


def test_shares_are_bytes_that_add_up() -> None:
    weight = np.array([[[[255]], [[-128]], [[127]], [[-254]]]])
    again = exact.repeats(weight)
    assert again == [0, 0, 1, 3]
    shares = exact.spread(weight, again)
    assert np.abs(shares).max() <= exact.BYTE_WEIGHT
    order = exact.laid_out(4, again)
    assert order == [0, 0, 0, 1, 1, 2, 3, 3]
    for channel in range(4):
        mine = [place for place, value in enumerate(order) if value == channel]
        np.testing.assert_array_equal(shares[:, mine].sum(axis=1), weight[:, channel])
    np.testing.assert_array_equal(exact.spread(weight, []), weight)


def test_channels_seen_only_in_the_middle_are_convolved_apart() -> None:
    weight, bias, x = _layer(3, 4, 12, 3, 90)
    weight[:, :5, [0, 0, 2], [0, 1, 1]] = 0
    weight[:, :5, [0, 1, 1, 2, 2], [2, 0, 2, 0, 2]] = 0
    conv = exact.Floats(weight, bias, CPU)
    assert conv._split == 5
    assert torch.equal(conv.sums(exact.bytes_view(x)).double(), _plain(weight, bias, x))


def test_what_nothing_sees_is_left_out_and_halves_are_subtracted() -> None:
    weight, bias, x = _layer(3, 4, 12, 3, 90)
    weight[:, 9:] = 0
    conv = exact.Floats(weight, bias, CPU)
    assert conv._end == 9
    assert torch.equal(conv.sums(exact.bytes_view(x)).double(), _plain(weight, bias, x))
    for kernel in (1, 3):
        weight, bias, x = _layer(4, 4, 12, kernel, 90)
        weight[:, 6:] = -weight[:, :6]
        conv = exact.Floats(weight, bias, CPU)
        assert conv._against == 6
        assert torch.equal(conv.sums(exact.bytes_view(x)).double(), _plain(weight, bias, x))


class _Saturating(exact.Floats):
    """As a processor without the instructions does it: sums of pairs stop at 16 bits."""

    def sums(self, x: torch.Tensor) -> torch.Tensor:
        return super().sums(x).clamp(-32768, 32767)


class _Approximate(exact.Floats):
    """As a convolution that transforms its input, or multiplies in ten bits, does it."""

    def sums(self, x: torch.Tensor) -> torch.Tensor:
        return super().sums(x) * (1 + 2.0**-22)


@pytest.mark.parametrize("way", [_Saturating, _Approximate])
def test_what_is_not_exact_is_not_used(way: type, monkeypatch: pytest.MonkeyPatch) -> None:
    weight, bias, _ = _layer(1, 6, 16, 3, 100)
    assert not exact._is_exact(way(weight, bias, CPU), weight, bias)
    monkeypatch.setitem(exact.WAYS, "cpu", (way, exact.Floats))
    assert type(exact.exact_conv(weight, bias, CPU, True)) is exact.Floats
    monkeypatch.setitem(exact.WAYS, "cpu", (way,))
    with pytest.raises(ModelError, match="exactly"):
        exact.exact_conv(weight, bias, CPU, True)


def test_sums_beyond_the_bounds_are_refused_or_made_in_double() -> None:
    bias = np.zeros(2, np.int64)
    with pytest.raises(ModelError, match="too large"):
        exact.exact_conv(np.full((2, 300, 3, 3), 120), bias, CPU, True)
    large = np.full((2, 300, 3, 3), 15)
    assert isinstance(exact.exact_conv(large, bias, CPU, True), exact.DoubleMatrices)


@pytest.fixture(params=[True, False], ids=["bytes", "floats"])
def narrow(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    if request.param and not has_byte_products():
        pytest.skip("this processor has no exact products of bytes")
    monkeypatch.setattr("viewer.networks.vqvae2_inference.has_byte_products", lambda: request.param)
    return bool(request.param)


def _on_grid(module: torch.nn.Module, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    for parameter in module.parameters():
        drawn = torch.randn(parameter.shape, generator=generator)
        size = 0.35 if parameter.dim() > 1 else 0.5
        parameter.data = torch.round(drawn * size * 128).clamp(-250, 250) / 128


def _signed(above: np.ndarray, below: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(above.astype(np.float32) - below).div(16)


def test_the_prior_runs_as_it_trains(narrow: bool) -> None:
    prior = LevelPrior(7).requires_grad_(False)
    _on_grid(prior, 4)
    running = PriorInference(prior, CPU)
    rng = np.random.default_rng(8)
    h, w = 13, 22

    def planes(count: int) -> tuple[np.ndarray, np.ndarray]:
        values = rng.integers(0, 256, (count, h, w)) * (rng.random((count, h, w)) < 0.3)
        above = np.where(rng.random(values.shape) < 0.5, values, 0)
        return above.astype(np.uint8), (values - above).astype(np.uint8)

    slopes, parent = planes(SLOPES), planes(BANDS)
    busy, grand = planes(BANDS)[0], planes(BANDS)[0]
    features = np.zeros((h, w, len(running.feature_channels)), np.uint8)
    put = running.feature_channels.put
    starts = (0, SLOPES, 16, 21, 26, 31)
    for start, values in zip(starts, (*slopes, *parent, busy, grand), strict=True):
        put(features, start, values)
    s, p = _signed(*slopes), _signed(*parent)
    plain = [s, s.abs(), p, p.abs(), torch.from_numpy(busy) / 16, torch.from_numpy(grand) / 16]
    expected = prior.base(torch.cat(plain)[None])
    base = running.base(features)
    found = torch.from_numpy(base[:, :, :7]).permute(2, 0, 1) / 16
    assert torch.equal(found[None], expected)

    codes, all_busy = planes(KNOWN), planes(BANDS)[0]
    for group in range(len(GROUPS)):
        known = sum(len(g) for g in GROUPS[:group])
        context, seen = base, None
        if group:
            part = np.zeros((h, w, len(running.context_channels)), np.uint8)
            put = running.context_channels.put
            signs = np.stack([codes[0][:known], codes[1][:known]], axis=1)
            put(part, CODES_AT, signs.reshape(2 * known, h, w))
            bands = all_busy[: len(BUSY_BANDS[group])]
            put(part, 0, bands)
            context = np.concatenate([base, part], axis=2)
            c = _signed(codes[0][:known], codes[1][:known])
            seen = torch.cat([c, c.abs(), torch.from_numpy(bands) / 16])[None]
        scale, mean = prior.group(group, expected, seen)
        got_scale, got_mean = running.group(group, np.ascontiguousarray(context))
        index = torch.floor(scale[0].double() * 4 + 16.5).clamp(0, 55)
        eighths = torch.floor(mean[0].double() * 8 + 0.5).clamp(-128, 128)
        np.testing.assert_array_equal(got_scale, index.numpy())
        np.testing.assert_array_equal(got_mean, eighths.numpy())


def test_the_filter_runs_as_it_trains(narrow: bool) -> None:
    network = RestorationFilter(6).requires_grad_(False)
    _on_grid(network, 5)
    running = FilterInference(network, CPU)
    values = np.random.default_rng(1).integers(-255, 256, (37, 17, 20))
    features = np.zeros((17, 20, len(running.channels)), np.uint8)
    running.channels.put(features, 0, np.maximum(values, 0).astype(np.uint8))
    running.channels.put(features, 37, np.maximum(-values, 0).astype(np.uint8))
    expected = network(torch.from_numpy(values / 16).float()[None]) * 2048
    assert torch.equal(running.corrections(features), expected)


@pytest.mark.skipif(not has_byte_products(), reason="this processor has no products of bytes")
def test_the_filter_sees_signs_in_one_byte_or_two() -> None:
    network = RestorationFilter(6).requires_grad_(False)
    _on_grid(network, 7)
    running = FilterInference(network, CPU)
    assert running.signed_channels is not None
    values = np.random.default_rng(4).integers(-127, 128, (37, 9, 14))
    expected = network(torch.from_numpy(values / 16).float()[None]) * 2048
    one = running.signed_channels.beside((values + exact.MIDDLE).astype(np.uint8))
    above_and_below = np.concatenate([np.maximum(values, 0), np.maximum(-values, 0)])
    two = running.channels.beside(above_and_below.astype(np.uint8))
    assert torch.equal(running.corrections(one), expected)
    assert torch.equal(running.corrections(two), expected)


@pytest.mark.skipif(not has_byte_products(), reason="this processor has no products of bytes")
@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 3]))
@settings(max_examples=10, deadline=None)
def test_bytes_with_signs_are_convolved_alike(seed: int, kernel: int) -> None:
    weight, bias, x = _layer(seed, 5, 9, kernel, 127)
    conv = exact.signed_conv(weight, bias, CPU)
    assert conv is not None
    expected = _plain(weight, bias, x.astype(np.int64) - exact.MIDDLE)
    assert torch.equal(conv.sums(exact.bytes_view(x)).double(), expected)
    rounded = torch.floor(expected / 128 + 0.5).clamp(0, 255)
    assert torch.equal(conv.activations(exact.bytes_view(x)).double(), rounded)


def test_weights_that_are_no_bytes_have_no_signs_in_one() -> None:
    weight, bias, _ = _layer(1, 3, 4, 3, 100)
    weight[0, 0, 0, 0] = 200
    assert exact.signed_conv(weight, bias, CPU) is None
    weight[0, 0, 0, 0] = 1
    assert exact.signed_conv(weight, bias, torch.device("meta")) is None


def test_another_device_gives_the_same(narrow: bool) -> None:
    """The route of other devices, on the CPU bit for bit, and on CUDA where there is one."""
    devices = ["cpu"] + (["cuda"] if torch.cuda.is_available() else [])
    weight, bias, x = _layer(9, 33, 40, 3, 120)
    expected = _plain(weight, bias, x)
    for device in devices:
        for way in exact.WAYS["other"]:
            conv = way(weight, bias, torch.device(device))
            assert exact._is_exact(conv, weight, bias)
            assert torch.equal(conv.sums(exact.bytes_view(x)).cpu().double(), expected)
