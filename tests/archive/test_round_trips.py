"""What goes into an archive comes out of it: pixels, attributes, names."""

from __future__ import annotations

import json
import zipfile
from dataclasses import fields
from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.archive.conftest import Make, noisy
from tests.dicom_files import ramp, write_dicom_file
from viewer.archive.reading import read_archive
from viewer.archive.restoring import restore
from viewer.archive.verification import verify
from viewer.archive.writing import write_archive
from viewer.errors import ArchiveError
from viewer.images.opening import read_frame, read_frames, read_header
from viewer.images.pixel_hash import pixel_sha256
from viewer.images.radiograph import Header


def hash_of(path: Path) -> str:
    return pixel_sha256(read_frames(read_header(path)))


def attributes(path: Path) -> dict[str, str]:
    """Every attribute but the pixels, as text."""
    dataset = pydicom.dcmread(path)
    del dataset.PixelData
    return {str(element.tag): repr(element) for element in dataset}


@pytest.mark.parametrize(
    ("bits", "signed"),
    [(8, False), (8, True), (10, False), (12, True), (16, False), (16, True), (24, False)],
)
def test_a_lossless_dicom_comes_back_with_every_value_and_attribute(
    tmp_path: Path, coded: Make, bits: int, signed: bool
) -> None:
    source = write_dicom_file(
        tmp_path / "in.dcm", ramp(24, 32, bits, signed=signed), bits_stored=bits
    )
    archive = write_archive(tmp_path / "a.radz", [coded(source)])
    (restored,) = restore(archive, tmp_path / "out")
    assert restored.name == "in.dcm"
    assert hash_of(restored) == hash_of(source)
    assert attributes(restored) == attributes(source)


def test_values_high_in_their_bits_come_back_low(tmp_path: Path, coded: Make) -> None:
    values = ramp(24, 32, 12)
    source = write_dicom_file(tmp_path / "in.dcm", values << 4, bits_stored=12, high_bit=15)
    (restored,) = restore(write_archive(tmp_path / "a.radz", [coded(source)]), tmp_path / "out")
    assert hash_of(restored) == hash_of(source)
    assert pydicom.dcmread(restored).HighBit == 11
    assert np.array_equal(pydicom.dcmread(restored).pixel_array, values)


def test_frames_and_their_number_are_kept(tmp_path: Path, coded: Make) -> None:
    frames = np.stack([noisy(12, 16, 10) + index for index in range(4)])
    source = write_dicom_file(tmp_path / "cine.dcm", frames, bits_stored=11, frames=4)
    archive = write_archive(tmp_path / "a.radz", [coded(source)])
    with zipfile.ZipFile(archive) as names:
        assert "images/0001/frame-0003.bin" in names.namelist()
    (restored,) = restore(archive, tmp_path / "out")
    assert pydicom.dcmread(restored).NumberOfFrames == 4
    assert hash_of(restored) == hash_of(source)


@pytest.mark.parametrize("planar", [0, 1])
def test_colour_is_restored_pixel_by_pixel(tmp_path: Path, coded: Make, planar: int) -> None:
    pixels = noisy(10, 12, 8, 3)
    plain = pixels.transpose(2, 0, 1) if planar else pixels
    source = write_dicom_file(
        tmp_path / "us.dcm", pixels, pixel_data=plain.tobytes(), PlanarConfiguration=planar
    )
    archive = write_archive(tmp_path / "a.radz", [coded(source)])
    (restored,) = restore(archive, tmp_path / "out")
    dataset = pydicom.dcmread(restored)
    assert (dataset.PlanarConfiguration, dataset.PhotometricInterpretation) == (0, "RGB")
    assert np.array_equal(dataset.pixel_array, pixels)


def test_an_odd_number_of_bytes_is_padded(tmp_path: Path, coded: Make) -> None:
    source = write_dicom_file(tmp_path / "odd.dcm", noisy(7, 9, 8))
    (restored,) = restore(write_archive(tmp_path / "a.radz", [coded(source)]), tmp_path / "out")
    assert hash_of(restored) == hash_of(source)


