"""DICOM attributes -> `Header`: identity, spacing, orientation, lossy history."""

from __future__ import annotations

from pathlib import Path

from viewer.images.dicom_attributes import Attributes
from viewer.images.dicom_grey import read_grey
from viewer.images.dicom_layout import LOSSY, PixelLayout
from viewer.images.dicom_palette import read_palette
from viewer.images.dicom_spacing import MOST_ASPECT, read_spacing
from viewer.images.faults import Unreadable
from viewer.images.orientation import (
    Edges,
    edges_from_cosines,
    edges_from_patient_orientation,
)
from viewer.images.radiograph import Grey, Header, Identity, LossyHistory, Spacing

_FASTEST = 1000.0


def build_header(
    path: Path,
    attributes: Attributes,
    layout: PixelLayout,
    *,
    transfer_syntax: str,
    little_endian: bool,
    notices: list[str],
) -> Header:
    """Gather what the viewer needs to know of an image.

    Raises
    ------
    Unreadable
        When a PALETTE COLOR image has no palette.
    """
    photometric = layout.photometric if layout.samples == 1 else "RGB"
    palette = None
    if photometric == "PALETTE COLOR":
        try:
            palette = read_palette(attributes, layout.signed, little_endian)
        except ValueError:
            raise Unreadable("its colour palette is missing or damaged") from None
    grey = read_grey(
        attributes,
        photometric=photometric,
        bits_stored=layout.bits_stored,
        signed=layout.signed,
        little_endian=little_endian,
        notices=notices,
    )
    spacing = read_spacing(attributes, notices)
    return Header(
        path=path,
        file_format="DICOM",
        rows=layout.rows,
        columns=layout.columns,
        frames=layout.frames,
        samples=layout.samples,
        bits_allocated=layout.bits_allocated,
        bits_stored=layout.bits_stored,
        signed=layout.signed,
        photometric=photometric,
        transfer_syntax=transfer_syntax,
        identity=_identity(attributes),
        grey=grey,
        spacing=spacing,
        orientation=_orientation(attributes),
        aspect=_aspect(attributes, spacing),
        lossy=_lossy(attributes, layout.syntax),
        notices=tuple(notices),
        palette=palette,
        frame_rate=_frame_rate(attributes),
    )


def _identity(attributes: Attributes) -> Identity:
    text = attributes.text
    return Identity(
        patient_name=_person(text("PatientName")),
        patient_id=text("PatientID"),
        patient_birth_date=text("PatientBirthDate"),
        patient_sex=text("PatientSex"),
        study_uid=text("StudyInstanceUID"),
        study_date=text("StudyDate") or text("AcquisitionDate") or text("ContentDate"),
        study_time=text("StudyTime"),
        study_description=text("StudyDescription"),
        accession_number=text("AccessionNumber"),
        series_uid=text("SeriesInstanceUID"),
        series_number=text("SeriesNumber"),
        series_description=text("SeriesDescription") or text("ProtocolName"),
        sop_class_uid=text("SOPClassUID"),
        instance_uid=text("SOPInstanceUID"),
        instance_number=text("InstanceNumber"),
        modality=text("Modality"),
        body_part=text("BodyPartExamined"),
        laterality=text("ImageLaterality") or text("FrameLaterality") or text("Laterality"),
        view_position=text("ViewPosition"),
        institution=text("InstitutionName"),
    )


def _person(name: str) -> str:
    """Write a Person Name as it is read: "Doe^John^M^Dr^" -> "Doe, John M" (PS3.5 6.2.1)."""
    alphabetic = next((group for group in name.split("=") if group.strip("^ ")), "")
    family, given, middle = (part.strip() for part in (*alphabetic.split("^"), "", "", "")[:3])
    first = " ".join(part for part in (given, middle) if part)
    return f"{family}, {first}" if family and first else family or first


def read_frame_grey(attributes: Attributes, header: Header, *, little_endian: bool) -> Grey:
    """Read the grey attributes of one frame of a multi-frame image, from its own groups."""
    return read_grey(
        attributes,
        photometric=header.photometric,
        bits_stored=header.bits_stored,
        signed=header.signed,
        little_endian=little_endian,
        notices=[],
    )


def _aspect(attributes: Attributes, spacing: Spacing | None) -> float:
    if spacing is not None:
        return spacing.row / spacing.column
    ratio = attributes.numbers("PixelAspectRatio")
    if len(ratio) < 2 or min(ratio[:2]) <= 0:
        return 1.0
    aspect = ratio[0] / ratio[1]
    return aspect if 1 / MOST_ASPECT <= aspect <= MOST_ASPECT else 1.0


def _orientation(attributes: Attributes) -> Edges:
    edges = edges_from_patient_orientation(attributes.text("PatientOrientation"))
    if any(edges):
        return edges
    return edges_from_cosines(attributes.numbers("ImageOrientationPatient"))


def _frame_rate(attributes: Attributes) -> float:
    """Read how fast frames follow each other (PS3.3 C.7.6.5, C.7.6.18)."""
    for keyword in ("RecommendedDisplayFrameRate", "CineRate"):
        rate = attributes.number(keyword)
        if rate is not None and 0 < rate <= _FASTEST:
            return rate
    between = attributes.number("FrameTime")  # milliseconds
    return 1000 / between if between is not None and between >= 1000 / _FASTEST else 0.0


def _lossy(attributes: Attributes, syntax: str) -> LossyHistory:
    """Believe any sign of loss; many writers set only one of them (PS3.3 C.7.6.1.1.5)."""
    flag = attributes.text("LossyImageCompression").upper()
    ratios = tuple(value for value in attributes.numbers("LossyImageCompressionRatio") if value > 0)
    named = attributes.text("LossyImageCompressionMethod").split("\\")
    methods = tuple(method for method in named if method)
    if syntax in LOSSY and not methods:
        methods = (LOSSY[syntax],)
    derived = "lossy" in attributes.text("DerivationDescription").lower()
    lossy = flag in ("01", "1", "YES") or bool(ratios or methods) or derived
    return LossyHistory(lossy, ratios, methods)
