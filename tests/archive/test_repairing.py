"""What is intact of a damaged archive goes into a whole one; what is not is named."""

from __future__ import annotations

import json
import random
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.archive.conftest import LOSSLESS, Make, flip
from viewer.archive.coding import code_image
from viewer.archive.keep import Keep
from viewer.archive.members import HeldMembers
from viewer.archive.reading import read_archive
from viewer.archive.repairing import repair
from viewer.archive.restoring import restore
from viewer.archive.verification import verify
from viewer.archive.writing import write_archive
from viewer.errors import ArchiveError
from viewer.images.opening import read_header


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as names:
        return {name: names.read(name) for name in names.namelist() if name != "manifest.json"}


def damage(path: Path, name: str) -> None:
    with zipfile.ZipFile(path) as names:
        info = names.getinfo(name)
    flip(path, info.header_offset + 30 + len(name) + info.file_size // 2)


@pytest.mark.parametrize("lost", ["directory", "end", "manifest", "cut"])
def test_a_lost_directory_is_rebuilt_and_no_byte_of_the_members_changes(
    tmp_path: Path, archive: Path, lost: str
) -> None:
    before = contents(archive)
    data = archive.read_bytes()
    directory = data.index(b"PK\1\2")
    archive.write_bytes(
        {
            "directory": data[:directory] + bytes(200) + data[directory + 200 :],
            "end": data[:-100] + bytes(100),
            "manifest": data.replace(b'{"format"', b'{"xormat"'),
            "cut": data[: data.index(b'{"format"') + 50],
        }[lost]
    )
    assert not verify(archive).ok
    result = repair(archive, tmp_path / "repaired.radz")
    assert result.lost == []
    assert result.saved == ["0001 chest.dcm", "0002 hand.png"]
    assert verify(result.path).ok
    assert contents(result.path) == before


def test_a_damaged_image_is_named_and_its_intact_members_saved(
    tmp_path: Path, archive: Path
) -> None:
    damage(archive, "images/0001/frame-0000.bin")
    result = repair(archive, tmp_path / "out.radz", members_folder=tmp_path / "members")
    assert result.saved == ["0002 hand.png"]
    assert len(result.lost) == 1
    assert result.lost[0].startswith("0001 chest.dcm: lost. images/0001/frame-0000.bin")
    assert verify(result.path).ok
    names = sorted(path.name for path in (tmp_path / "members").iterdir())
    assert names == ["headers-0001.dcm", "images-0001-image.json", "thumbnails-0001.png"]
    (restored,) = restore(result.path, tmp_path / "restored")
    assert restored.name == "hand.png"


def test_what_an_image_can_do_without_is_dropped(tmp_path: Path, dicom: Path) -> None:
    image = code_image(read_header(dicom), "fake-exact", LOSSLESS, keep=Keep(original=True))
    path = write_archive(tmp_path / "a.radz", [image])
    original = next(name for name in contents(path) if name.startswith("originals/"))
    damage(path, original)
    damage(path, "thumbnails/0001.png")
    result = repair(path, tmp_path / "b.radz")
    assert len(result.lost) == 2
    assert verify(result.path).ok
    (saved,) = read_archive(result.path).images
    assert saved.original == ()
    assert saved.members.thumbnail() == b""
    assert saved.original_sha256 == image.original_sha256


def test_an_archive_is_not_repaired_onto_itself(archive: Path) -> None:
    before = archive.read_bytes()
    with pytest.raises(ArchiveError, match="another name"):
        repair(archive, archive)
    assert archive.read_bytes() == before


def test_nothing_intact_is_a_sentence(tmp_path: Path, raster: Path, coded: Make) -> None:
    path = write_archive(tmp_path / "a.radz", [coded(raster)])
    damage(path, "images/0001/frame-0000.bin")
    with pytest.raises(ArchiveError, match="no image that is intact"):
        repair(path, tmp_path / "b.radz")
    assert not (tmp_path / "b.radz").exists()


def test_whatever_is_damaged_what_is_repaired_is_whole(tmp_path: Path, archive: Path) -> None:
    """Anything repaired verifies; images whose members were not hit are always in it."""
    data = archive.read_bytes()
    generator = random.Random(3)
    saved = 0
    for round_ in range(60):
        changed = bytearray(data)
        for _ in range(generator.randrange(1, 6)):
            at = generator.randrange(len(changed))
            changed[at : at + generator.randrange(1, 80)] = b""
        damaged = tmp_path / "damaged.radz"
        damaged.write_bytes(changed)
        try:
            result = repair(damaged, tmp_path / f"r{round_}.radz")
        except ArchiveError:
            continue
        saved += len(result.saved)
        assert verify(result.path).ok
    assert saved > 20


def test_measurements_are_kept_and_checked(tmp_path: Path, dicom: Path, coded: Make) -> None:
    measured = json.dumps({"lengths": [{"from": [1, 2], "to": [3, 4], "mm": 2.8}]}).encode()
    image = coded(dicom)
    assert isinstance(image.members, HeldMembers)
    with_them = replace(image, members=replace(image.members, measured=measured))
    path = write_archive(tmp_path / "a.radz", [with_them])
    (read,) = read_archive(path).images
    assert read.members.measurements() == measured
    assert contents(path)["measurements/0001.json"] == measured
    result = repair(path, tmp_path / "b.radz")
    assert read_archive(result.path).images[0].members.measurements() == measured
    broken = replace(image, members=replace(image.members, measured=b"[1, 2"))
    with pytest.raises(ArchiveError, match="measurements of image 0001 is not valid JSON"):
        write_archive(tmp_path / "c.radz", [broken])
