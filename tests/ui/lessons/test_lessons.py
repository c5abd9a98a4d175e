"""A lesson drives the real window, can be left at any time, and gives everything back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from viewer.codecs import model_files
from viewer.codecs.base import Target
from viewer.session.lessons.files import read_lesson
from viewer.ui.contents.content import Content
from viewer.ui.lessons.vocabulary import vocabulary

WAIT = 60_000
LESSON = """
title = "Own"
about = "For the test."
[[step]]
title = "First"
text = "Press {blink}, *bold*.\\n\\nA second paragraph."
do = ["panes 2", "show 1 reconstruction", "show 2 signed", "codec jpeg2000", "ratio 15", "compress"]
figures = ["ratio", "psnr"]
[[step]]
title = "Second"
text = "More."
do = ["panes 4", "show 4 ssim", "ratio 40", "compress", "on blocks", "tool pan", "zoom 2 0.5 0.5",
      "box 0.1 0.1 0.2 0.2", "off studies"]
figures = ["ratio", "ssim", "size"]
"""


@pytest.fixture
def lesson(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(LESSON)
    return read_lesson(path, vocabulary())


def at_rest(window, qtbot):
    runner = window.lessons.runner
    qtbot.waitUntil(lambda: not runner.waiting, timeout=WAIT)
    qtbot.waitUntil(lambda: not window.session.busy, timeout=WAIT)


def test_steps_drive_the_real_tools_and_leaving_gives_the_window_back(small, qtbot, lesson):
    window, session, runner = small, small.session, small.lessons.runner
    session.set_target(Target("bpp", 0.7))
    session.set_view(tool="zoom")
    window.panes.choose(window.panes.frames[2], Content("psnr"))
    before = (session.coding, session.view, [window.panes.content(f) for f in window.panes.frames])
    runner.start(lesson)
    assert window.lessons.dock.isVisible()
    at_rest(window, qtbot)
    assert session.comparison.target == Target("ratio", 15.0)
    assert len(window.panes.frames) == 2
    assert window.panes.content(window.panes.frames[1]) == Content("signed")
    assert runner.rows[0]["ratio"].endswith(": 1")
    page = window.lessons.panel.page
    assert page.place.text() == "Own\nStep 1 of 2"
    assert "Press B, bold." in page.text.toPlainText()
    assert page.figures.rowCount() == 1
    QTest.keyClick(window, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    at_rest(window, qtbot)
    assert len(window.panes.frames) == 4
    assert session.view.tool == "pan"
    assert session.box is not None
    assert window.actions_by_key["blocks"].isChecked()
    assert window.studies_dock.isHidden()
    assert page.figures.rowCount() == 2
    assert page.next.text() == "E&nd"
    QTest.keyClick(
        window,
        Qt.Key.Key_L,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    assert runner.lesson is None
    qtbot.waitUntil(lambda: session.box is None, timeout=WAIT)
    qtbot.waitUntil(lambda: not session.busy, timeout=WAIT)
    after = (session.coding, session.view, [window.panes.content(f) for f in window.panes.frames])
    assert after == before
    assert not window.actions_by_key["blocks"].isChecked()
    assert not window.studies_dock.isHidden()
    assert "as it was" in window.lessons.panel.list.told.text()


def test_a_step_chooses_a_model_and_leaving_takes_it_back(small, qtbot, tmp_path):
    session, runner = small.session, small.lessons.runner
    path = tmp_path / "models.toml"
    path.write_text(
        'title = "Models"\n'
        '[[step]]\ntitle = "A"\ntext = "A"\ndo = ["codec recurrent", "model form-lstm-oneshot"]\n'
        '[[step]]\ntitle = "B"\ntext = "B"\ndo = ["codec recurrent", "model own"]\n'
    )
    before = session.coding
    runner.start(read_lesson(path, vocabulary()))
    at_rest(small, qtbot)
    named = model_files.find("recurrent", session.coding.model)
    assert named.stem == "form-lstm-oneshot"
    runner.go(1)
    at_rest(small, qtbot)
    assert (session.coding.codec, session.coding.model) == ("recurrent", "")
    runner.leave()
    assert session.coding == before


def test_left_in_the_middle_of_a_coding_nothing_goes_on(slow_codec, small, qtbot, tmp_path):
    slow_codec.steps = 400
    path = tmp_path / "slow.toml"
    path.write_text(
        'title = "Slow"\n[[step]]\ntitle = "A"\ntext = "B"\ndo = ["codec slow", "compress"]\n'
    )
    runner, coding = small.lessons.runner, small.session.coding
    runner.start(read_lesson(path, vocabulary()))
    qtbot.waitUntil(lambda: small.session.busy, timeout=WAIT)
    assert runner.waiting
    assert small.lessons.panel.page.state.text() == "Working …"
    small.actions_by_key["lesson_leave"].trigger()
    assert runner.lesson is None
    assert not runner.waiting
    assert small.session.coding == coding
    qtbot.waitUntil(lambda: not small.session.busy, timeout=WAIT)


def test_staying_keeps_the_window_as_it_is(small, qtbot, lesson):
    small.lessons.runner.start(lesson)
    at_rest(small, qtbot)
    small.actions_by_key["lesson_stay"].trigger()
    assert len(small.panes.frames) == 2
    assert small.session.coding.target == Target("ratio", 15.0)
    assert small.lessons.panel.currentWidget() is small.lessons.panel.list


def test_a_step_that_fails_says_so_and_can_be_left(small, qtbot, lesson):
    runner = small.lessons.runner
    runner.start(lesson)
    runner._on_failed("It went wrong.")
    assert runner.failure == "It went wrong."
    assert small.lessons.panel.page.state.text() == "It went wrong."
    runner.leave()
    assert runner.lesson is None


def test_the_dock_lists_the_lessons_and_return_starts_one(window, qtbot, monkeypatch):
    QTest.keyClick(window, Qt.Key.Key_F2)
    listed = window.lessons.panel.list
    assert listed.list.count() == 4
    assert listed.refused.isHidden()
    started = []
    monkeypatch.setattr(window.lessons.runner, "start", started.append)
    QTest.keyClick(listed.list, Qt.Key.Key_Return)
    assert [lesson.title for lesson in started] == ["What a ratio costs"]
    for key in ("lesson_next", "lesson_back", "lesson_leave"):
        assert not window.actions_by_key[key].isEnabled()
