"""JPEG-LS: without loss, or with no pixel off by more than a few levels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.codecs import charls
from viewer.codecs.base import CodecInfo, Target, largest_error
from viewer.codecs.sealed_codec import SealedCodec
from viewer.codecs.sealed_codestream import Sealed
from viewer.errors import CodecError


class JpegLs(SealedCodec):
    """JPEG-LS (ISO/IEC 14495-1) through CharLS; the bound is its NEAR."""

    info = CodecInfo(
        name="jpegls",
        title="JPEG-LS",
        mark="JPEG-LS",
        dicom_method="ISO_14495_1",
        normative=True,
        learned=False,
        targets=("max_error", "lossless"),
        teaches="Predicts each pixel from its neighbours and codes what the guess missed.",
    )
    magic = b"RVLS"
    kind = "JPEG-LS"

    def bound(self, target: Target, bits: int) -> tuple[int, str]:
        """Return the NEAR that a target asks for, or the largest there is, and says so."""
        bound = largest_error(target)
        if bound is None:
            raise CodecError("JPEG-LS has no rate to choose; ask for a largest error or for none.")
        near = min(bound, charls.LARGEST_NEAR, ((1 << _coded(bits)) - 1) // 2)
        said = f"JPEG-LS goes to {near} levels here; {bound} were asked for."
        return near, said if near < bound else ""

    def encode_values(
        self,
        values: NDArray[np.unsignedinteger],  # type: ignore[type-arg]
        bits: int,
        bound: int,
    ) -> bytes:
        """Return the codestream of CharLS."""
        return charls.encode(values, _coded(bits), bound, any_precision=True)

    def decode_values(self, sealed: Sealed) -> NDArray[np.generic]:
        """Return its values, none beyond the stored bits."""
        values = charls.decode(sealed.codestream, sealed.shape)
        return values.clip(0, sealed.pixel_format.peak)

    def unavailable(self) -> str:
        """Return why CharLS cannot be used here in one sentence, or ""."""
        return charls.unavailable()


def _coded(bits: int) -> int:
    """The precision of the codestream: the standard knows none of a single bit."""
    return max(2, bits)
