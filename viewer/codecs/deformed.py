"""A codec that moves its samples before it codes them: `deformed`.

The learned sampler says where samples are worth most; its density, quantised, and the small picture
coded by another codec are kept. A decoder needs neither the network nor torch: the grid follows
from the quantised density in whole numbers. ``docs/BITSTREAM_DEFORMED.md`` describes the bytes.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from viewer.codecs import registry
from viewer.codecs.base import CodecInfo, Encoded, PixelFormat, Target
from viewer.codecs.bitstream import HEADER_BYTES, BitstreamHeader, pack
from viewer.codecs.deformed_payload import Deformation, pack_map
from viewer.codecs.deformed_payload import unpack as unpack_map
from viewer.codecs.headed_codec import HeadedCodec, Way, pixel_type
from viewer.errors import CodecError, ModelError
from viewer.images.radiograph import StoredPixels
from viewer.sampling import trained
from viewer.sampling.fixed_grid import WIDTH_UNITS, quantised
from viewer.sampling.grid import LARGEST_SIDE
from viewer.sampling.pyramid import Pyramid, build_pyramid, sample
from viewer.sampling.restoring import locate, restore

BITS_A_SAMPLE = 0.8
"""Spent on each sample where the target leaves the number of samples open."""

HIGHEST_RATIO, LOWEST_RATIO = 400.0, 4.0
"""Ratios against stored bits at quality 0 and at quality 100."""

_FEWEST_SIDE = 8
_NO_MODEL = bytes(16)


class Deformed(HeadedCodec):
    """Learned samples through another codec.

    Parameters
    ----------
    inner : {"jpeg2000", "vqvae2"}
        Codes the small picture.
    """

    def __init__(self, inner: str = "jpeg2000") -> None:
        self._inner = inner
        title = "Deformed" if inner == "jpeg2000" else "Deformed + VQ-VAE-2"
        self.info = CodecInfo(
            name="deformed" if inner == "jpeg2000" else f"deformed-{inner}",
            title=title,
            mark="Deformed",
            dicom_method="DEFORMED_1" if inner == "jpeg2000" else "DEFORMED_VQVAE2",
            normative=True,
            learned=True,
            targets=("ratio", "bpp", "quality"),
            teaches="Takes more samples where a network expects structures to segment, fewer "
            "elsewhere, and codes the bent small picture.",
        )

    def encode_grey(
        self, pixels: StoredPixels, pixel_format: PixelFormat, target: Target, way: Way
    ) -> Encoded:
        """Code; sizes are met as nearly as the inner codec meets them."""
        progress, cancel = way.progress, way.cancel
        wanted = _wanted_bytes(pixels, pixel_format, target)
        header = self.header(pixels, pixel_format, _NO_MODEL, 0)
        lowest, highest = header.lowest, header.highest
        if lowest == highest:
            return Encoded(pack(header, b""))
        progress(0.0, "looking for structures")
        network = self._network()
        pyramid = build_pyramid(pixels)
        levels = quantised(network.density(_as_shown(pyramid, lowest, highest)))
        width = min(WIDTH_UNITS - 1, max(16, round(network.shape.kernel_width * WIDTH_UNITS)))
        cancel.check()
        rows, columns = _grid_size(pixels.shape, wanted)
        deformation = Deformation(rows, columns, width, levels)
        before = pack_map(deformation, self._inner)
        small = np.clip(np.rint(sample(pyramid, deformation.grid())), lowest, highest)
        cancel.check()

        def coding(fraction: float, text: str) -> None:
            progress(0.2 + 0.8 * fraction, text)

        left = max(wanted - HEADER_BYTES - len(before), 32.0)
        coded = registry.get(self._inner).encode(
            small.astype(pixels.dtype),
            pixel_format,
            Target("bpp", 8.0 * left / small.size),
            options=replace(way.options, model=""),
            progress=coding,
            cancel=cancel,
        )
        data = pack(header, before + coded.data)
        notice = ""
        if abs(len(data) / wanted - 1.0) > 0.03:
            notice = f"{wanted:.0f} bytes were asked for; these samples take {len(data)}."
        model = ", ".join(filter(None, (network.name, coded.model)))
        return Encoded(data, notice, model, coded.device)

    def decode_grey(
        self, header: BitstreamHeader, payload: bytes, way: Way
    ) -> tuple[StoredPixels, str]:
        """Give back the pixels, at full size."""
        name, kind = self.info.name, pixel_type(header)
        shape, pixel_format = (
            (header.rows, header.columns),
            PixelFormat(header.bits_stored, header.signed),
        )
        progress, cancel = way.progress, way.cancel
        deformation, inner, coded = unpack_map(payload)

        def reading(fraction: float, text: str) -> None:
            progress(0.5 * fraction, text)

        small = registry.get(inner).decode(
            coded, options=way.options, progress=reading, cancel=cancel
        )
        if small.pixels.shape != (deformation.rows, deformation.columns) or (
            small.pixels.dtype != kind or small.pixel_format != pixel_format
        ):
            raise CodecError(f"The samples of the {name} bitstream do not fit its grid.")

        def restoring(fraction: float, text: str) -> None:
            progress(0.5 + 0.4 * fraction, text)

        located = locate(deformation.grid(), shape, progress=restoring, cancel=cancel)
        pixels = np.clip(restore(small.pixels, located), header.lowest, header.highest)
        return pixels.astype(kind, copy=False), small.device

    def unavailable(self) -> str:
        """Return why the codec cannot be used here, or "" when it can."""
        path = trained.shipped_path("learned", max(trained.SIZES))
        if not path.is_file():
            return f"The weights {path} of {self.info.name} are missing."
        return registry.get(self._inner).unavailable()

    def _network(self) -> trained.Trained:
        try:
            return trained.shipped("learned", max(trained.SIZES))
        except ModelError as error:
            raise CodecError(str(error)) from error


class DeformedVqvae2(Deformed):
    """The same with the small picture through `vqvae2`."""

    def __init__(self) -> None:
        super().__init__("vqvae2")


def _wanted_bytes(pixels: StoredPixels, pixel_format: PixelFormat, target: Target) -> float:
    if target.kind == "quality":
        if not 0 <= target.value <= 100:
            raise CodecError(f"A quality lies in 0 .. 100; {target.value:g} does not.")
        ratio = HIGHEST_RATIO * (LOWEST_RATIO / HIGHEST_RATIO) ** (target.value / 100)
    elif target.kind in ("ratio", "bpp"):
        if not (math.isfinite(target.value) and target.value > 0):
            raise CodecError(f"A {target.kind} of {target.value:g} cannot be coded.")
        ratio = target.value
        if target.kind == "bpp":
            return target.value * pixels.size / 8
    else:
        raise CodecError(f"deformed cannot aim at {target.kind}; ask for a ratio or bits a pixel.")
    return pixels.size * pixel_format.bits_stored / 8 / ratio


def _grid_size(shape: tuple[int, ...], wanted: float) -> tuple[int, int]:
    """Rows and columns of the grid: the samples the bytes are for, in the picture's shape."""
    share = math.sqrt(max(1.0, 8.0 * wanted / BITS_A_SAMPLE) / (shape[0] * shape[1]))
    rows, columns = (
        min(max(2, side), LARGEST_SIDE, max(_FEWEST_SIDE, round(share * side)))
        for side in shape[:2]
    )
    return rows, columns


def _as_shown(pyramid: Pyramid, lowest: int, highest: int) -> Pyramid:
    """The picture in 0 .. 255: the network sees it normalised by its own mean and deviation."""
    scale = np.float32(255.0 / (highest - lowest))
    return Pyramid(tuple((level - np.float32(lowest)) * scale for level in pyramid.levels))
