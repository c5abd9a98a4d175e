"""Overlay planes of a DICOM data set -> `Overlay`s (PS3.3 C.9.2)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from viewer.images.dicom_attributes import Attributes
from viewer.images.overlays import Overlay

_GROUPS = range(0x6000, 0x6020, 2)
_MOST_SIDE = 65535

_ROWS, _COLUMNS, _FRAMES, _DESCRIPTION, _KIND = 0x10, 0x11, 0x15, 0x22, 0x40
_ORIGIN, _FRAME_ORIGIN, _BITS, _POSITION, _LABEL, _DATA = 0x50, 0x51, 0x100, 0x102, 0x1500, 0x3000


def has_overlays(dataset: Dataset) -> bool:
    """Whether a data set describes any overlay plane."""
    return any(
        (group << 16 | _BITS) in dataset or (group << 16 | _ROWS) in dataset for group in _GROUPS
    )


def read_overlays(
    dataset: Dataset,
    frame: int,
    allocated: NDArray[Any] | None,
    *,
    little_endian: bool = True,
) -> tuple[Overlay, ...]:
    """Read the planes that belong to a frame.

    Damaged ones are left out: an image is worth more than what is drawn over it.

    Parameters
    ----------
    dataset : Dataset
    frame : int
        From 0.
    allocated : ndarray of integers, shape (rows, columns), or None
        The frame's pixels with all allocated bits, in which retired overlays hide above the
        stored ones; None where compression has left only the stored bits.
    little_endian : bool
        Of the data set: words of big-endian planes are swapped.
    """
    found = []
    for group in _GROUPS:
        if not _described(dataset, group):
            continue
        overlay = _plane(_Group(dataset, group), frame, allocated, little_endian)
        if overlay is not None:
            found.append(overlay)
    return tuple(found)


def _described(dataset: Dataset, group: int) -> bool:
    return any((group << 16 | element) in dataset for element in (_ROWS, _BITS))


class _Group:
    """The attributes of one repeating group."""

    def __init__(self, dataset: Dataset, group: int) -> None:
        self._attributes = Attributes(dataset, groups=False)
        self._group = group << 16

    def numbers(self, element: int) -> tuple[float, ...]:
        """Return the numbers of an element of the group."""
        return self._attributes.numbers(self._group | element)

    def number(self, element: int, otherwise: int) -> int:
        """Return the first number, `otherwise` where there is none."""
        found = self.numbers(element)
        return int(found[0]) if found else otherwise

    def text(self, element: int) -> str:
        """Return an element as text."""
        return self._attributes.text(self._group | element)

    def data(self) -> tuple[bytes, str]:
        """Return Overlay Data and its value representation."""
        tag = self._group | _DATA
        value = self._attributes.value(tag)
        if not isinstance(value, bytes):
            return b"", ""
        return value, str(self._attributes.dataset[tag].VR)


def _plane(
    group: _Group, frame: int, allocated: NDArray[Any] | None, little_endian: bool
) -> Overlay | None:
    frames = max(1, group.number(_FRAMES, 1))
    place = frame - (max(1, group.number(_FRAME_ORIGIN, 1)) - 1)
    if frames > 1 and not 0 <= place < frames:
        return None
    place = place if frames > 1 else 0
    rows, columns = group.number(_ROWS, 0), group.number(_COLUMNS, 0)
    data, vr = group.data()
    if data:
        bits = _cut(data, rows * columns, place, swapped=not little_endian and vr == "OW")
    else:
        bits = _embedded(group, allocated)
        if bits is not None and allocated is not None:
            rows, columns = allocated.shape[:2]
    if bits is None or not (0 < rows <= _MOST_SIDE and 0 < columns <= _MOST_SIDE):
        return None
    origin = group.numbers(_ORIGIN)
    top, left = (int(origin[0]), int(origin[1])) if len(origin) >= 2 else (1, 1)
    label = group.text(_LABEL) or group.text(_DESCRIPTION)
    kind = "R" if group.text(_KIND).upper() == "R" else "G"
    return Overlay(bits, rows, columns, top - 1, left - 1, label, kind)


def _cut(data: bytes, count: int, place: int, *, swapped: bool) -> NDArray[np.uint8] | None:
    """Return the bits of one frame of a plane; frames follow each other bit by bit."""
    if count <= 0 or len(data) * 8 < (place + 1) * count:
        return None
    plane = np.frombuffer(data, np.uint8)
    if swapped:
        plane = plane[: len(plane) // 2 * 2].view(">u2").astype("<u2").view(np.uint8)
    first = place * count
    part = plane[first // 8 : (first + count + 7) // 8]
    if first % 8 == 0:
        return part
    every = np.unpackbits(part, bitorder="little")[first % 8 : first % 8 + count]
    return np.packbits(every, bitorder="little")


def _embedded(group: _Group, allocated: NDArray[Any] | None) -> NDArray[np.uint8] | None:
    """Return one bit of every pixel (retired; PS3.5-2004 8.1.2)."""
    position = group.number(_POSITION, 0)
    if allocated is None or allocated.ndim != 2 or group.number(_BITS, 1) <= 1:
        return None
    width = 8 * allocated.dtype.itemsize
    if not 0 <= position < width:
        return None
    pattern = allocated.view(f"u{allocated.dtype.itemsize}") >> position
    return np.packbits((pattern & 1).astype(np.uint8).ravel(), bitorder="little")
