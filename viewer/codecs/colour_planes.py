"""Colour through codecs of grey images: red, green and blue coded apart, in one bitstream.

All numbers are little-endian::

    offset  size  what
    0       4     magic, b"RVC3"
    4       16    codec name, ASCII, padded with zero bytes
    20      12    lengths of the three bitstreams in bytes
    32      4     CRC-32 of bytes 0 .. 31
    36            the bitstreams of red, green and blue, each whole and self-describing
"""

from __future__ import annotations

import itertools
import struct
import zlib
from dataclasses import replace

import numpy as np

from viewer.codecs.base import Codec, Decoded, Encoded, Options, Stopwatch, Target
from viewer.errors import CodecError
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels
from viewer.progress import CancelToken, Progress

MAGIC = b"RVC3"
CHANNELS = 3
NOTICE = "Colour is coded channel by channel: red, green and blue each as a grey image."

_FIELDS = struct.Struct("<4s16sIII")
_CHECK = struct.Struct("<I")
_HEADER = _FIELDS.size + _CHECK.size


def is_colour(pixels: StoredPixels) -> bool:
    """Whether pixels are (rows, columns, 3)."""
    return pixels.ndim == 3 and pixels.shape[2] == CHANNELS


def recognises(data: bytes, name: str) -> bool:
    """Whether `data` starts like three planes of the codec `name`."""
    return data[:4] == MAGIC and data[4:20].rstrip(b"\0") == name.encode("ascii")


def encode(
    codec: Codec,
    pixels: StoredPixels,
    pixel_format: PixelFormat,
    target: Target,
    *,
    options: Options,
    progress: Progress,
    cancel: CancelToken,
) -> Encoded:
    """Code each channel by the codec's own means for grey.

    A ratio, a PSNR and a quality are asked of every channel alike; bits per pixel are shared out.

    Raises
    ------
    CodecError, Cancelled
        As the codec does.
    """
    watch = Stopwatch()
    asked = replace(target, value=target.value / CHANNELS) if target.kind == "bpp" else target
    coded = []
    for channel in range(CHANNELS):
        cancel.check()
        plane = np.ascontiguousarray(pixels[..., channel])
        part = _part(progress, channel)
        coded.append(
            codec.encode(plane, pixel_format, asked, options=options, progress=part, cancel=cancel)
        )
    name = codec.info.name.encode("ascii").ljust(16, b"\0")
    header = _FIELDS.pack(MAGIC, name, *(len(each.data) for each in coded))
    data = header + _CHECK.pack(zlib.crc32(header)) + b"".join(each.data for each in coded)
    first = coded[0]
    notice = f"{NOTICE} {first.notice}".rstrip()
    return Encoded(data, notice, first.model, first.device, watch.seconds())


def decode(
    codec: Codec, data: bytes, *, options: Options, progress: Progress, cancel: CancelToken
) -> Decoded:
    """Give back the pixels of three planes.

    Raises
    ------
    CodecError
        When a plane is missing, damaged, or of another shape than the first.
    Cancelled
    """
    watch = Stopwatch()
    decoded: list[Decoded] = []
    for channel, stream in enumerate(streams(data)):
        cancel.check()
        part = _part(progress, channel)
        plane = codec.decode(stream, options=options, progress=part, cancel=cancel)
        like = decoded[0] if decoded else plane
        same = plane.pixels.shape == like.pixels.shape and plane.pixels.dtype == like.pixels.dtype
        if plane.pixels.ndim != 2 or not same or plane.pixel_format != like.pixel_format:
            raise CodecError("The colour planes of this bitstream do not fit together.")
        decoded.append(plane)
    pixels = np.stack([each.pixels for each in decoded], axis=-1)
    return Decoded(pixels, decoded[0].pixel_format, decoded[0].device, watch.seconds())


def streams(data: bytes) -> list[bytes]:
    """Return the bitstreams of red, green and blue.

    Raises
    ------
    CodecError
        When the header is damaged or the lengths do not fit.
    """
    if len(data) < _HEADER:
        raise CodecError("This bitstream of colour planes is truncated.")
    (check,) = _CHECK.unpack_from(data, _FIELDS.size)
    if check != zlib.crc32(data[: _FIELDS.size]):
        raise CodecError("The header of this bitstream of colour planes was altered.")
    lengths = _FIELDS.unpack_from(data)[2:]
    if len(data) != _HEADER + sum(lengths):
        raise CodecError("This bitstream of colour planes is truncated or has bytes too many.")
    ends = np.cumsum((_HEADER, *lengths)).tolist()
    streams = [data[one:other] for one, other in itertools.pairwise(ends)]
    if any(stream[:4] == MAGIC for stream in streams):
        raise CodecError("A colour plane of this bitstream is no grey image.")
    return streams


def _part(progress: Progress, channel: int) -> Progress:
    """Return a progress that fills one third of another."""

    def report(fraction: float, text: str) -> None:
        progress((channel + fraction) / CHANNELS, f"channel {channel + 1}/{CHANNELS} {text}")

    return report
