"""The paper's network: its form, its start as a transform, its borders."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from viewer.networks.vqvae2_paper import PaperNetwork, PaperShape, ReplicatedConvTranspose
from viewer.training.linear_start import cosine_basis, fit_top_prediction, start_linear

SMALL = PaperShape(
    channels=40, half_channels=10, top_channels=36, hidden=8, encoder_blocks=1, top_blocks=1,
    decoder_blocks=1, top_codewords=(16, 16, 16), bottom_codewords=(16, 16, 16, 16),
)  # fmt: skip


def network(shape: PaperShape = SMALL) -> PaperNetwork:
    torch.manual_seed(0)
    return PaperNetwork(shape).eval()


def test_the_form_is_that_of_the_paper() -> None:
    net = network()
    strided = [net.reduce_1, net.reduce_2, net.top_reduce]
    assert all(c.kernel_size == (4, 4) and c.stride == (2, 2) for c in strided)
    up = [net.top_up, net.expand_2, net.expand_1]
    assert all(c.kernel_size == (4, 4) and c.stride == (2, 2) for c in up)
    convolutions = [m for m in net.modules() if type(m) is nn.Conv2d and m.kernel_size != (1, 1)]
    assert all(c.padding_mode == "replicate" and c.padding == (1, 1) for c in convolutions)
    output = net(torch.rand(2, 1, 24, 40))
    assert output.pixels.shape == (2, 1, 24, 40)
    assert output.top.indices.shape == (2, 3, 3, 5)
    assert output.bottom.indices.shape == (2, 4, 6, 10)


def test_the_bottom_latents_depend_on_the_top_codes() -> None:
    net = network()
    features, top = net.features(torch.rand(1, 1, 32, 32))
    first = net.condition(net.decode_top(net.top_quantiser(top).values), features)
    second = net.condition(net.decode_top(net.top_quantiser(top + 3).values), features)
    assert not torch.allclose(first, second)
    predicted = net.decode_top(top)
    torch.testing.assert_close(
        net.feature_part(features) + net.predicted_part(predicted),
        net.condition(predicted, features),
        rtol=1e-4,
        atol=1e-4,
    )


@pytest.mark.parametrize("side", [2, 4, 8])
def test_the_cosine_basis_is_orthonormal(side: int) -> None:
    flat = cosine_basis(side).reshape(side * side, -1)
    torch.testing.assert_close(flat @ flat.T, torch.eye(side * side, dtype=torch.float64))


@torch.no_grad()
def test_the_start_is_an_exact_transform() -> None:
    net = network()
    start_linear(net)
    pixels = torch.rand(2, 1, 40, 48)
    features, top = net.features(pixels)
    blocks = pixels.unfold(2, 8, 8).unfold(3, 8, 8)[:, 0] - 0.5
    expected = torch.einsum("nhwij,kij->nkhw", blocks.double() * 32, cosine_basis(8)[:16])
    torch.testing.assert_close(top.double(), expected, rtol=1e-4, atol=1e-3)
    predicted = net.decode_top(top)
    rebuilt = net.decode_bottom(predicted, net.condition(predicted, features))
    torch.testing.assert_close(rebuilt, pixels, rtol=0, atol=1e-5)


@torch.no_grad()
def test_the_fitted_top_predicts_better_and_the_transform_stays_exact() -> None:
    net = network()
    start_linear(net)
    ramp = torch.linspace(0, 1, 64)
    pixels = (ramp[:, None] * ramp[None] + 0.3 * torch.sin(6 * ramp))[None, None].clamp(0, 1)
    features, top = net.features(pixels)
    top = top * (torch.arange(16) < 1)[None, :, None, None]
    before = net.condition(net.decode_top(top), features).square().mean()
    fit_top_prediction(net, top, features)
    predicted = net.decode_top(top)
    after = net.condition(predicted, features)
    assert after.square().mean() < 0.6 * before
    rebuilt = net.decode_bottom(predicted, after)
    torch.testing.assert_close(rebuilt, pixels, rtol=0, atol=1e-5)


@torch.no_grad()
def test_a_flat_picture_stays_flat_at_its_border() -> None:
    layer = ReplicatedConvTranspose(3, 2)
    out = layer(torch.ones(1, 3, 5, 6))
    assert out.shape == (1, 2, 10, 12)
    torch.testing.assert_close(out[:, :, 0], out[:, :, 2], rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(out[..., 11], out[..., 9], rtol=1e-5, atol=1e-6)


@torch.no_grad()
def test_low_precision_stays_inside_the_blocks() -> None:
    net = network()
    pixels = torch.rand(1, 1, 32, 32)
    features, _ = net.features(pixels)
    net.low_precision = True
    low, _ = net.features(pixels)
    assert low.dtype == torch.float32
    torch.testing.assert_close(low, features, rtol=0.05, atol=0.05)


def test_the_linear_start_says_what_it_needs() -> None:
    with pytest.raises(ValueError, match="16 bottom"):
        start_linear(network(PaperShape(bottom_groups=(2, 3), bottom_codewords=(8, 8))))
