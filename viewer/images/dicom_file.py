"""A DICOM file opened safely: its attributes, and where its pixel data lie."""

from __future__ import annotations

import io
import logging
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from pydicom import Dataset, FileDataset, config
from pydicom.filereader import read_dataset, read_partial
from pydicom.uid import DeflatedExplicitVRLittleEndian

from viewer.errors import ImageError
from viewer.images.byte_streams import (
    DEFLATED,
    BoundedReader,
    HeldContent,
    ShiftedFile,
    TooCostly,
    inflated,
)
from viewer.images.dicom_signature import (
    Encoding,
    content_shift,
    data_set_start,
    is_dicom,
    tell_encoding,
)

__all__ = ["DicomFile", "PixelElement", "is_dicom", "open_dicom", "os_reason"]

# What pydicom repairs or finds odd is no message for users; what matters becomes a notice.
warnings.filterwarnings("ignore", category=UserWarning, module=r"pydicom\.")
logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
config.settings.reading_validation_mode = config.IGNORE

_FLOAT_PIXEL_DATA = 0x7FE00008
_PIXEL_KEYWORDS = {
    0x7FE00008: "FloatPixelData",
    0x7FE00009: "DoubleFloatPixelData",
    0x7FE00010: "PixelData",
}
_PIXEL_VRS = (b"OB", b"OW", b"OF", b"OD", b"UN")
_UNDEFINED = 0xFFFFFFFF
_DEFERRED = 1 << 20
_MOST_INFLATED = 1 << 28
_INFLATED_HEADER = 1 << 20
_META_SEARCHED = 4096
_PEEKED = 8192
_MOST_ELEMENTS = 50_000
_MOST_DISORDER = 500


@dataclass(frozen=True, slots=True)
class PixelElement:
    """Where the value of (7FE0,0010) lies.

    Parameters
    ----------
    offset : int
        Of the first byte of the value.
    length : int
        Bytes of the value that are in the file: less than declared where it is truncated.
    declared : int or None
        The length the file gives, None where undefined (encapsulated).
    keyword : str
        "PixelData", "FloatPixelData" or "DoubleFloatPixelData".
    vr : str
        "OB" or "OW"; "" where implicit.
    """

    offset: int
    length: int
    declared: int | None
    keyword: str
    vr: str


@dataclass(frozen=True, slots=True)
class DicomFile:
    """A file open for reading: attributes before the pixel data, and the stream to read these.

    Parameters
    ----------
    dataset : Dataset
    stream : binary file
        The file, or its inflated content.
    pixels : PixelElement or None
    little_endian : bool
    transfer_syntax : str
        UID, "" where the file does not say.
    """

    dataset: Dataset
    stream: BinaryIO
    pixels: PixelElement | None
    little_endian: bool
    transfer_syntax: str


@contextmanager
def open_dicom(path: Path) -> Iterator[DicomFile]:
    """Open a file and read its attributes up to the pixel data.

    Raises
    ------
    ImageError
        When it cannot be read or is not DICOM.
    """
    try:
        raw = _opened(path)
    except OSError as error:
        raise ImageError(f"{path.name}: {os_reason(error)}.") from None
    with raw:
        try:
            opened = _parse(raw)
        except TooCostly as fault:
            raise ImageError(f"{path.name}: {fault}.") from None
        except zlib.error:
            raise ImageError(f"{path.name}: its deflated content is damaged.") from None
        except Exception:
            # A damaged header can make the parser raise nearly anything; none of it helps a user.
            raise ImageError(f"{path.name}: its DICOM header is damaged.") from None
        yield opened


def _opened(path: Path) -> BoundedReader:
    """Open a file; what stands before its content and does not belong there is passed over."""
    with open(path, "rb") as file:
        shift = content_shift(file.read(_META_SEARCHED))
    # pydicom finds deferred values again by a name that is text.
    return BoundedReader(ShiftedFile(path, shift) if shift else io.FileIO(str(path)))


def os_reason(error: OSError) -> str:
    """Return why the system refused a file, in lower case without number and path."""
    return (error.strerror or str(error)).lower()


def _parse(raw: BoundedReader) -> DicomFile:
    deflated = DEFLATED in raw.read(_META_SEARCHED)
    raw.seek(0)
    if not deflated:
        return _parse_stream(raw, deferred=_DEFERRED)
    # The header first: it says how much there is to inflate.
    file = _parse_stream(_held(inflated(raw, _INFLATED_HEADER)))
    if file.pixels is not None and file.pixels.length != file.pixels.declared:
        needed = file.pixels.offset + (file.pixels.declared or 0)
        if needed > _MOST_INFLATED:
            raise TooCostly(f"its deflated content takes more than {_MOST_INFLATED >> 20} MiB")
        file = _parse_stream(_held(inflated(raw, needed)))
    return replace(file, transfer_syntax=str(DeflatedExplicitVRLittleEndian))


