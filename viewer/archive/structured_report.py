"""Measurements as a DICOM structured report: TID 1500 that refers to the image measured.

Names and units are those that other viewers write (PS3.16 TID 1500, TID 1501, TID 1410), so that
they read them back: lengths, angles and regions with their values in the *original* image. What
was measured in a reconstruction is not in it: the reconstruction is no instance to refer to.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer import __version__
from viewer.archive.atomic import new_file
from viewer.errors import ArchiveError
from viewer.metrics.measuring.measured import TITLES, Measured, Measurement, Quantity
from viewer.metrics.measuring.shapes import Shape

if TYPE_CHECKING:
    from pydicom import Dataset

_NAMES = {
    "length": ("410668003", "SCT", "Length"),
    "area": ("42798000", "SCT", "Area"),
    "perimeter": ("131191004", "SCT", "Perimeter"),
    "mean": ("373098007", "SCT", "Mean"),
    "sd": ("386136009", "SCT", "Standard Deviation"),
    "minimum": ("255605001", "SCT", "Minimum"),
    "maximum": ("56851009", "SCT", "Maximum"),
    "value": ("pixel-value", "99RADVIEW", "Pixel value"),
}
_ANGLES = {
    "angle": ("1483009", "SCT", "Angle"),
    "cobb": ("285285000", "SCT", "Cobb angle"),
}
_UNITS = {
    "mm": ("mm", "UCUM", "millimeter"),
    "mm²": ("mm2", "UCUM", "square millimeter"),
    "px": ("{pixels}", "UCUM", "pixels"),
    "px²": ("{pixels}2", "UCUM", "square pixels"),
    "°": ("deg", "UCUM", "degree"),
    "HU": ("[hnsf'U]", "UCUM", "Hounsfield unit"),
}
_NO_UNIT = ("1", "UCUM", "no units")
_OF_PIXELS = ("mean", "sd", "minimum", "maximum", "value")
_NEEDED = (
    "PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyID", "StudyDate",
    "StudyTime", "AccessionNumber", "ReferringPhysicianName",
)  # fmt: skip


def write_structured_report(
    path: Path,
    source: Path | bytes,
    measurements: Sequence[Measurement],
    results: Mapping[int, Measured],
    *,
    values: bool = True,
) -> Path:
    """Write a Comprehensive SR document, whole or not at all.

    Parameters
    ----------
    source : Path or bytes
        The DICOM file that was measured, or its header as an archive keeps it.
    measurements : sequence of Measurement
    results : mapping of number to Measured
        Those without a result are left out.
    values : bool
        Whether statistics of pixels go in: not where the pixels measured are not those of the
        instance referred to.

    Raises
    ------
    ArchiveError
        When the source is no DICOM file with a SOP instance, there is nothing to report, or the
        file cannot be written.
    """
    done = [(m, results[m.number]) for m in measurements if m.number in results]
    if not done:
        raise ArchiveError("There is no measurement to report; draw one first.")
    dataset = _source(source)
    document = _document(dataset, done, values)
    with new_file(path) as pending:
        document.save_as(pending.stream, enforce_file_format=True)
    return pending.target


def _source(source: Path | bytes) -> Dataset:
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    try:
        file = io.BytesIO(source) if isinstance(source, bytes) else source
        dataset: Dataset = dcmread(file, stop_before_pixels=True)
    except (InvalidDicomError, OSError) as error:
        raise ArchiveError(
            "A structured report refers to a DICOM image; this one comes from another kind of file."
        ) from error
    for keyword in ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        if not dataset.get(keyword):
            raise ArchiveError(f"The image has no {keyword}; a structured report cannot name it.")
    for keyword in _NEEDED:
        if keyword not in dataset:
            setattr(dataset, keyword, "")
    return dataset


def _document(
    dataset: Dataset, done: Sequence[tuple[Measurement, Measured]], values: bool
) -> Dataset:
    from highdicom import sr
    from pydicom.sr.codedict import codes
    from pydicom.uid import generate_uid

    observer = sr.ObserverContext(
        observer_type=codes.DCM.Device,
        observer_identifying_attributes=sr.DeviceObserverIdentifyingAttributes(
            uid=generate_uid(prefix=None), name="Radiograph Viewer", model_name=__version__
        ),
    )
    report = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=observer),
        procedure_reported=sr.CodedConcept("363679005", "SCT", "Imaging procedure"),
        imaging_measurements=[_group(dataset, m, found, values) for m, found in done],
        # No image library: highdicom's wants an Imager Pixel Spacing, which films do not have.
        title=codes.DCM.ImagingMeasurementReport,
    )
    return sr.ComprehensiveSR(
        evidence=[dataset],
        content=report[0],
        series_instance_uid=generate_uid(prefix=None),
        series_number=1000,
        sop_instance_uid=generate_uid(prefix=None),
        instance_number=1,
        manufacturer="Radiograph Viewer",
        is_complete=True,
        series_description="Measurements; not for diagnostic use",
    )


def _group(dataset: Dataset, measurement: Measurement, found: Measured, values: bool) -> Any:
    """Return what TID 1500 holds of one measurement: a region, or values with coordinates."""
    from highdicom import sr
    from pydicom.uid import generate_uid

    shape = measurement.shape
    name = f"{measurement.name} {TITLES[shape.kind]}"
    tracking = sr.TrackingIdentifier(uid=generate_uid(prefix=None), identifier=name)
    wanted = [q for q in found.quantities if values or q.key not in _OF_PIXELS]
    uids = (str(dataset.SOPClassUID), str(dataset.SOPInstanceUID))
    frames = [measurement.frame + 1] if int(dataset.get("NumberOfFrames") or 1) > 1 else None
    if shape.is_region:
        graphic, data = _graphic(shape)
        return sr.PlanarROIMeasurementsAndQualitativeEvaluations(
            tracking_identifier=tracking,
            referenced_region=sr.ImageRegion(
                graphic, data, sr.SourceImageForRegion(*uids, referenced_frame_numbers=frames)
            ),
            measurements=[m for q in wanted if (m := _measurement(q, shape)) is not None],
        )
    image = sr.SourceImageForRegion(*uids, referenced_frame_numbers=frames)
    coordinates = [
        sr.CoordinatesForMeasurement(graphic, data, image) for graphic, data in _lines(shape)
    ]
    return sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=tracking,
        measurements=[m for q in wanted if (m := _measurement(q, shape, coordinates)) is not None],
    )


def _measurement(quantity: Quantity, shape: Shape, coordinates: Any = None) -> Any:
    from highdicom import sr

    name = _ANGLES.get(shape.kind) if quantity.key == "angle" else _NAMES.get(quantity.key)
    value = quantity.original
    if name is None or value is None or not math.isfinite(value):
        return None
    return sr.Measurement(
        name=sr.CodedConcept(*name),
        value=float(f"{value:.10g}"),
        unit=sr.CodedConcept(*_UNITS.get(quantity.unit, _NO_UNIT)),
        referenced_coordinates=coordinates,
    )


def _graphic(shape: Shape) -> tuple[str, Any]:
    """Return a region as SCOORD has it: (0, 0) is the corner of the first pixel, as here."""
    import numpy as np

    left, top, right, bottom = shape.bounds
    if shape.kind == "ellipse":
        x, y = (left + right) / 2, (top + bottom) / 2
        across, down = [(left, y), (right, y)], [(x, top), (x, bottom)]
        # The major axis comes first (PS3.3 C.18.6.1.2).
        points = across + down if right - left >= bottom - top else down + across
        return "ELLIPSE", np.array(points, dtype=np.float32)
    corners = shape.handles if shape.kind == "rectangle" else shape.points
    return "POLYLINE", np.array([*corners, corners[0]], dtype=np.float32)


def _lines(shape: Shape) -> list[tuple[str, Any]]:
    import numpy as np

    points = np.array(shape.points, dtype=np.float32)
    if shape.kind == "probe":
        return [("POINT", points)]
    if shape.kind == "cobb":
        return [("POLYLINE", points[:2]), ("POLYLINE", points[2:])]
    return [("POLYLINE", points)]
