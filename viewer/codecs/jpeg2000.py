"""JPEG 2000 (ISO/IEC 15444-1) through OpenJPEG, at the stored bit depth."""

from __future__ import annotations

from viewer.codecs.base import (
    Codec,
    CodecInfo,
    Decoded,
    Encoded,
    Options,
    PixelFormat,
    Target,
)
from viewer.errors import CodecError
from viewer.images.radiograph import StoredPixels
from viewer.progress import NEVER, CancelToken, Progress, silent

JP2_SIGNATURE = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
CODESTREAM_START = b"\xff\x4f\xff\x51"


class Jpeg2000(Codec):
    """Wavelets: 9-7 irreversible by rate or by PSNR, 5-3 reversible without loss."""

    info = CodecInfo(
        name="jpeg2000",
        title="JPEG 2000",
        mark="JPEG 2000",
        dicom_method="ISO_15444_1",
        normative=True,
        learned=False,
        targets=("ratio", "bpp", "psnr", "quality", "lossless"),
        teaches="Splits the picture into wavelet bands and keeps the bits that matter most.",
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
        """Code one frame as a JP2 file."""
        raise CodecError("JPEG 2000 is not there yet.")

    def decode(
        self,
        data: bytes,
        *,
        options: Options = Options(),
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> Decoded:
        """Give back the pixels of a JP2 file or a bare codestream."""
        raise CodecError("JPEG 2000 is not there yet.")

    def recognises(self, data: bytes) -> bool:
        """Whether `data` starts like a JP2 file or a JPEG 2000 codestream."""
        return data.startswith((JP2_SIGNATURE, CODESTREAM_START))
