"""Studies of made radiographs, and what the tests of a whole session do with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from viewer.session import Session

SIGNALS = (
    "image_changing",
    "image_changed",
    "coding_started",
    "coding_failed",
    "coding_cancelled",
    "coding_finished",
    "comparison_changed",
    "comparison_stale",
    "box_changed",
    "box_figures_changed",
    "saved",
    "save_failed",
    "notice",
)


def write_dicom(path: Path, number: int, study: str, rows: int = 200) -> Path:
    """A 12-bit radiograph of a patient whose name must not leave the panes."""
    random = np.random.default_rng(number)
    pixels = random.normal(2000, 40, (rows, 220)).clip(0, 4095).astype(np.uint16)
    pixels += np.linspace(0, 1500, 220).astype(np.uint16)
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    uid = generate_uid(entropy_srcs=[study, str(number)])
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = uid
    data.PatientName, data.PatientID = "SECRET^NAME", "ID-90210"
    data.StudyInstanceUID = study
    data.SeriesInstanceUID = study + ".1"
    data.Modality, data.InstanceNumber, data.StudyDate = "CR", number, "20261120"
    data.Rows, data.Columns, data.SamplesPerPixel = rows, 220, 1
    data.PhotometricInterpretation = "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 12, 11
    data.PixelRepresentation = 0
    data.WindowCenter, data.WindowWidth = 2700, 2000
    data.PixelData = pixels.tobytes()
    data.save_as(path, enforce_file_format=True)
    return path


def compressed(session: Session, qtbot) -> Session:
    with qtbot.waitSignal(session.coding_finished, timeout=5000):
        session.compress()
    assert session.comparison is not None
    return session


def saved_archive(session: Session, path: Path, qtbot) -> Path:
    with qtbot.waitSignal(session.saved, timeout=10000) as caught:
        session.save_archive(path)
    assert caught.args == [path]
    return path
