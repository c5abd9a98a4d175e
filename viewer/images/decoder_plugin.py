"""pydicom decoding plugin: JPEG 2000, HTJ2K, JPEG-LS, JPEG lossless and 12-bit through imagecodecs.

pydicom ships no permissive decoder for most of these; what it finds by itself (Pillow for 8-bit
baseline JPEG, its own RLE) stays as it is. The interface is that of pydicom's "decoder plugins".
"""

from __future__ import annotations

from threading import Lock

from pydicom import uid
from pydicom.pixels import get_decoder
from pydicom.pixels.common import PhotometricInterpretation
from pydicom.pixels.decoders.base import DecodeRunner

NAME = "imagecodecs"

_END = 64
"""The end marker is looked for in this many bytes, as padding may follow it."""

_JPEG_2000 = (
    uid.JPEG2000Lossless,
    uid.JPEG2000,
    uid.HTJ2KLossless,
    uid.HTJ2KLosslessRPCL,
    uid.HTJ2K,
)
_JPEG_LS = (uid.JPEGLSLossless, uid.JPEGLSNearLossless)
_JPEG = (uid.JPEGExtended12Bit, uid.JPEGLossless, uid.JPEGLosslessSV1)

DECODER_DEPENDENCIES = dict.fromkeys((*_JPEG_2000, *_JPEG_LS, *_JPEG), ("imagecodecs",))


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

    if runner.transfer_syntax in _JPEG_2000:
        pixels = imagecodecs.jpeg2k_decode(source, numthreads=0)
        # The colour transform inside the stream is undone by its decoder.
        if runner.photometric_interpretation in (
            PhotometricInterpretation.YBR_ICT,
            PhotometricInterpretation.YBR_RCT,
        ):
            runner.set_option("photometric_interpretation", PhotometricInterpretation.RGB)
    elif runner.transfer_syntax in _JPEG_LS:
        pixels = imagecodecs.jpegls_decode(source)
    elif b"\xff\xd9" not in source[-_END:]:
        # libjpeg would fill what is missing with grey.
        raise ValueError("the stream has no end")
    elif runner.samples_per_pixel == 1:
        pixels = imagecodecs.jpeg_decode(source)
    else:
        # Naming the same space twice keeps libjpeg from transforming what pydicom will.
        pixels = imagecodecs.jpeg_decode(source, colorspace="RGB", outcolorspace="RGB")
    runner.set_option("bits_allocated", pixels.dtype.itemsize * 8)
    if pixels.ndim == 3:
        runner.set_option("planar_configuration", 0)
    return bytes(pixels.tobytes())
