"""The codec ``recurrent``: Toderici et al.'s network, a layer a pass, any prefix of use.

``docs/BITSTREAM_RECURRENT.md`` describes its bytes.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from viewer.codecs.base import CodecInfo, Encoded, PixelFormat, Target
from viewer.codecs.bitstream import BitstreamHeader
from viewer.codecs.headed_codec import Way
from viewer.codecs.one_model import OneModelCodec
from viewer.codecs.recurrent.layers import MOST_LAYERS, NAME, bitstream, sizes, split
from viewer.errors import CodecError
from viewer.images.radiograph import StoredPixels

if TYPE_CHECKING:
    import torch

    from viewer.codecs.recurrent.decoding import LayerDecoder
    from viewer.codecs.recurrent.encoding import LayerEncoder, Layers
    from viewer.codecs.recurrent.model import RecurrentModel


class Recurrent(OneModelCodec["RecurrentModel"]):
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
        super().__init__(weights)
        self._encoder: LayerEncoder | None = None
        self._decoder: LayerDecoder | None = None

    def encode_grey(
        self, pixels: StoredPixels, pixel_format: PixelFormat, target: Target, way: Way
    ) -> Encoded:
        """Code in as many layers as the target takes."""
        _check(target)
        model = self.model(way.options)
        header = self.header(pixels, pixel_format, model.digest, 0)
        if header.lowest == header.highest:
            data, notice = bitstream(header, (), 0), ""
        else:
            from viewer.codecs.recurrent.encoding import LayerEncoder

            self._encoder = self._encoder or LayerEncoder()
            layers = self._encoder.layers(
                model, pixels, header, way.progress, way.cancel, measured=target.kind == "psnr"
            )
            count, notice = _count(layers, target, pixel_format, pixels.size)
            data = bitstream(header, layers.coded, count)
        return Encoded(data, notice, model.name, model.device.type)

    def fits(self, header: BitstreamHeader, payload: bytes) -> bool:
        """Whether an encoder writes such a header before such a payload."""
        return super().fits(header, payload) and bool(payload) == bool(header.rate)

    def decode_grey(
        self, header: BitstreamHeader, payload: bytes, way: Way
    ) -> tuple[StoredPixels, str]:
        """Run a pass for each layer."""
        layers = split(payload, header.rate)
        model = self.model_of(header, way.options)
        if header.rate > model.iterations:
            raise CodecError(f"The {NAME} bitstream has more layers than its model has passes.")
        from viewer.codecs.recurrent.decoding import LayerDecoder

        self._decoder = self._decoder or LayerDecoder()
        pixels = self._decoder.picture(model, header, layers, way.progress, way.cancel)
        return pixels, model.device.type

    def load(self, path: Path, device: torch.device) -> RecurrentModel:
        """Read a weights file."""
        from viewer.codecs.recurrent.model import load_model

        return load_model(path, device)


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
