"""What a file says of text burned into its pixels, which de-identification does not touch."""

from __future__ import annotations

from pydicom import Dataset

from viewer.archive.dicom_header import dataset_of, read_dicom_header
from viewer.archive.model import CodedImage
from viewer.images.radiograph import Header


def burned_in_of(image: Header | CodedImage) -> str:
    """Return the warning on text in an image's pixels, "" where its file says there is none.

    Raises
    ------
    ArchiveError, ImageError
        When the attributes cannot be read.
    """
    header = image if isinstance(image, Header) else image.header
    if header.file_format != "DICOM":
        return burned_in_warning(None)
    if isinstance(image, Header):
        kept = read_dicom_header(header.path)
        return burned_in_warning(dataset_of(kept.data, kept.cut_at))
    attributes = image.members.dicom_header()
    return burned_in_warning(dataset_of(attributes, image.source.pixel_data_offset))


def burned_in_warning(dataset: Dataset | None) -> str:
    """Return what to tell the user of text in the pixels, "" where the file says there is none.

    Parameters
    ----------
    dataset : Dataset or None
        None for raster files, which cannot say.
    """
    said = str(dataset.get("BurnedInAnnotation", "") or "").strip().upper() if dataset else ""
    features = dataset.get("RecognizableVisualFeatures", "") if dataset else ""
    if said == "YES":
        return "It says that text is burned into its pixels; they are not changed: look at them."
    if str(features or "").strip().upper() == "YES":
        return "It says that the person can be recognised by its pixels; they are not changed."
    if said == "NO":
        return ""
    return "It does not say whether text is burned into its pixels; look at them."
