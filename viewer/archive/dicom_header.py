"""A DICOM file without its pixel data, byte for byte; and a `Dataset` made of it again."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydicom import DataElement, Dataset, FileDataset, dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import data_element_generator
from pydicom.filewriter import write_file_meta_info
from pydicom.uid import DeflatedExplicitVRLittleEndian
from pydicom.valuerep import VR

from viewer.archive.member_records import MAX_HEADER_BYTES
from viewer.errors import ArchiveError
from viewer.images.byte_streams import BoundedReader, HeldContent, inflated
from viewer.images.dicom_file import DicomFile, PixelElement, open_dicom

_ITEM, _DELIMITER = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
_PIXEL_DATA, _UNDEFINED = 0x7FE00010, 0xFFFFFFFF
_VRS = frozenset(str(vr.value) for vr in VR)
_MAGIC = b"\0" * 128 + b"DICM"
_GUESSED = {
    (True, True): "1.2.840.10008.1.2",
    (False, True): "1.2.840.10008.1.2.1",
    (False, False): "1.2.840.10008.1.2.2",
}


@dataclass(frozen=True, slots=True)
class DicomHeader:
    """A DICOM file but for its pixel data element.

    Parameters
    ----------
    data : bytes
        DICOM Part 10: preamble, file meta, every attribute in its own encoding and order, also
        those after the pixel data.
    cut_at : int
        Where in `data` the element stood.
    verbatim : bool
        Whether `data` is every other byte of the file; not so for deflated files and for those
        without preamble.
    notice : str
        What a restored file will lack, "" if nothing.
    added : int
        Bytes in front of `data` that are not the file's.
    deflated : bool
        Whether the file is deflated, so that `data` is nowhere in it.
    """

    data: bytes
    cut_at: int
    verbatim: bool
    notice: str = ""
    added: int = 0
    deflated: bool = False


def read_dicom_header(path: Path) -> DicomHeader:
    """Cut the pixel data element out of a DICOM file.

    Raises
    ------
    ImageError
        When the file cannot be read.
    ArchiveError
        When what is left is too large to be a header.
    """
    with open_dicom(path) as file:
        pixels = file.pixels
        if pixels is None:
            raise ArchiveError(f"{path.name}: its pixel data are missing.")
        deflated = file.transfer_syntax == DeflatedExplicitVRLittleEndian
        stream = _inflated(path, pixels) if deflated else file.stream
        start = pixels.offset - (12 if pixels.vr else 8)
        end = _element_end(stream, pixels)
        size = stream.seek(0, 2)
        if start + size - end > MAX_HEADER_BYTES:
            raise ArchiveError(
                f"{path.name}: its attributes take over {MAX_HEADER_BYTES >> 20} MiB."
            )
        stream.seek(0)
        before = stream.read(start)
        stream.seek(end)
        data = before + stream.read()
        notice = _overlay_notice(path, file.dataset)
        if data[128:132] == b"DICM":
            return DicomHeader(data, start, not deflated, notice, deflated=deflated)
        added = _MAGIC + (b"" if len(file.dataset.file_meta) else _meta_of(file))
        return DicomHeader(
            added + data, len(added) + start, False, notice, len(added), deflated=deflated
        )


def _overlay_notice(path: Path, dataset: Dataset) -> str:
    """Say that overlays in unused bits of the pixels (PS3.5 8.1.2, retired) are not kept."""
    inside = any(
        (group, 0x0010) in dataset and (group, 0x3000) not in dataset
        for group in range(0x6000, 0x6020, 2)
    )
    return f"{path.name}: the overlay in unused bits of its pixels is not kept." if inside else ""


def _inflated(path: Path, pixels: PixelElement) -> io.BytesIO:
    """Return a deflated file's whole content: what is open may end with its pixel data."""
    with path.open("rb") as raw:
        most = pixels.offset + (pixels.declared or pixels.length) + MAX_HEADER_BYTES + 1
        return io.BytesIO(inflated(raw, most))


def dataset_of(header: bytes, cut_at: int) -> FileDataset:
    """Return the attributes of a kept header, not yet decoded.

    What follows the pixel data need not be attributes at all: it is taken in as far as it is.

    Raises
    ------
    ArchiveError
        When they cannot be read.
    """
    try:
        dataset = dcmread(_bounded(header[:cut_at]), force=True)
        if not len(dataset):
            raise ValueError("no attributes")
    except Exception as error:  # a damaged header can raise nearly anything
        raise ArchiveError("The kept DICOM header cannot be read.") from error
    for element in _elements_after(header[cut_at:], dataset):
        dataset._dict[element.tag] = element
    return dataset


def _elements_after(tail: bytes, dataset: Dataset) -> list[RawDataElement | DataElement]:
    """Return the attributes that stood behind the pixel data, up to the first impossible one."""
    implicit, little = dataset.original_encoding
    found: list[RawDataElement | DataElement] = []
    last = _PIXEL_DATA
    try:
        for element in data_element_generator(_bounded(tail), bool(implicit), little is not False):
            short = (
                isinstance(element, RawDataElement)
                and element.length != _UNDEFINED
                and len(element.value or b"") != element.length
            )
            known = element.VR is None or str(element.VR) in _VRS
            if element.tag <= last or short or not known:
                break
            found.append(element)
            last = element.tag
    except Exception:  # bytes that are no attributes can raise nearly anything
        return found
    return found


def _bounded(data: bytes) -> BoundedReader:
    """Return a stream that ends the reading of headers without end."""
    stream = BoundedReader(HeldContent(data))  # type: ignore[arg-type]  # it has readinto
    stream.counted = True
    return stream


def _element_end(stream: BinaryIO, pixels: PixelElement) -> int:
    """Return where the bytes after the pixel data element begin."""
    if pixels.declared is not None:
        return pixels.offset + pixels.length
    at = pixels.offset
    end = stream.seek(0, 2)
    while at + 8 <= end:
        stream.seek(at)
        tag, length = struct.unpack("<4sI", stream.read(8))
        if tag == _DELIMITER:
            return at + 8
        if tag != _ITEM:
            return at
        at += 8 + length
    return end


def _meta_of(file: DicomFile) -> bytes:
    """Return a file meta group for a file that has none."""
    dataset: Dataset = file.dataset
    implicit, little = dataset.original_encoding
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", "")
    meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "")
    meta.TransferSyntaxUID = file.transfer_syntax or _GUESSED[bool(implicit), bool(little)]
    stream = DicomBytesIO()
    write_file_meta_info(stream, meta, enforce_standard=False)
    return stream.getvalue()
