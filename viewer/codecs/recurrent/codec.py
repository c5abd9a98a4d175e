"""The codec ``recurrent``: Toderici et al.'s network, a layer a pass, any prefix of use.

``docs/BITSTREAM_RECURRENT.md`` describes its bytes.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from viewer.codecs import carried_weights, colour_planes, model_files
from viewer.codecs.base import (
    Codec,
    CodecInfo,
    Decoded,
    Encoded,
    Options,
    PixelFormat,
    Stopwatch,
    Target,
)
from viewer.codecs.bitstream import BitstreamHeader, belongs_to, unpack
from viewer.codecs.grey_pixels import check_grey
from viewer.codecs.recurrent.layers import MOST_LAYERS, NAME, bitstream, sizes, split
from viewer.errors import CodecError, ModelError
from viewer.images.radiograph import StoredPixels
from viewer.networks.torch_loading import load_torch
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.resources import models_dir

if TYPE_CHECKING:
    from viewer.codecs.recurrent.decoding import LayerDecoder
    from viewer.codecs.recurrent.encoding import LayerEncoder, Layers
    from viewer.codecs.recurrent.model import RecurrentModel


class Recurrent(Codec):
    """Passes of at most 1/8 bit per pixel, each coding what those before it left.

    A picture is coded once, in all passes; less of it is a beginning of the same layers. The
    network is convolutional and runs over the whole picture. Devices round differently, so that
    decoded pixels may differ by one between them.

    Parameters
    ----------
    weights : Path, optional
        A model of the user's own; the shipped one without.
    """

    info = CodecInfo(
        name=NAME,
        title="Recurrent (progressive)",
        mark="recurrent",
        dicom_method="RECURRENT_1",
        normative=False,
        learned=True,
        targets=("quality", "ratio", "bpp", "psnr"),
        quality_steps=range(1, MOST_LAYERS + 1),
        quality_title="Iterations",
        teaches="One small network, run again and again: each pass spends at most 1/8 bit per "
        "pixel on what the passes before it got wrong, and remembers what it has said.",
    )

    def __init__(self, weights: Path | None = None) -> None:
        self._weights = weights
        self._encoder: LayerEncoder | None = None
        self._decoder: LayerDecoder | None = None

    def encode(
        self,
        pixels: StoredPixels,
        pixel_format: PixelFormat,
        target: Target,
        *,
        options: Options = Options(),
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> Encoded:
        """Code one frame of up to 16 stored bits in as many layers as the target takes."""
        if colour_planes.is_colour(pixels):
            return colour_planes.encode(
                self,
                pixels,
                pixel_format,
                target,
                options=options,
                progress=progress,
                cancel=cancel,
            )
        watch = Stopwatch()
        check_grey(NAME, pixels, pixel_format)
        _check(target)
        model = self._model(options, model_files.chosen(NAME, options.model))
        header = BitstreamHeader(
            NAME,
            model.digest,
            pixels.shape[0],
            pixels.shape[1],
            pixels.dtype.itemsize,
            pixel_format.bits_stored,
            pixel_format.signed,
            0,
            int(pixels.min()),
            int(pixels.max()),
        )
        if header.lowest == header.highest:
            data, notice = bitstream(header, (), 0), ""
        else:
            from viewer.codecs.recurrent.encoding import LayerEncoder

            self._encoder = self._encoder or LayerEncoder()
            layers = self._encoder.layers(model, pixels, header, progress, cancel)
            count, notice = _count(layers, target, pixel_format, pixels.size)
            data = bitstream(header, layers.coded, count)
        progress(1.0, "coded")
        return Encoded(data, notice, model.name, model.device.type, watch.seconds())

    def decode(
        self,
        data: bytes,
        *,
        options: Options = Options(),
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> Decoded:
        """Give back the pixels; the model must be the one that wrote the bitstream."""
        if colour_planes.recognises(data, NAME):
            return colour_planes.decode(
                self, data, options=options, progress=progress, cancel=cancel
            )
        watch = Stopwatch()
        header, payload = unpack(data, NAME)
        varies = header.highest > header.lowest
        if varies != bool(payload) or varies != bool(header.rate):
            raise CodecError(f"The {NAME} bitstream has an impossible header.")
        pixel_format = PixelFormat(header.bits_stored, header.signed)
        if not varies:
            kind = "i" if header.signed else "u"
            shape = header.rows, header.columns
            pixels = np.full(shape, header.lowest, np.dtype(f"{kind}{header.item_bytes}"))
            return Decoded(pixels, pixel_format, "cpu", watch.seconds())
        layers = split(payload, header.rate)
        named = carried_weights.find(header.model) or model_files.find(NAME, header.model.hex())
        model = self._model(options, named)
        if model.digest != header.model:
            raise ModelError(
                f"The bitstream was written with the model {header.model.hex()[:8]}; "
                f"here is {model.digest.hex()[:8]}."
            )
        if header.rate > model.iterations:
            raise CodecError(f"The {NAME} bitstream has more layers than its model has passes.")
        from viewer.codecs.recurrent.decoding import LayerDecoder

        self._decoder = self._decoder or LayerDecoder()
        pixels = self._decoder.picture(model, header, layers, progress, cancel)
        progress(1.0, "decoded")
        return Decoded(pixels, pixel_format, model.device.type, watch.seconds())

    def recognises(self, data: bytes) -> bool:
        """Whether `data` starts like a bitstream of this codec."""
        return colour_planes.recognises(data, NAME) or belongs_to(data, NAME)

    def weights(self) -> tuple[Path, ...]:
        """Return the weights file."""
        return (self._path(),)

    def shipped_models(self) -> tuple[Path, ...]:
        """Return the model that came with the program."""
        path = models_dir() / NAME / "weights.safetensors"
        return (path,) if path.is_file() else ()

    def check_model(self, path: Path) -> None:
        """See that a weights file is a model of this codec."""
        load_torch()
        from viewer.codecs.recurrent.model import load_model
        from viewer.networks.device import choose_device

        load_model(path, choose_device("cpu"))

    def unavailable(self) -> str:
        """Return why the codec cannot be used here, or "" when it can."""
        path = self._path()
        return "" if path.is_file() else f"The weights {path} of {NAME} are missing."

    def _path(self) -> Path:
        return self._weights or models_dir() / NAME / "weights.safetensors"

    def _model(self, options: Options, named: Path | None = None) -> RecurrentModel:
        load_torch()
        from viewer.codecs.recurrent.model import load_model
        from viewer.networks.device import choose_device

        return load_model(named or self._path(), choose_device(options.device))


def _check(target: Target) -> None:
    value = target.value
    if target.kind == "lossless":
        raise CodecError(f"{NAME} cannot code without loss; ask for a quality or a rate.")
    if target.kind == "quality":
        if not 0 <= value <= 100:
            raise CodecError(f"A quality lies in 0 .. 100; {value:g} does not.")
    elif not (math.isfinite(value) and value > 0):
        raise CodecError(f"A {target.kind} of {value:g} cannot be coded.")


def _count(layers: Layers, target: Target, pixel_format: PixelFormat, area: int) -> tuple[int, str]:
    """How many layers the target takes, and a sentence where it cannot be met."""
    most = len(layers.coded)
    if target.kind == "quality":
        return min(most, max(1, round(target.value / 100 * most))), ""
    if target.kind == "psnr":
        count = next((n for n, db in enumerate(layers.psnr_db, 1) if db >= target.value), most)
        best = layers.psnr_db[count - 1]
        short = best < target.value
        return count, f"All {most} passes reach {best:.1f} dB here." if short else ""
    wanted = target.value
    if target.kind == "ratio":
        wanted = pixel_format.bits_stored / wanted
    rates = [8 * size / area for size in sizes(layers.coded)]
    count = sum(rate <= wanted for rate in rates)
    if not count:
        return 1, f"One pass takes {rates[0]:.3g} bits per pixel; {wanted:.3g} were asked for."
    if count == most and wanted > 1.1 * rates[-1]:
        return most, f"All {most} passes take {rates[-1]:.3g} of the {wanted:.3g} bits per pixel."
    return count, ""
