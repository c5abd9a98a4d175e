"""The learned codec of the paper: a two-level VQ-VAE-2 and range-coded indices.

``docs/BITSTREAM_VQVAE2_PAPER.md`` describes its bytes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from viewer.codecs.base import CodecInfo, Encoded, PixelFormat, Target
from viewer.codecs.bitstream import BitstreamHeader, pack
from viewer.codecs.headed_codec import Way, pixel_type, stored_values
from viewer.codecs.one_model import OneModelCodec
from viewer.errors import CodecError
from viewer.images.radiograph import StoredPixels

if TYPE_CHECKING:
    import torch

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


class Vqvae2Paper(OneModelCodec["PaperModel"]):
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
        mark="VQ-VAE-2 paper",
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

    def encode_grey(
        self, pixels: StoredPixels, pixel_format: PixelFormat, target: Target, way: Way
    ) -> Encoded:
        """Code at the trained rate nearest to the target."""
        model = self.model(way.options)
        request = _nearest_rate(model, target, pixel_format)
        header = self.header(pixels, pixel_format, model.digest, request.number)
        payload, notice = b"", request.notice
        if header.highest > header.lowest:
            from viewer.codecs.paper_payload import write_payload

            normal = _normalised(pixels, header.lowest, header.highest)
            payload, spent = write_payload(
                model, normal, request.rate, pixels.size, way.options, way.progress, way.cancel
            )
            if spent:
                notice = f"{notice} {spent}".strip()
        return Encoded(pack(header, payload), notice, model.name, model.device.type)

    def decode_grey(
        self, header: BitstreamHeader, payload: bytes, way: Way
    ) -> tuple[StoredPixels, str]:
        """Paint the picture tile by tile."""
        model = self.model_of(header, way.options)
        from viewer.codecs.paper_payload import tile_runner

        height, width = -(-header.rows // 8), -(-header.columns // 8)
        way.progress(0.0, "reading the codes")
        top, bottom = model.coder.decode(payload, height, width, cancel=way.cancel)
        runner = tile_runner(model, height, width, way.options, way.progress, way.cancel)
        pixels = np.empty((header.rows, header.columns), pixel_type(header))
        for tile, values in runner.synthesise(top, bottom, (0.1, 1.0)):
            rows, columns = tile.place(8)
            area = pixels[rows, columns]
            area[...] = stored_values(values[: area.shape[0], : area.shape[1]], header)
        return pixels, model.device.type

    def load(self, path: Path, device: torch.device) -> PaperModel:
        """Read a weights file."""
        from viewer.codecs.paper_model import load_model

        return load_model(path, device)


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
