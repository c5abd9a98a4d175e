"""What a codec is: pixels -> bytes -> pixels, and what it says of itself."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from viewer.errors import CodecError, ModelError
from viewer.images.pixel_format import PixelFormat as PixelFormat
from viewer.images.radiograph import StoredPixels
from viewer.progress import NEVER, CancelToken, Progress, silent

TargetKind = Literal["ratio", "bpp", "psnr", "quality", "max_error", "lossless"]


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked of an encoder.

    Parameters
    ----------
    kind : {"ratio", "bpp", "psnr", "quality", "max_error", "lossless"}
        "ratio" is against stored bits (rows x columns x samples x BitsStored / bits of the
        bitstream); "bpp" bits per pixel of the whole bitstream; "psnr" dB with the peak
        2^BitsStored - 1; "quality" 0..100, the codec's own monotonic scale (higher is better);
        "max_error" a whole number of levels that no pixel may be off by more than, 0 for exact
        pixels; "lossless" the same as that, and ignores `value`.
    value : float
    base : float
        Of a codec in layers, asked for "max_error" or "lossless": ratio against stored bits of
        the picture that the first part of its bitstream gives; 0 leaves it to the codec. Other
        codecs ignore it.
    """

    kind: TargetKind
    value: float = 0.0
    base: float = 0.0


@dataclass(frozen=True, slots=True)
class Options:
    """How to work, without influence on what is asked for.

    Parameters
    ----------
    device : str
        "auto", "cpu", "cuda", "mps"; codecs without a network ignore it.
    tile : int
        Side of a tile in pixels for codecs that work in tiles; 0 lets the codec choose.
        `jobs` lowers it when memory runs out.
    preview : bool
        The result is for a glance while a slider moves: a codec that meets its target by trying
        may stop nearer by. What is kept or reported is coded without it.
    model : str
        First digits of the SHA-256 of the weights an encoder uses, of those that
        `viewer.codecs.model_files` finds; "" for the codec's own choice. Decoders use the model
        that the bitstream names. Codecs without a network ignore it.
    base_only : bool
        Decoders of bitstreams in layers stop after the first, whatever follows it or is missing.
    """

    device: str = "auto"
    tile: int = 0
    preview: bool = False
    model: str = ""
    base_only: bool = False


@dataclass(frozen=True, slots=True)
class Encoded:
    """A finished bitstream.

    Parameters
    ----------
    data : bytes
        Self-describing.
    notice : str
        One sentence for the user when something else than asked was done ("trained rates are
        24:1 and 40:1; took 24:1"), else "".
    model : str
        Name and short hash of the weights, "" for codecs without.
    device : str
        Where the network ran: "cpu", "cuda", ...; "cpu" for codecs without.
    seconds : float
        Wall time of the encoding.
    """

    data: bytes
    notice: str = ""
    model: str = ""
    device: str = "cpu"
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Decoded:
    """The pixels of a bitstream.

    Parameters
    ----------
    pixels : ndarray
        Same shape and type as were encoded.
    pixel_format : PixelFormat
    device : str
    seconds : float
    partial : bool
        Whether this is the picture of the first layer alone, and more was or is to follow.
    """

    pixels: StoredPixels
    pixel_format: PixelFormat
    device: str = "cpu"
    seconds: float = 0.0
    partial: bool = False


@dataclass(frozen=True, slots=True)
class CodecInfo:
    """What a codec says of itself, for menus, reports and archives.

    Parameters
    ----------
    name : str
        Key in the registry ("jpeg2000").
    title : str
        As shown ("JPEG 2000").
    mark : str
        Short word of the lossy mark ("JPEG 2000", "VQ-VAE-2").
    dicom_method : str
        Term for (0028,2114), at most 16 characters ("ISO_15444_1").
    normative : bool
        Whether decoded pixels are the same on every device. Archives warn where not.
    learned : bool
        Whether it runs a network.
    targets : sequence of TargetKind
        The requests it can meet.
    rates_bpp : sequence of float
        The discrete rates it was trained for; empty where its rate is continuous.
    teaches : str
        One line for the tooltip: how it works.
    quality_steps : sequence of int
        What each quality is called where there are only some, such as the passes of a progressive
        codec: quality 100 k / n is the k-th of n. Empty where quality is continuous.
    quality_title : str
        What these numbers count ("Iterations"); "" for "Quality".
    """

    name: str
    title: str
    mark: str
    dicom_method: str
    normative: bool
    learned: bool
    targets: Sequence[TargetKind]
    rates_bpp: Sequence[float] = ()
    teaches: str = ""
    quality_steps: Sequence[int] = ()
    quality_title: str = ""


class Codec(ABC):
    """Pixels -> bytes -> pixels.

    Subclasses live in one small module each, import what is heavy (torch) when first used, and
    are registered in `viewer.codecs.registry`. They hold no state between calls but caches.
    """

    info: CodecInfo

    @abstractmethod
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
        """Code one frame.

        Parameters
        ----------
        pixels : ndarray, shape (rows, columns) or (rows, columns, 3)
            Stored values; not changed.
        pixel_format : PixelFormat
        target : Target

        Raises
        ------
        CodecError
            When the pixels or the target are outside what the codec can do.
        Cancelled
        """

    @abstractmethod
    def decode(
        self,
        data: bytes,
        *,
        options: Options = Options(),
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> Decoded:
        """Give back the pixels of a bitstream.

        Raises
        ------
        CodecError
            Truncated, altered or foreign data; nothing is allocated beyond the checked geometry.
        Cancelled
        """

    def decode_parts(
        self,
        data: bytes,
        *,
        options: Options = Options(),
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> Iterator[Decoded]:
        """Give back what each layer of a bitstream adds up to, as soon as it is decoded.

        Yields
        ------
        Decoded
            All but the last are partial; the last is what `decode` gives. One alone for
            bitstreams without layers.

        Raises
        ------
        CodecError, Cancelled
            As `decode` does.
        """
        yield self.decode(data, options=options, progress=progress, cancel=cancel)

    @abstractmethod
    def recognises(self, data: bytes) -> bool:
        """Whether `data` starts like a bitstream of this codec."""

    def weights(self) -> Sequence[Path]:
        """Return the weights files its bitstreams need, so that archives can carry them along."""
        return ()

    def shipped_models(self) -> Sequence[Path]:
        """Return the models that came with the program, the one used without a choice first."""
        return ()

    def check_model(self, path: Path) -> None:
        """See that a weights file can be used.

        Raises
        ------
        ModelError
            When it cannot.
        """
        raise ModelError(f"The codec {self.info.name} takes no model.")

    def unavailable(self) -> str:
        """Return why the codec cannot be used here in one sentence, or "" when it can."""
        return ""


def largest_error(target: Target) -> int | None:
    """Return the bound that a target sets on the error of every pixel, None where it sets none.

    Raises
    ------
    CodecError
        When it is no whole number of levels.
    """
    if target.kind == "lossless":
        return 0
    if target.kind != "max_error":
        return None
    if not (math.isfinite(target.value) and target.value >= 0 and target.value % 1 == 0):
        raise CodecError(f"A largest error of {target.value:g} levels cannot be asked for.")
    return int(target.value)


class Stopwatch:
    """Wall time of one encoding or decoding."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._start
