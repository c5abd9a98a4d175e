"""Inside a JPEG 2000 bitstream: its resolution levels, and quality layers of the same bytes.

The codec writes one quality layer: its rate is met by one level of quality. The layers shown are
those of a codestream made for this view, with the same wavelet, of as many bytes in all, whose
packets are counted by their PLT marker (ISO/IEC 15444-1, A.7.3).
"""

from __future__ import annotations

import io
import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from viewer.codecs import jp2_seal, openjpeg
from viewer.codecs.base import Options
from viewer.codecs.inspection import Choice, Inside, Share
from viewer.errors import CodecError
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels
from viewer.progress import CancelToken, Progress

LAYERS = 5
"""Quality layers of the codestream made for this view, each of twice the bytes of the last."""

_SOC, _SOT, _SOD, _COD, _PLT = 0xFF4F, 0xFF90, 0xFF93, 0xFF52, 0xFF58


@dataclass(frozen=True, slots=True)
class CodingStyle:
    """What the COD marker says (A.6.1).

    Parameters
    ----------
    layers, levels : int
        Quality layers, and halvings of the picture.
    reversible : bool
        Whether the wavelet is the 5-3.
    """

    layers: int
    levels: int
    reversible: bool


def inspect(
    data: bytes,
    original: StoredPixels,
    pixel_format: PixelFormat,
    *,
    options: Options,
    progress: Progress,
    cancel: CancelToken,
) -> Inside:
    """Read the codestream's style and code the layers; see `viewer.codecs.inspection.inspect`."""
    geometry, _ = jp2_seal.unseal(data)
    style = coding_style(data)
    progress(0.3, "coding in quality layers")
    cancel.check()
    layered, why_not = b"", ""
    try:
        exact = style.reversible and np.array_equal(
            openjpeg.decode(data, geometry.shape).astype(np.int64), original
        )
        layered = _layered(original, pixel_format, style, len(data), exact=exact)
    except (CodecError, OSError, ValueError) as error:
        why_not = f"Quality layers cannot be shown of this picture: {error}"
    progress(1.0, "done")
    return WaveletInside(data, layered, geometry, original, pixel_format, style, why_not)


class WaveletInside(Inside):
    """Resolutions of one codestream, and layers of another made for comparison."""

    def __init__(
        self,
        data: bytes,
        layered: bytes,
        geometry: jp2_seal.Geometry,
        original: StoredPixels,
        pixel_format: PixelFormat,
        style: CodingStyle,
        why_not: str,
    ) -> None:
        self._data, self._layered = data, layered
        self._format, self._type = pixel_format, original.dtype
        self._shape = original.shape
        choices = []
        for reduced in range(style.levels + 1):
            rows, columns = (-(-side >> reduced) for side in (geometry.rows, geometry.columns))
            title = f"Resolution {style.levels - reduced}: {columns} × {rows}"
            tip = f"The codestream decoded without its {reduced} finest levels, pixels enlarged"
            whole = float(len(data)) if not reduced else None
            choices.append(Choice(f"r{reduced}", title, tip, whole))
        shares: list[Share] = []
        if layered:
            packets, head = _packets(layered)
            each = len(packets) // LAYERS
            ends = list(itertools.accumulate(sum(packets[n * each : (n + 1) * each])
                                             for n in range(LAYERS)))  # fmt: skip
            shares.append(Share("Headers of the layered codestream", 8.0 * head))
            for number, end in enumerate(ends):
                before = ends[number - 1] if number else 0
                shares.append(Share(f"Layer {number + 1}", 8.0 * (end - before)))
                tip = "Of a codestream in five layers, made for this view"
                title = f"Layers 1 to {number + 1}" if number else "Layer 1"
                choices.append(Choice(f"q{number + 1}", title, tip, float(head + end)))
        notes = [_note(style, len(data), bool(layered))]
        if why_not:
            notes.append(why_not)
        super().__init__((), (), tuple(shares), tuple(choices), notes)

    def picture(self, key: str, *, progress: Progress, cancel: CancelToken) -> StoredPixels:
        """Decode at a resolution, or some layers; a small picture is enlarged pixel by pixel."""
        if key not in {choice.key for choice in self.choices}:
            raise CodecError(f"There is no part '{key}' of this JPEG 2000 bitstream.")
        number = int(key[1:])
        cancel.check()
        if key.startswith("q"):
            pixels = _decode(self._layered, layers=number, reduced=0).astype(np.int64)
            pixels += self._format.minimum
        else:
            wide = _decode(self._data, layers=0, reduced=number).astype(np.int64)
            pixels = self._unscaled(wide)
            if number:
                pixels = pixels.repeat(1 << number, axis=0).repeat(1 << number, axis=1)
                pixels = pixels[: self._shape[0], : self._shape[1]]
        cancel.check()
        low = self._format.minimum
        pixels = np.clip(pixels, low, low + self._format.peak).reshape(self._shape)
        progress(1.0, "done")
        stored: StoredPixels = pixels.astype(self._type)
        return stored

    def _unscaled(self, wide: NDArray[np.int64]) -> NDArray[np.int64]:
        """Undo Pillow's scaling of fewer bits to 8 or 16, and of signed values to unsigned."""
        bits = self._format.bits_stored
        values = wide >> (16 if bits > 8 else 8) - bits
        return values - (1 << (bits - 1)) if self._format.signed else values


