"""The codec ``dense``: Ercan's autoencoder on tiles of 28 x 28 pixels.

``docs/BITSTREAM_DENSE.md`` describes its bytes.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from viewer.codecs import carried_weights
from viewer.codecs.base import CodecInfo, Encoded, PixelFormat, Target
from viewer.codecs.bitstream import BitstreamHeader, pack
from viewer.codecs.headed_codec import HeadedCodec, Way, stored_values
from viewer.errors import CodecError, ModelError
from viewer.images.radiograph import StoredPixels
from viewer.networks.torch_loading import load_torch
from viewer.resources import models_dir

if TYPE_CHECKING:
    from viewer.codecs.dense.model import DecoderModel

NAME = "dense"
SIZES = (22, 36, 50, 64)
"""Numbers of the code, ascending; the k-th is quality 25 k. Known without importing torch."""


class Dense(HeadedCodec):
    """Each tile as a mean, a scale and a code of 22 to 64 numbers of six bits.

    Parameters
    ----------
    folder : Path, optional
        Of encoders and decoders of the user's own; the shipped ones without.
    """

    info = CodecInfo(
        name=NAME,
        title="Dense autoencoder",
        mark="dense",
        dicom_method="DENSE_1",
        normative=False,
        learned=True,
        targets=("quality", "ratio", "bpp"),
        quality_steps=SIZES,
        quality_title="Numbers a tile",
        teaches="The simplest learned codec: 784 pixels through 128 sigmoids to a few numbers and "
        "back. What four small matrices cannot say is lost, tile by tile.",
    )

    def __init__(self, folder: Path | None = None) -> None:
        self._given = folder

    def encode_grey(
        self, pixels: StoredPixels, pixel_format: PixelFormat, target: Target, way: Way
    ) -> Encoded:
        """Code with the longest code that the target allows."""
        sizes, wanted = _tried(target, pixel_format)
        data, decoder = b"", None
        for number, size in enumerate(sizes):
            way.cancel.check()
            way.progress(number / len(sizes), f"code of {size} numbers")
            data, decoder = self._encoded(pixels, pixel_format, size)
            rate = 8 * len(data) / pixels.size
            if wanted is None or rate <= wanted:
                break
        assert decoder is not None
        rate = 8 * len(data) / pixels.size
        notice = ""
        if wanted is not None and rate > wanted:
            notice = f"The shortest code takes {rate:.3g} bits per pixel; {wanted:.3g} were asked."
        elif wanted is not None and decoder.network.size == SIZES[-1] and wanted > 1.1 * rate:
            notice = f"The longest code takes {rate:.3g} of the {wanted:.3g} bits per pixel."
        return Encoded(data, notice, decoder.name)

    def decode_grey(
        self, header: BitstreamHeader, payload: bytes, way: Way
    ) -> tuple[StoredPixels, str]:
        """Decode with the decoder that the bitstream names."""
        decoder = self.decoder_of(header)
        from viewer.codecs.dense.picture import read

        values = read(decoder, payload, header.rows, header.columns)
        way.cancel.check()
        return stored_values(values, header), "cpu"

    def weights(self) -> tuple[Path, ...]:
        """Return the files of the decoders; the encoders are not needed to see a picture."""
        return tuple(self._folder() / f"decoder-{size}.safetensors" for size in SIZES)

    def unavailable(self) -> str:
        """Return why the codec cannot be used here, or "" when it can."""
        encoders = tuple(self._folder() / f"encoder-{size}.safetensors" for size in SIZES)
        for path in (*encoders, *self.weights()):
            if not path.is_file():
                return f"The weights {path} of {NAME} are missing."
        return ""

    def _folder(self) -> Path:
        return self._given or models_dir() / NAME

    def _encoded(
        self, pixels: StoredPixels, pixel_format: PixelFormat, size: int
    ) -> tuple[bytes, DecoderModel]:
        load_torch()
        from viewer.codecs.dense.model import (
            decoder_path,
            encoder_path,
            load_decoder,
            load_encoder,
        )
        from viewer.codecs.dense.picture import write

        decoder = load_decoder(decoder_path(self._folder(), size))
        header = self.header(pixels, pixel_format, decoder.digest, size)
        lowest, highest = header.lowest, header.highest
        if lowest == highest:
            return pack(header, b""), decoder
        values = (pixels.astype(np.float32) - np.float32(lowest)) / np.float32(highest - lowest)
        encoder = load_encoder(encoder_path(self._folder(), size))
        return pack(header, write(encoder, decoder, values)), decoder

    def decoder_of(self, header: BitstreamHeader) -> DecoderModel:
        """Return the decoder that a bitstream names.

        Raises
        ------
        ModelError
            When it is not here.
        CodecError
            When it is one of another code.
        """
        load_torch()
        from viewer.codecs.dense.model import decoder_of, load_decoder

        digest = header.model
        path = carried_weights.find(digest) or decoder_of(self._folder(), digest)
        if path is None:
            raise ModelError(
                f"The bitstream was written for the decoder {digest.hex()[:8]}, which is not here."
            )
        decoder = load_decoder(path)
        if decoder.network.size != header.rate:
            raise CodecError(f"The {NAME} bitstream names a decoder of another code.")
        return decoder


def _tried(target: Target, pixel_format: PixelFormat) -> tuple[tuple[int, ...], float | None]:
    """Codes to try, and the bits per pixel that one has to meet (None: the first will do)."""
    value = target.value
    if target.kind == "quality":
        if not 0 <= value <= 100:
            raise CodecError(f"A quality lies in 0 .. 100; {value:g} does not.")
        return (SIZES[max(1, round(value / 100 * len(SIZES))) - 1],), None
    if target.kind not in ("ratio", "bpp"):
        raise CodecError(f"{NAME} cannot aim at {target.kind}; ask for a quality or a rate.")
    if not (math.isfinite(value) and value > 0):
        raise CodecError(f"A {target.kind} of {value:g} cannot be coded.")
    wanted = pixel_format.bits_stored / value if target.kind == "ratio" else value
    return SIZES[::-1], wanted
