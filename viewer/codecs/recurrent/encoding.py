"""A picture to the layers of all passes, once; and what the picture is after each."""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from viewer.codecs.bitstream import BitstreamHeader
from viewer.codecs.recurrent.bit_coding import BitCoder
from viewer.codecs.recurrent.decoding import stored
from viewer.codecs.recurrent.model import RecurrentModel
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels
from viewer.networks.recurrent import Made, binarise
from viewer.networks.recurrent_halves import RecurrentEncoder
from viewer.networks.recurrent_shape import BLOCK
from viewer.progress import CancelToken, Progress

_KEPT = 4
"""Pictures whose layers are kept: three planes of colour, and one."""


@dataclass(frozen=True)
class Layers:
    """What all passes gave for a picture.

    Attributes
    ----------
    coded
        Bytes of each pass.
    psnr_db
        Of the picture after each pass, with the peak of the stored bits; none where that was not
        asked for and is not known without decoding.
    """

    coded: tuple[bytes, ...]
    psnr_db: tuple[float, ...]


class LayerEncoder:
    """Codes pictures, and remembers the layers of the last few."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, Layers] = OrderedDict()
        self._lock = Lock()

    def layers(
        self,
        model: RecurrentModel,
        pixels: StoredPixels,
        header: BitstreamHeader,
        progress: Progress,
        cancel: CancelToken,
        *,
        measured: bool = False,
    ) -> Layers:
        """Return the layers of a picture that is not constant, from memory if they are there.

        Parameters
        ----------
        measured : bool
            Whether the PSNR after each pass is asked for.
        """
        key = _key(model, pixels, header)
        with self._lock:
            if key in self._kept and (self._kept[key].psnr_db or not measured):
                self._kept.move_to_end(key)
                return self._kept[key]
        found = encode_layers(model, pixels, header, progress, cancel, measured)
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found


def _key(model: RecurrentModel, pixels: StoredPixels, header: BitstreamHeader) -> bytes:
    said = repr((model.digest, str(model.device), header)).encode("ascii")
    return hashlib.sha256(said + np.ascontiguousarray(pixels).tobytes()).digest()


@torch.inference_mode()
def encode_layers(
    model: RecurrentModel,
    pixels: StoredPixels,
    header: BitstreamHeader,
    progress: Progress,
    cancel: CancelToken,
    measured: bool,
) -> Layers:
    """Run all passes over a picture and code their bits.

    The decoder's cells run only where the next pass, or who asks, needs what they give.
    """
    network = model.network
    values = _normal(pixels, header).to(model.device)
    coder = BitCoder(network.shape.bits, values.shape[2] // BLOCK, values.shape[3] // BLOCK)
    peak = PixelFormat(header.bits_stored, header.signed).peak
    analysed, made = RecurrentEncoder.start, Made()
    coded, decibels = [], []
    for number in range(model.iterations):
        cancel.check()
        progress(number / model.iterations, f"pass {number + 1}/{model.iterations}")
        gain = network.gain(made)
        chances, analysed = network.analyse(values - made.output, analysed, gain, made.number)
        signs = binarise(chances, training=False)
        coded.append(coder.encode(_bits(signs)))
        if measured or network.encoder is not None:
            made = network.synthesise(signs, made, gain)
            decibels.append(_psnr(pixels, stored(made, header), peak))
        else:
            made = network.outlined(signs, made, gain)
    return Layers(tuple(coded), tuple(decibels))


def _psnr(pixels: StoredPixels, other: StoredPixels, peak: int) -> float:
    error = float(np.mean((pixels.astype(np.float64) - other) ** 2))
    return 10 * math.log10(peak**2 / error) if error else math.inf


def _bits(signs: Tensor) -> NDArray[np.uint8]:
    return (signs[0] > 0).to(torch.uint8).cpu().numpy()


def _normal(pixels: StoredPixels, header: BitstreamHeader) -> Tensor:
    """Pixels in -0.5 .. 0.5, continued by their last row and column to whole blocks."""
    span = np.float32(header.highest - header.lowest)
    values = (pixels.astype(np.float32) - np.float32(header.lowest)) / span - np.float32(0.5)
    rows, columns = pixels.shape
    plane = torch.from_numpy(values)[None, None]
    return F.pad(plane, (0, -columns % BLOCK, 0, -rows % BLOCK), mode="replicate")
