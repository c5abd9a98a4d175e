"""JPEG-LS: without loss, or with no pixel off by more than a few levels."""

from __future__ import annotations

from viewer.codecs import charls, sealed_codestream
from viewer.codecs.base import (
    Codec,
    CodecInfo,
    Decoded,
    Encoded,
    Options,
    PixelFormat,
    Stopwatch,
    Target,
    largest_error,
)
from viewer.errors import CodecError
from viewer.images.radiograph import StoredPixels
from viewer.progress import NEVER, CancelToken, Progress, silent

MAGIC = b"RVLS"


class JpegLs(Codec):
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
        """Code one frame of 1 to 16 stored bits, grey or RGB, within the bound asked for.

        Raises
        ------
        CodecError
            For a target that sets no bound, or pixels that cannot be coded.
        Cancelled
        """
        watch = Stopwatch()
        cancel.check()
        bound = largest_error(target)
        if bound is None:
            raise CodecError("JPEG-LS has no rate to choose; ask for a largest error or for none.")
        values = sealed_codestream.checked_values(pixels, pixel_format, self.info.title)
        bits = max(2, pixel_format.bits_stored)
        near = min(bound, charls.LARGEST_NEAR, ((1 << bits) - 1) // 2)
        notice = ""
        if near < bound:
            notice = f"JPEG-LS goes to {near} levels here; {bound} were asked for."
        progress(0.1, "encoding")
        codestream = charls.encode(values, bits, near, any_precision=True)
        cancel.check()
        progress(1.0, "encoded")
        data = sealed_codestream.seal(MAGIC, pixels, pixel_format, near, codestream)
        return Encoded(data, notice, seconds=watch.seconds())

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
        sealed = sealed_codestream.unseal(data, MAGIC, self.info.title, "JPEG-LS")
        progress(0.1, "decoding")
        values = charls.decode(sealed.codestream, sealed.shape)
        pixels = sealed_codestream.pixels_of(values.clip(0, sealed.pixel_format.peak), sealed)
        progress(1.0, "decoded")
        return Decoded(pixels, sealed.pixel_format, seconds=watch.seconds())

    def recognises(self, data: bytes) -> bool:
        """Whether `data` starts like a bitstream of this codec."""
        return data[: len(MAGIC)] == MAGIC

    def unavailable(self) -> str:
        """Return why CharLS cannot be used here in one sentence, or ""."""
        return charls.unavailable()
