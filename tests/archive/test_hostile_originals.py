"""Records of originals and decoders made to harm are refused before anything is allocated."""

from __future__ import annotations

import copy
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.archive.forging import Change, image, put, rebuilt
from tests.dicom_files import write_dicom_file
from viewer.archive.coding import code_image
from viewer.archive.keep import Keep
from viewer.archive.reading import read_archive
from viewer.archive.restoring import restore
from viewer.archive.writing import write_archive
from viewer.codecs.base import Target
from viewer.errors import ArchiveError
from viewer.images.opening import read_header

PART = ("images", 0, "original", 2)
"""Of a native file: header, element header, pixels, header behind."""


@pytest.fixture
def kept(tmp_path: Path, dicom: Path) -> Path:
    image_ = code_image(
        read_header(dicom), "fake-lossy", Target("ratio", 4), keep=Keep(original=True)
    )
    return write_archive(tmp_path / "kept.radz", [image_])


def test_the_part_that_is_forged_below_is_the_pixels(kept: Path, tmp_path: Path) -> None:
    found: list[dict[str, Any]] = []
    rebuilt(kept, tmp_path / "same.radz", lambda m: found.append(copy.deepcopy(m)))
    assert found[0]["images"][0]["original"][2]["how"] == "pixels"
    (restored,) = restore(tmp_path / "same.radz", tmp_path / "out")
    assert restored.name == "chest.dcm"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (put(*PART, "how", "exec"), "no part of a file"),
        (put(*PART, "how", "verbatim"), ""),
        (put(*PART, "bytes", 1 << 40), "'bytes'"),
        (put(*PART, "bytes", 7), "no sensible layout"),
        (put(*PART, "coding", "gif"), "no sensible layout"),
        (put(*PART, "coding", "payload"), "no sensible layout"),
        (put(*PART, "layout", "rows", 65535), "no sensible layout"),
        (put(*PART, "layout", "rows", 1 << 40), "'rows'"),
        (put(*PART, "layout", "high_bit", 30), "'high_bit'"),
        (put(*PART, "layout", "bits_stored", 0), "no sensible layout"),
        (put(*PART, "layout", None), "not a JSON object"),
        (put(*PART, "data", "member", "../../etc/passwd"), "foreign name"),
        (put(*PART, "data", "member", "originals/0002-0000.jls"), "foreign name"),
        (put(*PART, "data", "member", "images/0001/frame-0000.bin"), "foreign name"),
        (put("images", 0, "original", "all"), "'original'"),
        (put("images", 0, "original", 0, "start", -1), "'start'"),
        (put("images", 0, "original", 0, "start", 1 << 50), ""),
        (put("images", 0, "original", 0, "bytes", 1), ""),
        (put("images", 0, "original", []), "original file was not kept"),
        (put("images", 0, "source", "bytes", 1 << 60), ""),
        (put("images", 0, "source", "sha256", "0" * 64), "byte for byte"),
        (put("images", 0, "decoders", 5), "'decoders'"),
        (
            put("images", 0, "decoders", [{"member": "../x", "bytes": 1, "sha256": "0" * 64}]),
            "foreign name",
        ),
        (put("images", 0, "measurements", {"member": "headers/0001.dcm"}), "foreign name"),
    ],
)
def test_a_forged_original_is_refused_and_nothing_written(
    kept: Path, tmp_path: Path, change: Change, sentence: str
) -> None:
    forged = rebuilt(kept, tmp_path / "forged.radz", change)
    out = tmp_path / "out"
    tracemalloc.start()
    with pytest.raises(ArchiveError) as raised:
        restore(forged, out, original=True)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not out.exists() or list(out.iterdir()) == []
    assert peak < 32 << 20


def repeated(manifest: dict[str, Any]) -> None:
    parts = image(manifest)["original"]
    parts += [parts[2]] * 50


def swapped(manifest: dict[str, Any]) -> None:
    parts = image(manifest)["original"]
    parts.append(parts[0])


def blown_up(manifest: dict[str, Any]) -> None:
    """A file of 16 TiB of one kilobyte: what a bomb for the disk would say."""
    parts = image(manifest)["original"]
    huge = {"how": "pixels", "coding": "payload", "frame": 0, "bytes": 1 << 30}
    layout = dict(parts[2]["layout"], rows=1 << 15, columns=1 << 14)
    parts += [dict(huge, layout=layout) for _ in range(1 << 14)]
    image(manifest)["source"]["bytes"] = sum(part["bytes"] for part in parts)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (repeated, "takes a member twice"),
        (swapped, "out of order"),
        (blown_up, "cannot hold"),
        (put(*PART, "how", "deflate"), ""),
    ],
)
def test_bombs_for_the_disk_are_refused_before_a_byte_is_written(
    kept: Path, tmp_path: Path, change: Change, sentence: str
) -> None:
    forged = rebuilt(kept, tmp_path / "forged.radz", change)
    out = tmp_path / "out"
    with pytest.raises(ArchiveError) as raised:
        restore(forged, out, original=True)
    assert sentence in str(raised.value)
    assert not out.exists() or list(out.iterdir()) == []


def test_an_archive_of_nothing_that_says_it_is_much_is_not_restored(
    kept: Path, tmp_path: Path
) -> None:
    def grown(manifest: dict[str, Any]) -> None:
        image(manifest)["header"].update(rows=20_000, columns=20_000)

    forged = rebuilt(kept, tmp_path / "forged.radz", grown)
    with pytest.raises(ArchiveError, match=r"forged\.radz is not restored: .* cannot hold 763 MiB"):
        restore(forged, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_honest_file_that_is_huge_and_empty_is_kept_verbatim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from viewer.images import stored

    monkeypatch.setattr(stored, "_SUSPICIOUS_BYTES", 4096)
    monkeypatch.setattr(stored, "_MOST_EXPANSION", 8)
    source = write_dicom_file(tmp_path / "empty.dcm", np.zeros((300, 300), np.uint16))
    target = Target("ratio", 4)
    coded = code_image(read_header(source), "fake-lossy", target, keep=Keep(original=True))
    assert {part.how for part in coded.original} == {"verbatim"}
    (restored,) = restore(write_archive(tmp_path / "e.radz", [coded]), tmp_path / "out")
    assert restored.read_bytes() == source.read_bytes()


def test_a_stream_of_another_geometry_is_not_decoded(kept: Path, tmp_path: Path) -> None:
    """A small member that says 60000 x 60000: the layout decides, before a decoder sees it."""
    from viewer.archive.codestreams import decode, encode

    pixels = read_archive(kept).images[0].decode().pixels
    data = bytearray(encode("jpeg-ls", pixels, 12))
    at = data.index(b"\xff\xf7") + 5
    data[at : at + 4] = b"\xea\x60\xea\x60"
    with pytest.raises(ArchiveError, match="geometry"):
        decode("jpeg-ls", bytes(data), (24, 32), pixels.dtype)
    with pytest.raises(ArchiveError, match="cut off"):
        decode("jpeg-ls", encode("jpeg-ls", pixels, 12)[:-20], (24, 32), pixels.dtype)


def test_names_of_originals_stay_in_the_folder(kept: Path, tmp_path: Path) -> None:
    for name in ("../../evil.dcm", "/etc/evil", "C:\\evil.dcm", "..", "", "a/../../b", "nul"):
        forged = rebuilt(
            kept, tmp_path / "forged.radz", lambda m, n=name: image(m)["source"].update(name=n)
        )
        out = tmp_path / "deep" / "out"
        written = restore(forged, out, original=True)
        assert all(path.parent == out for path in written)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]
