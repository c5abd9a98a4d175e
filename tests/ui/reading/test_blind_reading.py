"""Blind reading from the menu to the table: by keys, paused, resumed, without names."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from tests.dicom_files import write_dicom_file
from viewer.codecs.base import Target
from viewer.evaluation.reading.plan import Candidate
from viewer.evaluation.reading.record import read
from viewer.images.opening import read_frame, read_header
from viewer.session.blind_reading import ASKING, DONE, IDLE, PAUSED, READY

LONG = 240_000
J2K = Candidate("jpeg2000", "ratio", 60.0)
LS = Candidate("jpeg2000", "ratio", 12.0)


@pytest.fixture(autouse=True)
def readings(tmp_path, monkeypatch):
    """A folder of the test's own for what is kept."""
    folder = tmp_path / "readings"
    monkeypatch.setenv("RADVIEW_READINGS", str(folder))
    return folder


@pytest.fixture(scope="module")
def detail_paths(tmp_path_factory, rg1_path):
    """Two details of RG1."""
    whole = read_frame(read_header(rg1_path)).pixels
    folder = tmp_path_factory.mktemp("details")
    return [
        write_dicom_file(
            folder / f"DOE_{number}.dcm",
            np.ascontiguousarray(whole[600 + shift : 760 + shift, 700:880]),
            bits_stored=15,
            photometric="MONOCHROME1",
        )
        for number, shift in enumerate((0, 200))
    ]


@pytest.fixture
def blind(window, qtbot, detail_paths):
    """A main window with both details open, and the reading's window in front."""
    with qtbot.waitSignal(window.session.scan_finished, timeout=LONG):
        window.session.open_paths(detail_paths)
    qtbot.waitUntil(lambda: window.session.radiograph is not None, timeout=LONG)
    window.session.set_codec("jpeg2000")
    window.session.set_target(Target("ratio", 60))
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    made = window.reading.reading_window
    assert made.isVisible()
    return made


def begin(made, qtbot, *, task="choice", view="side", repeats=2, practice=1, everything=False):
    page = made.plan_page
    page.task.setCurrentIndex(page.task.findData(task))
    page.view.setCurrentIndex(page.view.findData(view))
    page.repeats.setValue(repeats)
    page.practice.setValue(practice)
    page.all_images.setChecked(everything)
    QTest.mouseClick(page.start, Qt.MouseButton.LeftButton)
    reading = made._session.blind
    qtbot.waitUntil(lambda: reading.state == READY, timeout=LONG)
    QTest.keyClick(made.wait.go, Qt.Key.Key_Space)
    assert reading.state == ASKING
    return reading


def seen(made, qtbot):
    """Wait until the pictures of the trial are on the screen."""
    qtbot.waitUntil(lambda: made._session.blind._since is not None, timeout=LONG)


def press(made, key):
    QTest.keyClick(made.trials.panes.panes[0], key)


def finish(made, qtbot, choose):
    reading = made._session.blind
    while reading.state == ASKING:
        seen(made, qtbot)
        press(made, choose(reading.trial))


def test_the_first_page_begins_with_the_coding_at_hand(blind):
    page = blind.plan_page
    assert page.candidates == (J2K,)
    page.ratio.setValue(12)
    page.codec.setCurrentIndex(page.codec.findData("jpeg2000"))
    QTest.mouseClick(page.add, Qt.MouseButton.LeftButton)
    QTest.mouseClick(page.add, Qt.MouseButton.LeftButton)
    assert page.candidates == (J2K, LS)
    page.list.setCurrentRow(0)
    QTest.mouseClick(page.remove, Qt.MouseButton.LeftButton)
    assert page.candidates == (LS,)
    page.list.setCurrentRow(0)
    QTest.mouseClick(page.remove, Qt.MouseButton.LeftButton)
    assert not page.start.isEnabled()


