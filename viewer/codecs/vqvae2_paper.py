"""The learned codec of the paper: a two-level VQ-VAE-2 and range-coded indices.

``docs/BITSTREAM_VQVAE2_PAPER.md`` describes its bytes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
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
from viewer.codecs.bitstream import BitstreamHeader, belongs_to, pack, unpack
from viewer.errors import CodecError, ModelError
from viewer.images.radiograph import StoredPixels
from viewer.networks.torch_loading import load_torch
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.resources import models_dir

if TYPE_CHECKING:
    from viewer.codecs.paper_model import PaperModel, Rate
    from viewer.codecs.paper_tiles import Plane

NAME = "vqvae2-paper"

RATES_BPP = (16 / 24, 16 / 32, 16 / 48)
"""Bits per pixel of the shipped model: 24, 32 and 48 to 1 against 16 bits."""


@dataclass(frozen=True)
class _Request:
    """A rate of the model and the sentence that says when it is not the one asked for."""

    number: int
    rate: Rate
    notice: str


class Vqvae2Paper(Codec):
    """Two-level VQ-VAE-2 in the form of Kwon et al.

    Devices round differently, so that decoded pixels may differ by one between them.

    Parameters
    ----------
    weights : Path, optional
        A model of the user's own; the shipped one without.
    """

    info = CodecInfo(
        name=NAME,
        title="VQ-VAE-2 (paper)",
        mark="VQ-VAE-2",
        dicom_method="VQVAE2_PAPER_1",
        normative=False,
        learned=True,
        targets=("ratio", "bpp", "quality"),
        rates_bpp=RATES_BPP,
        teaches="Two grids of codewords, coarse and fine, learned from chest radiographs; "
        "a network paints the picture from their numbers.",
    )

    default_tile = 1024
    """Side of a tile when the options leave the choice; halved when memory runs out."""

    def __init__(self, weights: Path | None = None) -> None:
        self._weights = weights

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
        """Code one frame of up to 16 stored bits at the trained rate nearest to the target."""
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
        _check_pixels(pixels, pixel_format)
        model = self._model(options, model_files.chosen(NAME, options.model))
        request = _nearest_rate(model, target, pixel_format)
        lowest, highest = int(pixels.min()), int(pixels.max())
        header = BitstreamHeader(
            NAME,
            model.digest,
            pixels.shape[0],
            pixels.shape[1],
            pixels.dtype.itemsize,
            pixel_format.bits_stored,
            pixel_format.signed,
            request.number,
            lowest,
            highest,
        )
        payload, notice = b"", request.notice
        if highest > lowest:
            from viewer.codecs.paper_payload import write_payload

            normal = _normalised(pixels, lowest, highest)
            payload, spent = write_payload(
                model, normal, request.rate, pixels.size, options, progress, cancel
            )
            if spent:
                notice = f"{notice} {spent}".strip()
        progress(1.0, "coded")
        return Encoded(
            pack(header, payload), notice, model.name, model.device.type, watch.seconds()
        )

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
        if (header.highest > header.lowest) != bool(payload):
            raise CodecError(f"The {NAME} bitstream has an impossible header.")
        pixel_format = PixelFormat(header.bits_stored, header.signed)
        kind = "i" if header.signed else "u"
        pixels = np.full(
            (header.rows, header.columns), header.lowest, np.dtype(f"{kind}{header.item_bytes}")
        )
        if not payload:
            return Decoded(pixels, pixel_format, "cpu", watch.seconds())
        named = carried_weights.find(header.model) or model_files.find(NAME, header.model.hex())
        model = self._model(options, named)
        if model.digest != header.model:
            raise ModelError(
                f"The bitstream was written with the model {header.model.hex()[:8]}; "
                f"here is {model.digest.hex()[:8]}."
            )
        from viewer.codecs.paper_payload import tile_runner

        height, width = -(-header.rows // 8), -(-header.columns // 8)
        progress(0.0, "reading the codes")
        top, bottom = model.coder.decode(payload, height, width, cancel=cancel)
        runner = tile_runner(model, height, width, options, progress, cancel)
        span = float(header.highest - header.lowest)
        for tile, values in runner.synthesise(top, bottom, (0.1, 1.0)):
            rows, columns = tile.place(8)
            area = pixels[rows, columns]
            kept = values[: area.shape[0], : area.shape[1]].astype(np.float64)
            stored = np.rint(np.clip(kept, 0.0, 1.0) * span) + header.lowest
            area[...] = stored.astype(pixels.dtype)
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
        from viewer.codecs.paper_model import load_model
        from viewer.networks.device import choose_device

        load_model(path, choose_device("cpu"))

    def unavailable(self) -> str:
        """Return why the codec cannot be used here, or "" when it can."""
        path = self._path()
        return "" if path.is_file() else f"The weights {path} of {NAME} are missing."

    def _path(self) -> Path:
        return self._weights or models_dir() / NAME / "weights.safetensors"

    def _model(self, options: Options, named: Path | None = None) -> PaperModel:
        load_torch()
        from viewer.codecs.paper_model import load_model
        from viewer.networks.device import choose_device

        return load_model(named or self._path(), choose_device(options.device))


def _check_pixels(pixels: StoredPixels, pixel_format: PixelFormat) -> None:
    if pixels.ndim != 2:
        raise CodecError(f"{NAME} codes grey pictures; this one has {pixels.ndim} dimensions.")
    if pixels.size == 0:
        raise CodecError(f"{NAME} cannot code a picture without pixels.")
    if pixels.dtype.kind not in "ui" or pixels.dtype.itemsize > 2 or pixel_format.bits_stored > 16:
        raise CodecError(f"{NAME} codes up to 16 stored bits; these are {pixels.dtype}.")
    if (pixels.dtype.kind == "i") != pixel_format.signed:
        raise CodecError(f"{NAME} was given {pixels.dtype} pixels and a format of the other sign.")
    lowest, highest = int(pixels.min()), int(pixels.max())
    if lowest < pixel_format.minimum or highest > pixel_format.minimum + pixel_format.peak:
        raise CodecError(
            f"Values {lowest} .. {highest} do not fit the {pixel_format.bits_stored} bits stored."
        )


def _nearest_rate(model: PaperModel, target: Target, pixel_format: PixelFormat) -> _Request:
    """Rate of the model nearest to what is asked for."""
    rates = model.rates
    if target.kind == "quality":
        if not 0 <= target.value <= 100:
            raise CodecError(f"A quality lies in 0 .. 100; {target.value:g} does not.")
        number = round((100 - target.value) / 100 * (len(rates) - 1))
        return _Request(number, rates[number], "")
    if target.kind == "ratio":
        wanted = pixel_format.bits_stored / target.value if target.value > 0 else math.nan
    elif target.kind == "bpp":
        wanted = target.value
    else:
        raise CodecError(f"{NAME} cannot aim at {target.kind}; ask for a ratio or bits per pixel.")
    if not (math.isfinite(wanted) and wanted > 0):
        raise CodecError(f"A {target.kind} of {target.value:g} cannot be coded.")
    number = min(range(len(rates)), key=lambda n: abs(math.log(rates[n].bpp / wanted)))
    notice = ""
    if abs(rates[number].bpp / wanted - 1) > 0.01:
        known = ", ".join(f"{rate.bpp:.3g}" for rate in rates)
        notice = (
            f"{NAME} was trained for {known} bits per pixel, not for {wanted:.3g}; "
            f"took {rates[number].bpp:.3g}."
        )
    return _Request(number, rates[number], notice)


def _normalised(pixels: StoredPixels, lowest: int, highest: int) -> Plane:
    """Pixels in 0 .. 1, continued by their last row and column to multiples of 8."""
    values = (pixels.astype(np.float32) - lowest) / np.float32(highest - lowest)
    rows, columns = pixels.shape
    return np.pad(values, ((0, -rows % 8), (0, -columns % 8)), mode="edge")
