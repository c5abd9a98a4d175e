"""What is written: pictures and DICOM as shown, nothing after a cancel or a failure."""

from __future__ import annotations

import time

import numpy as np
import pydicom
from PIL import Image

from tests.session.studies import SIGNALS, compressed


def test_cancelling_a_save_leaves_no_file(open_study, codecs, tmp_path, qtbot, recorder):
    session = open_study
    session.set_codec("paced")
    codecs["paced"].seconds = 0.4
    recorder.listen(session, *SIGNALS)
    session.save_archive(tmp_path / "never.radz")
    qtbot.waitUntil(lambda: len(codecs["paced"].asked) == 2)
    start = time.perf_counter()
    with qtbot.waitSignal(session.job_finished):
        session.cancel()
    assert not session.busy
    assert time.perf_counter() - start < 0.3
    qtbot.wait(300)
    assert recorder.of("saved") == recorder.of("save_failed") == []
    assert [p.name for p in tmp_path.iterdir() if "never" in p.name] == []


def test_a_save_that_cannot_be_written_is_a_sentence(open_study, tmp_path, qtbot):
    with qtbot.waitSignal(open_study.save_failed, timeout=5000) as caught:
        open_study.save_archive(tmp_path / "no such folder" / "x.radz")
    assert caught.args[0].endswith(".")
    assert "SECRET" not in caught.args[0]


def test_pictures_are_exported_as_shown_and_say_what_they_are(open_study, tmp_path, qtbot):
    session = open_study
    with qtbot.waitSignal(session.save_failed) as caught:
        session.export_png(tmp_path / "r.png", "reconstruction")
    assert "compress" in caught.args[0]
    compressed(session, qtbot)
    for which in ("original", "reconstruction", "difference"):
        with qtbot.waitSignal(session.saved):
            session.export_png(tmp_path / f"{which}.png", which)
    pictures, notes = {}, {}
    for which in ("original", "reconstruction", "difference"):
        with Image.open(tmp_path / f"{which}.png") as image:
            pictures[which], notes[which] = np.asarray(image), image.info.get("Comment", "")
    original = pictures["original"]
    assert (original.dtype, original.shape) == (np.uint8, session.radiograph.pixels.shape)
    assert notes["original"] == ""
    assert notes["reconstruction"].startswith("lossy 12:1 JPEG 2000")
    assert notes["difference"].startswith("absolute difference x")
    assert 64 <= np.percentile(pictures["difference"], 99.9) <= 255


def test_the_reconstruction_is_exported_as_dicom_with_its_marks(open_study, tmp_path, qtbot):
    session = open_study
    with qtbot.waitSignal(session.saved):
        session.export_dicom(tmp_path / "plain.dcm")
    plain = pydicom.dcmread(tmp_path / "plain.dcm")
    assert plain.get("LossyImageCompression", "00") != "01"
    compressed(session, qtbot)
    with qtbot.waitSignal(session.saved):
        session.export_dicom(tmp_path / "lossy.dcm")
    lossy = pydicom.dcmread(tmp_path / "lossy.dcm")
    assert lossy.LossyImageCompression == "01"
    assert np.array_equal(lossy.pixel_array, session.comparison.reconstruction.pixels)


def test_without_an_image_saving_is_a_sentence(session, tmp_path, recorder):
    recorder.listen(session, "save_failed")
    session.save_archive(tmp_path / "x.radz")
    session.export_png(tmp_path / "x.png")
    session.export_dicom(tmp_path / "x.dcm")
    assert recorder.names == ["save_failed"] * 3


def test_a_study_never_takes_the_place_of_one_of_its_images(open_study, study, qtbot):
    before = (study / "2.dcm").read_bytes()
    with qtbot.waitSignal(open_study.save_failed, timeout=5000) as caught:
        open_study.save_archive(study / "2.dcm")
    assert "another name" in caught.args[0]
    assert (study / "2.dcm").read_bytes() == before
