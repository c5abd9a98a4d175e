"""Training of the restoration filter on pictures as the codec decodes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from viewer.codecs.vqvae2 import edges
from viewer.codecs.vqvae2.analysis import analyse_tiles
from viewer.codecs.vqvae2.grid import CHANNELS, finer
from viewer.codecs.vqvae2.layout import DEFAULT_TILE, UNIT
from viewer.codecs.vqvae2.model import Model
from viewer.codecs.vqvae2.steps import FRACTION_BITS, nearest_index, step_value
from viewer.codecs.vqvae2.synthesis import Canvas
from viewer.codecs.vqvae2.tile_encoding import TileChooser
from viewer.codecs.vqvae2.tile_walk import walk
from viewer.networks.vqvae2_filter import BLOCK, RestorationFilter
from viewer.networks.vqvae2_integer import ACTIVATION_MAX, ACTIVATION_STEPS
from viewer.networks.vqvae2_prior import compand
from viewer.progress import NEVER, CancelToken
from viewer.training.checkpoint import load_checkpoint, save_checkpoint
from viewer.training.ranks import Ranks
from viewer.training.vqvae2_crops import Picture

STEP_RANGE = (2.0, 64.0)
"""Steps the filter learns, in grey levels; below there is nothing to restore."""
WORTH_RANGE = (0.05, 0.1)
_SCALE = 1 << FRACTION_BITS


@dataclass(frozen=True)
class DecodedPicture:
    """A picture and what the decoder makes of it before the filter.

    Parameters
    ----------
    original, decoded : ndarray of int16, shape (h, w)
        In 1/64 grey levels.
    fine, coarse : ndarray of int8
        Codes of levels 1 and 2 on level 1's grid: ``(12, h / 4, w / 4)``, ``(5, h / 4, w / 4)``.
    step : float
        In grey levels.
    """

    original: NDArray[np.int16]
    decoded: NDArray[np.int16]
    fine: NDArray[np.int8]
    coarse: NDArray[np.int8]
    step: float


def decode_picture(
    model: Model, picture: Picture, rng: np.random.Generator, cancel: CancelToken = NEVER
) -> DecodedPicture:
    """Code and decode a picture at a random step."""
    rows, columns = (n // UNIT * UNIT for n in picture.shape)
    top, left = (
        int(rng.integers(n - m + 1)) for n, m in zip(picture.shape, (rows, columns), strict=True)
    )
    part = picture[top : top + rows, left : left + columns]
    pixels = np.clip(np.floor(part * _SCALE + 0.5), -32000, 32000).astype(np.int16)
    low, high = np.log(STEP_RANGE)
    step = float(np.exp(rng.uniform(low, high)))
    # Pictures are handed over in 1/64 grey levels, so that nothing is rounded twice.
    index = nearest_index(step * _SCALE)
    layout, analyses = analyse_tiles(pixels, edges.NONE, DEFAULT_TILE)
    canvas = Canvas(rows, columns, len(layout))
    fine = np.zeros((CHANNELS, rows // 4, columns // 4), np.int8)
    coarse = np.zeros((CHANNELS, rows // 8, columns // 8), np.int32)
    worth = float(rng.uniform(*WORTH_RANGE))
    for tile, analysis in zip(layout, analyses, strict=True):
        cancel.check()
        chooser = TileChooser(analysis, model, index, worth=worth)
        bands = walk(model, index, analysis.height, analysis.width, chooser)
        canvas.place(tile, bands)
        for codes, target, shift in zip(bands.codes, (fine, coarse), (2, 3), strict=False):
            top, left = tile.top >> shift, tile.left >> shift
            _, down, across = codes.shape
            target[:, top : top + down, left : left + across] = np.clip(codes, -127, 127)
    decoded = np.clip(canvas.picture().numpy() / _SCALE, -32767, 32767)
    return DecodedPicture(
        pixels,
        np.rint(decoded).astype(np.int16),
        fine,
        finer(coarse).astype(np.int8),
        step_value(index) / _SCALE,
    )


def _crop(
    decoded: DecodedPicture, rng: np.random.Generator, side: int
) -> tuple[NDArray[np.float32], ...]:
    # Whole 4x4 blocks, as the decoder sees them.
    rows, columns = decoded.original.shape
    size = min(side, rows, columns) // BLOCK * BLOCK
    top, left = (BLOCK * int(rng.integers((n - size) // BLOCK + 1)) for n in (rows, columns))
    pixels = slice(top, top + size), slice(left, left + size)
    blocks = tuple(slice(s.start // BLOCK, s.stop // BLOCK) for s in pixels)
    return (
        decoded.original[pixels].astype(np.float32) / np.float32(_SCALE),
        decoded.decoded[pixels].astype(np.float32) / np.float32(_SCALE),
        np.concatenate(
            [decoded.fine[(slice(None), *blocks)], decoded.coarse[(slice(None), *blocks)]]
        ).astype(np.float32),
    )


def filter_features(decoded: Tensor, codes: Tensor, step: Tensor) -> Tensor:
    """What `viewer.codecs.vqvae2.restoration` computes in integers, in float."""
    mean = torch.floor(F.avg_pool2d(decoded, BLOCK) * _SCALE + 0.5) / _SCALE
    around = F.pad(mean, (1, 1, 1, 1), mode="replicate")
    values = torch.cat(
        [
            F.pixel_unshuffle(decoded, BLOCK) - mean,
            around[..., 1:-1, 2:] - mean,
            around[..., 1:-1, :-2] - mean,
            around[..., 2:, 1:-1] - mean,
            around[..., :-2, 1:-1] - mean,
        ],
        1,
    )
    grid = torch.floor(values / step * ACTIVATION_STEPS + 0.5)
    grid = grid.clamp_(-ACTIVATION_MAX, ACTIVATION_MAX) / ACTIVATION_STEPS
    return torch.cat([grid, compand(codes)], 1)


class RestorationTrainer:
    """Minimises the logarithm of the squared error.

    Parameters
    ----------
    pictures : sequence of DecodedPicture
        Of this process.
    width : int
        Channels of the filter.
    seed : int
    ranks : Ranks
        Gradients are averaged over the processes.
    device : torch.device
        Where the network runs.
    """

    def __init__(
        self,
        pictures: Sequence[DecodedPicture],
        width: int,
        seed: int,
        ranks: Ranks,
        device: torch.device,
    ) -> None:
        self._pictures = list(pictures)
        self._seed, self._ranks, self._device = seed, ranks, device
        torch.manual_seed(seed)
        self.network = RestorationFilter(width)
        nn.init.uniform_(self.network.last.weight, -0.01, 0.01)
        assert self.network.last.bias is not None
        nn.init.zeros_(self.network.last.bias)
        self.network.to(device)
        self.optimiser = torch.optim.Adam(self.network.parameters(), 1.5e-3, betas=(0.9, 0.99))
        self.step = 0

    def resume(self, folder: Path) -> None:
        """Go on from the checkpoint in ``folder``."""
        self.step = int(load_checkpoint(folder, self.network, self.optimiser)["step"])

    def save(self, folder: Path) -> None:
        """Write the checkpoint."""
        folder.mkdir(exist_ok=True)
        save_checkpoint(folder, self.network, self.optimiser, {"step": self.step})

    def advance(self, rate: float, count: int = 6, side: int = 256) -> float:
        """One step at the learning rate given; the gain in dB on its crops."""
        rng = np.random.default_rng((self._seed, self.step, 2, self._ranks.rank))
        chosen = [self._pictures[i] for i in rng.integers(len(self._pictures), size=count)]
        parts = [_crop(p, rng, side) for p in chosen]
        original, decoded, codes = (
            torch.from_numpy(np.stack(column).astype(np.float32)).to(self._device)
            for column in zip(*parts, strict=True)
        )
        original, decoded = original[:, None], decoded[:, None]
        step = torch.tensor([p.step for p in chosen]).view(-1, 1, 1, 1).to(self._device)
        for group in self.optimiser.param_groups:
            group["lr"] = rate * min(1.0, (self.step + 1) / 50)
        found = self.network(filter_features(decoded, codes, step))
        restored = decoded + F.pixel_shuffle(found, BLOCK) * step
        before = (decoded - original).square().mean((1, 2, 3))
        after = (restored - original).square().mean((1, 2, 3))
        loss = torch.log((after + 1e-4) / (before + 1e-4)).mean()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._ranks.average_gradients(self.network)
        nn.utils.clip_grad_norm_(self.network.parameters(), 0.5)
        self.optimiser.step()
        self.step += 1
        return -4.343 * float(loss.detach())
