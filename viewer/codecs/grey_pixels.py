"""What a codec of grey pictures asks of its pixels."""

from __future__ import annotations

from viewer.errors import CodecError
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels


def check_grey(name: str, pixels: StoredPixels, pixel_format: PixelFormat) -> None:
    """Refuse what is no grey picture of 1 to 16 stored bits.

    Parameters
    ----------
    name : str
        Of the codec, for the sentence.
    pixels : ndarray
    pixel_format : PixelFormat

    Raises
    ------
    CodecError
        When shape, type, sign or range do not fit.
    """
    if pixels.ndim != 2:
        raise CodecError(f"{name} codes grey pictures; this one has {pixels.ndim} dimensions.")
    if pixels.size == 0:
        raise CodecError(f"{name} cannot code a picture without pixels.")
    if pixels.dtype.kind not in "ui" or pixels.dtype.itemsize > 2 or pixel_format.bits_stored > 16:
        raise CodecError(f"{name} codes up to 16 stored bits; these are {pixels.dtype}.")
    if (pixels.dtype.kind == "i") != pixel_format.signed:
        raise CodecError(f"{name} was given {pixels.dtype} pixels and a format of the other sign.")
    lowest, highest = int(pixels.min()), int(pixels.max())
    if lowest < pixel_format.minimum or highest > pixel_format.minimum + pixel_format.peak:
        raise CodecError(
            f"Values {lowest} .. {highest} do not fit the {pixel_format.bits_stored} bits stored."
        )
