"""The linear start of a recurrent network: every pass brings something, whatever the picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from viewer.networks.recurrent import RecurrentNetwork
from viewer.networks.recurrent_shape import RecurrentShape
from viewer.training.recurrent_patterns import PatternAnswer, block_rows, zones
from viewer.training.recurrent_start import (
    _borders,
    _shared_out,
    start_linear,
)
from viewer.training.recurrent_trainer import reconstructions

SHAPE = RecurrentShape(
    first=4, encoder=(4, 8, 8), decoder=(8, 8, 8, 4), iterations=5, bits=16, direct=24
)


def parts(count: int, seed: int) -> torch.Tensor:
    """Smooth clouds, every third with a bright letter-like bar."""
    rng = np.random.default_rng(seed)
    found = np.empty((count, 1, 64, 64), np.float32)
    for number in range(count):
        cloud = cv2.GaussianBlur(rng.random((64, 64), np.float32), (0, 0), 6)
        found[number, 0] = (cloud - cloud.min()) / np.ptp(cloud) * 0.6 - 0.5
        if number % 3 == 0:
            y, x = rng.integers(0, 48, 2)
            found[number, 0, y : y + 12, x : x + 3] = 0.5
    return torch.from_numpy(found)


def decibels(network: RecurrentNetwork, pixels: torch.Tensor) -> np.ndarray:
    errors = [
        (output.clamp(-0.5, 0.5) - pixels).square().mean().item()
        for output in reconstructions(network.eval(), pixels)
    ]
    return -10 * np.log10(errors)


@pytest.fixture(scope="module")
def started() -> RecurrentNetwork:
    torch.manual_seed(0)
    network = RecurrentNetwork(SHAPE)
    reached = start_linear(network, parts(120, 0))
    assert np.diff(reached).min() > 0.3
    return network


def test_every_pass_betters_pictures_it_has_not_seen(started: RecurrentNetwork) -> None:
    reached = decibels(started, parts(30, 1))
    assert np.diff(reached).min() > 0.2
    assert reached[-1] > reached[0] + 4


def test_bits_are_shared_out_where_they_help_most() -> None:
    shares = dict(_shared_out(np.array([100.0, 30.0, 8.0, 0.001]), 8))
    assert sum(levels - 1 for levels in shares.values()) == 8
    assert shares[0] > shares[1] > shares[2] > 1
    assert 3 not in shares


def test_borders_of_even_numbers_lie_evenly() -> None:
    borders = _borders(np.linspace(0, 1, 4001, dtype=np.float32), 4)
    np.testing.assert_allclose(borders, [0.25, 0.5, 0.75], atol=0.01)


def test_patterns_are_found_again_from_what_they_made() -> None:
    torch.manual_seed(2)
    patterns = torch.randn(3, 1, 24, 24)
    signs = torch.where(torch.rand(200, 3, 4, 4) < 0.5, 1.0, -1.0)
    gains = torch.rand(200, 1, 4, 4) + 0.5
    made = torch.nn.functional.conv_transpose2d(signs / gains, patterns, stride=16, padding=4)
    read = made * torch.nn.functional.interpolate(gains, scale_factor=16.0)
    blocks = block_rows(read)
    answer = PatternAnswer(3, 24)
    answer.add(signs, gains, torch.rand(len(blocks)).double(), blocks)
    torch.testing.assert_close(answer.solve(1e-9), patterns, atol=1e-4, rtol=1e-4)


def test_zones_hold_every_pixel_once() -> None:
    for beyond in (0, 4, 8, 16):
        pixels = [pixel for _, some in zones(beyond) for pixel in some]
        assert len(pixels) == len(set(pixels)) == 256
        assert all(4 in places for places, _ in zones(beyond))
