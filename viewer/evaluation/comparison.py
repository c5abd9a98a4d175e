"""One radiograph through one codec: bytes, pixels, figures, times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from viewer.codecs import registry
from viewer.codecs.base import Decoded, Encoded, Options, PixelFormat, Target
from viewer.errors import CodecError
from viewer.images.radiograph import Radiograph
from viewer.metrics.figures import Box, Figures, compare, crop
from viewer.progress import NEVER, CancelToken, Progress, silent

COLOUR_TOGETHER = "Colour is coded as RGB, its three components together."
"""Said of codecs that do not say themselves how they code colour."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of one radiograph in one codec.

    Parameters
    ----------
    radiograph : Radiograph
        The original.
    codec : str
        Name in the registry.
    target : Target
        What was asked for.
    encoded : Encoded
        The bitstream and the notice that came with it.
    reconstruction : Radiograph
        Decoded from exactly those bytes.
    figures : Figures
        Of the whole image.
    device : str
        Where the decoder's network ran; "cpu" for codecs without.
    encode_s, decode_s : float
        Wall time in seconds.
    box : (x, y, width, height) or None
    box_figures : Figures or None
        Those of the pixels cropped to the box.
    partial : bool
        Whether this is the picture of the bitstream's first layer, and the rest is being decoded.
    """

    radiograph: Radiograph
    codec: str
    target: Target
    encoded: Encoded
    reconstruction: Radiograph
    figures: Figures
    device: str
    encode_s: float
    decode_s: float
    box: Box | None = None
    box_figures: Figures | None = None
    partial: bool = False

    @property
    def byte_count(self) -> int:
        """Bytes of the whole bitstream, headers and all."""
        return len(self.encoded.data)

    @property
    def bpp(self) -> float:
        """Bits of the bitstream per pixel (a colour pixel is one)."""
        header = self.radiograph.header
        return 8 * self.byte_count / (header.rows * header.columns)

    @property
    def ratio_stored(self) -> float:
        """Stored bits (rows x columns x samples x BitsStored) per bit of the bitstream."""
        return self.radiograph.header.stored_bits_total / (8 * self.byte_count)

    @property
    def ratio_16bit(self) -> float:
        """The same counted with 16 bits a sample, as papers and file sizes do."""
        header = self.radiograph.header
        return 16 * header.rows * header.columns * header.samples / (8 * self.byte_count)

    def as_row(self) -> dict[str, Any]:
        """Return the row of `radview compare --json`.

        Returns
        -------
        dict
            ``psnr_db`` is None where infinite, ``ssim`` and ``ms_ssim`` where the picture is too
            small; ``roi`` only where a box was given.
        """
        header = self.radiograph.header
        row: dict[str, Any] = {
            "file": str(header.path),
            "codec": self.codec,
            "model": self.encoded.model,
            "device": self.device,
            "rows": header.rows,
            "columns": header.columns,
            "bits_stored": header.bits_stored,
            "bytes": self.byte_count,
            "bpp": self.bpp,
            "ratio_stored": self.ratio_stored,
            "ratio_16bit": self.ratio_16bit,
            **self.figures.as_row(),
            "encode_s": self.encode_s,
            "decode_s": self.decode_s,
            "notice": self.encoded.notice,
        }
        if self.box is not None and self.box_figures is not None:
            row["roi"] = {
                **dict(zip(("x", "y", "width", "height"), self.box, strict=True)),
                **self.box_figures.as_row(),
            }
        return row


def compare_radiograph(
    radiograph: Radiograph,
    codec_name: str,
    target: Target,
    *,
    box: Box | None = None,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
    on_base: Callable[[Comparison], None] | None = None,
) -> Comparison:
    """Encode, decode what was encoded, and measure.

    Parameters
    ----------
    radiograph : Radiograph
    codec_name : str
        Name in the registry.
    target : Target
    box : (x, y, width, height), optional
        A rectangle to measure besides the whole image.
    options : Options
    on_base : callable, optional
        Given a partial comparison as soon as the first layer of a bitstream in layers is decoded.

    Raises
    ------
    UnknownCodecError, CodecError
        When the codec is not known, cannot code these pixels, or gives back other ones in shape
        or type.
    MeasureError
        When the box does not lie inside the image; nothing is encoded then.
    Cancelled
    """
    if box is not None:
        crop(radiograph.pixels, box)
    codec = registry.get(codec_name)
    header = radiograph.header
    pixel_format = PixelFormat(header.bits_stored, header.signed)
    encoded = codec.encode(
        radiograph.pixels,
        pixel_format,
        target,
        options=options,
        progress=part(progress, 0.0, 0.6),
        cancel=cancel,
    )
    if header.samples > 1 and not encoded.notice:
        encoded = replace(encoded, notice=COLOUR_TOGETHER)
    cancel.check()

    def judged(decoded: Decoded) -> Comparison:
        cancel.check()
        try:
            reconstruction = radiograph.with_pixels(decoded.pixels)
        except ValueError as error:
            raise CodecError(f"The codec {codec_name} gave back other pixels: {error}.") from error
        measured = (radiograph.pixels, decoded.pixels, pixel_format)
        padding = header.grey.padding
        return Comparison(
            radiograph=radiograph,
            codec=codec_name,
            target=target,
            encoded=encoded,
            reconstruction=reconstruction,
            figures=compare(*measured, padding=padding, cancel=cancel),
            device=decoded.device,
            encode_s=encoded.seconds,
            decode_s=decoded.seconds,
            box=box,
            box_figures=None
            if box is None
            else compare(*measured, box=box, padding=padding, cancel=cancel),
            partial=decoded.partial,
        )

    decoding = part(progress, 0.6, 0.85)
    last: Decoded | None = None
    if on_base is None:
        last = codec.decode(encoded.data, options=options, progress=decoding, cancel=cancel)
    else:
        parts = codec.decode_parts(encoded.data, options=options, progress=decoding, cancel=cancel)
        for last in parts:
            if last.partial:
                on_base(judged(last))
    assert last is not None
    progress(0.85, "measuring")
    comparison = judged(last)
    progress(1.0, "measured")
    return comparison


def part(progress: Progress, start: float, stop: float) -> Progress:
    """Return a progress that fills `start`..`stop` of another."""

    def report(fraction: float, text: str) -> None:
        progress(start + (stop - start) * fraction, text)

    return report
