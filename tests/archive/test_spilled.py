"""Byte strings beyond what stays in memory."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dicom_files import write_dicom_file
from viewer.archive import spilled
from viewer.archive.coding import code_image
from viewer.archive.members import HeldMembers
from viewer.archive.spilled import SpilledBytes
from viewer.archive.verification import verify
from viewer.archive.writing import write_archive
from viewer.codecs.base import Target
from viewer.errors import ArchiveError
from viewer.images.opening import read_header


@settings(deadline=None, max_examples=30)
@given(st.lists(st.binary(max_size=40), max_size=12), st.integers(0, 200))
def test_all_come_back_in_order(parts: list[bytes], most: int) -> None:
    held = SpilledBytes(most)
    for part in parts:
        held.append(part)
    assert list(held) == parts
    assert [held[index] for index in reversed(range(len(held)))] == parts[::-1]
    assert held.spilled or sum(map(len, parts)) <= most


def frames(folder: Path, count: int) -> Path:
    pixels = np.random.default_rng(3).integers(0, 4096, (count, 24, 32)).astype(np.uint16)
    return write_dicom_file(folder / "frames.dcm", pixels, bits_stored=12, frames=count)


def test_an_image_of_many_frames_is_archived_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SpilledBytes.__init__, "__defaults__", (2000,))
    image = code_image(read_header(frames(tmp_path, 9)), "fake-exact", Target("lossless"))
    assert isinstance(image.members, HeldMembers)
    assert isinstance(image.members.payloads, SpilledBytes)
    assert image.members.payloads.spilled
    found = verify(write_archive(tmp_path / "study.radz", [image]))
    assert found.ok
    assert len(found.images) == 1


def test_a_full_disk_of_temporary_files_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**keywords: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(SpilledBytes.__init__, "__defaults__", (0,))
    monkeypatch.setattr(spilled.tempfile, "TemporaryFile", full)
    with pytest.raises(ArchiveError, match="temporary file cannot be written: no space left"):
        code_image(read_header(frames(tmp_path, 2)), "fake-exact", Target("lossless"))
