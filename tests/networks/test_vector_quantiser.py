"""The quantiser: what it chooses, how it learns, how it lets gradients through."""

from __future__ import annotations

import pytest
import torch

from viewer.networks.vector_quantiser import GroupedQuantiser, VectorQuantiser


def filled(size: int = 12, dimensions: int = 3) -> VectorQuantiser:
    generator = torch.Generator().manual_seed(3)
    book = VectorQuantiser(size, dimensions)
    book.set_codebook(
        torch.randn(size, dimensions, generator=generator),
        torch.rand(size, generator=generator) + 0.05,
    )
    return book


@pytest.mark.parametrize("lagrangian", [0.0, 0.3, 4.0])
def test_the_choice_minimises_distance_and_bits(lagrangian: float) -> None:
    book = filled()
    rows = torch.randn(3000, 3, generator=torch.Generator().manual_seed(4))
    distances = (rows[:, None] - book.codewords[None]).square().sum(2)
    costs = distances + lagrangian * -torch.log2(book.usage / book.usage.sum())
    chosen = book.search(rows, lagrangian)
    torch.testing.assert_close(
        costs[torch.arange(3000), chosen], costs.min(1).values, rtol=1e-4, atol=1e-4
    )


def test_gradients_pass_straight_through_and_commitment_pulls() -> None:
    book = filled().eval()
    latents = torch.randn(1, 3, 4, 5, requires_grad=True)
    found = book(latents)
    found.values.sum().backward()
    torch.testing.assert_close(latents.grad, torch.ones_like(latents))
    latents.grad = None
    found = book(latents)
    found.commitment.backward()
    codes = book.look_up(found.indices)
    expected = 2 * (latents.detach() - codes) / latents.numel()
    torch.testing.assert_close(latents.grad, expected)


def test_codewords_move_to_the_mean_of_their_latents() -> None:
    book = filled(2, 1)
    book.set_codebook(torch.tensor([[0.0], [10.0]]), torch.tensor([0.5, 0.5]))
    latents = torch.tensor([1.0, 3.0, 9.0, 9.0]).reshape(1, 1, 2, 2)
    for _ in range(1500):
        book(latents)
    torch.testing.assert_close(book.codewords, torch.tensor([[2.0], [9.0]]), atol=1e-3, rtol=0)
    torch.testing.assert_close(book.usage.sum(), torch.tensor(1.0), atol=1e-4, rtol=0)


def test_nothing_moves_in_evaluation() -> None:
    book = filled().eval()
    before = book.codewords.clone()
    book(torch.randn(1, 3, 8, 8))
    torch.testing.assert_close(book.codewords, before)


def test_unused_codewords_move_to_where_the_latents_are() -> None:
    book = filled(8, 2)
    words = torch.zeros(8, 2)
    words[4:] = 1000.0
    usage = torch.ones(8)
    usage[4:] = 0.0
    book.set_codebook(words, usage)
    rows = torch.randn(500, 2, generator=torch.Generator().manual_seed(1)) + 5
    moved = book.restart_unused(rows, 1e-3, torch.Generator().manual_seed(2))
    assert moved == 4
    assert (book.codewords[4:] < 100).all()
    assert (book.codewords[:4] == 0).all()
    assert book.restart_unused(rows, 1e-3, torch.Generator().manual_seed(2)) == 0


def test_groups_are_quantised_apart() -> None:
    grouped = GroupedQuantiser((5, 7), (2, 3)).eval()
    latents = torch.randn(2, 5, 6, 4)
    found = grouped(latents, 0.1)
    assert found.indices.shape == (2, 2, 6, 4)
    torch.testing.assert_close(grouped.look_up(found.indices), found.values)
    parts = [
        book(part, 0.1)
        for book, part in zip(grouped.codebooks, grouped.split(latents), strict=True)
    ]
    torch.testing.assert_close(found.bits, parts[0].bits + parts[1].bits)
    torch.testing.assert_close(found.commitment, (latents - found.values).square().mean())
    with pytest.raises(ValueError, match="group"):
        GroupedQuantiser((5,), (2, 3))
