"""Inside a bitstream of ``vqvae2-paper``: its two index maps, their bits, pictures of either alone.

Nothing here is part of the format: indices are read by the decoder's own coder, and pictures come
from the decoder's network, with the codewords left out set to zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from viewer.codecs import registry
from viewer.codecs.base import Options
from viewer.codecs.bitstream import HEADER_BYTES, BitstreamHeader, unpack
from viewer.codecs.index_contexts import IndexWalk
from viewer.codecs.index_tables import GroupTables, Integers
from viewer.codecs.inspection import Choice, CodeMap, Inside, Share, Usage
from viewer.codecs.paper_model import PaperModel
from viewer.codecs.paper_payload import DEFAULT_TILE
from viewer.codecs.paper_tiles import UNIT, Tile, tiles
from viewer.codecs.vqvae2_paper import Vqvae2Paper
from viewer.errors import CodecError
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels
from viewer.progress import CancelToken, Progress

NAME = "vqvae2-paper"
BOTH, TOP_ALONE, BOTTOM_ALONE, MEANS = "both", "top", "bottom", "means"
_CELL = {"top": UNIT, "bottom": UNIT // 2}


def inspect(
    data: bytes,
    original: StoredPixels,
    pixel_format: PixelFormat,
    *,
    options: Options,
    progress: Progress,
    cancel: CancelToken,
) -> Inside:
    """Read both index maps and the bits of each; see `viewer.codecs.inspection.inspect`."""
    header, payload = unpack(data, NAME)
    progress(0.0, "reading the codes")
    if not payload:
        return _Flat(notes=["All pixels of this picture are alike: nothing was coded."])
    codec = registry.get(NAME)
    assert isinstance(codec, Vqvae2Paper)
    model = codec.model_of(header, options)
    height, width = -(-header.rows // UNIT), -(-header.columns // UNIT)
    top, bottom = model.coder.decode(payload, height, width, cancel=cancel)
    progress(0.5, "counting bits")
    bits = _bits(model, top, bottom, cancel)
    progress(1.0, "done")
    return PaperInside(data, header, model, (top, bottom), bits)


class PaperInside(Inside):
    """Both levels of one bitstream.

    Parameters
    ----------
    indices : (top, bottom)
        Index maps (groups, h, w) and (groups, 2h, 2w).
    bits : dict
        Of each place by level, shapes (h, w) and (2h, 2w).
    """

    def __init__(
        self,
        data: bytes,
        header: BitstreamHeader,
        model: PaperModel,
        indices: tuple[Integers, Integers],
        bits: dict[str, NDArray[np.float32]],
    ) -> None:
        self._header, self._model, self._indices = header, model, indices
        named = {"top": indices[0], "bottom": indices[1]}
        tables = {"top": model.chooser.tables.top, "bottom": model.chooser.tables.bottom}
        sums = {level: float(plane.sum(dtype=np.float64)) for level, plane in bits.items()}
        shares = [Share("Header", 8.0 * HEADER_BYTES)]
        shares += [Share(f"{level.capitalize()} codes", sums[level]) for level in ("top", "bottom")]
        head, whole = float(HEADER_BYTES), float(len(data))
        choices = (
            Choice(BOTH, "Both levels", "What the decoder gives", whole),
            Choice(TOP_ALONE, "Without the bottom codes",
                   "The decoder with every bottom codeword set to zero", head + sums["top"] / 8),
            Choice(BOTTOM_ALONE, "Without the top codes",
                   "The decoder with every top codeword set to zero", head + sums["bottom"] / 8),
            Choice(MEANS, "First group of the top codes alone",
                   "The group that holds the mean of each 8 × 8 pixels"),
        )  # fmt: skip
        super().__init__(
            _maps(named, bits),
            _usage(named, tables),
            tuple(shares),
            choices,
            [
                "A top code stands for 8 × 8 pixels, a bottom code for 4 × 4; each is several "
                "codewords, a group of components each."
            ],
        )

    @torch.inference_mode()
    def picture(self, key: str, *, progress: Progress, cancel: CancelToken) -> StoredPixels:
        """Run the decoder's network, with one level's codewords set to zero."""
        if key not in (BOTH, TOP_ALONE, BOTTOM_ALONE, MEANS):
            raise _no_part(key)
        header = self._header
        top, bottom = self._indices
        kind = "i" if header.signed else "u"
        pixels = np.empty((header.rows, header.columns), f"{kind}{header.item_bytes}")
        _, height, width = top.shape
        layout = tiles(height, width, DEFAULT_TILE)
        span = float(header.highest - header.lowest)
        for number, tile in enumerate(layout):
            cancel.check()
            progress(number / len(layout), f"decoding tile {number + 1}/{len(layout)}")
            values = self._decoded(top, bottom, tile, key)
            area = pixels[tile.place(UNIT)]
            kept = values[: area.shape[0], : area.shape[1]].astype(np.float64)
            area[...] = np.rint(np.clip(kept, 0.0, 1.0) * span) + header.lowest
        progress(1.0, "done")
        return pixels

    def _decoded(
        self, top: Integers, bottom: Integers, tile: Tile, key: str
    ) -> NDArray[np.float32]:
        network, device = self._model.network, self._model.device
        rows, columns = tile.outer_place(1)
        upper = torch.from_numpy(top[None, :, rows, columns]).to(device)
        coarse = network.top_quantiser.look_up(upper)
        rows, columns = tile.outer_place(2)
        lower = torch.from_numpy(bottom[None, :, rows, columns]).to(device)
        fine = network.bottom_quantiser.look_up(lower)
        if key == BOTTOM_ALONE:
            coarse = torch.zeros_like(coarse)
        elif key == MEANS:
            coarse = coarse.clone()
            coarse[:, network.shape.top_groups[0] :] = 0
        if key in (TOP_ALONE, MEANS):
            fine = torch.zeros_like(fine)
        painted = network.decode_bottom(network.decode_top(coarse), fine)
        values: NDArray[np.float32] = painted[0, 0][tile.inside(UNIT)].cpu().numpy()
        return values


class _Flat(Inside):
    """A picture of one value: there is nothing inside."""

    def picture(self, key: str, *, progress: Progress, cancel: CancelToken) -> StoredPixels:
        raise _no_part(key)


def _no_part(key: str) -> CodecError:
    return CodecError(f"There is no part '{key}' of this {NAME} bitstream.")


def _bits(
    model: PaperModel, top: Integers, bottom: Integers, cancel: CancelToken
) -> dict[str, NDArray[np.float32]]:
    """Code lengths of all indices by the tables and contexts that they are written with."""
    tables = model.chooser.tables
    lengths = {
        "top": [group.code_lengths() for group in tables.top],
        "bottom": [group.code_lengths() for group in tables.bottom],
    }
    maps = {"top": top, "bottom": bottom}
    found = {level: np.zeros(plane.shape[1:], np.float32) for level, plane in maps.items()}
    walk = IndexWalk(tables, *top.shape[1:])
    for step in walk.steps():
        cancel.check()
        indices = maps[step.level][step.group, step.rows, step.columns]
        table = lengths[step.level][step.group]
        symbols = step.symbols(indices, table.shape[1])
        # A step visits no place twice.
        found[step.level][step.rows, step.columns] += table[step.contexts, symbols]
        walk.put(step, indices)
    return found


def _maps(
    indices: dict[str, Integers], bits: dict[str, NDArray[np.float32]]
) -> tuple[CodeMap, ...]:
    tip = "What the entropy coder took for the codes of each place, by its own tables"
    total = bits["top"].repeat(2, 0).repeat(2, 1) / np.float32(4) + bits["bottom"]
    maps = [CodeMap("bits", "Bits spent, both levels", "bpp", _per_pixel(total, 4), 4, tip)]
    for level, cell in _CELL.items():
        plane = _per_pixel(bits[level], cell)
        maps.append(CodeMap(f"bits-{level}", f"Bits of the {level} codes", "bpp", plane, cell, tip))
    for level, cell in _CELL.items():
        for group, plane in enumerate(indices[level]):
            title = f"{level.capitalize()} codes, group {group + 1}"
            tip = "The number of the codeword of each place"
            ordered = level == "top" and group == 0
            if ordered:
                tip += "; of this group they are in the order of their mean"
            key, numbers = f"{level}{group}", plane.astype(np.float32)
            maps.append(CodeMap(key, title, "codeword", numbers, cell, tip, counted=not ordered))
    return tuple(maps)


def _per_pixel(bits: NDArray[np.float32], cell: int) -> NDArray[np.float32]:
    plane: NDArray[np.float32] = bits / np.float32(cell * cell)
    return plane


def _usage(
    indices: dict[str, Integers], tables: Mapping[str, Sequence[GroupTables]]
) -> tuple[Usage, ...]:
    return tuple(
        Usage(
            f"{level.capitalize()} codes, group {number + 1}",
            np.bincount(indices[level][number].ravel(), minlength=group.size),
        )
        for level in ("top", "bottom")
        for number, group in enumerate(tables[level])
    )
