"""With the original kept, the file that comes back is the file that went in, byte for byte."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
)

from tests.archive.conftest import LOSSLESS, flip, noisy
from tests.dicom_files import ramp, write_dicom_file
from viewer.archive.coding import code_image
from viewer.archive.keep import Keep
from viewer.archive.native_words import NativeLayout, join, split, values_of
from viewer.archive.png_export import write_png
from viewer.archive.reading import read_archive
from viewer.archive.restoring import restore
from viewer.archive.verification import verify
from viewer.archive.writing import write_archive
from viewer.codecs.base import Target
from viewer.errors import ArchiveError
from viewer.images.opening import read_header

LOSSY = Target("ratio", 4)


def keep(path: Path, tmp_path: Path, codec: str = "fake-lossy") -> Path:
    """Archive a file with its original and return the archive."""
    target = LOSSLESS if codec == "fake-exact" else LOSSY
    image = code_image(read_header(path), codec, target, keep=Keep(original=True))
    return write_archive(tmp_path / "kept.radz", [image])


def comes_back(source: Path, archive: Path, folder: Path) -> None:
    (restored,) = restore(archive, folder)
    assert hashlib.sha256(restored.read_bytes()).digest() == (
        hashlib.sha256(source.read_bytes()).digest()
    )
    assert restored.stat().st_mode & 0o777 == 0o600


def parts(archive: Path) -> list[dict[str, Any]]:
    with zipfile.ZipFile(archive) as names:
        image = json.loads(names.read("manifest.json"))["images"][0]
    found: list[dict[str, Any]] = image["original"]
    return found


@pytest.mark.parametrize("codec", ["fake-lossy", "fake-exact"])
@pytest.mark.parametrize(
    ("bits", "signed", "high_bit"),
    [(8, False, 7), (8, True, 7), (12, False, 11), (12, True, 11), (12, False, 15),
     (16, False, 15), (16, True, 15), (24, False, 23)],
)  # fmt: skip
def test_native_files_of_any_depth_come_back(
    tmp_path: Path, bits: int, signed: bool, high_bit: int, codec: str
) -> None:
    pixels = ramp(64, 48, bits, signed=signed) << (high_bit + 1 - bits)
    source = write_dicom_file(tmp_path / "in.dcm", pixels, bits_stored=bits, high_bit=high_bit)
    archive = keep(source, tmp_path, codec)
    comes_back(source, archive, tmp_path / "out")
    codings = [part.get("coding") for part in parts(archive)]
    if bits <= 16:
        expected = {"payload"} if codec == "fake-exact" else {"jpeg-ls", "htj2k", "jpeg-2000"}
        assert expected & set(codings)


def test_bits_above_the_stored_ones_and_odd_bytes_behind_the_pixels_come_back(
    tmp_path: Path,
) -> None:
    pixels = ramp(24, 32, 12) | noisy(24, 32, 4).astype(np.uint16) << 12
    data = pixels.astype("<u2").tobytes() + b"more than the pixels need!"
    source = write_dicom_file(tmp_path / "in.dcm", pixels, bits_stored=12, pixel_data=data)
    with source.open("ab") as stream:
        stream.write(b"\xff\xfc\xff\xfcOBno element at all\x01")
    archive = keep(source, tmp_path)
    assert any("rest" in part for part in parts(archive))
    comes_back(source, archive, tmp_path / "out")


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
def test_other_native_syntaxes_come_back(tmp_path: Path, syntax: str) -> None:
    path = write_dicom_file(tmp_path / "explicit.dcm")
    dataset = pydicom.dcmread(path)
    if syntax == ExplicitVRBigEndian:
        dataset.PixelData = np.frombuffer(dataset.PixelData, "<u2").astype(">u2").tobytes()
    dataset.file_meta.TransferSyntaxUID = syntax
    source = tmp_path / "in.dcm"
    little = syntax != ExplicitVRBigEndian
    pydicom.dcmwrite(
        source,
        dataset,
        implicit_vr=syntax == ImplicitVRLittleEndian,
        little_endian=little,
        force_encoding=True,
    )
    comes_back(source, keep(source, tmp_path), tmp_path / "out")


def test_a_file_without_preamble_comes_back_without(tmp_path: Path) -> None:
    source = tmp_path / "bare.dcm"
    whole = write_dicom_file(tmp_path / "in.dcm").read_bytes()
    source.write_bytes(whole[132:])
    archive = keep(source, tmp_path)
    assert "pixels" in [part["how"] for part in parts(archive)]
    comes_back(source, archive, tmp_path / "out")


@pytest.mark.parametrize("planar", [0, 1])
def test_colour_by_pixel_and_by_plane_comes_back(tmp_path: Path, planar: int) -> None:
    pixels = np.stack([ramp(40, 30, 8)] * 3, axis=-1)
    plain = pixels.transpose(2, 0, 1) if planar else pixels
    source = write_dicom_file(
        tmp_path / "us.dcm", pixels, pixel_data=plain.tobytes(), PlanarConfiguration=planar
    )
    for codec in ("fake-lossy", "fake-exact"):
        comes_back(source, keep(source, tmp_path, codec), tmp_path / codec)


def test_frames_come_back_in_their_order(tmp_path: Path) -> None:
    frames = np.stack([ramp(24, 32, 12) // (n + 1) for n in range(3)])
    source = write_dicom_file(tmp_path / "cine.dcm", frames, bits_stored=12, frames=3)
    archive = keep(source, tmp_path)
    assert sum(part["how"] == "pixels" for part in parts(archive)) == 3
    comes_back(source, archive, tmp_path / "out")


def test_raster_files_are_kept_as_they_are(tmp_path: Path) -> None:
    source = write_png(tmp_path / "hand.png", ramp(16, 20, 8))
    with source.open("ab") as stream:
        stream.write(b"trailing")
    archive = keep(source, tmp_path)
    assert [part["how"] for part in parts(archive)] == ["verbatim"]
    comes_back(source, archive, tmp_path / "out")


def test_the_decoded_image_is_there_as_well(tmp_path: Path, dicom: Path) -> None:
    archive = keep(dicom, tmp_path)
    (decoded,) = restore(archive, tmp_path / "decoded", original=False)
    assert pydicom.dcmread(decoded).LossyImageCompression == "01"
    assert decoded.read_bytes() != dicom.read_bytes()


def test_asking_for_an_original_that_was_not_kept_is_a_sentence(
    tmp_path: Path, archive: Path
) -> None:
    with pytest.raises(ArchiveError, match="original file was not kept"):
        restore(archive, tmp_path / "out", original=True)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_damaged_original_is_found_and_nothing_is_written(tmp_path: Path, dicom: Path) -> None:
    archive = keep(dicom, tmp_path)
    name = next(part["data"]["member"] for part in parts(archive) if part["how"] == "pixels")
    with zipfile.ZipFile(archive) as names:
        info = names.getinfo(name)
    flip(archive, info.header_offset + 30 + len(name) + info.file_size // 2)
    for decode in (True, False):
        result = verify(archive, decode=decode)
        assert result.images[0].state == "damaged"
        assert name in result.images[0].sentence
    problems: list[str] = []
    only = restore(archive, tmp_path / "only", original=True, on_problem=problems.append)
    assert only == []
    assert len(problems) == 1
    # The coded image is whole all the same, and takes its place where nothing else was asked for.
    (decoded,) = restore(archive, tmp_path / "out", on_problem=problems.append)
    assert pydicom.dcmread(decoded).LossyImageCompression == "01"
    assert "takes the place of the original" in problems[1]
    assert len(restore(archive, tmp_path / "out", original=False, on_problem=problems.append)) == 1


def test_an_archive_that_gives_back_another_file_is_not_written(
    tmp_path: Path, dicom: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from viewer.archive import keeping_original

    monkeypatch.setattr(keeping_original.KeptOriginal, "header", lambda self, start, size: None)
    with pytest.raises(ArchiveError, match="does not read back"):
        keep(dicom, tmp_path)
    assert not (tmp_path / "kept.radz").exists()


def test_saving_an_archive_again_keeps_the_originals(tmp_path: Path, dicom: Path) -> None:
    first = read_archive(keep(dicom, tmp_path))
    second = write_archive(tmp_path / "again.radz", first.images)
    comes_back(dicom, second, tmp_path / "out")


def test_a_deflated_bomb_is_not_inflated(tmp_path: Path) -> None:
    from viewer.archive.original import _inflated

    bomb = zlib.compress(bytes(50_000_000), 9)
    assert len(_inflated(bomb, 1000)) == 1001


@given(
    bits=st.integers(1, 16),
    above=st.integers(0, 15),
    signed=st.booleans(),
    big=st.booleans(),
    seed=st.integers(0, 999),
)
@settings(max_examples=60, deadline=None)
def test_words_are_parted_and_joined_exactly(
    bits: int, above: int, signed: bool, big: bool, seed: int
) -> None:
    high_bit = min(bits - 1 + above, 15)
    layout = NativeLayout(5, 7, 1, 2, bits, high_bit, signed, big)
    generator = np.random.default_rng(seed)
    raw = generator.integers(0, 256, layout.frame_bytes, dtype=np.uint8).tobytes()
    values, rest = split(raw, layout)
    assert int(values.max()) < 1 << bits
    assert join(values, rest, layout) == raw
    low = -(1 << (bits - 1)) if signed else 0
    stored = values.astype(np.int64) + low
    assert np.array_equal(values_of(stored, layout), values)
    # What a writer makes of values leaves no rest.
    assert split(join(values, b"", layout), layout)[1] == b""


def test_compressed_frames_are_kept_as_they_are(tmp_path: Path, shared_data: Path) -> None:
    for name in ("RG3_JLSL", "XA1_RLE"):
        source = shared_data / "dicom" / "wg04" / name
        archive = keep(source, tmp_path)
        assert [part["how"] for part in parts(archive)][:2] == ["header", "verbatim"]
        comes_back(source, archive, tmp_path / name)


def test_real_files_of_other_makers_come_back(tmp_path: Path, shared_data: Path) -> None:
    for source in sorted((shared_data / "dicom" / "misc").glob("*.dcm")):
        header = read_header(source)
        image = code_image(header, "fake-lossy", LOSSY, keep=Keep(original=True))
        comes_back(source, write_archive(tmp_path / "a.radz", [image]), tmp_path / source.stem)
