"""The files that a DICOMDIR lists (PS3.3 F, PS3.10 8)."""

from __future__ import annotations

from pathlib import Path

from pydicom import Dataset
from pydicom.multival import MultiValue

from viewer.errors import ImageError
from viewer.images.dicom_file import open_dicom

_UID = b"1.2.840.10008.1.3.10"
_SEARCHED = 1024
_MOST_RECORDS = 200_000


def is_dicomdir(path: Path) -> bool:
    """Whether a file is called DICOMDIR or says that it is one."""
    if not path.is_file():
        return False
    if path.name.upper() == "DICOMDIR":
        return True
    try:
        with open(path, "rb") as file:
            return _UID in file.read(_SEARCHED)
    except OSError:
        return False


def referenced_files(path: Path) -> list[Path]:
    """List the files of the records, in their order, each once.

    Names are taken below the DICOMDIR's own folder alone: what points elsewhere is left out.
    Letters may be of another case than on the disk, as copying from discs changes it.

    Returns
    -------
    list of Path
        Existing or not.

    Raises
    ------
    ImageError
        When the DICOMDIR cannot be read.
    """
    folder = path.absolute().parent
    with open_dicom(path) as file:
        try:
            records = list(file.dataset.get("DirectoryRecordSequence") or ())
        except Exception:
            raise ImageError(f"{path.name}: its list of files is damaged.") from None
    found: dict[Path, None] = {}
    names: dict[Path, dict[str, str]] = {}
    for record in records[:_MOST_RECORDS]:
        parts = _file_id(record)
        if parts and all(_is_plain(part) for part in parts):
            found.setdefault(_located(folder, parts, names))
    return [each for each in found if _is_inside(each, folder)]


def _file_id(record: Dataset) -> list[str]:
    try:
        value = record.get("ReferencedFileID")
    except Exception:
        return []
    if value is None or value == "":
        return []
    parts = value if isinstance(value, MultiValue | list) else str(value).split("\\")
    return [str(part).strip(" \0") for part in parts if str(part).strip(" \0")]


def _is_plain(part: str) -> bool:
    return part not in (".", "..") and not any(each in part for each in "/\\:\0")


def _located(folder: Path, parts: list[str], names: dict[Path, dict[str, str]]) -> Path:
    """Find the parts below a folder whatever their case."""
    at = folder
    for part in parts:
        if not (at / part).exists():
            if at not in names:
                listed = [each.name for each in at.iterdir()] if at.is_dir() else []
                names[at] = {each.casefold(): each for each in listed}
            part = names[at].get(part.casefold(), part)
        at = at / part
    return at


def _is_inside(path: Path, folder: Path) -> bool:
    """Whether a path lies in a folder when links are followed."""
    return path.resolve().is_relative_to(folder.resolve())
