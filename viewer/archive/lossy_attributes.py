"""What a DICOM image must say once it was lossily coded (PS3.3 C.7.6.1.1.5, C.12.1.1.9)."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom import DataElement, Dataset
from pydicom.config import IGNORE
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import generate_uid

from viewer import __version__

DESCRIPTION_LIMIT = 1024
"""Characters of an ST value."""


@dataclass(frozen=True, slots=True)
class LossyStep:
    """One lossy coding of an image.

    Parameters
    ----------
    method : str
        Term for (0028,2114).
    mark : str
        The codec in words.
    model : str
        Weights of a learned codec, "" for others.
    ratio : float
        Stored bits divided by bits of the bitstream.
    bits_stored : int
    coded_at : str
        UTC, "2026-11-20T08:00:00Z".
    content : tuple of str
        What the new SOP Instance UID depends on besides the source's: hashes of the bitstreams.
    settings : tuple of str
        What the new Series Instance UID depends on besides the source's: instances of a series
        coded alike stay together.
    """

    method: str
    mark: str
    model: str
    ratio: float
    bits_stored: int
    coded_at: str
    content: tuple[str, ...]
    settings: tuple[str, ...]


def mark_lossy(dataset: Dataset, step: LossyStep) -> None:
    """Add a lossy step to an image's attributes and make it an instance of its own.

    Earlier steps stay: values are appended, as bytes, so that what stood there stays as it was
    even where it is not what DICOM allows. The same source and step always give the same UIDs.

    Parameters
    ----------
    dataset : Dataset
        Of the source, in explicit VR little endian (`make_explicit`); changed in place.
    """
    _refer_to_source(dataset)
    _append(dataset, "LossyImageCompressionRatio", f"{step.ratio:.2f}")
    _append(dataset, "LossyImageCompressionMethod", step.method)
    _put(dataset, "LossyImageCompression", b"01")
    _, *others = _text(dataset, "ImageType").split(b"\\")
    _put(dataset, "ImageType", b"\\".join([b"DERIVED", *(others or [b"PRIMARY"])]))
    _describe(dataset, step)
    _add_item(dataset, "DerivationCodeSequence", _code("113040", "Lossy Compression"))
    _add_item(dataset, "ContributingEquipmentSequence", _equipment(step))
    _rename(dataset, step)


def _rename(dataset: Dataset, step: LossyStep) -> None:
    instance = _text(dataset, "SOPInstanceUID").decode("ascii", "replace")
    series = _text(dataset, "SeriesInstanceUID").decode("ascii", "replace")
    made = generate_uid(entropy_srcs=["instance", instance, *step.content])
    _put(dataset, "SOPInstanceUID", made.encode("ascii"))
    if series:
        made = generate_uid(entropy_srcs=["series", series, *step.settings])
        _put(dataset, "SeriesInstanceUID", made.encode("ascii"))


def _refer_to_source(dataset: Dataset) -> None:
    """Name the instance this one was made of, before its UID is replaced."""
    instance, sop_class = _text(dataset, "SOPInstanceUID"), _text(dataset, "SOPClassUID")
    if not instance or not sop_class:
        return
    item = Dataset()
    _put(item, "ReferencedSOPClassUID", sop_class)
    _put(item, "ReferencedSOPInstanceUID", instance)
    item.PurposeOfReferenceCodeSequence = [_code("121320", "Uncompressed predecessor")]
    _add_item(dataset, "SourceImageSequence", item)


def _describe(dataset: Dataset, step: LossyStep) -> None:
    said = f"Lossy {step.method} {step.ratio:.1f}:1 vs {step.bits_stored} stored bits".encode()
    before = _text(dataset, "DerivationDescription")
    room = DESCRIPTION_LIMIT - len(said) - 2
    if len(before) > room:  # cut at a character, whatever the character set
        before = before[:room].rstrip(bytes(range(128, 256)))
    _put(dataset, "DerivationDescription", before + b"; " + said if before else said)


def _equipment(step: LossyStep) -> Dataset:
    item = Dataset()
    item.Manufacturer = "Radiograph Viewer"
    item.ManufacturerModelName = "Radiograph Viewer"
    item.SoftwareVersions = __version__
    if step.coded_at:
        item.ContributionDateTime = _dicom_time(step.coded_at)
    with_model = f" ({step.model})" if step.model else ""
    item.ContributionDescription = f"Lossy compression with {step.mark}{with_model}"
    item.PurposeOfReferenceCodeSequence = [_code("109103", "Modifying Equipment")]
    return item


def _dicom_time(iso: str) -> str:
    """Return "20261120080000+0000" of "2026-11-20T08:00:00Z"."""
    return "".join(character for character in iso if character.isdigit())[:14] + "+0000"


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = "DCM"
    item.CodeMeaning = meaning
    return item


def _text(dataset: Dataset, keyword: str) -> bytes:
    """Return a value as it is encoded, without padding; b"" where there is none."""
    element = dataset.get_item(keyword) if keyword in dataset else None
    if element is None or element.value is None:
        return b""
    value = element.value
    if isinstance(value, bytes):
        return value.strip(b" \0")
    parts = [value] if isinstance(value, str) or not hasattr(value, "__iter__") else value
    return b"\\".join(str(part).encode("utf-8") for part in parts)


def _put(dataset: Dataset, keyword: str, value: bytes) -> None:
    """Set a value as it is to be encoded."""
    vr = dictionary_VR(keyword)
    if len(value) % 2:
        value += b"\0" if vr == "UI" else b" "
    tag = Tag(keyword)
    dataset._dict[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)


def _append(dataset: Dataset, keyword: str, value: str) -> None:
    before = _text(dataset, keyword)
    _put(dataset, keyword, (before + b"\\" if before else b"") + value.encode("ascii"))


def _add_item(dataset: Dataset, keyword: str, item: Dataset) -> None:
    items = Sequence([*(dataset.get(keyword) or ()), item])
    dataset.add(DataElement(Tag(keyword), "SQ", items, validation_mode=IGNORE))
