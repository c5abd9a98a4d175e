"""Names that archives give to restored files: safe on every system, never outside the folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.archive.forging import put, rebuilt
from viewer.archive.file_names import restored_name
from viewer.archive.reading import read_archive
from viewer.archive.restoring import restore


def test_names_in_an_archive_never_lead_out_of_the_folder(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "out"
    for name in ("../../escaped.dcm", "/tmp/escaped.dcm", "..\\..\\escaped.dcm", "..", "\0", "C:x"):
        forged = rebuilt(archive, tmp_path / "f.radz", put("images", 0, "source", "name", name))
        written = restore(forged, folder)
        assert all(path.resolve().parent == folder.resolve() for path in written)
        assert read_archive(forged).images[0].header.path.parent.name == "0001"
    assert not list(tmp_path.rglob("escaped*")) or all(
        path.parent == folder for path in tmp_path.rglob("escaped*")
    )


@given(st.text(max_size=300), st.integers(1, 99999))
def test_restored_names_are_one_safe_step(name: str, number: int) -> None:
    made = restored_name(name, number, ".dcm")
    assert Path(made).name == made
    assert len(made.encode()) <= 104
    assert not made.startswith((".", " "))
    assert not set(made) & set('/\\:*?"<>|\0\n\r')


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("RG1_UNCR.dcm", "RG1_UNCR.dcm"),
        ("1.2.840.113619", "1.2.840.113619.dcm"),
        ("IM0001", "IM0001.dcm"),
        ("Łódź 2.DCM", "Łódź 2.dcm"),
        ("con.dcm", "image-0007.dcm"),
        ("...", "image-0007.dcm"),
        ("a:b*c?.png", "a_b_c_.dcm"),
    ],
)
def test_restored_names_keep_the_stem(name: str, expected: str) -> None:
    assert restored_name(name, 7, ".dcm") == expected
