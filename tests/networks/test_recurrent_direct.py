"""Patterns around the recurrent cells, and gains from what the decoder knows of a block."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from viewer.networks.recurrent import Made, RecurrentNetwork, binarise
from viewer.networks.recurrent_direct import MEASURES, BlockScaling, block_measures, everywhere
from viewer.networks.recurrent_shape import RecurrentShape

SMALL = RecurrentShape(
    first=4, encoder=(4, 8, 8), decoder=(8, 8, 8, 4), iterations=3, bits=6, direct=24
)


def silent_cells(shape: RecurrentShape = SMALL) -> RecurrentNetwork:
    torch.manual_seed(0)
    network = RecurrentNetwork(shape).eval()
    for layer in (network.encoder.bits, network.decoder.last):
        torch.nn.init.zeros_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
    torch.nn.init.normal_(network.direct.patterns)
    torch.nn.init.normal_(network.direct.filters)
    return network.requires_grad_(False)


def test_patterns_reach_four_pixels_beyond_their_block() -> None:
    network = silent_cells()
    signs = torch.zeros(1, 6, 3, 3)
    signs[0, 2, 1, 1] = 1.0
    added = network.direct.synthesise(1, signs, torch.tensor(2.0))
    assert added.shape == (1, 1, 48, 48)
    torch.testing.assert_close(added[0, 0, 12:36, 12:36], network.direct.patterns[1, 2, 0] / 2)
    outside = added.clone()
    outside[..., 12:36, 12:36] = 0
    assert not outside.any()


def test_a_bit_is_the_sign_of_its_filter_less_a_threshold() -> None:
    network = silent_cells()
    network.direct.thresholds[0] = torch.linspace(-1, 1, 6)
    pixels = torch.rand(2, 1, 32, 48) - 0.5
    gain = network.gain(Made())
    chances, _ = network.analyse(pixels, network.encoder.start, gain, 0)
    block = (pixels * gain)[1, 0, 16:32, 32:48]
    wanted = (network.direct.filters[0, :, 0] * block).sum((1, 2)) + network.direct.thresholds[0]
    torch.testing.assert_close(chances[1, :, 1, 2], torch.tanh(wanted), atol=1e-5, rtol=1e-4)


def test_passes_add_patterns_divided_by_the_gains_of_their_blocks() -> None:
    network = silent_cells(replace(SMALL, direct=16))
    network.scaling.weights[1, 0] = 0.3
    signs = binarise(torch.randn(1, 6, 2, 2), training=False)
    made = network.synthesise(signs, Made(), network.gain(Made()))
    gain = network.gain(made)
    assert gain.shape == (1, 1, 2, 2)
    assert gain.unique().numel() > 1
    further = network.synthesise(signs, made, gain)
    added = network.direct.synthesise(1, signs, torch.tensor(1.0)) / everywhere(gain, 16)
    torch.testing.assert_close(further.output, (made.output + added).clamp(-0.75, 0.75))


def test_measures_tell_an_edge_from_a_plain_and_a_chase_from_noise() -> None:
    output = torch.zeros(1, 1, 32, 32)
    output[..., 4:12, 4:12] = 0.5
    change, before = torch.ones(1, 1, 32, 32), torch.ones(1, 1, 32, 32)
    before[..., :16] = -1.0
    found = block_measures(output, change, before, torch.tensor(4.0), 16)
    assert found.shape == (1, MEASURES, 2, 2)
    spread, edge, around, last, _, alike = found[0, :6]
    assert spread[0, 0] > spread[1, 1] + 3
    assert edge[0, 0] > edge[1, 1] + 3
    torch.testing.assert_close(around, spread[0, 0].expand(2, 2))
    torch.testing.assert_close(last.exp(), torch.full((2, 2), 4.0))
    torch.testing.assert_close(alike, torch.tensor([[-1.0, 1.0], [-1.0, 1.0]]))


def test_gains_stay_within_bounds_whatever_is_measured() -> None:
    scaling = BlockScaling(2).requires_grad_(False)
    scaling.weights.fill_(5.0)
    for value in (-50.0, 50.0):
        gains = scaling(1, torch.full((1, MEASURES, 2, 2), value))
        assert ((gains >= 0.5) & (gains <= 1500)).all()


def test_patterns_of_no_use_are_refused() -> None:
    for change in ({"direct": 14}, {"direct": 25}, {"direct": 64}, {"reconstruction": "oneshot"}):
        with pytest.raises(ValueError, match="patterns"):
            replace(SMALL, **change)
