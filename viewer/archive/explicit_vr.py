"""Attributes in any encoding -> explicit VR little endian, without decoding their values.

Decoding a text and encoding it again can change it: a wrong character set, a number longer than
its VR allows. Values are therefore carried over as bytes.
"""

from __future__ import annotations

import numpy as np
from pydicom import DataElement, Dataset
from pydicom.datadict import dictionary_VR, private_dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag

_BYTES = frozenset(
    ("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "OB", "PN", "SH", "ST", "TM")
) | {"UC", "UI", "UN", "UR", "UT"}
_WIDTHS = (
    dict.fromkeys(("AT", "OW", "SS", "US"), 2)
    | dict.fromkeys(("FL", "OF", "OL", "SL", "UL"), 4)
    | dict.fromkeys(("FD", "OD", "OV", "SV", "UV"), 8)
)
"""Bytes of a number of each VR, which change places between byte orders (PS3.5 section 7.3)."""


def make_explicit(dataset: Dataset) -> None:
    """Turn a dataset as read into one that is written as explicit VR little endian.

    VRs of implicit sources are looked up, private ones too; what no dictionary knows and what
    cannot be read becomes UN with its bytes.

    Parameters
    ----------
    dataset : Dataset
        Changed in place, with the items of its sequences.
    """
    for tag in sorted(dataset.keys()):
        _convert(dataset, tag)
    for element in list(dataset.values()):
        if not isinstance(element, DataElement):
            continue
        if element.VR == "SQ":
            for item in element.value or ():
                make_explicit(item)
        elif " or " in element.VR:  # nothing tells which: bytes stay bytes
            element.VR = "UN" if isinstance(element.value, bytes) else "US"
    # Says that what is raw is encoded as it is to be written.
    dataset.set_original_encoding(False, True)


def _convert(dataset: Dataset, tag: BaseTag) -> None:
    element = dataset.get_item(tag)
    if not isinstance(element, RawDataElement):
        return
    # Each element says how it was read: files whose syntax says otherwise are common.
    if not element.is_implicit_VR and element.is_little_endian:
        return
    vr = element.VR or _look_up(dataset, tag)
    value = element.value or b""
    if vr not in _BYTES and vr not in _WIDTHS:
        try:
            dataset[tag]  # sequences, and VRs that depend on other attributes: decoded in place
            return
        except Exception:
            vr = "UN"
    elif not element.is_little_endian and vr in _WIDTHS:
        value = _swap(value, _WIDTHS[vr])
    dataset._dict[tag] = element._replace(
        VR=vr, value=value, is_implicit_VR=False, is_little_endian=True
    )


def _swap(value: bytes, width: int) -> bytes:
    whole = len(value) - len(value) % width
    return np.frombuffer(value[:whole], f">u{width}").astype(f"<u{width}").tobytes() + value[whole:]


def _look_up(dataset: Dataset, tag: BaseTag) -> str:
    """Return the VR the dictionaries give, "UN" where they know none."""
    try:
        if not tag.is_private:
            return "UL" if tag.element == 0 else dictionary_VR(tag)
        if tag.is_private_creator:
            return "LO"
        creator = dataset.get((tag.group, tag.element >> 8))
        return private_dictionary_VR(tag, str(creator.value)) if creator is not None else "UN"
    except KeyError:
        return "UN"
