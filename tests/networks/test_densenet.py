"""The DenseNet and the counting of its work, against layers counted by hand and the paper."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from viewer.networks.densenet import (
    REDUCED,
    Classifier,
    DenseNet,
    LatentFront,
    example_inputs,
)
from viewer.networks.mac_count import multiply_accumulates


def test_known_layers() -> None:
    # 3x3, 4 to 8 channels, stride 2 on 10 x 12: 5 * 6 places of 8 * 4 * 9 products.
    conv = nn.Conv2d(4, 8, 3, stride=2, padding=1)
    assert multiply_accumulates(conv, torch.zeros(1, 4, 10, 12)) == 5 * 6 * 8 * 4 * 9
    grouped = nn.Conv2d(4, 8, 3, groups=2, padding=1)
    assert multiply_accumulates(grouped, torch.zeros(1, 4, 5, 5)) == 25 * 8 * 2 * 9
    # Each of 5 * 6 inputs of 4 channels meets 8 * 16 weights.
    back = nn.ConvTranspose2d(4, 8, 4, stride=2, padding=1)
    assert multiply_accumulates(back, torch.zeros(2, 4, 5, 6)) == 2 * 30 * 4 * 8 * 16
    assert multiply_accumulates(nn.Linear(7, 3), torch.zeros(5, 7)) == 5 * 21
    norm = nn.Sequential(nn.BatchNorm2d(3), nn.ReLU(), nn.AvgPool2d(2))
    assert multiply_accumulates(norm, torch.zeros(1, 3, 4, 4)) == 48
    assert norm.training


def test_densenet_121_is_the_one_everybody_means() -> None:
    """7 978 856 parameters with 1000 classes; the first layers by hand."""
    with torch.device("meta"):
        network = DenseNet(1000)
        picture = torch.zeros(1, 3, 224, 224)
    assert sum(p.numel() for p in network.parameters()) == 7_978_856
    stem = multiply_accumulates(network.stem, picture)
    assert stem == 112 * 112 * 64 * 3 * 49


@pytest.mark.parametrize(
    ("kind", "paper"), [("original", 60.22), ("reconstructed", 60.22), ("latent", 3.76)]
)
def test_the_papers_work_within_two_percent(kind: str, paper: float) -> None:
    with torch.device("meta"):
        network = Classifier(kind, 14)  # type: ignore[arg-type]
    inputs = example_inputs(kind, 1024, device="meta")  # type: ignore[arg-type]
    assert multiply_accumulates(network, *inputs) / 1e9 == pytest.approx(paper, rel=0.02)


def test_shapes() -> None:
    torch.manual_seed(0)
    for kind in ("original", "latent"):
        network = Classifier(kind, 5, REDUCED).eval()  # type: ignore[arg-type]
        inputs = [torch.randn(2, *x.shape[1:]) for x in example_inputs(kind, 128)]  # type: ignore[arg-type]
        logits = network(*inputs)
        assert logits.shape == (2, 5)
        assert torch.isfinite(logits).all()
    front = LatentFront(16, 16)
    assert front(torch.zeros(1, 16, 4, 6), torch.zeros(1, 16, 8, 12)).shape == (1, 3, 8, 12)
