"""A guided decoder: cells that restore what the patterns leave, and later passes do not see."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from viewer.networks.recurrent import Made, RecurrentNetwork, binarise
from viewer.networks.recurrent_guide import PLANES, guide_planes
from viewer.networks.recurrent_halves import RecurrentEncoder
from viewer.networks.recurrent_shape import RecurrentShape
from viewer.training.recurrent_loss import RESTORING, run_passes
from viewer.training.recurrent_tiles import hardest

SMALL = RecurrentShape(
    decoder=(8, 8, 8, 4), iterations=4, bits=6, direct=24, guide=4, encoding="filters"
)


@pytest.fixture
def network() -> RecurrentNetwork:
    torch.manual_seed(0)
    network = RecurrentNetwork(SMALL).eval()
    assert network.direct is not None
    torch.nn.init.normal_(network.direct.patterns, std=0.1)
    torch.nn.init.normal_(network.direct.filters)
    return network


def passes(network: RecurrentNetwork, pixels: torch.Tensor, count: int) -> list[Made]:
    states, made, found = RecurrentEncoder.start, Made(), []
    for _ in range(count):
        gain = network.gain(made)
        chances, states = network.analyse(pixels - made.output, states, gain, made.number)
        made = network.synthesise(binarise(chances, training=False), made, gain)
        found.append(made)
    return found


@torch.no_grad()
def test_cells_change_what_is_shown_and_not_what_follows(network: RecurrentNetwork) -> None:
    pixels = torch.rand(2, 1, 32, 48) - 0.5
    before = passes(network, pixels, 4)
    torch.nn.init.normal_(network.decoder.last.weight)
    after = passes(network, pixels, 4)
    for one, other in zip(before, after, strict=True):
        assert torch.equal(one.output, other.output)
        assert (one.picture - other.picture).abs().max() > 0.01


@torch.no_grad()
def test_distrusted_cells_show_the_patterns_picture(network: RecurrentNetwork) -> None:
    network.direct.trust[2] = 0.0
    third = passes(network, torch.rand(1, 1, 32, 32) - 0.5, 3)[-1]
    assert torch.equal(third.picture, third.output)


def test_a_guide_sees_the_picture_in_units_of_the_gain() -> None:
    seen, change = torch.zeros(1, 1, 16, 16), torch.full((1, 1, 16, 16), 0.02)
    seen[0, 0, 8, 8] = 0.3
    gain = torch.full((1, 1, 16, 16), 100.0)
    planes = guide_planes(seen, change, gain)
    assert planes.shape == (1, PLANES, 16, 16)
    torch.testing.assert_close(planes[:, 0], torch.full((1, 16, 16), 2.0))
    assert planes[0, 1, 8, 8] == pytest.approx(4.0, abs=0.01)
    assert planes[0, 1, 8, 9] < -2.5
    assert planes[0, 1, 2, 2] == 0
    assert planes[0, 2, 8, 8] == pytest.approx(0.6)
    assert planes[0, 3].unique().numel() == 1


def test_only_cells_get_gradients_and_states_are_cut(network: RecurrentNetwork) -> None:
    network.train()
    network.direct.requires_grad_(False)
    network.scaling.requires_grad_(False)
    pixels = torch.rand(2, 1, 32, 32) - 0.5
    passed, chain = run_passes(network, pixels, 2, RESTORING)
    assert chain.made.number == 2
    assert not chain.made.output.requires_grad
    assert chain.made.states[0].requires_grad
    assert not any(state.requires_grad for state in chain.cut().made.states)
    further, _ = run_passes(network, pixels, 2, RESTORING, chain.cut())
    (passed.loss + further.loss).backward()
    for name, parameter in network.decoder.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


def test_hard_tiles_are_drawn_more_often(network: RecurrentNetwork) -> None:
    torch.manual_seed(1)
    torch.nn.init.zeros_(network.direct.patterns)
    tiles = torch.full((20, 1, 32, 32), 0.005)
    tiles[3, 0, 4:9, 4:30] = 0.5
    drawn = torch.cat([hardest(network, tiles, 1) for _ in range(40)])
    assert ((drawn.amax((1, 2, 3)) > 0.4).float().mean()) > 0.9


def test_shapes_without_patterns_have_cells_and_no_guide() -> None:
    for change in ({"encoding": "none"}, {"guide": -1}, {"direct": 0}):
        with pytest.raises(ValueError, match=r"encoding|guide"):
            replace(SMALL, **change)