@pytest.mark.parametrize(("bits", "shape"), [(8, ()), (16, ()), (8, (3,)), (16, (3,))])
def test_a_raster_file_comes_back_as_png(
    tmp_path: Path, coded: Make, bits: int, shape: tuple[int, ...]
) -> None:
    from viewer.archive.png_export import write_png

    source = write_png(tmp_path / "scan.1.png", noisy(16, 20, bits, *shape))
    archive = write_archive(tmp_path / "a.radz", [coded(source)])
    (restored,) = restore(archive, tmp_path / "out")
    assert restored.name == "scan.1.png"
    assert hash_of(restored) == hash_of(source)


def test_a_lossy_image_decodes_to_the_hash_that_was_saved(
    tmp_path: Path, dicom: Path, coded: Make
) -> None:
    image = coded(dicom, "fake-lossy")
    archive = read_archive(write_archive(tmp_path / "a.radz", [image]))
    (restored,) = restore(archive.path, tmp_path / "out")
    assert hash_of(restored) == image.decoded_sha256 != image.original_sha256
    assert not archive.images[0].lossless
    decoded = archive.images[0].decode()
    assert decoded.header.lossy.methods == ("FAKE_1",)
    assert decoded.header.lossy.ratios == (pytest.approx(image.ratio_stored, abs=0.01),)


def test_an_archive_opens_with_all_that_is_known_of_its_images(
    archive: Path, dicom: Path, raster: Path
) -> None:
    opened = read_archive(archive)
    assert opened.problems == ()
    for image, source in zip(opened.images, (dicom, raster), strict=True):
        kept, original = image.header, read_header(source)
        assert kept.path == archive / f"{image.number:04d}" / source.name
        for field in fields(Header):
            if field.name != "path":
                assert getattr(kept, field.name) == getattr(original, field.name), field.name
        assert image.source.size == source.stat().st_size
        assert image.members.thumbnail().startswith(b"\x89PNG")
    figures = opened.images[0].frames[0].figures
    assert figures.max_error == 3
    assert 20 < figures.psnr_db < 80


def test_lookup_tables_survive(tmp_path: Path, coded: Make) -> None:
    lut = pydicom.Dataset()
    lut.LUTDescriptor = [256, 0, 16]
    lut.LUTData = np.arange(0, 65536, 256, np.uint16).astype("<u2").tobytes()
    lut.ModalityLUTType = "US"
    source = write_dicom_file(
        tmp_path / "lut.dcm", ramp(24, 32, 8), ModalityLUTSequence=[lut], WindowCenter=[50, 60],
        WindowWidth=[10, 20], WindowCenterWidthExplanation=["A", "B"],
    )  # fmt: skip
    opened = read_archive(write_archive(tmp_path / "a.radz", [coded(source)]))
    table = opened.images[0].header.grey.modality_lut
    original = read_header(source).grey
    assert table is not None
    assert original.modality_lut is not None
    assert np.array_equal(table.values, original.modality_lut.values)
    assert opened.images[0].header.grey.windows == original.windows


def test_the_tree_of_the_manifest_groups_instances(tmp_path: Path, coded: Make) -> None:
    paths = [
        write_dicom_file(
            tmp_path / f"{number}.dcm",
            StudyInstanceUID="1.2.3",
            SeriesInstanceUID=f"1.2.3.{series}",
        )
        for number, series in enumerate((1, 1, 2))
    ]
    archive = write_archive(tmp_path / "a.radz", [coded(path) for path in paths])
    with zipfile.ZipFile(archive) as names:
        manifest = json.loads(names.read("manifest.json"))
    assert (manifest["format"], manifest["version"]) == ("radz", 1)
    (patient,) = manifest["patients"]
    (study,) = patient["studies"]
    found = [[entry["image"] for entry in series["instances"]] for series in study["series"]]
    assert found == [[1, 2], [3]]


def test_other_tools_can_unpack_an_archive(archive: Path, tmp_path: Path, dicom: Path) -> None:
    with zipfile.ZipFile(archive) as names:
        assert names.testzip() is None
        names.extract("headers/0001.dcm", tmp_path)
    header = pydicom.dcmread(tmp_path / "headers/0001.dcm")
    assert "PixelData" not in header
    original = pydicom.dcmread(dicom)
    assert header.PatientID == original.PatientID
    assert header[0x0099, 0x1001].value == "kept by every archive"


