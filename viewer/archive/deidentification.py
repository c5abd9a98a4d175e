"""De-identification by the Basic Application Level Confidentiality Profile (PS3.15 Annex E).

What happens to each attribute is table E.1-1, edition 2026c, of the package dicom-anonymizer; how
it happens is here. Nothing is random: the same instance always becomes the same new one, so that
references within a study hold, and still hold for what is de-identified later.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydicom import DataElement, Dataset
from pydicom.config import IGNORE
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag
from pydicom.uid import generate_uid

from viewer import __version__
from viewer.archive.explicit_vr import make_explicit
from viewer.errors import ArchiveError

Action = Literal["remove", "empty", "dummy", "uid", "references"]

TABLE = "dicomanonymizer.dicom_anonymization_databases.dicomfields_2026c"
DUMMY_TEXT = "ANONYMIZED"
_DUMMIES = {
    "AS": b"000Y", "DA": b"19000101", "TM": b"000000", "DT": b"19000101000000",
    "DS": b"0", "IS": b"0", "UR": b"urn:x-anonymized",
}  # fmt: skip
_BYTES_OF = {
    "AT": 4, "FD": 8, "FL": 4, "SL": 4, "SS": 2, "SV": 8, "UL": 4, "US": 2, "UV": 8,
}  # fmt: skip
_MASKED_GROUPS = (0x5000, 0x6000)
_DEEPEST = 32


@cache
def profile() -> dict[int, Action]:
    """Return what the Basic Profile does to each attribute.

    Where it leaves a choice, what keeps every kind of image valid is taken: "X/Z" empties, "X/D",
    "Z/D" and "X/Z/D" put a dummy in the place (an attribute that is not there stays away).
    """
    from importlib import import_module

    table = import_module(TABLE)
    actions: dict[int, Action] = {}
    for names, action in (
        (("X_TAGS",), "remove"),
        (("Z_TAGS", "X_Z_TAGS"), "empty"),
        (("D_TAGS", "Z_D_TAGS", "X_D_TAGS", "X_Z_D_TAGS"), "dummy"),
        (("U_TAGS",), "uid"),
        (("X_Z_U_STAR_TAGS",), "references"),
    ):
        for name in names:
            for tag in getattr(table, name):
                if len(tag) == 2:  # repeating groups (curves, overlays) are removed whole
                    actions[tag[0] << 16 | tag[1]] = action  # type: ignore[assignment]
    return actions


def deidentify(dataset: Dataset) -> None:
    """Take out of a dataset what could tell whose image it is, and say that this was done.

    Private attributes, curves, overlays and attributes no dictionary knows are removed; dates are
    emptied or replaced. Pixels are not looked at: see `viewer.archive.burned_in`.

    Parameters
    ----------
    dataset : Dataset
        In explicit VR little endian (`make_explicit`), without pixel data; changed in place.

    Raises
    ------
    ArchiveError
        When an attribute cannot be read to be cleaned.
    """
    try:
        _clean(dataset, 0)
    except ArchiveError:
        raise
    except Exception as error:  # damaged sequences can raise nearly anything
        raise ArchiveError("An attribute is damaged and cannot be de-identified.") from error
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator = "113100", "DCM"
    code.CodeMeaning = "Basic Application Confidentiality Profile"
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = f"PS3.15 Basic Profile, Radiograph Viewer {__version__}"[:64]
    dataset.DeidentificationMethodCodeSequence = [code]
    dataset.LongitudinalTemporalInformationModified = "REMOVED"


def new_uid(old: str) -> str:
    """Return the UID that stands for another one after de-identification."""
    return str(generate_uid(entropy_srcs=["deidentified", old]))


def _clean(dataset: Dataset, depth: int) -> None:
    if depth > _DEEPEST:
        raise ArchiveError("Its sequences are nested too deep to be de-identified.")
    actions = profile()
    for tag in list(dataset.keys()):
        if _foreign(tag):
            del dataset[tag]
            continue
        action = actions.get(int(tag))
        if action == "remove":
            del dataset[tag]
        elif action == "empty":
            _set(dataset, tag, _vr(dataset, tag), b"")
        elif action == "uid":
            _replace_uid(dataset, tag)
        elif action == "dummy":
            _replace(dataset, tag, depth)
        elif _vr(dataset, tag) == "SQ":  # "references" too: their UIDs are replaced inside
            for item in _items(dataset, tag):
                _clean(item, depth + 1)
        elif dictionary_has_tag(tag) and dictionary_VR(tag) == "SQ":
            del dataset[tag]  # a sequence nobody can look into


def _foreign(tag: BaseTag) -> bool:
    """Whether an attribute is private, in a repeating group, or in no dictionary."""
    if tag.is_private or any(tag.group & 0xFF00 == group for group in _MASKED_GROUPS):
        return True
    return not dictionary_has_tag(tag) and tag.element != 0


def _replace_uid(dataset: Dataset, tag: BaseTag) -> None:
    value = dataset[tag].value
    single = isinstance(value, str) or not hasattr(value, "__iter__")
    values = [value] if single else list(value)
    made = [new_uid(str(old).strip(" \0")) if old else "" for old in values]
    _set(dataset, tag, "UI", "\\".join(made).encode("ascii"))


def _replace(dataset: Dataset, tag: BaseTag, depth: int) -> None:
    """Put a dummy of the same kind in the place of a value, in sequences of every value."""
    vr = _vr(dataset, tag)
    if vr == "SQ":
        for item in _items(dataset, tag):
            if depth >= _DEEPEST:
                raise ArchiveError("Its sequences are nested too deep to be de-identified.")
            for inner in list(item.keys()):
                if _foreign(inner):
                    del item[inner]
                else:
                    _replace(item, inner, depth + 1)
        return
    if vr == "UI":
        _replace_uid(dataset, tag)
        return
    _set(dataset, tag, vr, _dummy(vr))


def _dummy(vr: str) -> bytes:
    if vr in _BYTES_OF:
        return bytes(_BYTES_OF[vr])
    if vr in ("OB", "OD", "OF", "OL", "OV", "OW", "UN"):
        return bytes(8)
    return _DUMMIES.get(vr, DUMMY_TEXT.encode("ascii"))


def _items(dataset: Dataset, tag: BaseTag) -> list[Dataset]:
    """Return the items of a sequence, decoded, so that changing them changes the dataset."""
    element = dataset[tag]
    items = list(element.value or ())
    for item in items:
        make_explicit(item)
    dataset.add(DataElement(tag, "SQ", Sequence(items), validation_mode=IGNORE))
    return items


def _vr(dataset: Dataset, tag: BaseTag) -> str:
    element = dataset.get_item(tag)
    vr = str(element.VR) if element is not None and element.VR else ""
    if vr in ("", "UN") and dictionary_has_tag(tag):
        vr = dictionary_VR(tag)
        if vr == "SQ":  # an unknown VR is read as what the dictionary says before it is cleaned
            dataset[tag]
            element = dataset.get_item(tag)
            vr = "SQ" if element is not None and element.VR == "SQ" else "UN"
    return vr.split(" or ")[0]


def _set(dataset: Dataset, tag: BaseTag, vr: str, value: bytes) -> None:
    if vr == "SQ":
        dataset.add(DataElement(tag, "SQ", Sequence(), validation_mode=IGNORE))
        return
    if len(value) % 2:
        value += b"\0" if vr == "UI" else b" "
    tag = Tag(tag)
    dataset._dict[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)
