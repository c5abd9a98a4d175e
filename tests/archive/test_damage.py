"""Every flipped byte is found, named where it can be, and spares what it did not hit."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest

from tests.archive.conftest import Make, flip
from tests.archive.fake_codecs import Drifting
from viewer.archive.reading import read_archive
from viewer.archive.restoring import restore
from viewer.archive.verification import verify
from viewer.archive.writing import write_archive
from viewer.errors import ArchiveError


def member_at(path: Path, name: str) -> int:
    """Offset in the middle of a member's bytes."""
    with zipfile.ZipFile(path) as names:
        info = names.getinfo(name)
    return info.header_offset + 30 + len(name) + info.file_size // 2


def found(path: Path) -> bool:
    try:
        return not verify(path, decode=False).ok
    except ArchiveError:
        return True


def test_every_flipped_byte_is_found(tmp_path: Path, raster: Path, coded: Make) -> None:
    whole = write_archive(tmp_path / "a.radz", [coded(raster)])
    assert not found(whole)
    data = whole.read_bytes()
    generator = random.Random(7)
    missed = []
    with whole.open("r+b", buffering=0) as stream:
        for position, value in enumerate(data):
            stream.seek(position)
            stream.write(bytes([value ^ 1 << generator.randrange(8)]))
            if not found(whole):
                missed.append(position)
            stream.seek(position)
            stream.write(bytes([value]))
    assert missed == []
    assert not found(whole)


@pytest.mark.parametrize("change", ["cut", "append", "insert", "remove", "swap"])
def test_bytes_lost_added_or_moved_are_found(tmp_path: Path, archive: Path, change: str) -> None:
    data = archive.read_bytes()
    middle = len(data) // 2
    changed = tmp_path / "b.radz"
    changed.write_bytes(
        {
            "cut": data[:-1],
            "append": data + b"\0",
            "insert": data[:middle] + b"\0" + data[middle:],
            "remove": data[:middle] + data[middle + 1 :],
            "swap": data[:100] + data[200:300] + data[100:200] + data[300:],
        }[change]
    )
    assert found(changed)


def test_a_damaged_payload_is_named_and_the_other_image_restored(
    tmp_path: Path, archive: Path
) -> None:
    flip(archive, member_at(archive, "images/0001/frame-0000.bin"))
    result = verify(archive)
    assert [image.state for image in result.images] == ["damaged", "intact"]
    assert "frame-0000.bin" in result.images[0].sentence
    with pytest.raises(ArchiveError, match=r"1 file\(s\) were restored.*0001 chest\.dcm"):
        restore(archive, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["hand.png"]

    problems: list[str] = []
    written = restore(archive, tmp_path / "again", on_problem=problems.append)
    assert [path.name for path in written] == ["hand.png"]
    assert len(problems) == 1


@pytest.mark.parametrize("part", ["manifest", "end", "directory"])
def test_without_its_lists_the_images_are_found_by_search(
    tmp_path: Path, archive: Path, part: str
) -> None:
    size = archive.stat().st_size
    position = {
        "manifest": member_at(archive, "manifest.json"),
        "end": size - 100,
        "directory": size - 400,
    }[part]
    flip(archive, position)
    result = verify(archive)
    assert not result.ok
    assert result.problems
    assert [image.state for image in result.images] == ["intact", "intact"]
    assert len(restore(archive, tmp_path / "out", on_problem=lambda problem: None)) == 2


def test_a_truncated_archive_yields_its_whole_images(tmp_path: Path, archive: Path) -> None:
    data = archive.read_bytes()
    archive.write_bytes(data[: data.index(b"headers/") + 6000])
    opened = read_archive(archive)
    assert [image.number for image in opened.images] == [1]
    assert len(opened.problems) == 2
    written = restore(archive, tmp_path / "out", on_problem=lambda problem: None)
    assert [path.name for path in written] == ["chest.dcm"]


def test_a_damaged_thumbnail_leaves_the_images_intact(archive: Path) -> None:
    flip(archive, member_at(archive, "thumbnails/0002.png"))
    result = verify(archive)
    assert not result.ok
    assert any("thumbnails/0002.png" in problem for problem in result.problems)
    assert all(image.state == "intact" for image in result.images)


def test_a_device_that_decodes_a_little_differently_is_no_damage(
    tmp_path: Path, dicom: Path, coded: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = write_archive(tmp_path / "a.radz", [coded(dicom, "fake-drifting")])
    monkeypatch.setattr(Drifting, "sparse", 1)
    result = verify(archive)
    assert result.ok
    (image,) = result.images
    assert image.state == "differs"
    assert "differ on this device (the codec is not normative)" in image.sentence

    monkeypatch.setattr(Drifting, "dense", 40)
    result = verify(archive)
    assert not result.ok
    assert "more than devices differ" in result.images[0].sentence


def test_a_normative_codec_that_decodes_otherwise_is_damage(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.archive.fake_codecs import Lossy

    monkeypatch.setattr(Lossy, "drift", lambda self, pixels: pixels + pixels.dtype.type(1))
    result = verify(archive)
    assert [image.state for image in result.images] == ["damaged", "intact"]
    assert verify(archive, decode=False).ok


def test_a_codec_that_is_not_here_is_said_and_not_called_damage(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from viewer.codecs import registry

    registry.get.cache_clear()
    monkeypatch.delitem(registry._FACTORIES, "fake-lossy")
    result = verify(archive)
    assert [image.state for image in result.images] == ["unchecked", "intact"]
    assert not result.ok
    assert "NOT whole" in result.lines()[-1]
    assert result.as_dict()["ok"] is False