def _held(content: bytes) -> BoundedReader:
    return BoundedReader(HeldContent(content))  # type: ignore[arg-type]  # it has readinto


def _parse_stream(stream: BoundedReader, *, deferred: int | None = None) -> DicomFile:
    start = stream.read(_PEEKED)
    stream.seek(0)
    encoding = tell_encoding(start)
    stream.counted = True
    # What is deferred is looked for at its place in the file, which a shift belies.
    dataset = _read(
        stream, encoding, start, None if isinstance(stream.raw, ShiftedFile) else deferred
    )
    at = stream.tell()
    stream.counted = False
    little = bool(dataset.original_encoding[1])
    return DicomFile(
        dataset,
        stream,
        _pixel_element(stream, at, little_endian=little),
        little,
        str(dataset.file_meta.get("TransferSyntaxUID") or "").strip(),
    )


def _read(
    stream: BoundedReader, encoding: Encoding | None, start: bytes, deferred: int | None
) -> FileDataset:
    """Read all before the pixel data, in the byte order that the elements themselves have."""
    try:
        dataset = read_partial(stream, stop_when=_stop(), defer_size=deferred, force=True)
    except TooCostly:
        raise
    except Exception:
        if encoding is None or encoding.little_endian:
            raise
        dataset = None
    if encoding is None or (
        dataset is not None and dataset.original_encoding[1] == encoding.little_endian
    ):
        assert dataset is not None
        return dataset
    stream.seek(data_set_start(start))
    implicit, little = encoding.implicit, encoding.little_endian
    found = read_dataset(stream, implicit, little, stop_when=_stop())
    meta = None if dataset is None else dataset.file_meta
    fixed = FileDataset(stream, found, None, meta, implicit, little)
    fixed.set_original_encoding(implicit, little)
    return fixed


def _stop() -> Callable[[int, str | None, int], bool]:
    """Return what stops the parser: the pixel data, or a header that cannot be meant."""
    last, count, disorder = -1, 0, 0

    def stop(tag: int, vr: str | None, length: int) -> bool:
        nonlocal last, count, disorder
        number = int(tag)  # comparing tags themselves is slow
        if number >= _FLOAT_PIXEL_DATA:
            return True
        count += 1
        disorder += number <= last
        last = number
        if count > _MOST_ELEMENTS or disorder > _MOST_DISORDER:
            raise TooCostly("its header has no end")
        return False

    return stop


def _pixel_element(stream: BinaryIO, at: int, *, little_endian: bool) -> PixelElement | None:
    """Read the header of the element at `at`; None when it holds no pixels."""
    end = stream.seek(0, io.SEEK_END)
    stream.seek(at)
    head = stream.read(12)
    order = "<" if little_endian else ">"
    if len(head) < 8:
        return None
    group, element = struct.unpack(f"{order}HH", head[:4])
    keyword = _PIXEL_KEYWORDS.get(group << 16 | element)
    if keyword is None:
        return None
    # The element itself says how it is written: headers that lie about the syntax are common.
    explicit = head[4:6] in _PIXEL_VRS or _has_odd_vr(head, order, at, end)
    if explicit and len(head) < 12:
        return None
    length = struct.unpack(f"{order}I", head[8:12] if explicit else head[4:8])[0]
    offset = at + (12 if explicit else 8)
    rest = end - offset
    return PixelElement(
        offset,
        rest if length == _UNDEFINED else min(length, rest),
        None if length == _UNDEFINED else length,
        keyword,
        head[4:6].decode() if head[4:6] in _PIXEL_VRS else "",
    )


def _has_odd_vr(head: bytes, order: str, at: int, end: int) -> bool:
    """Whether a header of twelve bytes names a VR that no pixel data have ("US", "??").

    Read as implicit its length would be odd; read as explicit it fits into the file.
    """
    if len(head) < 12 or head[6:8] != b"\0\0":
        return False
    length = struct.unpack(f"{order}I", head[8:12])[0]
    lettered = head[4:6].isalpha() or head[4:6] == b"??"
    return lettered and (length == _UNDEFINED or at + 12 + length <= end)
