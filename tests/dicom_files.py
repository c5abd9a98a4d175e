"""Makes small real DICOM files for tests: any depth, sign, photometric, frames, attributes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import (
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    generate_uid,
)


def ramp(rows: int, columns: int, bits: int, *, signed: bool = False) -> NDArray[Any]:
    """Return a diagonal ramp over the whole range of `bits` in the type a DICOM file has it in."""
    low = -(1 << (bits - 1)) if signed else 0
    grid = np.add.outer(np.arange(rows), np.arange(columns)) / max(1, rows + columns - 2)
    values = np.rint(low + grid * ((1 << bits) - 1)).astype(np.int64)
    width = 8 if bits <= 8 else 16 if bits <= 16 else 32
    return values.astype(f"{'i' if signed else 'u'}{width // 8}")


def write_dicom_file(
    path: Path,
    pixels: NDArray[Any] | None = None,
    *,
    bits_stored: int | None = None,
    high_bit: int | None = None,
    photometric: str = "MONOCHROME2",
    frames: int = 1,
    transfer_syntax: str = ExplicitVRLittleEndian,
    pixel_data: bytes | None = None,
    private: bool = True,
    **attributes: Any,
) -> Path:
    """Write a DICOM file and return its path.

    Parameters
    ----------
    path : Path
    pixels : ndarray, optional
        (rows, columns), (rows, columns, 3), or with `frames` > 1 one axis more in front. Its type
        gives BitsAllocated and PixelRepresentation. A 12-bit ramp of 24 x 32 if left out.
    bits_stored, high_bit : int, optional
        All bits of the type, bits_stored - 1.
    pixel_data : bytes, optional
        Takes the place of the encoded `pixels` (for lies, truncations, encapsulated data).
    private : bool
        Whether to add a private block, which archives must carry along.
    **attributes
        Any keyword of the DICOM dictionary; ``None`` deletes the attribute.
    """
    if pixels is None:
        pixels, bits_stored = ramp(24, 32, 12), 12
    shape = pixels.shape[1:] if frames > 1 else pixels.shape
    allocated = pixels.dtype.itemsize * 8
    stored = bits_stored or allocated

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = transfer_syntax
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = generate_uid()
    data = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID = meta.MediaStorageSOPClassUID
    data.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    data.StudyInstanceUID = generate_uid()
    data.SeriesInstanceUID = generate_uid()
    data.PatientName = "Test^Chest"
    data.PatientID = "T1"
    data.Modality = "DX"
    data.StudyDate = "20260102"
    data.SeriesNumber = 1
    data.InstanceNumber = 1
    data.Rows, data.Columns = shape[0], shape[1]
    data.SamplesPerPixel = shape[2] if len(shape) == 3 else 1
    if data.SamplesPerPixel > 1:
        data.PlanarConfiguration = 0
        photometric = "RGB" if photometric == "MONOCHROME2" else photometric
    data.PhotometricInterpretation = photometric
    data.BitsAllocated = allocated
    data.BitsStored = stored
    data.HighBit = stored - 1 if high_bit is None else high_bit
    data.PixelRepresentation = int(pixels.dtype.kind == "i")
    if frames > 1:
        data.NumberOfFrames = frames
    if private:
        block = data.private_block(0x0099, "RADVIEW TEST", create=True)
        block.add_new(0x01, "LO", "kept by every archive")
    raw = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
    raw = raw if pixel_data is None else pixel_data
    data.add_new(0x7FE00010, "OW" if allocated > 8 else "OB", raw + b"\0" * (len(raw) % 2))
    if meta.TransferSyntaxUID.is_compressed and meta.TransferSyntaxUID.is_encapsulated:
        data["PixelData"].is_undefined_length = True
        data["PixelData"].VR = "OB"
    for keyword, value in attributes.items():
        if value is None:
            delattr(data, keyword)
        else:
            setattr(data, keyword, value)
    data.save_as(path, enforce_file_format=True)
    return path