def test_a_forced_choice_by_arrows_from_practice_to_the_table(blind, qtbot, monkeypatch, tmp_path):
    reading = begin(blind, qtbot, everything=True)
    assert "Practice 1 of 1" in blind.trials.where.text()
    assert "suspended" in blind.trials.suspended.text()
    assert blind.trials.suspended.isVisible()
    for pane in blind.trials.panes.panes:
        assert pane.mark.isHidden() or not pane.mark.text()
        assert pane.overlay.texts.upper_left == []
    keys = {1: Qt.Key.Key_Left, 2: Qt.Key.Key_Right}
    finish(blind, qtbot, lambda trial: keys[trial.original_side])
    assert reading.state == DONE
    rows = blind.results.table
    assert rows.topLevelItemCount() == 1
    texts = [rows.topLevelItem(0).text(column) for column in range(5)]
    assert texts[0] == "JPEG 2000   60 : 1"
    assert texts[2:5] == ["4", "100 %", "51 % – 100 %"]
    target = tmp_path / "answers.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: (str(target), ""))
    QTest.mouseClick(blind.results.save_answers, Qt.MouseButton.LeftButton)
    text = target.read_text()
    table = list(csv.DictReader(io.StringIO(text)))
    assert len(table) == 5
    assert {row["image"] for row in table} == {"1", "2"}
    assert all(float(row["seconds"]) >= 0 for row in table)
    assert "DOE" not in text
    assert "Chest" not in text


def test_the_pictures_are_those_of_the_trial(blind, qtbot):
    reading = begin(blind, qtbot)
    for _ in range(3):
        seen(blind, qtbot)
        trial, (a, b) = reading.trial, reading.pictures
        original = blind._session.radiograph
        assert (a if trial.original_side == 1 else b) is original
        assert (b if trial.original_side == 1 else a) is not original
        shown = [pane.picture.radiograph for pane in blind.trials.panes.panes]
        assert shown[0] is a
        assert shown[1] is b
        press(blind, Qt.Key.Key_1)


def test_the_scale_takes_digits_and_shows_the_original_beside_itself(blind, qtbot):
    reading = begin(blind, qtbot, task="scale", practice=0)
    assert len(blind.trials.buttons) == 5
    finish(blind, qtbot, lambda t: Qt.Key.Key_5 if t.coding == 0 else Qt.Key.Key_3)
    assert [answer.value for answer in reading.reading.answers].count(5) == 2
    names = [blind.results.table.topLevelItem(row).text(0) for row in range(2)]
    assert names == ["Original beside itself", "JPEG 2000   60 : 1"]
    assert blind.results.table.topLevelItem(0).text(3) == "5.00"


def test_arrows_do_not_answer_on_the_scale(blind, qtbot):
    reading = begin(blind, qtbot, task="scale", practice=0)
    seen(blind, qtbot)
    press(blind, Qt.Key.Key_Left)
    assert reading.reading.answers == ()


def test_flickering_goes_by_itself_and_by_hand(blind, qtbot):
    reading = begin(blind, qtbot, view="flicker", practice=0)
    panes = blind.trials.panes
    assert panes.flickering
    assert not panes.panes[1].isVisible()
    # Before both were seen there is nothing to answer.
    press(blind, Qt.Key.Key_1)
    assert reading.reading.answers == ()
    seen(blind, qtbot)
    press(blind, Qt.Key.Key_Space)
    assert not panes.flickering
    turn = panes.turn
    press(blind, Qt.Key.Key_Space)
    assert panes.turn == 1 - turn
    assert panes.panes[0].picture.radiograph is reading.pictures[panes.turn]
    assert panes.letters[0].text() == "AB"[panes.turn]
    press(blind, Qt.Key.Key_2)
    assert len(reading.reading.answers) == 1


