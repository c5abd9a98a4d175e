"""The whole session, from opening to saving and opening again, without a window."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from viewer.codecs.base import Target
from viewer.jobs.worker import running_threads
from viewer.session import Session

SIGNALS = (
    "image_changing",
    "image_changed",
    "coding_started",
    "coding_failed",
    "coding_cancelled",
    "coding_finished",
    "comparison_changed",
    "comparison_stale",
    "box_changed",
    "box_figures_changed",
    "saved",
    "save_failed",
    "notice",
)


def write_dicom(path: Path, number: int, study: str, rows: int = 200) -> Path:
    """A 12-bit radiograph of a patient whose name must not leave the panes."""
    random = np.random.default_rng(number)
    pixels = random.normal(2000, 40, (rows, 220)).clip(0, 4095).astype(np.uint16)
    pixels += np.linspace(0, 1500, 220).astype(np.uint16)
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    uid = generate_uid(entropy_srcs=[study, str(number)])
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = uid
    data.PatientName, data.PatientID = "SECRET^NAME", "ID-90210"
    data.StudyInstanceUID = study
    data.SeriesInstanceUID = study + ".1"
    data.Modality, data.InstanceNumber, data.StudyDate = "CR", number, "20261120"
    data.Rows, data.Columns, data.SamplesPerPixel = rows, 220, 1
    data.PhotometricInterpretation = "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 12, 11
    data.PixelRepresentation = 0
    data.WindowCenter, data.WindowWidth = 2700, 2000
    data.PixelData = pixels.tobytes()
    data.save_as(path, enforce_file_format=True)
    return path


@pytest.fixture
def study(tmp_path: Path) -> Path:
    made = tmp_path / "study"
    made.mkdir()
    for number in (1, 2, 3):
        write_dicom(made / f"{number}.dcm", number, "1.2.3.4")
    write_dicom(made / "other.dcm", 9, "1.2.3.5")
    return made


@pytest.fixture
def open_study(session, study, qtbot) -> Session:
    with qtbot.waitSignal(session.scan_finished):
        session.open_paths([study])
    session.select(next(h for h in session.library.headers if h.path.name == "1.dcm"))
    qtbot.waitUntil(lambda: session.radiograph is not None)
    session.set_codec("jpeg2000")
    session.set_target(Target("ratio", 12.0))
    return session


def compressed(session: Session, qtbot) -> Session:
    with qtbot.waitSignal(session.coding_finished, timeout=5000):
        session.compress()
    assert session.comparison is not None
    return session


def saved_archive(session: Session, path: Path, qtbot) -> Path:
    with qtbot.waitSignal(session.saved, timeout=10000) as caught:
        session.save_archive(path)
    assert caught.args == [path]
    return path


def test_picture_and_figures_come_together(open_study, qtbot, recorder):
    session = open_study
    session.set_box((10, 20, 60, 50))
    recorder.listen(session, *SIGNALS)
    compressed(session, qtbot)
    assert recorder.names == [
        "coding_started",
        "comparison_changed",
        "box_figures_changed",
        "coding_finished",
    ]
    comparison = session.comparison
    assert comparison.radiograph is session.radiograph
    assert comparison.box == session.box
    assert session.box_figures is comparison.box_figures
    assert 40 < comparison.figures.psnr_db < 90
    assert comparison.reconstruction.pixels.shape == session.radiograph.pixels.shape


def test_another_image_takes_comparison_and_box_away_first(open_study, qtbot, recorder):
    session = compressed(open_study, qtbot)
    session.set_box((10, 20, 60, 50))
    qtbot.waitUntil(lambda: session.box_figures is not None)
    recorder.listen(session, *SIGNALS)
    with qtbot.waitSignal(session.image_changed):
        session.step(1)
    assert recorder.names == [
        "box_figures_changed",
        "comparison_changed",
        "box_changed",
        "image_changing",
        "image_changed",
    ]
    assert session.comparison is None
    assert session.box is None


def test_the_slider_moves_the_figures_of_the_box_too(open_study, codecs, qtbot, recorder):
    session = open_study
    session.set_codec("paced")
    codecs["paced"].seconds = 0.05
    session.set_box((10, 20, 60, 50))
    session.set_target(Target("quality", 0))
    compressed(session, qtbot)
    recorder.listen(session, "comparison_stale", "comparison_changed", "box_figures_changed")
    moves = 0
    while len(recorder.of("comparison_changed")) < 2:  # before the button is released
        moves += 1
        assert moves < 300
        session.set_target(Target("quality", 1 + moves / 1000), live=True)
        qtbot.wait(15)
    session.set_target(Target("quality", 7))
    qtbot.waitUntil(lambda: not session.stale)
    assert session.comparison.target == Target("quality", 7)
    assert session.box_figures.max_error == session.comparison.box_figures.max_error
    shown = [c.target.value for (c,) in recorder.of("comparison_changed")]
    assert shown == sorted(shown)
    # No figures of an old picture beside a new one: they are taken away before each.
    for place, name in enumerate(recorder.names):
        if name == "comparison_changed":
            assert recorder.seen[place - 1][1] in (None, True)


def test_esc_frees_within_300_ms_and_coding_goes_on(open_study, codecs, qtbot, recorder):
    session = open_study
    session.set_codec("paced")
    codecs["paced"].seconds, codecs["paced"].cooperative = 0.9, False
    recorder.listen(session, *SIGNALS)
    session.compress()
    qtbot.waitUntil(lambda: len(codecs["paced"].asked) == 1)
    start = time.perf_counter()
    with qtbot.waitSignal(session.coding_finished):
        session.cancel()
    assert time.perf_counter() - start < 0.3
    assert not session.busy
    assert recorder.names == ["coding_started", "coding_cancelled", "coding_finished"]
    codecs["paced"].seconds = 0
    start = time.perf_counter()
    compressed(session, qtbot)
    assert time.perf_counter() - start < 0.6


def test_close_during_a_coding_leaves_no_thread(open_study, codecs, qtbot):
    session = open_study
    session.set_codec("paced")
    codecs["paced"].seconds, codecs["paced"].cooperative = 0.5, False
    session.compress()
    qtbot.waitUntil(lambda: len(codecs["paced"].asked) == 1)
    assert session.close()
    assert running_threads() == ()
    session.compress()
    session.set_target(Target("quality", 3), live=True)
    session.step(1)
    session.save_archive("/nowhere/x.radz")
    qtbot.wait(50)
    assert running_threads() == ()


def test_a_study_is_saved_and_opened_again(open_study, study, tmp_path, qtbot, recorder):
    session = compressed(open_study, qtbot)
    first = session.comparison
    texts = []
    session.job_progressed.connect(lambda title, fraction, text: texts.append((fraction, text)))
    path = saved_archive(session, tmp_path / "kept.radz", qtbot)
    fractions = [fraction for fraction, _ in texts]
    assert fractions == sorted(fractions)
    assert any(text.startswith("image 2/3") for _, text in texts)

    again = Session()
    try:
        recorder.listen(again, *SIGNALS)
        with qtbot.waitSignal(again.scan_finished):
            again.open_paths([path])
        qtbot.waitUntil(lambda: again.radiograph is not None)
        headers = again.library.headers
        assert [header.path.name for header in headers] == ["1.dcm", "2.dcm", "3.dcm"]
        assert len(again.library.patients) == 1
        radiograph = again.radiograph
        assert np.array_equal(radiograph.pixels, first.reconstruction.pixels)
        assert radiograph.header.lossy.lossy
        assert radiograph.header.lossy.ratios[0] == pytest.approx(first.ratio_stored, abs=0.01)
        assert radiograph.header.identity.patient_name == "SECRET, NAME"
        with qtbot.waitSignal(again.thumbnail_ready):
            again.request_thumbnail(headers[1])
        assert again.thumbnail(headers[1]).dtype == np.uint8
        assert again.recent[0] == path

        copy = saved_archive(again, tmp_path / "copy.radz", qtbot)
        assert copy.stat().st_size == pytest.approx(path.stat().st_size, rel=0.01)
        exported = tmp_path / "exported.dcm"
        with qtbot.waitSignal(again.saved):
            again.export_dicom(exported)
        assert pydicom.dcmread(exported).LossyImageCompression == "01"
    finally:
        assert again.close()


def test_only_the_open_study_is_saved_and_copies_are_not_coded_twice(open_study, tmp_path, qtbot):
    from viewer.archive.reading import read_archive

    session = open_study
    path = saved_archive(session, tmp_path / "kept.radz", qtbot)
    assert len(read_archive(path).images) == 3
    with qtbot.waitSignal(session.scan_finished):
        session.open_paths([path])
    assert len(session.library.headers) == 7
    both = saved_archive(session, tmp_path / "both.radz", qtbot)
    images = read_archive(both).images
    assert sorted(image.source.name for image in images) == ["1.dcm", "2.dcm", "3.dcm"]


def test_an_archive_may_be_replaced_while_it_is_open(open_study, tmp_path, qtbot):
    path = saved_archive(open_study, tmp_path / "kept.radz", qtbot)
    again = Session()
    try:
        with qtbot.waitSignal(again.scan_finished):
            again.open_paths([path])
        qtbot.waitUntil(lambda: again.radiograph is not None)
        # The study shrinks: what is in the file now lies elsewhere.
        again._loading.library.remove(again.library.headers[0].path)
        with qtbot.waitSignal(again.image_changed):
            again.select(again.library.headers[0])
        with qtbot.waitSignal(again.scan_finished):
            saved_archive(again, path, qtbot)
        assert [h.path.name for h in again.library.headers] == ["2.dcm", "3.dcm"]
        for header in again.library.headers:
            with qtbot.waitSignal(again.image_changed):
                again.select(header)
            assert again.radiograph.header.path == header.path
    finally:
        assert again.close()


def test_an_archived_image_is_compared_with_its_original_where_that_is_open(
    open_study, codecs, tmp_path, qtbot
):
    session = compressed(open_study, qtbot)
    first = session.comparison
    path = saved_archive(session, tmp_path / "kept.radz", qtbot)
    session.set_codec("paced")
    session.cancel()
    with qtbot.waitSignal(session.scan_finished):
        session.open_paths([path])
    qtbot.waitUntil(lambda: session.comparison is not None)
    assert session.header.path.parent.parent == path
    assert session.radiograph.header.path.name == "1.dcm"
    assert np.array_equal(session.radiograph.pixels, first.radiograph.pixels)
    assert session.comparison.figures == first.figures
    assert session.comparison.encoded.data == first.encoded.data
    assert session.coding.codec == "jpeg2000"
    assert not session.stale
    with qtbot.waitSignal(session.saved):
        session.export_dicom(tmp_path / "lossy.dcm")


def test_a_damaged_payload_is_a_sentence_and_the_others_open(open_study, tmp_path, qtbot):
    from viewer.archive.reading import read_archive

    path = saved_archive(open_study, tmp_path / "kept.radz", qtbot)
    payload = read_archive(path).images[0].payload(0)
    data = bytearray(path.read_bytes())
    data[data.find(payload) + len(payload) // 2] ^= 0xFF
    path.write_bytes(data)
    again = Session()
    try:
        with qtbot.waitSignal(again.image_failed, timeout=3000) as caught:
            again.open_paths([path])
        assert caught.args[1].endswith(".")
        with qtbot.waitSignal(again.image_changed):
            again.step(1)
        assert again.radiograph is not None
    finally:
        assert again.close()


@pytest.mark.parametrize("content", [b"", b"PK\3\4 not really", b"nothing"])
def test_what_is_no_archive_is_refused(session, tmp_path, qtbot, content):
    bad = tmp_path / "bad.radz"
    bad.write_bytes(content)
    with qtbot.waitSignals([session.refused, session.scan_finished]):
        session.open_paths([bad])
    assert session.refusals[0].path == bad
    assert session.refusals[0].reason.endswith(".")


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


def test_no_identity_in_settings_or_log(
    open_study, codecs, settings_folder, tmp_path, qtbot, caplog
):
    with caplog.at_level(logging.DEBUG):
        session = compressed(open_study, qtbot)
        codecs["paced"].errors = [KeyError("SECRET^NAME, ID-90210")]
        with qtbot.waitSignal(session.coding_failed) as caught:
            session.set_codec("paced")
        assert "unexpected failure" in caught.args[0]
        saved_archive(session, tmp_path / "kept.radz", qtbot)
        assert session.close()
    written = "".join(p.read_text() for p in settings_folder.rglob("*") if p.is_file())
    assert "session" in written
    for secret in ("SECRET", "90210"):
        assert secret not in written
        assert secret not in caplog.text
        assert secret not in caught.args[0]


def test_codec_and_target_come_back_in_the_next_session(open_study, qtbot):
    open_study.set_target(Target("bpp", 0.75))
    open_study.set_target(Target("bpp", 9.0), live=True)
    other = Session()
    assert other.coding.target == Target("bpp", 0.75)
    assert other.device_name == "device: when needed"
    assert other.close()


def test_originals_are_kept_and_identities_taken_out_when_asked(open_study, study, tmp_path, qtbot):
    from viewer.archive.keep import Keep
    from viewer.archive.reading import read_archive
    from viewer.archive.restoring import restore
    from viewer.session.save_options import SaveOptions

    session = compressed(open_study, qtbot)
    kept, bare = tmp_path / "kept.radz", tmp_path / "bare.radz"
    with qtbot.waitSignal(session.saved, timeout=10000):
        session.save_archive(kept, SaveOptions(Keep(original=True)))
    restore(kept, tmp_path / "out", original=True)
    back = {path.name: path.read_bytes() for path in (tmp_path / "out").rglob("*.dcm")}
    assert back == {f"{n}.dcm": (study / f"{n}.dcm").read_bytes() for n in (1, 2, 3)}

    notices = []
    session.notice.connect(notices.append)
    with qtbot.waitSignal(session.saved, timeout=10000):
        session.save_archive(bare, SaveOptions(deidentified=True))
    names = [image.source.name for image in read_archive(bare).images]
    assert sorted(names) == ["image-0001.dcm", "image-0002.dcm", "image-0003.dcm"]
    assert b"SECRET" not in bare.read_bytes()
    assert b"SECRET" in kept.read_bytes()
    assert any("burned into its pixels" in text for text in notices)

    with qtbot.waitSignal(session.save_failed) as caught:
        session.save_archive(tmp_path / "never.radz", SaveOptions(Keep(original=True), True))
    assert "original file" in caught.args[0]
    assert not (tmp_path / "never.radz").exists()


def test_an_original_in_an_archive_survives_saving_again(open_study, study, tmp_path, qtbot):
    from viewer.archive.keep import Keep
    from viewer.archive.restoring import restore
    from viewer.session.save_options import SaveOptions

    kept = tmp_path / "kept.radz"
    with qtbot.waitSignal(open_study.saved, timeout=10000):
        open_study.save_archive(kept, SaveOptions(Keep(original=True)))
    again = Session()
    try:
        with qtbot.waitSignal(again.scan_finished):
            again.open_paths([kept])
        with qtbot.waitSignal(again.saving_planned, timeout=5000) as caught:
            again.plan_saving()
        plan = caught.args[0]
        assert plan.archived_count == len(plan.images) == 3
        assert plan.costs(SaveOptions()).original_bytes > 0
        with qtbot.waitSignal(again.save_failed, timeout=5000) as caught:
            again.save_archive(tmp_path / "bare.radz", SaveOptions(deidentified=True))
        assert "as they are" in caught.args[0]
        copy = saved_archive(again, tmp_path / "copy.radz", qtbot)
    finally:
        assert again.close()
    restore(copy, tmp_path / "out", original=True)
    back = {path.name: path.read_bytes() for path in (tmp_path / "out").rglob("*.dcm")}
    assert back == {f"{n}.dcm": (study / f"{n}.dcm").read_bytes() for n in (1, 2, 3)}


def test_a_study_never_takes_the_place_of_one_of_its_images(open_study, study, qtbot):
    before = (study / "2.dcm").read_bytes()
    with qtbot.waitSignal(open_study.save_failed, timeout=5000) as caught:
        open_study.save_archive(study / "2.dcm")
    assert "another name" in caught.args[0]
    assert (study / "2.dcm").read_bytes() == before
