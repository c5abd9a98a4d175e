"""Entropy-constrained vector quantiser with exponential-moving-average codebook updates.

The codebook update, the straight-through gradient, the Laplace smoothing of the counts and the
restart of unused
codewords follow van den Oord et al., "Neural Discrete Representation Learning" (NeurIPS 2017,
appendix A.1) and Razavi
et al. (NeurIPS 2019).  The assignment is that of Chou, Lookabaugh and Gray, "Entropy-constrained
vector quantization"
(IEEE Trans. ASSP 37, 1989): the distance of a codeword is increased by the Lagrangian times its
code length, so that a
large codebook costs few bits where the picture is empty.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

_ROWS_PER_SEARCH = 1024


@dataclass(frozen=True)
class Quantised:
    """What the quantiser gives back for a map of latents.

    Attributes
    ----------
    values
        Codewords with the straight-through gradient, shape (N, D, H, W).
    indices
        Codeword numbers, int64, shape (N, H, W); (N, G, H, W) from a :class:`GroupedQuantiser`.
    commitment
        Mean squared distance between the latents and their codewords (scalar); gradients reach the
        latents alone.
    bits
        Mean code length of a place under the moving usage, in bits (scalar, no gradient).
    latents
        What was quantised, shape (N, D, H, W).
    """

    values: Tensor
    indices: Tensor
    commitment: Tensor
    bits: Tensor
    latents: Tensor


class VectorQuantiser(nn.Module):
    """A codebook of ``codewords`` vectors of ``dimensions`` components.

    Parameters
    ----------
    codewords
        Size K of the codebook.
    dimensions
        Length D of a codeword.
    decay
        Factor gamma of the moving averages.
    smoothing
        Laplace epsilon added to every count.
    """

    codewords: Tensor
    usage: Tensor
    sums: Tensor

    def __init__(
        self, codewords: int, dimensions: int, *, decay: float = 0.99, smoothing: float = 1e-5
    ) -> None:
        super().__init__()
        self.size = codewords
        self.dimensions = dimensions
        self.decay = decay
        self.smoothing = smoothing
        generator = torch.Generator().manual_seed(0)
        initial = torch.randn(codewords, dimensions, generator=generator)
        self.register_buffer("codewords", initial)
        self.register_buffer("usage", torch.full((codewords,), 1.0 / codewords))
        self.register_buffer("sums", initial / codewords, persistent=False)

    def set_codebook(self, codewords: Tensor, usage: Tensor) -> None:
        """Start from given codewords (K, D) and relative usage (K,), such as those of k-means."""
        self.codewords.copy_(codewords)
        self.usage.copy_(usage / usage.sum())
        self.rebuild_sums()

    def rebuild_sums(self) -> None:
        """Recompute the moving sums from codewords and usage, after loading a checkpoint."""
        self.sums.copy_(self.codewords * self._smoothed_usage()[:, None])

    def code_lengths(self) -> Tensor:
        """Ideal code length of every codeword under the moving usage, in bits, shape (K,)."""
        return -torch.log2(self._smoothed_usage())

    def search(
        self, latents: Tensor, lagrangian: float, code_lengths: Tensor | None = None
    ) -> Tensor:
        """Codeword of least squared distance + ``lagrangian`` * bits, for each row of (M, D)."""
        lengths = self.code_lengths() if code_lengths is None else code_lengths
        offsets = self.codewords.square().sum(1) + lagrangian * lengths
        transposed = self.codewords.t()
        parts = [
            torch.addmm(offsets, rows, transposed, alpha=-2.0).argmin(1)
            for rows in latents.split(_ROWS_PER_SEARCH)
        ]
        return torch.cat(parts) if parts else latents.new_zeros(0, dtype=torch.int64)

    def look_up(self, indices: Tensor) -> Tensor:
        """Codewords of an index map (N, H, W), as latents (N, D, H, W)."""
        return nn.functional.embedding(indices, self.codewords).permute(0, 3, 1, 2)

    def forward(self, latents: Tensor, lagrangian: float = 0.0) -> Quantised:
        """Quantise latents (N, D, H, W); in training mode the codebook follows them."""
        latents = latents.float()
        rows = latents.permute(0, 2, 3, 1).reshape(-1, self.dimensions)
        with torch.no_grad():
            lengths = self.code_lengths()
            flat = self.search(rows, lagrangian, lengths)
            bits = lengths[flat].mean()
        shape = (latents.shape[0], latents.shape[2], latents.shape[3])
        values = self.look_up(flat.reshape(shape))
        commitment = (latents - values).square().mean()
        if self.training:
            self._follow(rows.detach(), flat)
        straight = latents + (values - latents).detach()
        return Quantised(straight, flat.reshape(shape), commitment, bits, latents)

    @torch.no_grad()
    def restart_unused(self, latents: Tensor, threshold: float, generator: torch.Generator) -> int:
        """Move codewords that are hardly used onto the worst-coded latents.

        Parameters
        ----------
        latents
            Rows to draw from, shape (M, D).
        threshold
            Share of the uniform usage 1 / K below which a codeword counts as unused.
        generator
            Source of the random choice.

        Returns
        -------
        int
            Number of codewords moved.
        """
        unused = torch.nonzero(self.usage < threshold / self.size)[:, 0]
        if unused.numel() == 0 or latents.shape[0] == 0:
            return 0
        picked = torch.randint(latents.shape[0], (4096,), generator=generator).to(latents.device)
        sample = latents[picked]
        errors = (sample - self.codewords[self.search(sample, 0.0)]).square().sum(1)
        chosen = torch.multinomial(
            errors.cpu() + 1e-12, min(unused.numel(), 512), replacement=False, generator=generator
        ).to(latents.device)
        moved = unused[torch.randperm(unused.numel(), generator=generator)[: chosen.numel()]]
        self.codewords[moved] = sample[chosen]
        self.usage[moved] = 0.25 / self.size
        self.rebuild_sums()
        return int(moved.numel())

    def _smoothed_usage(self) -> Tensor:
        smoothed = self.usage + self.smoothing / self.size
        return smoothed / smoothed.sum()

    @torch.no_grad()
    def _follow(self, rows: Tensor, flat: Tensor) -> None:
        counts = torch.bincount(flat, minlength=self.size).to(rows.dtype) / max(flat.numel(), 1)
        sums = torch.zeros_like(self.sums).index_add_(0, flat, rows) / max(flat.numel(), 1)
        self.usage.mul_(self.decay).add_(counts, alpha=1.0 - self.decay)
        self.sums.mul_(self.decay).add_(sums, alpha=1.0 - self.decay)
        smoothed = self._smoothed_usage()[:, None]
        # A codeword that has hardly been seen keeps its place: its sums are too small to divide.
        self.codewords.copy_(
            torch.where(self.usage[:, None] > 1e-7, self.sums / smoothed, self.codewords)
        )


class GroupedQuantiser(nn.Module):
    """Latents cut into groups of components, each with a codebook of its own.

    A single codebook of K vectors can spend log2 K bits on a place and no more, which leaves
    letters, tubes and the
    frame of a radiograph coarse.  Groups make the reachable precision grow with the product of the
    codebooks, while the
    entropy-constrained assignment keeps the extra codes nearly free where nothing happens.

    Parameters
    ----------
    sizes
        Codewords of each group.
    dimensions
        Components of each group, in order; their sum is the number of latent channels.
    """

    def __init__(self, sizes: tuple[int, ...], dimensions: tuple[int, ...]) -> None:
        super().__init__()
        if len(sizes) != len(dimensions) or not sizes:
            raise ValueError("every group of latents needs one codebook size")
        self.dimensions = dimensions
        self.groups = nn.ModuleList(
            VectorQuantiser(size, count) for size, count in zip(sizes, dimensions, strict=True)
        )

    @property
    def codebooks(self) -> list[VectorQuantiser]:
        """The quantisers of the groups, in order."""
        return [group for group in self.groups if isinstance(group, VectorQuantiser)]

    def split(self, latents: Tensor) -> tuple[Tensor, ...]:
        """Cut latents (N, D, H, W) into the groups' components."""
        return latents.split(self.dimensions, 1)

    def look_up(self, indices: Tensor) -> Tensor:
        """Codewords of index maps (N, G, H, W), as latents (N, D, H, W)."""
        books = self.codebooks
        return torch.cat([book.look_up(indices[:, g]) for g, book in enumerate(books)], 1)

    def forward(self, latents: Tensor, lagrangian: float = 0.0) -> Quantised:
        """Quantise each group of (N, D, H, W); the bits of a place are the sum over its groups."""
        parts = [
            book(part, lagrangian)
            for book, part in zip(self.codebooks, self.split(latents), strict=True)
        ]
        total = sum(self.dimensions)
        return Quantised(
            torch.cat([part.values for part in parts], 1),
            torch.stack([part.indices for part in parts], 1),
            torch.stack(
                [p.commitment * (d / total) for p, d in zip(parts, self.dimensions, strict=True)]
            ).sum(),
            torch.stack([part.bits for part in parts]).sum(),
            latents,
        )