def test_a_pause_hides_the_pictures_and_stops_the_time(blind, qtbot):
    reading = begin(blind, qtbot, practice=0)
    seen(blind, qtbot)
    press(blind, Qt.Key.Key_P)
    assert reading.state == PAUSED
    assert reading.pictures is None
    assert all(pane.picture is None for pane in blind.trials.panes.panes)
    spent = reading._spent
    qtbot.wait(1500)
    assert reading._spent == spent
    QTest.mouseClick(blind.wait.go, Qt.MouseButton.LeftButton)
    seen(blind, qtbot)
    reading._since = reading._since - 2.0
    press(blind, Qt.Key.Key_1)
    # What was looked at before the pause counts, the pause does not.
    seconds = reading.reading.answers[0].seconds
    assert seconds >= spent + 2.0 - 0.002


def test_escape_pauses_and_the_window_stays(blind, qtbot):
    reading = begin(blind, qtbot, practice=0)
    QTest.keyClick(blind, Qt.Key.Key_Escape)
    assert reading.state == PAUSED
    assert blind.isVisible()


def test_an_answer_can_be_taken_back(blind, qtbot):
    reading = begin(blind, qtbot, practice=0)
    first = reading.trial
    seen(blind, qtbot)
    press(blind, Qt.Key.Key_1)
    press(blind, Qt.Key.Key_Backspace)
    assert reading.reading.answers == ()
    assert reading.trial == first


def test_what_was_left_is_resumed_where_it_stood(blind, qtbot, readings, window):
    reading = begin(blind, qtbot, everything=True)
    plan = reading.plan
    for _ in range(3):
        seen(blind, qtbot)
        press(blind, Qt.Key.Key_2)
    kept = list(readings.glob("*.json"))
    assert len(kept) == 1
    text = kept[0].read_text()
    assert "DOE" not in text
    assert str(window.session.header.path.parent) not in text
    blind.close()
    assert reading.state == IDLE
    assert read(kept[0]).plan == plan
    window.actions_by_key["reading_resume"].trigger()
    qtbot.waitUntil(lambda: reading.state == READY, timeout=LONG)
    assert "3 of 5 are answered" in blind.wait.text.text()
    assert reading.plan == plan
    QTest.mouseClick(blind.wait.go, Qt.MouseButton.LeftButton)
    finish(blind, qtbot, lambda trial: Qt.Key.Key_1)
    assert reading.state == DONE
    assert [a.value for a in reading.reading.answers] == [2, 2, 2, 1, 1]
    assert reading.unfinished() == ()


def test_a_reading_whose_images_are_not_open_says_so(blind, qtbot, window, small_path):
    reading = begin(blind, qtbot, everything=True)
    blind.close()
    window.session._loading.library.clear()
    with qtbot.waitSignal(window.session.image_changed, timeout=LONG):
        window.session.open_paths([small_path])
    blind.resume()
    qtbot.waitUntil(lambda: reading.state == IDLE and not reading.busy, timeout=LONG)
    qtbot.waitUntil(lambda: "2 of the 2 images" in blind.failure.text(), timeout=LONG)


def test_preparing_can_be_stopped(blind, qtbot):
    QTest.mouseClick(blind.plan_page.start, Qt.MouseButton.LeftButton)
    QTest.keyClick(blind, Qt.Key.Key_Escape)
    assert blind._session.blind.state == IDLE
    assert blind.isVisible()


def test_a_spoiled_picture_is_not_what_is_read(blind, qtbot, window):
    original = window.session.radiograph
    window.spoiling.panel.knobs["noise"].slider.setValue(50)
    qtbot.waitUntil(lambda: window.session.spoiling.text != "", timeout=LONG)
    reading = begin(blind, qtbot, practice=0)
    trial = reading.trial
    assert reading.pictures[trial.original_side - 1] is original


def test_everything_has_a_name(blind):
    page = blind.plan_page
    for control in (page.task, page.view, page.repeats, page.practice, page.all_images,
                    page.reader, page.codec, page.ratio, page.add, page.remove, page.list,
                    page.start, page.resume, blind.trials.pause, blind.trials.back,
                    blind.results.table, blind.results.save_answers):  # fmt: skip
        assert control.accessibleName()
