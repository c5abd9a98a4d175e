"""Inside a bitstream of ``vqvae2``: its codes level by level, their bits, the picture without some.

Nothing here is part of the format: what is shown is what the decoder itself goes through.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from viewer.codecs import carried_weights, model_files, registry
from viewer.codecs.base import Options
from viewer.codecs.inspection import Choice, CodeMap, Inside, Share, Usage
from viewer.codecs.vqvae2 import container, model, restoration
from viewer.codecs.vqvae2.container import CodedTile, Header
from viewer.codecs.vqvae2.features import CodePlanes
from viewer.codecs.vqvae2.finishing import restore, to_pixels
from viewer.codecs.vqvae2.layout import padded, tiles
from viewer.codecs.vqvae2.listening import HeardTile, hear_tile
from viewer.codecs.vqvae2.model import Model
from viewer.codecs.vqvae2.parallel import in_order
from viewer.codecs.vqvae2.steps import LEVELS
from viewer.codecs.vqvae2.synthesis import Canvas
from viewer.codecs.vqvae2.tile_walk import TileBands
from viewer.codecs.vqvae2.wavelet import synthesise
from viewer.errors import CodecError, CodecUnavailableError, ModelError
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels
from viewer.networks.device import choose_device
from viewer.networks.torch_loading import load_torch
from viewer.progress import CancelToken, Progress

NAME = "vqvae2"
LOWEST = LEVELS + 1
"""Stands for the lowest band among the levels."""
ALL, UNFILTERED, EXACT = "all", "unfiltered", "exact"
_WIDEST = 8
"""Codes of this size and more are counted together."""


def inspect(
    data: bytes,
    original: StoredPixels,
    pixel_format: PixelFormat,
    *,
    options: Options,
    progress: Progress,
    cancel: CancelToken,
) -> Inside:
    """Decode every tile and note each code; see `viewer.codecs.inspection.inspect`."""
    load_torch()
    header, coded = container.unpack(data)
    try:
        extra = (
            carried_weights.find(header.model),
            model_files.find(NAME, header.model.hex()),
            *registry.get(NAME).weights(),
        )
        weights = model.by_digest(header.model, tuple(path for path in extra if path))
        weights = weights.on(choose_device(options.device))
    except ModelError as error:
        raise CodecUnavailableError(str(error)) from error
    layout = tiles(header.rows, header.columns, header.tile)
    progress(0.0, f"tile 1/{len(layout)}")

    def hear(number: int) -> HeardTile:
        cancel.check()
        tile = layout[number]
        step = header.step_index
        return hear_tile(coded[number].data, weights, step, tile.height, tile.width, header.version)

    heard = []
    with torch.inference_mode():
        for one in in_order(hear, range(len(layout))):
            heard.append(one)
            progress(len(heard) / len(layout), f"tile {len(heard)}/{len(layout)}")
    cancel.check()
    return LearnedInside(data, header, coded, heard, weights, options)


class LearnedInside(Inside):
    """The levels of one bitstream.

    Parameters
    ----------
    heard : list of HeardTile
        In the order of the layout.
    """

    def __init__(
        self,
        data: bytes,
        header: Header,
        coded: Sequence[CodedTile],
        heard: list[HeardTile],
        weights: Model,
        options: Options,
    ) -> None:
        self._data = data
        self._header, self._coded, self._heard = header, coded, heard
        self._weights, self._options = weights, options
        self._layout = tiles(header.rows, header.columns, header.tile)
        behind = len(data) - container.layer_start(header, coded)
        bits = [self._over([one.bits[level] for one in heard]) for level in range(LEVELS)]
        lowest = self._over([one.lowest_bits for one in heard])
        super().__init__(
            self._maps(bits, lowest), self._usage(), self._shares(bits, lowest, behind), (), []
        )
        self.choices = self._choices(behind)
        self.notes.append(
            "Level 1 codes the finest detail; each level above halves the picture, the lowest "
            "band is 1/32 of it each way."
        )
        if behind:
            self.notes.append(
                f"{behind} bytes more make the picture exact, or keep it within its bound; their "
                "bits are not in the maps."
            )

    def picture(self, key: str, *, progress: Progress, cancel: CancelToken) -> StoredPixels:
        """Run the decoder's own synthesis with the codes left out set to zero."""
        if key == EXACT:
            decoded = registry.get(NAME).decode(
                self._data, options=self._options, progress=progress, cancel=cancel
            )
            return decoded.pixels
        left_out = _left_out(key)
        header = self._header
        with torch.inference_mode():
            progress(0.1, "putting together")
            canvas = Canvas(header.rows, header.columns, len(self._layout))
            for tile, one in zip(self._layout, self._heard, strict=True):
                cancel.check()
                canvas.place(tile, _without(one.bands, left_out))
            picture = canvas.picture().clone()
            strengths = [part.strength for part in self._coded]
            network = self._weights.restorer()
            if key != UNFILTERED and any(strengths) and network is not None:
                progress(0.4, "restoring")
                step = header.step_index
                found = restoration.corrections(
                    network, picture, canvas.signs(), step, cancel.check
                )
                restore(picture, found, self._layout, strengths, step)
            pixel_format = PixelFormat(header.bits_stored, header.signed)
            pixels = to_pixels(picture, header, pixel_format)
        progress(1.0, "done")
        return pixels

    def _over(self, planes: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Planes of tiles as one plane of the padded picture."""
        cell = self._layout[0].height // planes[0].shape[0]
        rows, columns = padded(self._header.rows), padded(self._header.columns)
        whole = np.zeros((rows // cell, columns // cell), np.float32)
        for tile, plane in zip(self._layout, planes, strict=True):
            top, left = tile.top // cell, tile.left // cell
            whole[top : top + plane.shape[0], left : left + plane.shape[1]] = plane
        return whole

    def _maps(
        self, bits: list[NDArray[np.float32]], lowest: NDArray[np.float32]
    ) -> tuple[CodeMap, ...]:
        total = np.zeros_like(bits[0])
        for plane in (*bits, lowest):
            factor = len(total) // len(plane)
            total += plane.repeat(factor, 0).repeat(factor, 1) / np.float32(factor**2)
        maps = [_rate("bits", "Bits spent, all levels", total, 4)]
        for level, plane in enumerate(bits, start=1):
            maps.append(_rate(f"bits{level}", f"Bits of level {level}", plane, 2 << level))
        maps.append(_rate("bits-lowest", "Bits of the lowest band", lowest, 1 << LEVELS))
        codes = self._over([one.lowest_codes.astype(np.float32) for one in self._heard])
        tip = "The picture at 1/32 of its size, in steps of its quantiser"
        maps.append(CodeMap("lowest", "Codes of the lowest band", "steps", codes, 1 << LEVELS, tip))
        for level in range(LEVELS, 0, -1):
            planes = [
                np.abs(one.bands.codes[level - 1]).sum(axis=0).astype(np.float32)
                for one in self._heard
            ]
            tip = "Sizes of the 12 codes of each place, summed"
            title = f"Codes of level {level}"
            plane = self._over(planes)
            maps.append(CodeMap(f"codes{level}", title, "steps", plane, 2 << level, tip))
        return tuple(maps)

    def _usage(self) -> tuple[Usage, ...]:
        found = []
        for level in range(1, LEVELS + 1):
            counts = np.zeros(2 * _WIDEST + 1, np.int64)
            for one in self._heard:
                near = np.clip(one.bands.codes[level - 1], -_WIDEST, _WIDEST) + _WIDEST
                counts += np.bincount(near.ravel(), minlength=counts.size)
            found.append(Usage(f"Codes of level {level}", counts, -_WIDEST, "code in steps"))
        return tuple(found)

    def _shares(
        self, bits: list[NDArray[np.float32]], lowest: NDArray[np.float32], behind: int
    ) -> tuple[Share, ...]:
        head = container.overhead(self._header)
        sides = sum(one.head_bytes for one in self._heard)
        shares = [Share("Header and checksums", 8.0 * head), Share("Scales of tiles", 8.0 * sides)]
        shares.append(Share("Lowest band", float(lowest.sum(dtype=np.float64))))
        for level in range(LEVELS, 0, -1):
            total = float(bits[level - 1].sum(dtype=np.float64))
            shares.append(Share(f"Level {level}", total))
        if behind:
            shares.append(Share("Layer that makes it exact", 8.0 * behind))
        return tuple(shares)

    def _choices(self, behind: int) -> tuple[Choice, ...]:
        parts = {share.title: share.bits / 8 for share in self.shares}
        base = float(len(self._data) - behind)
        whole = "All levels" if not behind else "Base picture: all levels"
        choices = [Choice(ALL, whole, "What the decoder gives", base)]
        if behind:
            tip = "The base picture and the layer behind it"
            choices.append(Choice(EXACT, "With the layer behind", tip, float(len(self._data))))
        if any(part.strength for part in self._coded):
            tip = "The same codes without the learned filter"
            choices.append(Choice(UNFILTERED, "Without the restoration filter", tip, base))
        for level in range(1, LEVELS + 1):
            tip = f"The decoder with every code of level {level} set to zero"
            title = f"Without level {level}"
            choices.append(Choice(f"-{level}", title, tip, base - parts[f"Level {level}"]))
        tip = "The decoder with the lowest band set to zero: what details say alone"
        choices.append(Choice(f"-{LOWEST}", "Without the lowest band", tip,
                              base - parts["Lowest band"]))  # fmt: skip
        taken = parts["Header and checksums"] + parts["Scales of tiles"] + parts["Lowest band"]
        choices.append(Choice(f"<{LOWEST}", "Lowest band alone", "1/32 of the size", taken))
        for level in range(LEVELS, 1, -1):
            taken += parts[f"Level {level}"]
            tip = f"Nothing finer than level {level}"
            choices.append(Choice(f"<{level}", f"Down to level {level}", tip, taken))
        return tuple(choices)


def _rate(key: str, title: str, bits: NDArray[np.float32], cell: int) -> CodeMap:
    plane = bits / np.float32(cell * cell)
    tip = "What the entropy coder took for the codes of each place, by its own tables"
    return CodeMap(key, title, "bpp", plane, cell, tip)


def _left_out(key: str) -> frozenset[int]:
    """Levels that a choice sets to zero; `LOWEST` is the lowest band."""
    if key in (ALL, UNFILTERED):
        return frozenset()
    kind, number = key[:1], key[1:]
    if kind not in "-<" or not number.isdigit() or not 1 <= int(number) <= LOWEST:
        raise CodecError(f"There is no part '{key}' of a vqvae2 bitstream.")
    return frozenset({int(number)}) if kind == "-" else frozenset(range(1, int(number)))


def _without(bands: TileBands, left_out: frozenset[int]) -> TileBands:
    """The tile as the decoder would have it had these codes been zero."""
    if not left_out:
        return bands
    lowest = torch.zeros_like(bands.lowest) if LOWEST in left_out else bands.lowest
    details, codes, planes = list(bands.details), list(bands.codes), list(bands.planes)
    for level in left_out - {LOWEST}:
        one, two, three, four, five = (torch.zeros_like(band) for band in details[level - 1])
        details[level - 1] = one, two, three, four, five
        codes[level - 1] = np.zeros_like(codes[level - 1])
        if level <= len(planes):
            planes[level - 1] = CodePlanes.of(codes[level - 1])
    low = lowest
    for level in range(LEVELS, 1, -1):
        low = synthesise(low, details[level - 1])
    return TileBands(lowest, details, codes, planes, low)
