"""The recurrent network: the published size, its shapes, and what a pass may and may not do."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from viewer.networks.recurrent import (
    KEPT,
    SILENT_FROM,
    Made,
    RecurrentNetwork,
    _next_step,
    binarise,
    count_parameters,
)
from viewer.networks.recurrent_cells import make_cell
from viewer.networks.recurrent_shape import BLOCK, PUBLISHED, RecurrentShape

SMALL = RecurrentShape(first=4, encoder=(4, 8, 8), decoder=(8, 8, 8, 4), iterations=4)


def run(network, pixels, passes):
    analysed, made = network.encoder.start, Made()
    outputs = []
    for _ in range(passes):
        gain = network.gain(made)
        chances, analysed = network.analyse(pixels - made.output, analysed, gain, made.number)
        made = network.synthesise(binarise(chances, training=network.training), made, gain)
        outputs.append((chances, made.output))
    return outputs


def test_the_published_network_has_35_million_parameters():
    # 3 x 64 x 9 + LSTM(64 -> 256, 512, 512) + 512 x 32, and the decoder's, without offsets.
    encoder = 1_728 + 851_968 + 5_767_168 + 10_485_760 + 16_384
    decoder = 16_384 + 10_485_760 + 3_407_872 + 3_538_944 + 884_736 + 96
    with torch.device("meta"):
        network = RecurrentNetwork(PUBLISHED)
    assert count_parameters(network.encoder) == encoder
    assert count_parameters(network) == encoder + decoder == 35_456_800


def test_the_shipped_sizes_are_small():
    shape = RecurrentShape(decoder=(64, 48, 32, 16), direct=24, guide=12, encoding="filters")
    network = RecurrentNetwork(shape)
    assert network.encoder is None
    assert count_parameters(network.direct) + count_parameters(network.scaling) == 426_656
    assert count_parameters(network) == 426_656 + count_parameters(network.decoder) == 686_193
    before = RecurrentNetwork(RecurrentShape(direct=24))
    assert count_parameters(before) == 830_588


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("reconstruction", ["additive", "oneshot"])
def test_a_tile_is_two_by_two_by_32_signs_a_pass(cell, reconstruction):
    network = RecurrentNetwork(replace(SMALL, cell=cell, reconstruction=reconstruction))
    network.eval()
    pixels = torch.rand(3, 1, 32, 32) - 0.5
    outputs = run(network, pixels, 4)
    for chances, output in outputs:
        assert chances.shape == (3, 32, 2, 2)
        assert chances.abs().max() <= 1
        assert output.shape == pixels.shape
    # Eight bits of a 32 x 32 tile make 1/8 bit per pixel.
    assert chances[0].numel() / (32 * 32) == 1 / 8
    assert not torch.equal(outputs[0][1], outputs[1][1])


def test_passes_remember():
    network = RecurrentNetwork(SMALL).eval()
    pixels = torch.rand(1, 1, 32, 32) - 0.5
    gain = network.gain(Made())
    first, states = network.analyse(pixels, network.encoder.start, gain, 0)
    again, _ = network.analyse(pixels, states, gain, 1)
    assert not torch.allclose(first, again)


def test_a_block_that_still_changes_much_goes_on_in_long_steps():
    network = RecurrentNetwork(SMALL).eval()
    general = network.gains[2].item()
    made = Made(2, torch.zeros(1, 1, 32, 32), torch.tensor([[[[0.2, 0.0], [1e-9, 0.001]]]]))
    gain = network.gain(made)
    assert gain.shape == (1, 1, 2, 2)
    assert gain[0, 0, 0, 0].item() == pytest.approx(0.5 / 0.2)
    for row, column in ((0, 1), (1, 0), (1, 1)):
        assert gain[0, 0, row, column].item() == pytest.approx(general)
    change = torch.zeros(1, 1, 32, 32)
    change[..., :BLOCK, :BLOCK] = 0.1
    change[..., BLOCK:, :BLOCK] = -9.0
    step = _next_step(change, gain)
    expected = torch.tensor([[[[0.1 * KEPT, 0.0], [0.5 / general, 0.0]]]])
    torch.testing.assert_close(step, expected)
    torch.testing.assert_close(_next_step(change, torch.tensor(5.0)).amax(), torch.tensor(0.1))


def test_a_pass_that_brings_nothing_is_passed_over():
    torch.manual_seed(2)
    network = RecurrentNetwork(SMALL).eval()
    network.gains[2] = SILENT_FROM
    pixels = torch.rand(1, 1, 32, 48) - 0.5
    outputs = run(network, pixels, 4)
    assert not torch.equal(outputs[1][1], outputs[0][1])
    assert torch.equal(outputs[2][1], outputs[1][1])
    # Its signs are all alike: they cost next to nothing.
    assert outputs[2][0].unique().numel() == 1
    assert not torch.equal(outputs[3][1], outputs[2][1])
    assert not network.silent(0)
    once = RecurrentNetwork(replace(SMALL, reconstruction="oneshot"))
    once.gains[2] = SILENT_FROM
    assert not once.silent(2)


def test_the_gradient_reaches_every_parameter():
    torch.manual_seed(0)
    network = RecurrentNetwork(SMALL).train()
    pixels = torch.rand(2, 1, 32, 32) - 0.5
    run(network, pixels, 3)[-1][1].square().mean().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


def test_binarising_is_random_with_the_right_mean_and_then_not():
    torch.manual_seed(0)
    chances = torch.full((20_000,), 0.3, requires_grad=True)
    signs = binarise(chances, training=True)
    assert set(signs.detach().round(decimals=4).tolist()) == {-1.0, 1.0}
    assert signs.mean().item() == pytest.approx(0.3, abs=0.03)
    signs.sum().backward()
    assert torch.equal(chances.grad, torch.ones_like(chances))
    some = torch.tensor([-0.1, 0.0, 0.2])
    assert binarise(some, training=False).tolist() == [-1.0, 1.0, 1.0]


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_cells_keep_their_state_in_bounds(kind):
    torch.manual_seed(1)
    cell = make_cell(kind, 3, 5, stride=2, hidden_kernel=3, bypass=False)
    values, state = torch.randn(2, 3, 8, 8) * 10, None
    for _ in range(5):
        output, state = cell(values, state)
    assert output.shape == (2, 5, 4, 4)
    assert output.abs().max() <= 1
    assert state.shape[1] == (10 if kind == "lstm" else 5)


def test_shapes_that_cannot_be_are_refused():
    for change in ({"cell": "elman"}, {"reconstruction": "both"}, {"decoder": (8, 8, 8, 6)}):
        with pytest.raises(ValueError):
            replace(SMALL, **change)
