"""PNG files hold every value and say when they are reconstructions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.archive.conftest import Make, noisy
from viewer.archive.png_export import lossy_note, png_bytes, write_png
from viewer.archive.restoring import restore
from viewer.archive.writing import write_archive
from viewer.errors import ArchiveError


@pytest.mark.parametrize("bits", [1, 8, 10, 12, 16])
@pytest.mark.parametrize("colour", [False, True])
def test_every_value_is_kept(tmp_path: Path, bits: int, colour: bool) -> None:
    import cv2

    pixels = noisy(9, 14, bits, *((3,) if colour else ()))
    path = write_png(tmp_path / "a.png", pixels, bits_stored=bits, note="a note")
    back = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert back.dtype == pixels.dtype
    assert np.array_equal(back[..., ::-1] if colour else back, pixels)
    if not (colour and bits > 8):  # Pillow reads 16-bit colour as 8-bit
        with Image.open(path) as image:
            image.load()
            assert image.info["Comment"] == "a note"  # type: ignore[attr-defined]


def test_significant_bits_are_said(tmp_path: Path) -> None:
    assert b"sBIT\x0c" in png_bytes(noisy(4, 4, 12), bits_stored=12)
    assert b"sBIT" not in png_bytes(noisy(4, 4, 16), bits_stored=16)
    assert b"sBIT\x06\x06\x06" in png_bytes(noisy(4, 4, 6, 3), bits_stored=6)


def test_the_note_names_ratio_and_codec() -> None:
    assert lossy_note(18.2, "JPEG 2000") == "lossy 18:1 JPEG 2000; not for diagnostic use"
    assert lossy_note(4.27, "JPEG 2000") == "lossy 4.3:1 JPEG 2000; not for diagnostic use"


@pytest.mark.parametrize(("codec", "marked"), [("fake-lossy", True), ("fake-exact", False)])
def test_only_reconstructions_that_lost_something_carry_the_note(
    tmp_path: Path, coded: Make, codec: str, marked: bool
) -> None:
    source = write_png(tmp_path / "in.png", noisy(16, 20, 8))
    (made,) = restore(write_archive(tmp_path / "a.radz", [coded(source, codec)]), tmp_path / "out")
    with Image.open(made) as image:
        note = image.info.get("Comment", "")
    assert note.endswith("FAKE; not for diagnostic use") is marked


@pytest.mark.parametrize("dtype", [np.int16, np.uint32, np.float32])
def test_values_png_cannot_hold_are_refused(tmp_path: Path, dtype: type) -> None:
    with pytest.raises(ArchiveError, match="PNG holds unsigned values"):
        write_png(tmp_path / "a.png", np.zeros((4, 4), dtype))
    assert list(tmp_path.iterdir()) == []
