"""High-throughput JPEG 2000 without loss."""

from __future__ import annotations

from viewer.codecs import openjph, sealed_codestream
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
from viewer.errors import CodecError
from viewer.images.radiograph import StoredPixels
from viewer.progress import NEVER, CancelToken, Progress, silent

MAGIC = b"RVHT"


class HtJ2k(Codec):
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
        """Code one frame of 1 to 16 stored bits, grey or RGB, without loss.

        Raises
        ------
        CodecError
            For another target than "lossless", or pixels that cannot be coded.
        Cancelled
        """
        watch = Stopwatch()
        cancel.check()
        if target.kind != "lossless":
            raise CodecError("HTJ2K codes without loss here, and knows no other target.")
        values = sealed_codestream.checked_values(pixels, pixel_format, self.info.title)
        progress(0.1, "encoding")
        codestream = openjph.encode(values, pixel_format.bits_stored)
        cancel.check()
        progress(1.0, "encoded")
        data = sealed_codestream.seal(MAGIC, pixels, pixel_format, 0, codestream)
        return Encoded(data, seconds=watch.seconds())

    def decode(
        self,
        data: bytes,
        *,
        options: Options = Options(),
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> Decoded:
        """Give back the pixels; see `viewer.codecs.base.Codec.decode`."""
        watch = Stopwatch()
        cancel.check()
        sealed = sealed_codestream.unseal(data, MAGIC, self.info.title, "JPEG 2000")
        progress(0.1, "decoding")
        values = openjph.decode(sealed.codestream, sealed.shape)
        pixels = sealed_codestream.pixels_of(values, sealed)
        progress(1.0, "decoded")
        return Decoded(pixels, sealed.pixel_format, seconds=watch.seconds())

    def recognises(self, data: bytes) -> bool:
        """Whether `data` starts like a bitstream of this codec."""
        return data[: len(MAGIC)] == MAGIC

    def unavailable(self) -> str:
        """Return why it cannot be used here in one sentence, or ""."""
        return openjph.unavailable()
