"""Generated studies: small DICOM files in folders."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.dicom_files import write_dicom_file


def make_study(folder: Path, study: int, images: int = 2, **attributes: object) -> list[Path]:
    """Write a study's files, each with pixels of its own, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(images):
        pixels = np.random.default_rng(100 * study + number).integers(0, 4096, (24, 32))
        smooth = (pixels // 8 + 40 * np.arange(32)[None, :]).astype(np.uint16)
        given = {
            "StudyInstanceUID": f"1.2.826.{study + 1}",
            "SOPInstanceUID": f"1.2.826.{study + 1}.{number + 1}",
            "InstanceNumber": number + 1,
            "PatientName": f"Person^{study}",
            **attributes,
        }
        path = folder / f"s{study}-{number}.dcm"
        paths.append(write_dicom_file(path, smooth, bits_stored=12, **given))
    return paths
