"""What codecs share that put a standard codestream behind a sealed header."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from viewer.codecs import sealed_codestream
from viewer.codecs.base import Codec, Decoded, Encoded, Options, PixelFormat, Stopwatch, Target
from viewer.codecs.sealed_codestream import Sealed
from viewer.images.radiograph import StoredPixels
from viewer.progress import NEVER, CancelToken, Progress, silent


class SealedCodec(Codec):
    """A codec of pictures of 1 to 16 stored bits, grey or RGB, within a bound.

    Its codestreams hold stored values less the smallest of their format. What is left to do,
    `bound`, `encode_values` and `decode_values` do.

    Attributes
    ----------
    magic : bytes
        Four, that its bitstreams begin with.
    kind : str
        What `viewer.images.codestream` calls its codestreams.
    """

    magic: ClassVar[bytes]
    kind: ClassVar[str]

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
            For a target that sets no bound this codec has, or pixels that cannot be coded.
        Cancelled
        """
        watch = Stopwatch()
        cancel.check()
        bits = pixel_format.bits_stored
        bound, notice = self.bound(target, bits)
        values = sealed_codestream.checked_values(pixels, pixel_format, self.info.title)
        progress(0.1, "encoding")
        codestream = self.encode_values(values, bits, bound)
        cancel.check()
        progress(1.0, "encoded")
        data = sealed_codestream.seal(self.magic, pixels, pixel_format, bound, codestream)
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
        sealed = sealed_codestream.unseal(data, self.magic, self.info.title, self.kind)
        progress(0.1, "decoding")
        pixels = sealed_codestream.pixels_of(self.decode_values(sealed), sealed)
        progress(1.0, "decoded")
        return Decoded(pixels, sealed.pixel_format, seconds=watch.seconds())

    def recognises(self, data: bytes) -> bool:
        """Whether `data` starts like a bitstream of this codec."""
        return data[: len(self.magic)] == self.magic

    @abstractmethod
    def bound(self, target: Target, bits: int) -> tuple[int, str]:
        """Return the largest error that a target allows at `bits` stored bits, and a notice.

        Raises
        ------
        CodecError
            When it sets none that this codec has.
        """

    @abstractmethod
    def encode_values(
        self,
        values: NDArray[np.unsignedinteger],  # type: ignore[type-arg]
        bits: int,
        bound: int,
    ) -> bytes:
        """Return the codestream of values of `bits` stored bits."""

    @abstractmethod
    def decode_values(self, sealed: Sealed) -> NDArray[np.generic]:
        """Return the values of a codestream."""
