"""What codecs of grey pictures share whose bitstreams begin with the common header."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace

import numpy as np

from viewer.codecs import colour_planes
from viewer.codecs.base import Codec, Decoded, Encoded, Options, PixelFormat, Stopwatch, Target
from viewer.codecs.bitstream import BitstreamHeader, belongs_to, unpack
from viewer.codecs.grey_pixels import check_grey
from viewer.errors import CodecError
from viewer.images.radiograph import StoredPixels
from viewer.progress import NEVER, CancelToken, Progress, silent


@dataclass(frozen=True, slots=True)
class Way:
    """How something is to be done.

    Parameters
    ----------
    options : Options
    progress : Progress
    cancel : CancelToken
    """

    options: Options
    progress: Progress
    cancel: CancelToken


class HeadedCodec(Codec):
    """A codec of grey pictures of up to 16 stored bits.

    Colour goes through it channel by channel; a picture of one value is a header alone. What is
    left to do, `encode_grey` and `decode_grey` do.
    """

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
        """Code one frame; see `viewer.codecs.base.Codec.encode`."""
        if colour_planes.is_colour(pixels):
            return colour_planes.encode(
                self,
                pixels,
                pixel_format,
                target,
                options=options,
                progress=progress,
                cancel=cancel,
            )
        watch = Stopwatch()
        check_grey(self.info.name, pixels, pixel_format)
        way = Way(options, progress, cancel)
        found = self.encode_grey(pixels, pixel_format, target, way)
        progress(1.0, "coded")
        return replace(found, seconds=watch.seconds())

    def decode(
        self,
        data: bytes,
        *,
        options: Options = Options(),
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> Decoded:
        """Give back the pixels; see `viewer.codecs.base.Codec.decode`."""
        name = self.info.name
        if colour_planes.recognises(data, name):
            return colour_planes.decode(
                self, data, options=options, progress=progress, cancel=cancel
            )
        watch = Stopwatch()
        header, payload = unpack(data, name)
        if not self.fits(header, payload):
            raise CodecError(f"The {name} bitstream has an impossible header.")
        pixel_format = PixelFormat(header.bits_stored, header.signed)
        if payload:
            way = Way(options, progress, cancel)
            pixels, device = self.decode_grey(header, payload, way)
        else:
            shape = header.rows, header.columns
            pixels, device = np.full(shape, header.lowest, pixel_type(header)), "cpu"
        progress(1.0, "decoded")
        return Decoded(pixels, pixel_format, device, watch.seconds())

    def recognises(self, data: bytes) -> bool:
        """Whether `data` starts like a bitstream of this codec."""
        name = self.info.name
        return colour_planes.recognises(data, name) or belongs_to(data, name)

    def header(
        self, pixels: StoredPixels, pixel_format: PixelFormat, model: bytes, rate: int
    ) -> BitstreamHeader:
        """The header of these pixels' bitstream."""
        return BitstreamHeader(
            self.info.name,
            model,
            pixels.shape[0],
            pixels.shape[1],
            pixels.dtype.itemsize,
            pixel_format.bits_stored,
            pixel_format.signed,
            rate,
            int(pixels.min()),
            int(pixels.max()),
        )

    def fits(self, header: BitstreamHeader, payload: bytes) -> bool:
        """Whether an encoder writes such a header before such a payload."""
        return (header.highest > header.lowest) == bool(payload)

    @abstractmethod
    def encode_grey(
        self, pixels: StoredPixels, pixel_format: PixelFormat, target: Target, way: Way
    ) -> Encoded:
        """Code a picture that was checked; its seconds are counted elsewhere."""

    @abstractmethod
    def decode_grey(
        self, header: BitstreamHeader, payload: bytes, way: Way
    ) -> tuple[StoredPixels, str]:
        """Give back pixels of more than one value, and the device that made them."""


def pixel_type(header: BitstreamHeader) -> np.dtype[np.integer]:  # type: ignore[type-arg]
    """The type of the pixels that were coded."""
    return np.dtype(f"{'i' if header.signed else 'u'}{header.item_bytes}")


def stored_values(values: np.ndarray, header: BitstreamHeader) -> StoredPixels:  # type: ignore[type-arg]
    """Values of 0 .. 1 between the lowest and the highest pixel, as pixels."""
    span = float(header.highest - header.lowest)
    stored = np.rint(np.clip(values.astype(np.float64), 0.0, 1.0) * span) + header.lowest
    return stored.astype(pixel_type(header))
