"""pydicom decoding plugin: all but native pixels and 8-bit JPEG go through imagecodecs.

pydicom ships no permissive decoder for most of them, and its own for RLE is thirty times slower.
The interface is that of pydicom's "decoder plugins".
"""

from __future__ import annotations

import struct
from threading import Lock

import numpy as np
from pydicom import uid
from pydicom.pixels import get_decoder
from pydicom.pixels.common import PhotometricInterpretation
from pydicom.pixels.decoders.base import DecodeRunner

from viewer.images.codestream import with_end

NAME = "imagecodecs"

_END = 64
"""The end marker is looked for in this many bytes before padding of zeros."""

_JPEG_2000 = (
    uid.JPEG2000Lossless,
    uid.JPEG2000,
    uid.HTJ2KLossless,
    uid.HTJ2KLosslessRPCL,
    uid.HTJ2K,
)
_JPEG_LS = (uid.JPEGLSLossless, uid.JPEGLSNearLossless)
_JPEG = (uid.JPEGExtended12Bit, uid.JPEGLossless, uid.JPEGLosslessSV1)

DECODER_DEPENDENCIES = dict.fromkeys(
    (*_JPEG_2000, *_JPEG_LS, *_JPEG, uid.RLELossless), ("imagecodecs",)
)


def is_available(syntax: str) -> bool:
    """Whether this plugin decodes `syntax`."""
    return syntax in DECODER_DEPENDENCIES


_lock = Lock()
_registered: set[str] = set()


def register() -> None:
    """Make pydicom's decoders use this plugin; further calls do nothing, from any thread."""
    with _lock:
        for syntax in DECODER_DEPENDENCIES.keys() - _registered:
            get_decoder(syntax).add_plugin(NAME, (__name__, "decode"))
            _registered.add(syntax)


def decode(source: bytes, runner: DecodeRunner) -> bytes:
    """Decode one frame's stream to the bytes of its samples, colour by pixel."""
    import imagecodecs

    if runner.transfer_syntax == uid.RLELossless:
        return _decode_rle(source, runner)
    if runner.transfer_syntax in _JPEG_2000:
        pixels = imagecodecs.jpeg2k_decode(with_end(source), numthreads=0)
        # The colour transform inside the stream is undone by its decoder.
        if runner.photometric_interpretation in (
            PhotometricInterpretation.YBR_ICT,
            PhotometricInterpretation.YBR_RCT,
        ):
            runner.set_option("photometric_interpretation", PhotometricInterpretation.RGB)
    elif b"\xff\xd9" not in source.rstrip(b"\0")[-_END:]:
        # libjpeg would fill what is missing with grey, CharLS search for it for seconds.
        raise ValueError("the stream has no end")
    elif runner.transfer_syntax in _JPEG_LS:
        pixels = imagecodecs.jpegls_decode(source)
    elif runner.samples_per_pixel == 1:
        pixels = imagecodecs.jpeg_decode(source)
    else:
        # Naming the same space twice keeps libjpeg from transforming what pydicom will.
        pixels = imagecodecs.jpeg_decode(source, colorspace="RGB", outcolorspace="RGB")
    runner.set_option("bits_allocated", pixels.dtype.itemsize * 8)
    if pixels.ndim == 3:
        runner.set_option("planar_configuration", 0)
    return bytes(pixels.tobytes())


def _decode_rle(source: bytes, runner: DecodeRunner) -> bytes:
    """Decode PackBits segments, one for each byte of each sample, highest first (PS3.5 G)."""
    import imagecodecs

    depth = runner.bits_allocated // 8
    pixels = runner.rows * runner.columns
    count, *offsets = struct.unpack("<16I", source[:64])
    if count != runner.samples_per_pixel * depth:
        raise ValueError("the number of segments is not that of the samples' bytes")
    ends = [*offsets[1:count], len(source)]
    planes = np.empty((runner.samples_per_pixel, pixels, depth), np.uint8)
    for index in range(count):
        if not 64 <= offsets[index] <= ends[index] <= len(source):
            raise ValueError("a segment lies outside the frame")
        segment = imagecodecs.packbits_decode(source[offsets[index] : ends[index]])
        if len(segment) < pixels:
            raise ValueError("a segment is too short")
        sample, byte = divmod(index, depth)
        planes[sample, :, depth - 1 - byte] = np.frombuffer(segment, np.uint8, pixels)
    if runner.samples_per_pixel > 1:
        runner.set_option("planar_configuration", 1)
    return planes.tobytes()
