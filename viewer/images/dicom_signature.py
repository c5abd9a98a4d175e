"""Whether bytes are DICOM elements, and how these are written, whatever a header says."""

from __future__ import annotations

import struct
from dataclasses import dataclass

PREFIX = b"DICM"
_PREAMBLE = 128
_FIRST_GROUP = 0x0010
_LONGEST = 1 << 16
_ENOUGH = 6
_CERTAIN = 4
_SHORT = frozenset(b"AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US".split())
_LONG = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a data set is written (PS3.5 7.1).

    Implicit VR in big endian is in no version of DICOM; files of ACR-NEMA have it.
    """

    implicit: bool
    little_endian: bool


ENCODINGS = (
    Encoding(False, True),
    Encoding(True, True),
    Encoding(False, False),
    Encoding(True, False),
)


def is_dicom(start: bytes) -> bool:
    """Whether a file that begins with `start` (132 bytes or more) may be DICOM.

    Files without preamble or prefix are told by their first elements.
    """
    if start[_PREAMBLE : _PREAMBLE + 4] == PREFIX or content_shift(start):
        return True
    return any(count_elements(start, encoding) >= 2 for encoding in ENCODINGS)


def content_shift(start: bytes) -> int:
    """Return how many bytes stand before a file's content that do not belong there.

    A prefix without its preamble, a preamble without its prefix, a byte left over by whoever cut
    the meta information off: all three have been met.
    """
    if start[_PREAMBLE : _PREAMBLE + 4] == PREFIX:
        return 0
    if start[:4] == PREFIX:
        return 4
    shifts = [1] if start[:1] in (b"\0", b" ") else []
    if not any(start[:_PREAMBLE]):
        shifts += [_PREAMBLE + 4, _PREAMBLE]
    for shift in shifts:
        found = max(count_elements(start, encoding, shift) for encoding in ENCODINGS)
        if found >= _CERTAIN:
            return shift
    return 0


def data_set_start(start: bytes) -> int:
    """Return where the data set begins: behind preamble, prefix and file meta information.

    Group 0002 is walked element by element, as its length is often wrong.
    """
    at = _PREAMBLE + 4 if start[_PREAMBLE : _PREAMBLE + 4] == PREFIX else 0
    if start[at : at + 4] == PREFIX:
        at += 4
    while start[at : at + 2] == b"\x02\0":
        length, header = _element(start, at, Encoding(False, True))
        if header == 0:
            break
        at += header + length
    return at


def tell_encoding(start: bytes) -> Encoding | None:
    """Return how the data set in a file's first bytes is written, None where that is not plain.

    Parameters
    ----------
    start : bytes
        Of the file, a few kilobytes.
    """
    begin = data_set_start(start)
    counts = [count_elements(start, encoding, begin) for encoding in ENCODINGS]
    best = max(counts)
    return ENCODINGS[counts.index(best)] if best >= 3 else None


def count_elements(data: bytes, encoding: Encoding, at: int = 0) -> int:
    """Count the sound elements in a row at the beginning of a data set, at most six.

    Elements are sound while their tags ascend from a group of 0010 or less and their lengths
    are even and not absurd. One that reaches beyond `data` ends the count.
    """
    count, last = 0, -1
    while count < _ENOUGH and at + 8 <= len(data):
        order = "<" if encoding.little_endian else ">"
        group, element = struct.unpack_from(f"{order}HH", data, at)
        tag = group << 16 | element
        length, header = _element(data, at, encoding)
        sound = header and tag > last and length % 2 == 0 and length <= _LONGEST
        if not sound or (count == 0 and (group > _FIRST_GROUP or (tag == 0 and length != 4))):
            return 0 if count < 2 else count
        count, last = count + 1, tag
        at += header + length
    return count


def _element(data: bytes, at: int, encoding: Encoding) -> tuple[int, int]:
    """Return the length of a value and of the header before it; 0, 0 where it is none."""
    order = "<" if encoding.little_endian else ">"
    try:
        if encoding.implicit:
            return struct.unpack_from(f"{order}I", data, at + 4)[0], 8
        vr = data[at + 4 : at + 6]
        if vr in _SHORT:
            return struct.unpack_from(f"{order}H", data, at + 6)[0], 8
        if vr in _LONG:
            return struct.unpack_from(f"{order}I", data, at + 8)[0], 12
    except struct.error:
        pass
    return 0, 0
