"""From a trained network to the weights file of ``vqvae2-paper``."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from viewer.codecs.index_choice import IndexChooser
from viewer.codecs.index_contexts import IndexWalk
from viewer.codecs.index_tables import Floats, IndexTables
from viewer.codecs.paper_rate import fit_lagrangian
from viewer.networks.vqvae2_paper import PaperNetwork
from viewer.networks.weights import save_weights
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.training.crops import Picture
from viewer.training.index_statistics import IndexMaps, build_tables, count

RATES_BPP = (16 / 24, 16 / 32, 16 / 48)
"""24, 32 and 48 to 1 against 16 bits."""

_FACTORS = (1.0, 1.0, 1.6, 3.0)
"""Lagrangians of the counted pictures in turn, in multiples of the training's."""

_RATE_PICTURES = 12


class PaperExporter:
    """Makes the weights file of a trained network.

    Parameters
    ----------
    network
        Trained; its first top codebook is put in ascending order.
    lagrangian
        That the training ended with.
    pictures
        Of the training set, to count on.
    progress, cancel
        Of the job.
    """

    def __init__(
        self,
        network: PaperNetwork,
        lagrangian: float,
        pictures: Sequence[Picture],
        *,
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> None:
        self._network = network.eval()
        self._network.low_precision = False
        self._device = next(network.parameters()).device
        self._lagrangian = lagrangian
        self._pictures = list(pictures)
        self._progress = progress
        self._cancel = cancel
        sort_means(network)
        books = network.top_quantiser.codebooks, network.bottom_quantiser.codebooks
        self._top, self._bottom = ([b.codewords.cpu().numpy() for b in level] for level in books)

    def export(self, path: Path, training: dict[str, Any]) -> None:
        """Count, fit the rates and write the file; ``training`` is kept in its description."""
        maps = [self._plain(p, f) for p, f in self._each("coding for the tables")]
        tables = build_tables(maps, self._top, self._bottom)
        chooser = IndexChooser(tables, self._top, self._bottom)
        maps = [
            self._chosen(chooser, picture, self._lagrangian * factor)
            for picture, factor in self._each("coding with the tables")
        ]
        tables = count(tables, maps)
        rates = self._rates(tables)
        description = {
            "network": "vqvae2-paper",
            "shape": asdict(self._network.shape),
            "rates": rates,
            "training": training,
        }
        tensors = {f"network.{n}": t for n, t in self._network.state_dict().items()}
        for name, array in tables.arrays().items():
            tensors[f"tables.{name}"] = torch.from_numpy(np.ascontiguousarray(array))
        save_weights(path, tensors, description)

    def _each(self, what: str) -> Iterator[tuple[Picture, float]]:
        for number, picture in enumerate(self._pictures):
            self._cancel.check()
            self._progress(1.0, f"{what}: picture {number + 1}/{len(self._pictures)}")
            yield picture, _FACTORS[number % len(_FACTORS)]

    @torch.inference_mode()
    def _plain(self, picture: Picture, factor: float) -> IndexMaps:
        """Index maps by distance and order-0 code lengths."""
        lagrangian = self._lagrangian * factor
        output = self._network(self._normalised(picture), lagrangian, lagrangian)
        return output.top.indices[0].cpu().numpy(), output.bottom.indices[0].cpu().numpy()

    @torch.inference_mode()
    def _latents(self, picture: Picture) -> tuple[torch.Tensor, torch.Tensor]:
        return self._network.features(self._normalised(picture))

    @torch.inference_mode()
    def _bottom_latents(self, walk: IndexWalk, features: torch.Tensor) -> Floats:
        indices = torch.from_numpy(walk.top)[None].to(self._device)
        predicted = self._network.decode_top(self._network.top_quantiser.look_up(indices))
        return self._network.condition(predicted, features)[0].cpu().numpy()

    def _chosen(self, chooser: IndexChooser, picture: Picture, lagrangian: float) -> IndexMaps:
        """Index maps by distance and the code lengths of each context, as the encoder chooses."""
        features, latents = self._latents(picture)
        walk = IndexWalk(chooser.tables, *latents.shape[2:])
        chooser.choose_top(walk, latents[0].cpu().numpy(), lagrangian)
        chooser.choose_bottom(walk, self._bottom_latents(walk, features), lagrangian)
        return walk.top, walk.bottom

    def _bits(
        self, chooser: IndexChooser, features: torch.Tensor, top: Floats, lagrangian: float
    ) -> float:
        """Bits of a picture with one Lagrangian for both levels."""
        walk = IndexWalk(chooser.tables, *top.shape[1:])
        bits = chooser.choose_top(walk, top, lagrangian)
        return bits + chooser.choose_bottom(walk, self._bottom_latents(walk, features), lagrangian)

    def _rates(self, tables: IndexTables) -> list[dict[str, float]]:
        """For each rate the middle of the Lagrangians that some pictures need."""
        chooser = IndexChooser(tables, self._top, self._bottom)
        pictures = self._pictures[:: max(1, len(self._pictures) // _RATE_PICTURES)]
        needed: dict[float, list[float]] = {bpp: [] for bpp in RATES_BPP}
        for number, picture in enumerate(pictures):
            self._cancel.check()
            self._progress(1.0, f"fitting the rates: picture {number + 1}/{len(pictures)}")
            features, latents = self._latents(picture)
            guess = self._lagrangian
            for bpp in RATES_BPP:
                bits_at = partial(self._bits, chooser, features, latents[0].cpu().numpy())
                guess, _ = fit_lagrangian(bits_at, bpp * picture.size, guess)
                needed[bpp].append(guess)
        return [
            {"bpp": bpp, "lagrangian": statistics.median(values)} for bpp, values in needed.items()
        ]

    def _normalised(self, picture: Picture) -> torch.Tensor:
        """Whole blocks of a picture in 0 .. 1, shape (1, 1, H, W)."""
        rows, columns = picture.shape[0] & ~7, picture.shape[1] & ~7
        low, high = float(picture.min()), float(picture.max())
        values = (picture[:rows, :columns].astype(np.float32) - low) / max(high - low, 1.0)
        return torch.from_numpy(values.astype(np.float32))[None, None].to(self._device)


@torch.no_grad()
def sort_means(network: PaperNetwork) -> None:
    """Put the codewords of the first top group, which has one component, in ascending order."""
    book = network.top_quantiser.codebooks[0]
    order = book.codewords[:, 0].argsort()
    book.codewords.copy_(book.codewords[order].clone())
    book.usage.copy_(book.usage[order].clone())
    book.rebuild_sums()
