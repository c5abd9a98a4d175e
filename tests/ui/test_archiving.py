"""The archive window: a run from choice to the worst image, held, stopped, closed."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from tests.archive.many.studies import make_study
from viewer.archive.verification import verify
from viewer.codecs.base import Target
from viewer.session.archiving import State
from viewer.ui.archiving.window import ArchiveWindow
from viewer.ui.main_window import MainWindow

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.qt_log_ignore("This plugin does not support"),
]

LONG = 400_000
"""Milliseconds: workers let every other program go first, and a machine may be busy."""


@pytest.fixture
def archive_window(window: MainWindow) -> ArchiveWindow:
    window.actions_by_key["archive_studies"].trigger()
    made = window.archiving.archive_window
    assert made is not None
    setup = made.setup
    setup.codec.setCurrentIndex(setup.codec.findData("jpeg2000"))
    setup.target.show_coding(_info(), Target("ratio", 4.0), 12)
    setup.jobs.setValue(1)
    return made


def _info():
    from viewer.codecs import registry

    return registry.get("jpeg2000").info


def studies(folder: Path, count: int, images: int = 2) -> Path:
    for study in range(count):
        make_study(folder / f"{study}", study, images)
    return folder


def ended(window: MainWindow) -> bool:
    return window.session.archiving.state is State.IDLE


def test_a_run_from_choice_to_the_worst_image(window, archive_window, qtbot, tmp_path) -> None:
    source, out = studies(tmp_path / "in", 3), tmp_path / "out"
    (source / "bad.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\0" * 90)
    setup, archiving = archive_window.setup, window.session.archiving
    assert not setup.start.isEnabled()
    setup.sources.add([source, source])
    assert setup.sources.paths == (source,)
    setup.folder.setText(str(out))
    setup.gate.error.setChecked(True)
    setup.gate.error_value.setValue(4000)
    said: list[str] = []
    archiving.progressed.connect(lambda _, text: said.append(text))
    with qtbot.waitSignal(archiving.succeeded, timeout=LONG):
        setup.start.click()
        assert archive_window.pages.currentWidget() is archive_window.progress
        assert window.archiving.button.isVisible()
    qtbot.waitUntil(lambda: ended(window))
    assert not window.archiving.button.isVisible()
    assert any("images/s" in text and "saved" in text and "left" in text for text in said)
    page = archive_window.summary
    assert archive_window.pages.currentWidget() is page
    assert page.title.text() == "3 studies, 6 images archived"
    assert page.model.rowCount() == 6
    assert page.bad.count() == 1
    assert "Copied" in page.bad.item(0).text()
    assert all(verify(path).ok for path in out.glob("*.radz"))
    table = json.loads(page.as_text(Path("x.json")))
    assert len(table["rows"]) == 6
    assert page.as_text(Path("x.csv")).count("\n") == 8
    # What was written can be opened again, by a window that did not see the run.
    (tmp_path / "summary.json").write_text(page.as_text(Path("x.json")))
    figures = page.figures.text()
    archive_window.pages.setCurrentWidget(setup)
    archive_window.open_summary(source / "bad.dcm")
    assert "no summary" in setup.state.text()
    archive_window.open_summary(tmp_path / "summary.json")
    assert archive_window.pages.currentWidget() is page
    assert (page.model.rowCount(), page.bad.count()) == (6, 1)
    assert page.figures.text() == figures
    assert not page.save.isEnabled()
    # The worst is shown beside what it was.
    with qtbot.waitSignal(window.session.comparison_changed, timeout=LONG,
                          check_params_cb=lambda found: found is not None):  # fmt: skip
        page.worst.activated.emit(page.model.index(0, 0))
    row = page.model.rows[0]
    comparison = window.session.comparison
    assert window.session.header.path.parent == out / row.archive / f"{row.number:04d}"
    assert comparison.figures.max_error == row.max_error
    assert comparison.figures.psnr_db == pytest.approx(row.psnr_db)
    # Another of another study; the first stays open.
    other = next(each for each in page.model.rows if each.archive != row.archive)
    with qtbot.waitSignal(window.session.comparison_changed, timeout=LONG,
                          check_params_cb=lambda found: found is not None):  # fmt: skip
        archiving.show(out, other)
    assert window.session.header.path.parent == out / other.archive / f"{other.number:04d}"


def test_names_of_files_are_hidden_with_identities(window, archive_window, qtbot, tmp_path) -> None:
    source = studies(tmp_path / "in", 1)
    (source / "Person.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\0" * 90)
    archive_window.setup.sources.add([source])
    archive_window.setup.folder.setText(str(tmp_path / "out"))
    with qtbot.waitSignal(window.session.archiving.succeeded, timeout=LONG):
        archive_window.setup.start.click()
    page = archive_window.summary
    assert page.model.data(page.model.index(0, 5)).startswith("s0-")
    window.session.identities.hide(True)
    assert page.model.data(page.model.index(0, 5)).startswith("study-")
    assert "Person" not in page.bad.item(0).text()
    window.session.identities.hide(False)


def test_a_run_is_held_goes_on_and_is_stopped(window, archive_window, qtbot, tmp_path) -> None:
    source, out = studies(tmp_path / "in", 16, 3), tmp_path / "out"
    archive_window.setup.sources.add([source])
    archive_window.setup.folder.setText(str(out))
    archive_window.setup.start.click()
    page, archiving = archive_window.progress, window.session.archiving
    qtbot.waitUntil(lambda: len(list(out.glob("*.radz"))) >= 1, timeout=LONG)
    page.pause.click()
    assert archiving.state is State.PAUSED
    assert page.pause.text() == "&Go on"
    qtbot.wait(600)
    done = len(list(out.glob("*.radz")))
    qtbot.wait(600)
    assert len(list(out.glob("*.radz"))) == done < 16
    page.pause.click()
    qtbot.waitUntil(lambda: len(list(out.glob("*.radz"))) > done, timeout=LONG)
    page.pause.click()  # stopped while held
    page.stop.click()
    assert archiving.state is State.STOPPING
    qtbot.waitUntil(lambda: ended(window), timeout=LONG)
    assert archive_window.pages.currentWidget() is archive_window.setup
    assert "Stopped" in archive_window.setup.state.text()
    assert not multiprocessing.active_children()
    assert not list(out.glob(".radview-*.part"))
    done = len(list(out.glob("*.radz")))
    assert 1 <= done < 16
    # The same again goes on from there.
    with qtbot.waitSignal(archiving.succeeded, timeout=LONG):
        archive_window.setup.start.click()
    assert len(list(out.glob("*.radz"))) == 16
    assert f"{done} studies were finished before" in archive_window.summary.figures.text()


@pytest.mark.parametrize("stop", [False, True])
def test_closing_the_viewer_asks_and_leaves_nothing(
    window, archive_window, qtbot, tmp_path, stop: bool
) -> None:
    out = tmp_path / "out"
    archive_window.setup.sources.add([studies(tmp_path / "in", 16, 2)])
    archive_window.setup.folder.setText(str(out))
    archive_window.setup.start.click()
    archive_window.reject()  # goes on without its window
    assert not archive_window.isVisible()
    archiving = window.session.archiving
    qtbot.waitUntil(lambda: len(list(out.glob("*.radz"))) >= 1, timeout=LONG)
    asked: list[str] = []

    def answer() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        asked.append(box.text())
        box.buttons()[0 if stop else 1].click()

    QTimer.singleShot(200, answer)
    window.close()
    assert asked == ["Studies are being archived. Stop and close?"]
    assert window.isVisible() is not stop
    if stop:
        assert not multiprocessing.active_children()
        assert not list(out.glob(".radview-*.part"))
        assert all(verify(path).ok for path in out.glob("*.radz"))
    else:
        assert archiving.busy
        archiving.stop()
        qtbot.waitUntil(lambda: ended(window), timeout=LONG)


def test_a_folder_that_cannot_be_written_is_said(window, archive_window, qtbot, tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    archive_window.setup.sources.add([studies(tmp_path / "in", 1)])
    archive_window.setup.folder.setText(str(tmp_path / "file" / "out"))
    with qtbot.waitSignal(window.session.archiving.failed, timeout=LONG):
        archive_window.setup.start.click()
    assert "cannot be written" in archive_window.setup.state.text()
    assert archive_window.pages.currentWidget() is archive_window.setup


def test_the_window_stays_usable_meanwhile(window, archive_window, qtbot, tmp_path) -> None:
    archive_window.setup.sources.add([studies(tmp_path / "in", 6, 2)])
    archive_window.setup.folder.setText(str(tmp_path / "out"))
    with qtbot.waitSignal(window.session.archiving.succeeded, timeout=LONG):
        archive_window.setup.start.click()
        with qtbot.waitSignal(window.session.image_changed, timeout=LONG):
            window.session.open_paths([make_study(tmp_path / "other", 99, 1)[0]])
        assert window.session.archiving.busy
