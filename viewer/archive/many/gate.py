"""The quality gate: an image that misses it is coded again at a higher rate, then exactly."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from viewer.archive.coding import code_image
from viewer.archive.keep import WITH_DECODER, Keep
from viewer.archive.model import CodedImage
from viewer.codecs import registry
from viewer.codecs.base import Options, Target
from viewer.errors import CodecError
from viewer.images.radiograph import Header
from viewer.progress import NEVER, CancelToken

_RATES = (1.5, 2.5, 4.0)
"""How many times the first rate the further attempts get."""
_DECIBELS = (2.0, 4.0, 8.0)
_OF_THE_WAY = (0.3, 0.6, 0.85)
"""How far further attempts go from the first quality to 100."""
_EXACT = "jpeg2000"
"""What codes losslessly where the codec asked for cannot."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What every frame of every image has to reach; None asks for nothing.

    Parameters
    ----------
    min_psnr : float or None
        dB, peak 2^BitsStored - 1.
    min_ssim : float or None
        A picture too small for SSIM has none, and passes only when it is exact.
    max_error : int or None
        Grey levels.
    """

    min_psnr: float | None = None
    min_ssim: float | None = None
    max_error: int | None = None

    @property
    def asks(self) -> bool:
        """Whether anything is asked for."""
        return any(each is not None for each in (self.min_psnr, self.min_ssim, self.max_error))

    def missed_by(self, image: CodedImage) -> str:
        """Return what an image misses in a few words, or ""."""
        for frame in image.frames:
            figures = frame.figures
            if figures.identical:
                continue
            if self.min_psnr is not None and not figures.psnr_db >= self.min_psnr:
                return f"PSNR {figures.psnr_db:.2f} dB"
            if self.min_ssim is not None and figures.ssim is None:
                return "too small for SSIM"
            if self.min_ssim is not None and not (figures.ssim or 0.0) >= self.min_ssim:
                return f"SSIM {figures.ssim:.5f}"
            if self.max_error is not None and figures.max_error > self.max_error:
                return f"error of {figures.max_error} levels"
        return ""


@dataclass(frozen=True, slots=True)
class Gated:
    """An image as it was kept, and how it came to that.

    Parameters
    ----------
    image : CodedImage
    attempts : int
    reason : str
        What the attempts before missed, "" where the first was kept.
    """

    image: CodedImage
    attempts: int
    reason: str = ""


def describe(target: Target) -> str:
    """Return a target in words: "ratio 20", "lossless"."""
    return target.kind if target.kind == "lossless" else f"{target.kind} {target.value:g}"


def further(target: Target) -> Iterator[Target]:
    """Yield what is asked for after a miss, each of a higher rate; exactness is none of them."""
    match target.kind:
        case "ratio":
            # Below 1.5:1 lossless coding is as small.
            yield from (
                Target("ratio", target.value / rate)
                for rate in _RATES
                if target.value / rate >= 1.5
            )
        case "bpp":
            yield from (Target("bpp", target.value * r) for r in _RATES if target.value * r <= 10)
        case "psnr":
            yield from (Target("psnr", target.value + each) for each in _DECIBELS)
        case "quality":
            rest = 100 - target.value
            if rest > 0:
                yield from (Target("quality", target.value + rest * each) for each in _OF_THE_WAY)


def attempts(
    codec_name: str, target: Target, gate: Gate, header: Header
) -> list[tuple[str, Target]]:
    """Return the codecs and targets to try, the last of them exact where there is a gate."""
    info = registry.get(codec_name).info
    exact_by = codec_name if info.normative and "lossless" in info.targets else _EXACT
    exact = (exact_by, Target("lossless"))
    if header.photometric == "PALETTE COLOR" and target.kind != "lossless":
        return [exact]  # numbers of colours: a value nearly right is another colour
    if not gate.asks:
        return [(codec_name, target)]
    if target.kind == "lossless":
        return list(dict.fromkeys([(codec_name, target), exact]))
    return [(codec_name, target), *((codec_name, each) for each in further(target)), exact]


def code_gated(
    header: Header,
    codec_name: str,
    target: Target,
    gate: Gate,
    *,
    keep: Keep = WITH_DECODER,
    options: Options = Options(),
    cancel: CancelToken = NEVER,
) -> Gated:
    """Code an image so that it passes the gate.

    Raises
    ------
    ImageError, ModelError, ArchiveError
        As `code_image` does.
    CodecError
        When no coding could be made that passes.
    Cancelled
    """
    tries = attempts(codec_name, target, gate, header)
    missed: list[str] = []
    for number, (name, asked) in enumerate(tries, 1):
        try:
            image = code_image(header, name, asked, keep=keep, options=options, cancel=cancel)
        except CodecError as error:
            if number == len(tries):
                raise
            missed.append(f"{describe(asked)}: {error}")
            continue
        fault = gate.missed_by(image)
        if not fault:
            return Gated(image, number, "; ".join(missed))
        missed.append(f"{describe(asked)}: {fault}")
    raise CodecError(f"{header.path.name}: no coding passes the gate ({'; '.join(missed)}).")


def worst_psnr(image: CodedImage) -> float | None:
    """Return the lowest PSNR of the frames, None where all are identical."""
    lowest = min(frame.figures.psnr_db for frame in image.frames)
    return lowest if math.isfinite(lowest) else None
