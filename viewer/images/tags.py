"""The attributes of a file as text, for the header window."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableSequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from viewer.errors import ImageError
from viewer.images.opening import read_header, tell_kind

_MOST_TEXT = 512
_MOST_VALUES = 32
_MOST_DEPTH = 12
_MOST_TAGS = 20_000
_PEEKED = 8192
_PIXELS = 0x7FE00008


@dataclass(frozen=True, slots=True)
class Tag:
    """One line of the header window.

    Parameters
    ----------
    tag : str
        "(0010,0010)", or the name of a field of a raster file.
    keyword : str
        "PatientName", "" for private attributes.
    name : str
        "Patient's Name".
    vr : str
        Value representation, "" for raster files.
    value : str
        The value as text, shortened where long or binary.
    depth : int
        Level of nesting in sequences, 0 for the file's own attributes.
    """

    tag: str
    keyword: str
    name: str
    vr: str
    value: str
    depth: int = 0


def read_tags(path: Path | str) -> list[Tag]:
    """List the attributes of a file.

    Damaged DICOM files are listed as far as they can be read, also where they are refused as
    images. Of raster files it is what the viewer knows of them.

    Raises
    ------
    ImageError
        When nothing can be read.
    """
    path = Path(path)
    if tell_kind(path) != "DICOM":
        return _raster_tags(path)
    from viewer.images.dicom_file import open_dicom

    try:
        return _dicom_tags(path, open_dicom)
    except ImageError as error:
        found = _readable_tags(path)
        if not found:
            raise
        return [*found, Tag("notice", "", "Notice", "", str(error))]


def _dicom_tags(path: Path, open_dicom: Callable[[Path], Any]) -> list[Tag]:
    with open_dicom(path) as file:
        tags: list[Tag] = []
        for tag in (*_dataset_tags(file.dataset.file_meta, 0), *_dataset_tags(file.dataset, 0)):
            tags.append(tag)
            if len(tags) == _MOST_TAGS:
                break
        if file.pixels is not None:
            text = f"{file.pixels.length} bytes"
            tags.append(Tag("(7FE0,0010)", "PixelData", "Pixel Data", file.pixels.vr, text))
        return tags


def _readable_tags(path: Path) -> list[Tag]:
    """List what comes before the place where a header is damaged."""
    import io

    from pydicom import Dataset
    from pydicom.filereader import data_element_generator

    from viewer.images.byte_streams import BoundedReader
    from viewer.images.dicom_signature import Encoding, data_set_start, tell_encoding

    tags: list[Tag] = []
    with BoundedReader(io.FileIO(str(path))) as stream:
        start = stream.read(_PEEKED)
        encoding = tell_encoding(start) or Encoding(implicit=False, little_endian=True)
        stream.seek(data_set_start(start))
        stream.counted = True
        implicit, little = encoding.implicit, encoding.little_endian
        try:
            for element in data_element_generator(
                stream, implicit, little, stop_when=lambda tag, vr, length: int(tag) >= _PIXELS
            ):
                one = Dataset({element.tag: element})
                one.set_original_encoding(implicit, little)
                tags.extend(_dataset_tags(one, 0))
                if len(tags) >= _MOST_TAGS:
                    break
        except Exception:
            # Here the damage begins; what was read before it stands.
            pass
    return tags


def _raster_tags(path: Path) -> list[Tag]:
    header = read_header(path)
    shown = ("file_format", "rows", "columns", "frames", "samples", "bits_stored", "photometric")
    tags = [
        Tag(each.name, each.name, each.name.replace("_", " ").capitalize(), "", str(value))
        for each in fields(header)
        if each.name in shown and (value := getattr(header, each.name)) is not None
    ]
    return tags + [Tag("notice", "", "Notice", "", notice) for notice in header.notices]


def _dataset_tags(dataset: Any, depth: int) -> Iterator[Tag]:
    """Walk a data set; an element that cannot be read says so in its place."""
    for tag in sorted(dataset.keys()):
        number = f"({tag.group:04X},{tag.element:04X})"
        try:
            element = dataset[tag]
            vr, name = str(element.VR), str(element.name)
            value = element.value
        except Exception:
            yield Tag(number, "", "", "", "[unreadable]", depth)
            continue
        if vr != "SQ":
            yield Tag(number, element.keyword, name, vr, _text(value), depth)
            continue
        items = list(value or ())
        yield Tag(number, element.keyword, name, vr, f"{len(items)} items", depth)
        if depth < _MOST_DEPTH:
            for index, item in enumerate(items):
                yield Tag("(FFFE,E000)", "", f"Item {index + 1}", "", "", depth + 1)
                yield from _dataset_tags(item, depth + 2)


def _text(value: Any) -> str:
    """Write a value on one line."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"{len(value)} bytes" if len(value) > 64 else value.hex(" ")
    if not isinstance(value, list | tuple | MutableSequence):
        text = str(value)
    else:
        values = list(value)
        text = "\\".join(str(each) for each in values[:_MOST_VALUES])
        if len(values) > _MOST_VALUES:
            text += f"\\... ({len(values)} values)"
    text = " ".join(text.replace("\0", " ").split())
    return text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - 3] + "..."
