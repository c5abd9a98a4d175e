"""What a restored DICOM file says of its losses, and what it keeps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from tests.archive.conftest import Make, noisy
from tests.archive.fake_codecs import Drifting
from tests.dicom_files import ramp, write_dicom_file
from viewer.archive.coding import code_image
from viewer.archive.dicom_export import write_dicom
from viewer.archive.model import CodedImage
from viewer.archive.restoring import restore
from viewer.archive.writing import write_archive
from viewer.codecs.base import Target
from viewer.errors import ArchiveError
from viewer.images.opening import read_frame, read_header
from viewer.images.pixel_hash import pixel_sha256

MARKS = {
    "ImageType",
    "SOPInstanceUID",
    "SeriesInstanceUID",
    "DerivationDescription",
    "SourceImageSequence",
    "DerivationCodeSequence",
    "ContributingEquipmentSequence",
    "LossyImageCompression",
    "LossyImageCompressionRatio",
    "LossyImageCompressionMethod",
}


def lossy_step(
    path: Path, out: Path, coded: Make, codec: str = "fake-lossy", ratio: float = 4.0
) -> Dataset:
    """Code, archive and restore a file once; return what came back."""
    archive = write_archive(out.with_suffix(".radz"), [coded(path, codec, ratio)])
    (restored,) = restore(archive, out)
    return pydicom.dcmread(restored)


def test_every_mark_of_a_lossy_image_is_there(tmp_path: Path, coded: Make) -> None:
    source = write_dicom_file(
        tmp_path / "in.dcm", noisy(24, 32, 12), bits_stored=12,
        ImageType=["ORIGINAL", "PRIMARY", "LEFT"],
    )  # fmt: skip
    before = pydicom.dcmread(source)
    after = lossy_step(source, tmp_path / "out", coded)
    ratio = coded(source, "fake-lossy").ratio_stored
    assert list(after.ImageType) == ["DERIVED", "PRIMARY", "LEFT"]
    assert after.LossyImageCompression == "01"
    assert float(after.LossyImageCompressionRatio) == pytest.approx(ratio, abs=0.01)
    assert after.LossyImageCompressionMethod == "FAKE_1"
    assert after.DerivationDescription == f"Lossy FAKE_1 {ratio:.1f}:1 vs 12 stored bits"
    (code,) = after.DerivationCodeSequence
    assert (code.CodeValue, code.CodingSchemeDesignator) == ("113040", "DCM")
    (origin,) = after.SourceImageSequence
    assert origin.ReferencedSOPInstanceUID == before.SOPInstanceUID
    assert origin.ReferencedSOPClassUID == before.SOPClassUID
    assert origin.PurposeOfReferenceCodeSequence[0].CodeValue == "121320"
    (equipment,) = after.ContributingEquipmentSequence
    assert equipment.Manufacturer == "Radiograph Viewer"
    assert equipment.PurposeOfReferenceCodeSequence[0].CodeValue == "109103"
    assert after.SOPInstanceUID != before.SOPInstanceUID
    assert after.SeriesInstanceUID != before.SeriesInstanceUID
    assert after.StudyInstanceUID == before.StudyInstanceUID
    assert after.file_meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID
    assert after.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"


def test_every_other_attribute_is_kept(tmp_path: Path, coded: Make) -> None:
    source = write_dicom_file(
        tmp_path / "in.dcm", noisy(24, 32, 12), bits_stored=12, photometric="MONOCHROME1",
        WindowCenter="2000.50", WindowWidth="03000", PixelPaddingValue=0, RescaleSlope="1.0",
        RescaleIntercept="-1.2345678901234", PatientComments="unchanged ",
    )  # fmt: skip
    before, after = pydicom.dcmread(source), lossy_step(source, tmp_path / "out", coded)
    kept = [e for e in before if e.keyword not in MARKS | {"PixelData"}]
    assert len(kept) > 20
    for element in kept:
        assert after[element.tag] == element
    assert {e.keyword for e in after} - {e.keyword for e in before} == MARKS - {
        "SOPInstanceUID", "SeriesInstanceUID",
    }  # fmt: skip
    raw = pydicom.dcmread(tmp_path / "out" / "in.dcm").get_item("WindowWidth")
    assert raw is not None
    assert raw.value == b"03000 "


def test_two_steps_give_two_values_and_a_second_source(tmp_path: Path, coded: Make) -> None:
    source = write_dicom_file(
        tmp_path / "in.dcm",
        noisy(24, 32, 12),
        bits_stored=12,
        DerivationDescription="Sharpened",
    )
    first = lossy_step(source, tmp_path / "one", coded)
    second = lossy_step(tmp_path / "one" / "in.dcm", tmp_path / "two", coded, ratio=8.0)
    assert len(second.LossyImageCompressionRatio) == 2
    assert second.LossyImageCompressionRatio[0] == first.LossyImageCompressionRatio
    assert list(second.LossyImageCompressionMethod) == ["FAKE_1", "FAKE_1"]
    assert second.LossyImageCompression == "01"
    assert second.DerivationDescription.count("Lossy FAKE_1") == 2
    assert second.DerivationDescription.startswith("Sharpened; Lossy")
    sources = [item.ReferencedSOPInstanceUID for item in second.SourceImageSequence]
    assert sources[1] == first.SOPInstanceUID
    assert len({*sources, second.SOPInstanceUID}) == 3
    assert len(second.ContributingEquipmentSequence) == 2


@pytest.mark.parametrize("before", [None, "00", "01"])
def test_lossless_coding_never_touches_the_marks(
    tmp_path: Path, coded: Make, before: str | None
) -> None:
    earlier = {"LossyImageCompression": before} if before else {}
    source = write_dicom_file(tmp_path / "in.dcm", noisy(24, 32, 12), bits_stored=12, **earlier)
    original = pydicom.dcmread(source)
    after = lossy_step(source, tmp_path / "out", coded, "fake-exact")
    assert after.get("LossyImageCompression") == before
    for keyword in MARKS - {"LossyImageCompression"}:
        assert after.get(keyword) == original.get(keyword), keyword


def test_a_lossy_codec_that_lost_nothing_is_lossless(tmp_path: Path, coded: Make) -> None:
    source = write_dicom_file(tmp_path / "in.dcm", noisy(24, 32, 8) // 4 * 4)
    assert coded(source, "fake-lossy").lossless
    assert "LossyImageCompression" not in lossy_step(source, tmp_path / "out", coded)


def test_restoring_twice_makes_one_instance(tmp_path: Path, dicom: Path, coded: Make) -> None:
    archive = write_archive(tmp_path / "a.radz", [coded(dicom, "fake-lossy")])
    (first,) = restore(archive, tmp_path / "one")
    (second,) = restore(archive, tmp_path / "two")
    assert first.read_bytes() == second.read_bytes()

    again = write_archive(tmp_path / "b.radz", [coded(dicom, "fake-lossy")])
    (third,) = restore(again, tmp_path / "three")
    uids = [pydicom.dcmread(path).SOPInstanceUID for path in (first, third)]
    assert uids[0] == uids[1]


def test_instances_of_a_series_stay_together_and_apart_from_other_settings(
    tmp_path: Path,
) -> None:
    def restored(name: str, ratio: float) -> Dataset:
        path = write_dicom_file(
            tmp_path / f"{name}.dcm", noisy(24, 32, 12), bits_stored=12,
            SeriesInstanceUID="1.2.3.4", SOPInstanceUID=f"1.2.3.4.{name}",
        )  # fmt: skip
        image = code_image(read_header(path), "fake-lossy", Target("ratio", ratio))
        return pydicom.dcmread(write_dicom(tmp_path / "out.dcm", image))

    first, second, other = restored("1", 4.0), restored("2", 4.0), restored("1", 8.0)
    assert first.SeriesInstanceUID == second.SeriesInstanceUID != other.SeriesInstanceUID
    assert first.SOPInstanceUID != second.SOPInstanceUID


def test_other_pixels_of_another_device_are_another_instance(
    tmp_path: Path, dicom: Path, coded: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = write_archive(tmp_path / "a.radz", [coded(dicom, "fake-drifting")])
    (here,) = restore(archive, tmp_path / "here")
    monkeypatch.setattr(Drifting, "sparse", 1)
    (there,) = restore(archive, tmp_path / "there")
    assert pydicom.dcmread(here).SOPInstanceUID != pydicom.dcmread(there).SOPInstanceUID


def test_pixel_extremes_follow_only_where_the_source_has_them(tmp_path: Path, coded: Make) -> None:
    pixels = ramp(24, 32, 12) + 3
    pixels = np.minimum(pixels, 4095)
    with_them = write_dicom_file(
        tmp_path / "in.dcm", pixels, bits_stored=12, SmallestImagePixelValue=3,
        LargestImagePixelValue=4095,
    )  # fmt: skip
    after = lossy_step(with_them, tmp_path / "out", coded)
    array = after.pixel_array
    assert after.SmallestImagePixelValue == array.min() == 0
    assert after.LargestImagePixelValue == array.max() == 4092


def test_odd_marks_of_the_source_do_not_stop_it(tmp_path: Path, coded: Make) -> None:
    source = write_dicom_file(tmp_path / "in.dcm", noisy(24, 32, 12), bits_stored=12)
    dataset = pydicom.dcmread(source)
    for keyword, value in (
        ("LossyImageCompressionRatio", b"10 to 1 "),
        ("ImageType", b"original image of no known type\\"),
        ("DerivationDescription", "Ü".encode() * 700),
    ):
        tag = pydicom.tag.Tag(keyword)
        vr = pydicom.datadict.dictionary_VR(tag)
        dataset._dict[tag] = pydicom.dataelem.RawDataElement(
            tag, vr, len(value), value, 0, False, True
        )
    dataset.save_as(source)
    after = lossy_step(source, tmp_path / "out", coded)
    raw = after.get_item("LossyImageCompressionRatio")
    assert raw is not None
    assert raw.value.startswith(b"10 to 1\\")
    described = after.get_item("DerivationDescription")
    assert described is not None
    assert len(described.value) <= 1024
    assert described.value.rstrip().endswith(b"stored bits")


def test_an_image_with_palette_colours_is_only_coded_losslessly(
    tmp_path: Path, coded: Make
) -> None:
    table = np.arange(256, dtype="<u2").tobytes()
    source = write_dicom_file(
        tmp_path / "in.dcm", noisy(24, 32, 8), photometric="PALETTE COLOR",
        RedPaletteColorLookupTableDescriptor=[256, 0, 16], RedPaletteColorLookupTableData=table,
        GreenPaletteColorLookupTableDescriptor=[256, 0, 16], GreenPaletteColorLookupTableData=table,
        BluePaletteColorLookupTableDescriptor=[256, 0, 16], BluePaletteColorLookupTableData=table,
    )  # fmt: skip
    with pytest.raises(ArchiveError, match="palette"):
        coded(source, "fake-lossy")
    after = lossy_step(source, tmp_path / "out", coded, "fake-exact")
    assert after.PhotometricInterpretation == "PALETTE COLOR"


def test_exporting_an_opened_radiograph_keeps_its_identity(tmp_path: Path, dicom: Path) -> None:
    radiograph = read_frame(read_header(dicom))
    made = write_dicom(tmp_path / "export.dcm", radiograph)
    before, after = pydicom.dcmread(dicom), pydicom.dcmread(made)
    assert after.SOPInstanceUID == before.SOPInstanceUID
    assert "LossyImageCompression" not in after
    assert np.array_equal(after.pixel_array, before.pixel_array)


def test_exporting_decoded_pixels_at_hand_checks_them(
    tmp_path: Path, dicom: Path, coded: Make
) -> None:
    image = coded(dicom, "fake-lossy")
    pixels = image.decode().pixels
    made = write_dicom(tmp_path / "export.dcm", image, decoded=[pixels])
    assert np.array_equal(pydicom.dcmread(made).pixel_array, pixels)
    with pytest.raises(ArchiveError, match="not those it decodes to"):
        write_dicom(tmp_path / "wrong.dcm", image, decoded=[read_frame(read_header(dicom)).pixels])
    assert not (tmp_path / "wrong.dcm").exists()


def test_a_raster_image_is_no_dicom(tmp_path: Path, raster: Path, coded: Make) -> None:
    with pytest.raises(ArchiveError, match="export it as PNG"):
        write_dicom(tmp_path / "out.dcm", coded(raster))


def test_a_coded_image_can_be_exported_before_it_is_saved(
    tmp_path: Path, dicom: Path, coded: Make
) -> None:
    image: CodedImage = coded(dicom, "fake-lossy")
    made = write_dicom(tmp_path / "out.dcm", image)
    assert pixel_sha256([read_frame(read_header(made))]) == image.decoded_sha256
