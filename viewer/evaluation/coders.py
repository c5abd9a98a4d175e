"""What an evaluation asks of a codec: bits per pixel in, bytes and pixels out.

Codecs of the registry take part under their names, and so do reference codecs that exist for
comparison alone (`viewer.evaluation.reference_codecs`).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

from viewer.codecs import model_files, registry
from viewer.codecs.base import Encoded, Options, PixelFormat, Target
from viewer.errors import CodecError, UnknownCodecError
from viewer.evaluation.rate_search import search_rate
from viewer.evaluation.sources import sources_hash
from viewer.images.radiograph import StoredPixels
from viewer.progress import NEVER, CancelToken

T = TypeVar("T")

_LARGEST_ERROR = 255
"""The standard of JPEG-LS allows no larger NEAR."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds that a piece of work took.

    Parameters
    ----------
    wall : float
        By the clock.
    processor : float
        Of this process, all its threads together.
    """

    wall: float
    processor: float


@dataclass(frozen=True, slots=True, eq=False)
class Coding:
    """A picture through a codec.

    Parameters
    ----------
    data : bytes
        The bitstream, headers and all.
    pixels : ndarray
        Decoded from exactly those bytes; shape and type of the original.
    setting : str
        What the codec was set to ("NEAR 3", "distance 1.25"), "" where it was asked for the rate.
    encode, decode : Times
    model : str
        Name and short hash of the weights, "" for codecs without.
    """

    data: bytes
    pixels: StoredPixels
    setting: str
    encode: Times
    decode: Times
    model: str = ""


class Coder(Protocol):
    """A codec that can be asked for a rate."""

    @property
    def name(self) -> str:
        """Return the name on the command line."""
        ...

    @property
    def about(self) -> str:
        """Return library, settings and limits."""
        ...

    def identity(self) -> str:
        """Return what else decides the outcome: the model; "" when nothing does."""
        ...

    def refuses(self, pixel_format: PixelFormat) -> str:
        """Return why it cannot code such pixels in one sentence, or ""."""
        ...

    def code(
        self,
        pixels: StoredPixels,
        pixel_format: PixelFormat,
        bpp: float,
        cancel: CancelToken = NEVER,
    ) -> Coding:
        """Encode to about `bpp` bits per pixel and decode.

        Raises
        ------
        CodecError
            When the codec cannot.
        Cancelled
        """
        ...


def timed(work: Callable[[], T]) -> tuple[T, Times]:
    """Return what `work` returns and how long it took."""
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    return result, Times(time.perf_counter() - wall, time.process_time() - processor)


class RegistryCoder:
    """A codec of the product; its encoding time is that of meeting the rate.

    Parameters
    ----------
    name : str
        In the registry; its targets must have "bpp" among them.
    options : Options
    """

    def __init__(self, name: str, options: Options = Options()) -> None:
        self.name = name
        self._codec = registry.get(name)
        self._options = options
        self.about = self._codec.info.title

    def identity(self) -> str:
        """Return its weights (those it was told to use, else its own) and its source's hash."""
        own = " ".join(f"{path.name}:{_file_hash(path)}" for path in self._codec.weights())
        return f"{self._options.model or own} {self._source()}"

    def _source(self) -> str:
        return sources_hash(type(self._codec).__module__)

    def refuses(self, pixel_format: PixelFormat) -> str:
        """Return why the codec is not there, or ""."""
        return self._codec.unavailable()

    def code(
        self,
        pixels: StoredPixels,
        pixel_format: PixelFormat,
        bpp: float,
        cancel: CancelToken = NEVER,
    ) -> Coding:
        """Encode to a rate and decode."""
        codec, options = self._codec, self._options
        encoded, encode = timed(
            lambda: codec.encode(
                pixels, pixel_format, Target("bpp", bpp), options=options, cancel=cancel
            )
        )
        decoded, decode = timed(lambda: codec.decode(encoded.data, options=options, cancel=cancel))
        _check(self.name, pixels, decoded.pixels)
        return Coding(encoded.data, decoded.pixels, "", encode, decode, encoded.model)


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


class BoundedCoder(RegistryCoder):
    """A codec of the product that is asked for a largest error, the one nearest to the rate.

    Its encoding time is that of the last encoding, when the bound is known.

    Parameters
    ----------
    name : str
        In the registry; its targets must have "max_error" among them.
    options : Options
    """

    def __init__(self, name: str, options: Options = Options()) -> None:
        super().__init__(name, options)
        self.about = f"{self._codec.info.title}, by the largest error, the whole number nearest"

    def identity(self) -> str:
        """Return the source's hash: there is nothing else to it."""
        return self._source()

    def code(
        self,
        pixels: StoredPixels,
        pixel_format: PixelFormat,
        bpp: float,
        cancel: CancelToken = NEVER,
    ) -> Coding:
        """Search the largest error whose rate is nearest, encode once more, decode."""
        codec, options = self._codec, self._options

        def encoded(bound: float) -> Encoded:
            target = Target("max_error", bound)
            return codec.encode(pixels, pixel_format, target, options=options, cancel=cancel)

        bound = search_rate(
            lambda error: 8 * len(encoded(error).data) / pixels.size,
            bpp,
            0,
            min(_LARGEST_ERROR, pixel_format.peak // 2),
            cancel,
            whole=True,
        )
        found, encode = timed(lambda: encoded(bound))
        decoded, decode = timed(lambda: codec.decode(found.data, options=options, cancel=cancel))
        _check(self.name, pixels, decoded.pixels)
        setting = f"largest error {bound:g}"
        return Coding(found.data, decoded.pixels, setting, encode, decode, found.model)


def _check(name: str, original: StoredPixels, decoded: StoredPixels) -> None:
    if decoded.shape != original.shape or decoded.dtype != original.dtype:
        raise CodecError(f"The codec {name} gave back other pixels in shape or type.")


def coder(name: str, options: Options = Options()) -> Coder:
    """Return the codec of that name: the product's own if it can aim at a rate, else a reference.

    A model that the options name is used by the codec that it is for, and no other.

    Raises
    ------
    UnknownCodecError
        When neither knows the name; the sentence lists all there are.
    """
    from viewer.evaluation.reference_codecs import REFERENCES, reference

    known_here = name in registry.names()
    if options.model and known_here and model_files.find(name, options.model) is None:
        options = replace(options, model="")
    targets = registry.get(name).info.targets if known_here else ()
    if "bpp" in targets:
        return RegistryCoder(name, options)
    if "max_error" in targets:
        return BoundedCoder(name, options)
    if name in REFERENCES:
        return reference(name)
    known = dict.fromkeys([*registry.names(), *REFERENCES])
    raise UnknownCodecError(f"There is no codec '{name}'; there are {', '.join(known)}.")
