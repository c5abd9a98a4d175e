"""One frame of a DICOM file -> stored values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.pixels import get_decoder
from pydicom.uid import UID

from viewer.images import decoder_plugin
from viewer.images.codestream import read_codestream
from viewer.images.dicom_attributes import Attributes
from viewer.images.dicom_file import DicomFile
from viewer.images.dicom_layout import (
    BASELINE,
    BIG_ENDIAN,
    ENCAPSULATED_NATIVE,
    LOSSY,
    PixelLayout,
)
from viewer.images.faults import Unreadable
from viewer.images.fragments import (
    guess_syntax,
    read_encapsulated,
    without_leading_zeros,
)
from viewer.images.packed import unpack
from viewer.images.radiograph import StoredPixels
from viewer.images.stored import cut_out, saturate, stored_dtype

_LITTLE_ENDIAN = UID("1.2.840.10008.1.2.1")
_RLE = "1.2.840.10008.1.2.5"
_JPEG_XL = ("1.2.840.10008.1.2.4.110", "1.2.840.10008.1.2.4.111", "1.2.840.10008.1.2.4.112")
_PEEKED = 1 << 20


@dataclass(frozen=True, slots=True)
class DecodedFrame:
    """One frame as it comes out of its decoder.

    Parameters
    ----------
    values : ndarray, shape (rows, columns) or (rows, columns, 3)
    lossy : bool
        Whether values may overshoot the stored range.
    allocated : bool
        Whether all allocated bits are there in their places, and not the stored ones alone.
    """

    values: NDArray[Any]
    lossy: bool
    allocated: bool


def decode_frame(
    file: DicomFile, layout: PixelLayout, attributes: Attributes, frame: int
) -> DecodedFrame:
    """Decode one frame; YBR becomes RGB.

    Raises
    ------
    Unreadable
        When the data are damaged or are not what the header says.
    """
    try:
        if layout.fragments is None:
            values, lossy = _read_native(file, layout, frame), False
        else:
            values, lossy = _read_compressed(file, layout, attributes, frame)
    except Unreadable:
        raise
    except Exception:
        # Decoders answer damaged data with exceptions of every kind.
        which = f"frame {frame + 1} is" if layout.frames > 1 else "its pixel data are"
        raise Unreadable(f"{which} damaged or cannot be decoded") from None
    shape = (layout.rows, layout.columns) + ((3,) if layout.samples == 3 else ())
    if values.shape != shape:
        raise Unreadable(f"its pixel data decode to {values.shape}, not {shape}")
    return DecodedFrame(values, lossy, _keeps_bit_positions(layout))


def stored_pixels(decoded: DecodedFrame, layout: PixelLayout) -> StoredPixels:
    """Cut the stored values out of a decoded frame."""
    dtype = stored_dtype(layout.bits_allocated, layout.signed)
    bits, signed = layout.bits_stored, layout.signed
    if decoded.lossy:
        return saturate(decoded.values, bits_stored=bits, signed=signed, dtype=dtype)
    high_bit = layout.high_bit if decoded.allocated else bits - 1
    return cut_out(decoded.values, bits_stored=bits, high_bit=high_bit, signed=signed, dtype=dtype)


def _keeps_bit_positions(layout: PixelLayout) -> bool:
    """Whether pixels come as they were allocated; other codecs carry the samples alone."""
    return layout.fragments is None or layout.syntax in (_RLE, ENCAPSULATED_NATIVE)


def _read_native(file: DicomFile, layout: PixelLayout, frame: int) -> NDArray[Any]:
    assert file.pixels is not None
    if layout.bits_allocated not in (1, 8, 16, 32):
        return _read_packed(file, layout, frame)
    file.stream.seek(file.pixels.offset)
    big = layout.syntax == BIG_ENDIAN
    decoder = get_decoder(UID(BIG_ENDIAN) if big else _LITTLE_ENDIAN)
    partial = layout.photometric.startswith("YBR_PARTIAL")
    pixels, _ = decoder.as_array(
        file.stream,
        index=frame,
        pixel_vr=file.pixels.vr or "OW",
        raw=partial,
        **_options(layout, layout.frames),
    )
    return _from_partial(pixels) if partial else pixels


def _read_packed(file: DicomFile, layout: PixelLayout, frame: int) -> NDArray[Any]:
    """Read samples that share bytes: twelve bits, as ACR-NEMA packed them (PS3.5 8.1.1)."""
    assert file.pixels is not None
    bits = layout.bits_allocated
    count = layout.rows * layout.columns * layout.samples
    first = frame * count * bits
    file.stream.seek(file.pixels.offset + first // 8)
    data = file.stream.read((first % 8 + count * bits + 7) // 8)
    if layout.syntax == BIG_ENDIAN and file.pixels.vr != "OB":
        data = np.frombuffer(data[: len(data) // 2 * 2], ">u2").astype("<u2").tobytes()
    values = unpack(data, first % 8, bits, count)
    return values.reshape((layout.rows, layout.columns) + ((3,) if layout.samples == 3 else ()))


def _from_partial(pixels: NDArray[Any]) -> NDArray[Any]:
    """Convert YBR_PARTIAL, in which black is 16 and white 235, to RGB (PS3.3 C.7.6.3.1.2)."""
    y, cb, cr = np.moveaxis(pixels.astype(np.float32) - (16, 128, 128), -1, 0)
    red = 1.1644 * y + 1.5960 * cr
    green = 1.1644 * y - 0.3917 * cb - 0.8130 * cr
    blue = 1.1644 * y + 2.0173 * cb
    rgb = np.stack((red, green, blue), axis=-1)
    return np.clip(np.rint(rgb), 0, 255).astype(np.uint8)


def _read_compressed(
    file: DicomFile, layout: PixelLayout, attributes: Attributes, frame: int
) -> tuple[NDArray[Any], bool]:
    """Return the decoded frame and whether its compression may overshoot."""
    assert layout.fragments is not None
    assert file.pixels is not None
    stream = read_encapsulated(
        file.stream,
        file.pixels.offset,
        layout.fragments,
        frame,
        layout.frames,
        _extended_offsets(attributes),
    )
    if layout.syntax != ENCAPSULATED_NATIVE:
        stream = without_leading_zeros(stream)
    if layout.syntax == ENCAPSULATED_NATIVE:
        if len(stream) < layout.frame_bytes:
            raise Unreadable(
                f"its pixel data are truncated ({len(stream)} of {layout.frame_bytes} bytes)"
            )
        pixels, _ = get_decoder(_LITTLE_ENDIAN).as_array(stream, index=0, **_options(layout, 1))
        return pixels, False
    syntax = _checked_syntax(stream, layout)
    if syntax in _JPEG_XL:
        return _decode_jpeg_xl(stream, layout), syntax in LOSSY
    decoder_plugin.register()
    decoder = get_decoder(UID(syntax))
    options = _options(layout, 1)
    if syntax == BASELINE:
        # Eight bits, though the header may allocate more for them.
        options["bits_allocated"] = 8
        options["bits_stored"] = min(8, layout.bits_stored)
    # A frame of its own needs no offset table: one item after an empty one.
    item = stream + b"\0" * (len(stream) % 2)
    encapsulated = (
        b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0" + len(item).to_bytes(4, "little") + item
    )
    plugin = decoder_plugin.NAME if decoder_plugin.is_available(syntax) else ""
    pixels, _ = decoder.as_array(encapsulated, index=0, decoding_plugin=plugin, **options)
    return pixels, syntax in LOSSY


def _decode_jpeg_xl(stream: bytes, layout: PixelLayout) -> NDArray[Any]:
    """Decode a stream for which pydicom has no decoder; colours come as RGB."""
    import imagecodecs

    pixels = np.asarray(imagecodecs.jpegxl_decode(stream))
    if pixels.ndim == 3 and layout.samples == 1:
        pixels = pixels[..., 0]
    return pixels[..., :3] if pixels.ndim == 3 else pixels


def _checked_syntax(stream: bytes, layout: PixelLayout) -> str:
    """Compare the stream with the header before anything is allocated for it.

    Returns
    -------
    str
        The transfer syntax to decode with: the stream's where the header names another.
    """
    found = read_codestream(stream[:_PEEKED])
    if found is None:
        if layout.syntax == _RLE:
            return layout.syntax
        raise Unreadable("its pixel data are not what the transfer syntax says")
    if (found.rows, found.columns) != (layout.rows, layout.columns):
        raise Unreadable(
            f"its pixel data are {found.columns} x {found.rows}, but the header says "
            f"{layout.columns} x {layout.rows}"
        )
    if found.components != layout.samples:
        raise Unreadable(
            f"its pixel data have {found.components} components, but the header says "
            f"{layout.samples}"
        )
    if found.precision > layout.bits_allocated:
        raise Unreadable(
            f"its pixel data have {found.precision} bits, but the header says "
            f"{layout.bits_allocated}"
        )
    guessed = guess_syntax(stream[:_PEEKED])
    return layout.syntax if _same_family(layout.syntax, guessed) else guessed


def _same_family(named: str, guessed: str) -> bool:
    """Whether a decoder of `named` reads streams of `guessed`."""
    families = (
        ("1.2.840.10008.1.2.4.50",),
        ("1.2.840.10008.1.2.4.51",),
        ("1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"),
        ("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"),
        (
            "1.2.840.10008.1.2.4.90",
            "1.2.840.10008.1.2.4.91",
            "1.2.840.10008.1.2.4.201",
            "1.2.840.10008.1.2.4.202",
            "1.2.840.10008.1.2.4.203",
        ),
        _JPEG_XL,
    )
    return any(named in family and guessed in family for family in families)


def _options(layout: PixelLayout, frames: int) -> dict[str, Any]:
    options: dict[str, Any] = {
        "rows": layout.rows,
        "columns": layout.columns,
        "samples_per_pixel": layout.samples,
        "bits_allocated": layout.bits_allocated,
        "bits_stored": layout.bits_stored,
        "pixel_representation": int(layout.signed),
        "photometric_interpretation": layout.photometric,
        "number_of_frames": frames,
        "pixel_keyword": "PixelData",
        # Bits are cut out here: pydicom knows no HighBit and wraps lossy overshoot around.
        "correct_unused_bits": False,
    }
    if layout.samples > 1:
        options["planar_configuration"] = layout.planar
    return options


def _extended_offsets(attributes: Attributes) -> tuple[bytes, bytes] | None:
    offsets = attributes.value("ExtendedOffsetTable")
    lengths = attributes.value("ExtendedOffsetTableLengths")
    if isinstance(offsets, bytes) and isinstance(lengths, bytes):
        return offsets, lengths
    return None
