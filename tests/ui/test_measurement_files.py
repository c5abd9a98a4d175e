"""Measurements in files: the study's archive, CSV, DICOM SR."""

from __future__ import annotations

import csv

import pydicom
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from viewer.archive.reading import read_archive


@pytest.fixture
def measured(slow_codec, opened, qtbot, mouse):
    """A window with a length and an ellipse on a compressed image."""
    opened.session.set_codec("slow")
    with qtbot.waitSignal(opened.session.coding_finished, timeout=60_000):
        opened.session.compress()
    hand = mouse(opened.panes.original.pane)
    QTest.keyClick(opened, Qt.Key.Key_L)
    hand.drag(hand.at(500, 400), hand.at(1100, 900))
    QTest.keyClick(opened, Qt.Key.Key_E)
    hand.drag(hand.at(1200, 1000), hand.at(1500, 1300))
    settled(opened, qtbot)
    return opened


def settled(window, qtbot):
    measuring = window.session.measuring
    qtbot.waitUntil(
        lambda: (
            not window.session.queue.busy("measuring")
            and all(measuring.result(m.number) is not None for m in measuring.measurements)
        ),
        timeout=30_000,
    )


def saved_as(monkeypatch, qtbot, window, path, key):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: (str(path), ""))
    with qtbot.waitSignal(window.session.saved, timeout=60_000):
        window.actions_by_key[key].trigger()


def test_the_table_as_csv(measured, qtbot, tmp_path, monkeypatch):
    path = tmp_path / "table.csv"
    saved_as(monkeypatch, qtbot, measured, path, "export_csv")
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    found = measured.session.measuring.result(2)
    (mean,) = [r for r in rows if r["Measurement"] == "E2" and r["Quantity"] == "Mean"]
    assert float(mean["Original"]) == pytest.approx(found.get("mean").original)
    assert float(mean["Reconstruction"]) == pytest.approx(found.get("mean").reconstruction)
    assert float(mean["Difference"]) == pytest.approx(found.get("mean").difference)
    (psnr,) = [r for r in rows if r["Quantity"] == "PSNR"]
    assert float(psnr["Difference"]) == pytest.approx(found.get("psnr").difference)
    (length,) = [r for r in rows if r["Quantity"] == "Length"]
    assert length["Basis"] == found.scale.note


def test_a_structured_report_of_the_window(measured, qtbot, tmp_path, monkeypatch):
    path = tmp_path / "report.dcm"
    saved_as(monkeypatch, qtbot, measured, path, "export_sr")
    document = pydicom.dcmread(path)
    assert document.Modality == "SR"
    instance = (
        document.CurrentRequestedProcedureEvidenceSequence[0]
        .ReferencedSeriesSequence[0]
        .ReferencedSOPSequence[0]
    )
    assert instance.ReferencedSOPInstanceUID == measured.session.header.identity.instance_uid


def test_an_archive_keeps_them_and_gives_them_back(
    measured, qtbot, tmp_path, open_window, rg1_path
):
    path = tmp_path / "study.radz"
    drawn = measured.session.measuring.measurements
    measured.session.set_codec("jpeg2000")
    with qtbot.waitSignal(measured.session.saved, timeout=60_000):
        measured.session.save_archive(path)
    image = read_archive(path).images[0]
    assert b"radview-measurements" in image.members.measurements()
    again = open_window()
    with qtbot.waitSignal(again.session.image_changed, timeout=60_000):
        again.session.open_paths([path])
    qtbot.waitUntil(lambda: len(again.session.measuring.measurements) == 2, timeout=30_000)
    assert again.session.measuring.measurements == drawn
    settled(again, qtbot)
    # Taken away, the archive saved again keeps none.
    again.actions_by_key["delete_measurements"].trigger()
    other = tmp_path / "other.radz"
    with qtbot.waitSignal(again.session.saved, timeout=60_000):
        again.session.save_archive(other)
    assert read_archive(other).images[0].members.measurements() == b""


def test_nothing_to_write_is_said(opened, qtbot, tmp_path):
    with qtbot.waitSignal(opened.session.save_failed) as told:
        opened.session.export_measurements(tmp_path / "x.csv")
    assert "no measurement" in told.args[0]
    assert not (tmp_path / "x.csv").exists()
