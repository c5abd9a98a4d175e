"""JPEG 2000 (ISO/IEC 15444-1) through OpenJPEG, at the stored bit depth."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from typing import Literal

from viewer.codecs import jp2_seal, openjpeg
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
from viewer.codecs.jpeg2000_bound import bounded
from viewer.codecs.jpeg2000_picture import Picture, coded_type
from viewer.codecs.level_search import LevelSearch, Trial, psnr_guess, size_guess
from viewer.errors import CodecError
from viewer.images.radiograph import StoredPixels
from viewer.progress import NEVER, CancelToken, Progress, silent

HIGHEST_RATIO, LOWEST_RATIO = 200.0, 2.0
"""Ratios against stored bits at quality 0 and at quality 100."""

RATE_TOLERANCE = 0.015
"""Part of the asked-for size by which a bitstream may be off."""

PREVIEW_RATE_TOLERANCE = 0.06
"""The same for a preview."""

PSNR_BELOW, PSNR_ABOVE = 0.08, 0.3
"""dB by which a result may be off; a preview twice as much."""

_HEADER_BYTES = 280
"""Bytes of a bitstream in which nothing is coded, about."""

_REMEMBERED = 16
"""Searches whose trials are kept: a dictionary of a few numbers each."""

_OTHER_WAVELET = "The 9-7 wavelet has less to give here; took the 5-3 wavelet."


def ratio_of_quality(quality: float) -> float:
    """Return the ratio against stored bits that stands for a quality of 0..100.

    200:1 at 0, 20:1 at 50, 2:1 at 100, the same factor for each step between.
    """
    return HIGHEST_RATIO * (LOWEST_RATIO / HIGHEST_RATIO) ** (quality / 100)


class Jpeg2000(Codec):
    """Wavelets: 9-7 irreversible by rate or by PSNR, 5-3 reversible without loss.

    The bitstream is a JP2 file that any reader opens; docs/BITSTREAM_JPEG2000.md describes what
    is added to it. OpenJPEG's own level is a nominal PSNR: sizes and PSNRs are met by trying
    levels (`viewer.codecs.level_search`). What was learned of a picture is remembered, so that
    the next request for it, as when a slider moves, takes one encoding or two.
    """

    info = CodecInfo(
        name="jpeg2000",
        title="JPEG 2000",
        mark="JPEG 2000",
        dicom_method="ISO_15444_1",
        normative=True,
        learned=False,
        targets=("ratio", "bpp", "psnr", "quality", "max_error", "lossless"),
        teaches="Splits the picture into wavelet bands and keeps the bits that matter most.",
    )

    def __init__(self) -> None:
        self._memory: OrderedDict[tuple[bytes, str, bool], dict[float, float]] = OrderedDict()
        self._lock = threading.Lock()

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
        """Code one frame as a JP2 file.

        A largest error is met by trying levels of the 9-7 wavelet until no pixel is off by more;
        where that takes as many bytes as exact pixels do, they are exact.

        A size is met within 1.5 %, a PSNR within 0.08 dB below and 0.3 dB above, or as nearly as
        the picture allows, with a notice. Where the 9-7 wavelet has no more to give (54 dB at 8
        bits, 70 dB at 10), the 5-3 wavelet takes over, up to a lossless bitstream.

        A preview may be off by 6 % or twice the decibels, so that it mostly takes one encoding.

        One call of OpenJPEG cannot be interrupted: a cancel takes effect before the next.

        Raises
        ------
        CodecError
            For other pixels than uint8, uint16 or int16 within their stored bits (1..16), for a
            shape other than (rows, columns) or (rows, columns, 3), for a target without meaning.
        Cancelled
        """
        watch = Stopwatch()
        cancel.check()
        picture = Picture(
            pixels=coded_type(pixels, pixel_format),
            array_type=pixels.dtype.name,
            pixel_format=pixel_format,
            progress=progress,
            cancel=cancel,
            preview=options.preview,
        )
        bound = largest_error(target)
        if bound is not None:
            data, notice = bounded(picture, bound)
        elif target.kind == "psnr":
            data, notice = self._for_psnr(picture, _positive(target))
        else:
            data, notice = self._for_size(picture, _wanted_bytes(pixels, pixel_format, target))
        progress(1.0, "encoded")
        return Encoded(data, notice=notice, seconds=watch.seconds())

    def decode(
        self,
        data: bytes,
        *,
        options: Options = Options(),
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> Decoded:
        """Give back the pixels of a bitstream this codec wrote.

        Raises
        ------
        CodecError
            When it is foreign, truncated or altered, or announces a picture larger than
            `jp2_seal.MOST_SAMPLES`; this is found before anything is allocated.
        Cancelled
        """
        watch = Stopwatch()
        cancel.check()
        geometry, array_type = jp2_seal.unseal(data)
        progress(0.05, "decoding")
        pixels = openjpeg.decode(data, geometry.shape)
        cancel.check()
        progress(1.0, "decoded")
        return Decoded(
            pixels.astype(array_type, copy=False),
            PixelFormat(geometry.bits, geometry.signed),
            seconds=watch.seconds(),
        )

    def recognises(self, data: bytes) -> bool:
        """Whether `data` starts like a JP2 file."""
        return data.startswith(jp2_seal.SIGNATURE)

    def unavailable(self) -> str:
        """Return why OpenJPEG cannot be used here in one sentence, or ""."""
        return openjpeg.unavailable()

    def _for_size(self, picture: Picture, wanted: float) -> tuple[bytes, str]:
        """Return a bitstream of `wanted` bytes and a notice."""
        tolerance = PREVIEW_RATE_TOLERANCE if picture.preview else RATE_TOLERANCE
        low, high = wanted * (1 - tolerance), wanted * (1 + tolerance)
        found = self._search(picture, "size", wanted, low, high, reversible=False)
        if found.value < low and found.level >= picture.ceiling:
            exact = picture.encode(picture.ceiling, reversible=True)
            if len(exact) <= high:
                return exact, f"Coded without loss: that takes no more than {len(exact)} bytes."
            known = self._recall(picture, "size", True)
            known[picture.ceiling] = len(exact)
            self._remember(picture, "size", True, known)
            found = self._search(picture, "size", wanted, low, high, reversible=True)
            if low <= found.value <= high:
                return found.data, _OTHER_WAVELET
        if low <= found.value <= high or abs(found.value / wanted - 1) <= 0.02:
            return found.data, ""
        return found.data, (
            f"{wanted:.0f} bytes were asked for; this picture allows {len(found.data)} at nearest."
        )

    def _for_psnr(self, picture: Picture, wanted: float) -> tuple[bytes, str]:
        """Return a bitstream that gives `wanted` dB and a notice."""
        slack = 2 if picture.preview else 1
        low, high = wanted - slack * PSNR_BELOW, wanted + slack * PSNR_ABOVE
        bits = picture.pixel_format.bits_stored
        if wanted < openjpeg.saturation_level(bits):
            found = self._search(picture, "psnr", wanted, low, high, reversible=False)
            if found.value >= low:
                return found.data, ""
        if wanted < openjpeg.saturation_level(bits) + 4:
            found = self._search(picture, "psnr", wanted, low, high, reversible=True)
            if low <= found.value < math.inf:
                return found.data, _OTHER_WAVELET
        # Beyond, one sample in fifty is off by one grey level: exactness is as cheap.
        data = picture.encode(picture.ceiling, reversible=True)
        return data, f"Coded without loss: {wanted:g} dB takes no less."

    def _search(
        self,
        picture: Picture,
        kind: Literal["size", "psnr"],
        wanted: float,
        low: float,
        high: float,
        *,
        reversible: bool,
    ) -> Trial:
        """Try levels until a size or a PSNR lies in `low`..`high`."""
        knee = openjpeg.saturation_level(picture.pixel_format.bits_stored)

        def attempt(level: float) -> Trial:
            data = picture.encode(level, reversible=reversible)
            return Trial(level, len(data) if kind == "size" else picture.psnr(data), data)

        search = LevelSearch(
            encode=attempt,
            low=low,
            high=high,
            floor=openjpeg.LOWEST_LEVEL,
            saturation=knee,
            ceiling=picture.ceiling,
            known=self._recall(picture, kind, reversible),
            prefer_low=kind == "size",
        )
        guess = psnr_guess(wanted)
        if kind == "size":
            model = picture.rate_model().level
            samples = picture.pixels.size
            guess = size_guess(wanted, samples, _HEADER_BYTES, knee, picture.ceiling, model)
        found = search.run(guess)
        self._remember(picture, kind, reversible, search.known)
        return found

    def _recall(self, picture: Picture, kind: str, reversible: bool) -> dict[float, float]:
        with self._lock:
            return dict(self._memory.get((picture.digest(), kind, reversible), {}))

    def _remember(
        self, picture: Picture, kind: str, reversible: bool, known: dict[float, float]
    ) -> None:
        key = (picture.digest(), kind, reversible)
        with self._lock:
            self._memory[key] = known
            self._memory.move_to_end(key)
            while len(self._memory) > _REMEMBERED:
                self._memory.popitem(last=False)


def _wanted_bytes(pixels: StoredPixels, pixel_format: PixelFormat, target: Target) -> float:
    """Bytes of the whole bitstream that a size target asks for."""
    if target.kind == "bpp":
        return _positive(target) * pixels.shape[0] * pixels.shape[1] / 8
    if target.kind == "quality":
        if not 0 <= target.value <= 100:
            raise CodecError(f"Quality goes from 0 to 100; {target.value:g} was asked for.")
        ratio = ratio_of_quality(target.value)
    elif target.kind == "ratio":
        ratio = _positive(target)
    else:
        raise CodecError(f"JPEG 2000 knows no target '{target.kind}'.")
    return pixels.size * pixel_format.bits_stored / 8 / ratio


def _positive(target: Target) -> float:
    if not (math.isfinite(target.value) and target.value > 0):
        raise CodecError(f"A {target.kind} of {target.value:g} cannot be asked for.")
    return target.value