def coding_style(data: bytes) -> CodingStyle:
    """Read the main header of a codestream, in a JP2 file or by itself.

    Raises
    ------
    CodecError
        When there is no COD marker.
    """
    for marker, body in _segments(data):
        if marker == _COD and len(body) >= 10:
            _, _, layers, _, levels = struct.unpack_from(">BBHBB", body)
            return CodingStyle(layers, levels, reversible=body[9] == 1)
    raise CodecError("The JPEG 2000 codestream does not say how it was coded.")


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker segments up to the data of the first tile part."""
    at = data.find(struct.pack(">HH", _SOC, 0xFF51)) + 2
    if at < 2:
        raise CodecError("There is no JPEG 2000 codestream.")
    while at + 4 <= len(data):
        marker, length = struct.unpack_from(">HH", data, at)
        if marker == _SOD or length < 2:
            return
        yield marker, data[at + 4 : at + 2 + length]
        at += 2 + length


def _packets(codestream: bytes) -> tuple[list[int], int]:
    """Bytes of each packet in order, and of all that is no packet."""
    lengths: list[int] = []
    for marker, body in _segments(codestream):
        if marker == _PLT:
            value = 0
            for byte in body[1:]:
                value = value << 7 | byte & 0x7F
                if not byte & 0x80:
                    lengths.append(value)
                    value = 0
    return lengths, len(codestream) - sum(lengths)


def _layered(
    original: StoredPixels,
    pixel_format: PixelFormat,
    style: CodingStyle,
    wanted: int,
    *,
    exact: bool,
) -> bytes:
    """A codestream of `LAYERS` layers that takes about `wanted` bytes in all."""
    if pixel_format.bits_stored > 8:
        if original.ndim != 2:
            raise CodecError("colour of more than 8 bits is not coded in layers here.")
        plain = (original.astype(np.int64) - pixel_format.minimum).astype(np.uint16)
    elif pixel_format.signed:
        raise CodecError("signed pixels of 8 bits are not coded in layers here.")
    else:
        plain = original.astype(np.uint8)
    ratios = [plain.nbytes / (wanted / 2**step) for step in reversed(range(LAYERS))]
    if exact:
        ratios[-1] = 1.0  # everything there is
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(plain)).save(
        out,
        "JPEG2000",
        quality_mode="rates",
        quality_layers=[max(ratio, 1.0) for ratio in ratios],
        irreversible=not style.reversible,
        num_resolutions=style.levels + 1,
        plt=True,
        no_jp2=True,
    )
    codestream = out.getvalue()
    packets, _ = _packets(codestream)
    if not packets or len(packets) % LAYERS:
        raise CodecError("this OpenJPEG does not say how long the packets are.")
    return codestream


def _decode(data: bytes, *, layers: int, reduced: int) -> NDArray[np.integer[Any]]:
    """Decode the first layers (0: all) at 2**-`reduced` of the size, as Pillow scales values."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG2000",)) as image:
            # Set by hand: Pillow rounds reduced sizes where the standard rounds up (B-15), and
            # heeds layers at reduced sizes alone.
            tile = image.tile[0]
            width, height = (-(-side >> reduced) for side in image.size)
            arguments: list[Any] = list(tile.args or ())
            arguments[1:3] = [reduced, layers]
            image.tile = [tile._replace(args=tuple(arguments), extents=(0, 0, width, height))]
            image._size = (width, height)
            image.load()
            return np.asarray(image)
    except (OSError, ValueError, SyntaxError) as error:
        raise CodecError(f"OpenJPEG could not decode a part of this bitstream: {error}.") from error


def _note(style: CodingStyle, size: int, layered: bool) -> str:
    wavelet = "5-3" if style.reversible else "9-7"
    many = "one quality layer" if style.layers == 1 else f"{style.layers} quality layers"
    text = f"This codestream has {many} and {style.levels} halvings by the {wavelet} wavelet."
    if layered:
        text += (
            f" The layers below are those of another codestream of about {size} bytes, made "
            f"for this view with {LAYERS} layers."
        )
    return text
