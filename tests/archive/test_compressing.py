"""Files and folders into one archive: nothing is dropped silently."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.archive.conftest import noisy
from tests.dicom_files import ramp, write_dicom_file
from viewer.archive.compressing import compress
from viewer.archive.png_export import write_png
from viewer.archive.reading import read_archive
from viewer.archive.verification import verify
from viewer.codecs.base import Target
from viewer.errors import ArchiveError, Cancelled, CodecError, UnknownCodecError
from viewer.progress import CancelToken

LOSSLESS = Target("lossless")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    (folder / "deeper").mkdir(parents=True)
    write_dicom_file(folder / "a.dcm", ramp(24, 32, 12), bits_stored=12)
    write_dicom_file(folder / "deeper" / "b.dcm", ramp(24, 32, 10), bits_stored=10)
    write_png(folder / "c.png", noisy(16, 20, 8))
    return folder


def test_a_folder_becomes_one_archive(study: Path, tmp_path: Path) -> None:
    seen: list[float] = []
    summary = compress(
        [study],
        tmp_path / "out.radz",
        codec_name="fake-exact",
        target=LOSSLESS,
        progress=lambda fraction, text: seen.append(fraction),
    )
    assert (summary.images, summary.lossless, summary.refused) == (3, 3, ())
    assert summary.archive_bytes == summary.path.stat().st_size
    assert summary.source_bytes == sum(
        path.stat().st_size for path in study.rglob("*") if path.is_file()
    )
    assert "3 image(s), 3 frame(s), lossless" in summary.sentence()
    assert verify(summary.path).ok
    names = {image.source.name for image in read_archive(summary.path).images}
    assert names == {"a.dcm", "b.dcm", "c.png"}
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_what_cannot_be_opened_is_named_and_nothing_written(study: Path, tmp_path: Path) -> None:
    bad = study / "broken.dcm"
    bad.write_bytes((study / "a.dcm").read_bytes()[:400])
    out = tmp_path / "out.radz"
    with pytest.raises(ArchiveError, match=r"1 file cannot be opened.*broken\.dcm"):
        compress([study], out, codec_name="fake-exact", target=LOSSLESS)
    assert not out.exists()
    summary = compress([study], out, codec_name="fake-exact", target=LOSSLESS, skip_bad=True)
    assert [refusal.path for refusal in summary.refused] == [bad]
    assert "Left out: broken.dcm" in summary.sentence()
    assert summary.images == 3


def test_what_cannot_be_coded_is_named_and_nothing_written(study: Path, tmp_path: Path) -> None:
    write_dicom_file(study / "unlucky.dcm", ramp(13, 32, 12), bits_stored=12)
    out = tmp_path / "out.radz"
    out.write_bytes(b"old")
    with pytest.raises(CodecError, match=r"unlucky\.dcm: Thirteen rows"):
        compress([study], out, codec_name="fake-exact", target=LOSSLESS)
    assert out.read_bytes() == b"old"
    summary = compress([study], out, codec_name="fake-exact", target=LOSSLESS, skip_bad=True)
    assert [refusal.path.name for refusal in summary.refused] == ["unlucky.dcm"]
    assert len(read_archive(out).images) == 3


def test_values_that_could_not_be_restored_are_refused(tmp_path: Path) -> None:
    import cv2
    import numpy as np

    path = tmp_path / "deep.tif"
    assert cv2.imwrite(str(path), np.full((16, 16), -5, np.int16))
    with pytest.raises(ArchiveError, match=r"deep\.tif"):
        compress([path], tmp_path / "a.radz", codec_name="fake-exact", target=LOSSLESS)


def test_an_archive_never_takes_the_place_of_an_image(study: Path) -> None:
    source = study / "a.dcm"
    before = source.read_bytes()
    with pytest.raises(ArchiveError, match="give the archive another name"):
        compress([source], source, codec_name="fake-exact", target=LOSSLESS)
    assert source.read_bytes() == before


def test_archives_among_the_files_are_refused(study: Path, tmp_path: Path) -> None:
    out = study / "old.radz"
    compress([study], out, codec_name="fake-exact", target=LOSSLESS)
    with pytest.raises(ArchiveError, match=r"old\.radz: it is a study archive already"):
        compress([study], tmp_path / "new.radz", codec_name="fake-exact", target=LOSSLESS)
    again = compress([study], out, codec_name="fake-exact", target=LOSSLESS)
    assert again.images == 3


def test_nothing_to_compress_and_unknown_codecs_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    out = tmp_path / "out.radz"
    with pytest.raises(ArchiveError, match="no image"):
        compress([tmp_path / "empty"], out, codec_name="fake-exact", target=LOSSLESS)
    with pytest.raises(UnknownCodecError, match="no codec 'zip'"):
        compress([tmp_path], out, codec_name="zip", target=LOSSLESS)


def test_cancelling_leaves_nothing(study: Path, tmp_path: Path) -> None:
    cancel = CancelToken()

    def stop(fraction: float, text: str) -> None:
        if fraction > 0.4:
            cancel.cancel()

    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(Cancelled):
        compress(
            [study],
            folder / "a.radz",
            codec_name="fake-exact",
            target=LOSSLESS,
            progress=stop,
            cancel=cancel,
        )
    assert list(folder.iterdir()) == []
