"""compress, verify, restore, repair and export as a user runs them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.dicom_files import ramp, write_dicom_file
from viewer.cli.main import main
from viewer.images.opening import read_frames, read_header
from viewer.images.pixel_hash import pixel_sha256


@pytest.fixture
def source(tmp_path: Path) -> Path:
    noise = np.random.default_rng(1).integers(0, 60, (120, 96)).astype(np.uint16)
    pixels = ramp(120, 96, 12) // 2 + noise
    return write_dicom_file(tmp_path / "chest.dcm", pixels, bits_stored=12)


@pytest.fixture
def archive(tmp_path: Path, source: Path) -> Path:
    path = tmp_path / "study.radz"
    assert main(["compress", str(source), "-o", str(path), "--codec", "jpeg2000"]) == 0
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_keeping_the_original_gives_it_back_without_being_asked(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "kept.radz"
    words = ["compress", str(source), "-o", str(path), "--codec", "jpeg2000", "--ratio", "8"]
    assert main([*words, "--keep-original"]) == 0
    assert "The original files, byte for byte, take" in capsys.readouterr().out
    assert main(["verify", str(path)]) == 0
    assert "its original file is kept" in capsys.readouterr().out
    for number, words in enumerate(([], ["--original"])):
        out = tmp_path / f"out{number}"
        assert main(["restore", str(path), "-o", str(out), *words]) == 0
        assert digest(out / "chest.dcm") == digest(source)
    assert main(["restore", str(path), "-o", str(tmp_path / "d"), "--decoded"]) == 0
    assert pydicom.dcmread(tmp_path / "d" / "chest.dcm").LossyImageCompression == "01"


def test_an_original_that_was_not_kept_is_said_in_a_sentence(
    tmp_path: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["restore", str(archive), "-o", str(tmp_path / "out"), "--original"]) == 1
    said = capsys.readouterr().err.strip()
    assert "original file was not kept" in said
    assert len(said.splitlines()) == 1


def test_repair_saves_an_archive_whose_end_is_lost(
    tmp_path: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = tmp_path / "damaged.radz"
    damaged.write_bytes(archive.read_bytes()[:-300])
    assert main(["verify", str(damaged)]) == 1
    repaired = tmp_path / "repaired.radz"
    assert main(["repair", str(damaged), "-o", str(repaired)]) == 0
    assert "1 image(s) saved" in capsys.readouterr().out
    assert main(["verify", str(repaired)]) == 0
    assert main(["repair", str(damaged), "-o", str(damaged)]) == 1


@pytest.mark.parametrize("syntax", ["native", "jpeg2000-lossless", "jpeg-ls", "htj2k"])
def test_export_of_a_file_keeps_its_pixels(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str], syntax: str
) -> None:
    out = tmp_path / "out"
    assert main(["export", str(source), "-o", str(out), "--syntax", syntax]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path == out / "chest.dcm"
    before, after = (pixel_sha256(read_frames(read_header(p))) for p in (source, path))
    assert before == after


def test_export_of_a_lossy_archive_is_marked_and_has_its_bitstream(
    tmp_path: Path, archive: Path
) -> None:
    out = tmp_path / "out"
    assert main(["export", str(archive), "-o", str(out), "--syntax", "jpeg2000"]) == 0
    dataset = pydicom.dcmread(out / "chest.dcm")
    assert dataset.LossyImageCompression == "01"
    assert dataset.file_meta.TransferSyntaxUID.name == "JPEG 2000 Image Compression"


def test_deidentify_takes_the_person_out_and_warns_of_text(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "anonymous.radz"
    words = ["compress", str(source), "-o", str(path), "--codec", "jpeg2000", "--deidentify"]
    assert main(words) == 0
    assert "text is burned" in capsys.readouterr().out
    assert b"Chest" not in path.read_bytes().replace(b"CHEST", b"")
    for command in (["restore"], ["export"]):
        out = tmp_path / command[0]
        assert main([*command, str(source if command == ["export"] else path), "-o", str(out),
                     "--deidentify"]) == 0  # fmt: skip
        output = capsys.readouterr()
        assert "text is burned" in output.err
        assert "Test" not in output.err
        (written,) = out.iterdir()
        assert pydicom.dcmread(written).PatientIdentityRemoved == "YES"
    assert main([*words, "--keep-original"]) == 2


def test_no_decoder_and_the_rest_of_the_words_are_known(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.radz"
    words = ["compress", str(source), "-o", str(path), "--codec", "jpeg2000", "--no-decoder"]
    assert main(words) == 0
    capsys.readouterr()
    assert main(["verify", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["ok"] is True
    assert main(["export", str(path), "-o", str(tmp_path), "--syntax", "gif"]) == 2
    assert main(["repair", str(path)]) == 2


def test_neither_output_nor_log_says_whose_image_it_is(
    tmp_path: Path,
    source: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    archive, damaged = tmp_path / "a.radz", tmp_path / "b.radz"
    words = ["--log", "debug"]
    with caplog.at_level("DEBUG"):
        main([*words, "compress", str(source), "-o", str(archive), "--codec", "jpeg2000",
              "--keep-original"])  # fmt: skip
        data = archive.read_bytes()
        at = data.index(b"images/0001/frame") + 400
        damaged.write_bytes(data[:at] + b"xyz" + data[at + 3 :])
        for path in (archive, damaged):
            out = str(tmp_path / path.stem)
            main([*words, "verify", str(path)])
            main([*words, "restore", str(path), "-o", out])
            main([*words, "repair", str(path), "-o", f"{out}.whole.radz"])
            main([*words, "export", str(path), "-o", out, "--syntax", "htj2k"])
    output = capsys.readouterr()
    dataset = pydicom.dcmread(source)
    for said in (output.out, output.err, caplog.text):
        for secret in (str(dataset.PatientName), dataset.SOPInstanceUID, dataset.StudyInstanceUID):
            assert secret not in said
    assert archive.stat().st_mode & 0o777 == 0o600


def test_an_archive_that_is_there_is_replaced_only_by_force(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "study.radz"
    words = ["compress", str(source), "-o", str(path), "--codec", "jpeg2000", "--lossless"]
    assert main(words) == 0
    first = path.stat()
    assert main(words) == 1
    assert capsys.readouterr().err == f"radview: {path} is there already; --force replaces it.\n"
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (first.st_ino, first.st_mtime_ns)
    assert main([*words, "--force"]) == 0
    assert path.stat().st_ino != first.st_ino


def test_info_says_what_an_archive_holds(
    tmp_path: Path, source: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["info", str(archive)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "study.radz/0001/chest.dcm" in line
    assert "96 x 120" in line
    assert "jpeg2000" in line
    assert main(["info", str(archive), str(source), "--json"]) == 0
    file, coded = json.loads(capsys.readouterr().out)
    assert coded["pixel_sha256"] == file["pixel_sha256"]
    assert coded["codec"] == "jpeg2000"
    assert coded["bpp"] == pytest.approx(8 * coded["bytes"] / (96 * 120))
    damaged = tmp_path / "damaged.radz"
    damaged.write_bytes(archive.read_bytes()[:-30])
    assert main(["info", str(damaged)]) == 1
    assert "damaged.radz" in capsys.readouterr().err