def test_the_file_is_for_its_owner_alone(archive: Path, tmp_path: Path) -> None:
    assert archive.stat().st_mode & 0o777 == 0o600
    restored = restore(archive, tmp_path / "out")
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in restored)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700


def test_restoring_never_overwrites(archive: Path, tmp_path: Path) -> None:
    first = restore(archive, tmp_path)
    second = restore(archive, tmp_path)
    names = [path.name for path in (*first, *second)]
    # chest.dcm and hand.png lie there already: they are the sources.
    assert names == ["chest-2.dcm", "hand-2.png", "chest-3.dcm", "hand-3.png"]
    assert len(set(names)) == 4


def test_a_source_that_changes_while_it_is_coded_is_refused(
    dicom: Path, coded: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from viewer.archive import coding

    def meddle(header: Header, frame: int = 0) -> object:
        radiograph = read_frame(header, frame)
        with header.path.open("ab") as stream:
            stream.write(b"more")
        return radiograph

    monkeypatch.setattr(coding, "read_frame", meddle)
    with pytest.raises(ArchiveError, match=r"chest\.dcm changed while it was coded"):
        coded(dicom)


def test_an_empty_archive_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no image"):
        write_archive(tmp_path / "a.radz", [])
    assert list(tmp_path.iterdir()) == []


def test_a_comparison_at_hand_is_kept_without_coding_again(
    dicom: Path, tmp_path: Path, coded: Make
) -> None:
    from viewer.archive.coding import coded_from
    from viewer.codecs import registry
    from viewer.codecs.base import PixelFormat, Target
    from viewer.metrics.figures import compare

    radiograph = read_frame(read_header(dicom))
    codec, target = registry.get("fake-lossy"), Target("ratio", 4.0)
    encoded = codec.encode(radiograph.pixels, PixelFormat(12), target)
    pixels = codec.decode(encoded.data).pixels
    figures = compare(radiograph.pixels, pixels, PixelFormat(12))
    image = coded_from(radiograph, "fake-lossy", target, encoded, pixels, figures)
    again = coded(dicom, "fake-lossy")
    assert image.frames[0].decoded_sha256 == again.frames[0].decoded_sha256
    assert verify(write_archive(tmp_path / "a.radz", [image])).ok

    write_dicom_file(dicom, ramp(24, 32, 8))
    with pytest.raises(ArchiveError, match="changed since it was opened"):
        coded_from(radiograph, "fake-lossy", target, encoded, pixels, figures)


def test_an_archive_may_be_saved_over_itself(
    archive: Path, dicom: Path, coded: Make, tmp_path: Path
) -> None:
    before = read_archive(archive)
    more = [coded(dicom), *before.images]
    write_archive(archive, more)
    assert verify(archive).ok
    # What was opened before still reads its own bytes, wherever they are now.
    for old, new in zip(before.images, read_archive(archive).images[1:], strict=True):
        assert old.payload() == new.payload()
        assert old.members.dicom_header() == new.members.dicom_header()


def test_members_of_later_programs_are_carried_along(
    tmp_path: Path, raster: Path, coded: Make
) -> None:
    from viewer.archive import writing
    from viewer.archive.container import MANIFEST, Container, Member

    add = Container.add

    def with_more(self: Container, name: str, data: bytes) -> Member:
        if name == MANIFEST:
            values = json.loads(data)
            extra = add(self, "decoders/vqvae2.safetensors", b"weights")
            values["decoders"] = {"vqvae2": extra.name}
            values["members"].append(
                {"member": extra.name, "offset": extra.offset, "bytes": 7, "sha256": extra.sha256}
            )
            data = writing.dump(values)
        return add(self, name, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Container, "add", with_more)
        archive = write_archive(tmp_path / "a.radz", [coded(raster)])
    assert verify(archive).ok
    assert "decoders/vqvae2.safetensors" in zipfile.ZipFile(archive).namelist()
