"""Layers to a picture, one pass after the other; passes that are known are not decoded again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

import numpy as np
import torch

from viewer.codecs.bitstream import BitstreamHeader
from viewer.codecs.recurrent.bit_coding import BitCoder
from viewer.codecs.recurrent.model import RecurrentModel
from viewer.images.radiograph import StoredPixels
from viewer.networks.recurrent import Made
from viewer.networks.recurrent_shape import BLOCK
from viewer.progress import CancelToken, Progress

LARGEST_KEPT = 192 << 20
"""Bytes of pictures beyond which what was decoded is not kept."""

_KEPT = 3


def stored(made: Made, header: BitstreamHeader) -> StoredPixels:
    """Return a picture in -0.5 .. 0.5 as stored values, cut to its rows and columns."""
    kept = made.picture[0, 0, : header.rows, : header.columns].cpu().numpy().astype(np.float64)
    span = float(header.highest - header.lowest)
    values = np.rint(np.clip(kept + 0.5, 0.0, 1.0) * span) + header.lowest
    return values.astype(np.dtype(f"{'i' if header.signed else 'u'}{header.item_bytes}"))


class _Run:
    """The passes of one bitstream as far as they were decoded."""

    def __init__(self, model: RecurrentModel, header: BitstreamHeader) -> None:
        self._model = model
        self._header = header
        height, width = -(-header.rows // BLOCK), -(-header.columns // BLOCK)
        self._coder = BitCoder(model.network.shape.bits, height, width)
        self._made = Made()
        self.layers: list[bytes] = []
        self.pictures: list[StoredPixels] = []

    def belongs_to(self, layers: Sequence[bytes]) -> bool:
        """Whether some layers go on where this run is, or stop before."""
        return all(mine == other for mine, other in zip(self.layers, layers, strict=False))

    @torch.inference_mode()
    def advance(self, layer: bytes, *, cells: bool = True) -> None:
        """Decode the next pass, where the cells are not to be asked by its patterns alone."""
        network = self._model.network
        bits = torch.from_numpy(self._coder.decode(layer)).to(self._model.device)
        signs = (2.0 * bits.float() - 1.0)[None]
        step = network.synthesise if cells else network.outlined
        self._made = step(signs, self._made, network.gain(self._made))
        self.layers.append(layer)
        self.pictures.append(stored(self._made, self._header))

    @property
    def kept_bytes(self) -> int:
        """Bytes of the pictures, were all passes decoded."""
        area = self._header.rows * self._header.columns
        return area * self._header.item_bytes * self._model.iterations


@torch.inference_mode()
def outline(
    model: RecurrentModel,
    header: BitstreamHeader,
    layers: Sequence[bytes],
    progress: Progress,
    cancel: CancelToken,
) -> StoredPixels:
    """Return the picture of some layers, at least one, as the patterns leave it to the cells.

    Raises
    ------
    CodecError
        When a layer is damaged.
    """
    run = _Run(model, header)
    for number, layer in enumerate(layers, start=1):
        cancel.check()
        run.advance(layer, cells=False)
        progress(number / len(layers), f"pass {number}/{len(layers)}")
    return run.pictures[-1]


class LayerDecoder:
    """Decodes any number of layers; remembers the pictures of the last few bitstreams."""

    def __init__(self) -> None:
        self._runs: OrderedDict[object, _Run] = OrderedDict()
        self._lock = Lock()

    def picture(
        self,
        model: RecurrentModel,
        header: BitstreamHeader,
        layers: Sequence[bytes],
        progress: Progress,
        cancel: CancelToken,
    ) -> StoredPixels:
        """Return the picture of some layers, at least one.

        Raises
        ------
        CodecError
            When a layer is damaged.
        """
        key = (model.digest, str(model.device), replace(header, rate=0), layers[0])
        # Taken out while it is worked on: two threads never share a run, and one that a damaged
        # layer has stopped in the middle is not met again.
        with self._lock:
            run = self._runs.pop(key, None)
        if run is None or not run.belongs_to(layers):
            run = _Run(model, header)
        while len(run.layers) < len(layers):
            cancel.check()
            done = len(run.layers)
            progress(done / len(layers), f"pass {done + 1}/{len(layers)}")
            run.advance(layers[done])
        picture = run.pictures[len(layers) - 1].copy()
        if run.kept_bytes <= LARGEST_KEPT:
            with self._lock:
                self._runs[key] = run
                while self._too_much():
                    self._runs.popitem(last=False)
        return picture

    def _too_much(self) -> bool:
        kept = sum(run.kept_bytes for run in self._runs.values())
        return len(self._runs) > _KEPT or kept > LARGEST_KEPT
