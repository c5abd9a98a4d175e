"""Studies that are saved, opened again, saved over, damaged."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest

from tests.session.studies import SIGNALS, compressed, saved_archive
from viewer.session import Session


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
