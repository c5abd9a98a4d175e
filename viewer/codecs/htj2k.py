"""High-throughput JPEG 2000 without loss."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.codecs import openjph
from viewer.codecs.base import CodecInfo, Target
from viewer.codecs.sealed_codec import SealedCodec
from viewer.codecs.sealed_codestream import Sealed
from viewer.errors import CodecError


class HtJ2k(SealedCodec):
    """The 5-3 wavelet with the block coder of ISO/IEC 15444-15, reversible alone."""

    info = CodecInfo(
        name="htj2k",
        title="HTJ2K (lossless)",
        mark="HTJ2K",
        dicom_method="ISO_15444_15",
        normative=True,
        learned=False,
        targets=("lossless",),
        teaches="JPEG 2000's wavelets with a block coder made for speed; every pixel comes back.",
    )
    magic = b"RVHT"
    kind = "JPEG 2000"

    def bound(self, target: Target, bits: int) -> tuple[int, str]:
        """Refuse every target but "lossless"."""
        if target.kind != "lossless":
            raise CodecError("HTJ2K codes without loss here, and knows no other target.")
        return 0, ""

    def encode_values(
        self,
        values: NDArray[np.unsignedinteger],  # type: ignore[type-arg]
        bits: int,
        bound: int,
    ) -> bytes:
        """Return the codestream of OpenJPH."""
        return openjph.encode(values, bits)

    def decode_values(self, sealed: Sealed) -> NDArray[np.generic]:
        """Return its values."""
        return openjph.decode(sealed.codestream, sealed.shape)

    def unavailable(self) -> str:
        """Return why it cannot be used here in one sentence, or ""."""
        return openjph.unavailable()
