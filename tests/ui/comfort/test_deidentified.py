"""The de-identified display: nothing that can be read in the window says whose images these are."""

from __future__ import annotations

import logging

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QTableView,
    QTreeView,
    QWidget,
)

from tests.dicom_files import write_dicom_file
from viewer.images.opening import read_frame, read_header
from viewer.ui.report_dialog import ReportDialog
from viewer.ui.save_dialog import SaveDialog

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

SECRETS = (
    "Quasimodo", "Esmeralda", "PID-4711", "19431107", "1943-11-07", "Notre-Dame", "20260131",
    "2026-01-31", "Frollo", "ACC-99", "gudule",
)  # fmt: skip


@pytest.fixture
def named_path(tmp_path, rg1_path):
    """A radiograph whose header, file name and folder all name somebody."""
    import pydicom

    pixels = read_frame(read_header(rg1_path)).pixels[::4, ::4].copy()
    folder = tmp_path / "gudule"
    folder.mkdir()
    path = write_dicom_file(folder / "Quasimodo_PID-4711.dcm", pixels, bits_stored=15)
    dataset = pydicom.dcmread(path)
    dataset.PatientName, dataset.PatientID = "Quasimodo^Esmeralda", "PID-4711"
    dataset.PatientBirthDate, dataset.StudyDate = "19431107", "20260131"
    dataset.InstitutionName, dataset.AccessionNumber = "Notre-Dame", "ACC-99"
    dataset.ReferringPhysicianName = "Frollo"
    dataset.StudyDescription = "Chest of Quasimodo"
    dataset.SeriesDescription = "asked for by Frollo"
    dataset.add_new(0x00091001, "LO", "Quasimodo, private")
    dataset.save_as(path)
    return path


@pytest.fixture
def named(window, qtbot, named_path):
    with qtbot.waitSignal(window.session.image_changed, timeout=10_000):
        window.session.open_paths([named_path])
    qtbot.waitUntil(lambda: window.panes.original.pane.shown_values is not None, timeout=5000)
    qtbot.waitUntil(lambda: not window.session.busy, timeout=5000)
    return window


def model_texts(view):
    model = view.model()

    def below(parent):
        for row in range(model.rowCount(parent)):
            for column in range(model.columnCount(parent)):
                index = model.index(row, column, parent)
                for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
                    yield str(model.data(index, role) or "")
            yield from below(model.index(row, 0, parent))

    yield from below(view.rootIndex())


def readable(window) -> str:
    """Everything the window and its dialogs say, shown now or one click away."""
    texts = []
    for top in QApplication.topLevelWidgets():
        for widget in (top, *top.findChildren(QWidget)):
            texts += [widget.windowTitle(), widget.toolTip(), widget.accessibleName()]
            texts += [widget.accessibleDescription(), widget.statusTip()]
            if isinstance(widget, QLabel | QLineEdit):
                texts.append(widget.text())
            if isinstance(widget, QMenu):
                texts += [f"{action.text()} {action.toolTip()}" for action in widget.actions()]
            if isinstance(widget, QTableView | QTreeView | QAbstractItemView):
                texts += model_texts(widget)
    for frame in window.panes.all_frames:
        written = frame.pane.overlay.texts
        texts += [*written.upper_left, *written.lower_left, *written.lower_right]
    return "\n".join(texts)


def told(window) -> list[str]:
    text = readable(window)
    return [secret for secret in SECRETS if secret in text]


def test_nothing_in_the_window_names_the_patient(named, qtbot):
    named.show_header()
    qtbot.waitUntil(lambda: named._header_window.model.counts[1] > 20, timeout=5000)
    assert set(told(named)) >= {"Quasimodo", "PID-4711", "Frollo", "Notre-Dame", "ACC-99"}
    named.activateWindow()
    qtbot.waitUntil(named.isActiveWindow)
    QTest.keyClick(named, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert named.session.identities.hidden
    qtbot.waitUntil(lambda: named._header_window.model.counts[1] > 20, timeout=5000)
    assert told(named) == []
    assert "hidden" in readable(named)
    QTest.keyClick(named, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert "Quasimodo" in readable(named)


def test_the_display_says_that_it_is_de_identified(named):
    mark = named.comfort.deidentified.mark
    assert not mark.isVisible()
    named.actions_by_key["deidentified"].trigger()
    assert mark.isVisible()
    assert named.windowTitle().endswith("De-identified display")
    assert named.panes.original.pane.overlay.texts.upper_left[0] == "De-identified display"
    assert named.studies.tree.studies.item(0).text() == "Patient 1"


def test_dialogs_name_nobody_either(named, qtbot):
    named.actions_by_key["deidentified"].trigger()
    with qtbot.waitSignal(named.session.coding_finished, timeout=20_000):
        named.session.compress()
    save = SaveDialog(named.session, named)
    qtbot.waitUntil(lambda: save.images.rowCount() == 1, timeout=20_000)
    assert save.images.item(0, 0).text() == "Image 1"
    report = ReportDialog(named.session, named)
    assert not report.identity.isEnabled()
    assert not report.options.identity
    assert told(named) == []
    save.done(0)


def test_what_could_not_be_opened_is_not_named(named, qtbot):
    wrong = named.session.header.path.parent / "Esmeralda.dcm"
    wrong.write_text("Dear colleague, " * 40)
    named.actions_by_key["deidentified"].trigger()
    with qtbot.waitSignal(named.session.scan_finished, timeout=10_000):
        named.session.open_paths([wrong])
    assert named.studies.refusals.sentences
    assert told(named) == []
    named.actions_by_key["deidentified"].trigger()
    assert "Esmeralda" in named.studies.refusals.sentences[0]


def test_it_is_so_in_the_next_window_too(window, open_window):
    window.actions_by_key["deidentified"].trigger()
    following = open_window()
    assert following.session.identities.hidden
    assert following.actions_by_key["deidentified"].isChecked()


def test_patients_are_in_no_log_setting_or_suggested_name(
    named, qtbot, monkeypatch, settings_folder, caplog
):
    suggested = []
    monkeypatch.setattr(
        "viewer.ui.file_dialogs.QFileDialog.getSaveFileName",
        lambda parent, title, start, kinds: (suggested.append(start.rsplit("/", 1)[1]), ("", ""))[
            1
        ],
    )
    with caplog.at_level(logging.DEBUG, logger="viewer"):
        with qtbot.waitSignal(named.session.coding_finished, timeout=20_000):
            named.session.compress()
        for which in ("original", "reconstruction", "difference"):
            named.dialogs.export_png(which)
        named.dialogs.export_dicom()
        named.dialogs.export_csv()
        named.dialogs.export_sr()
        named.close()
    assert len(suggested) == 6
    # The list of what was opened holds paths, which are the user's own names for files.
    who = ("Esmeralda", "19431107", "Notre-Dame", "20260131", "Frollo", "ACC-99")
    said = [*suggested, caplog.text, named.records.text]
    said += [path.read_text() for path in settings_folder.rglob("*") if path.is_file()]
    assert [name for name in who if any(name in text for text in said)] == []
    assert not any("Quasimodo" in name for name in suggested)
