"""The window itself: start, theme, text that fits, what it remembers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QPushButton, QToolButton

from viewer.codecs import registry
from viewer.codecs.base import Target
from viewer.ui.screenshot import grab
from viewer.ui.theme import theme

_START = """
import sys
from viewer.ui.app import application, build
from viewer.session.session import Session
app = application()
session = Session()
session.open_paths([sys.argv[1]])
window = build(session)
window.show()
pane = window.panes.original.pane
pane.drawn.connect(lambda: pane.picture is not None and window.close())
app.exec()
print("torch" in sys.modules, session.radiograph is not None, pane.shown_values is not None)
"""


def start(rg1_path, tmp_path):
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen", XDG_CONFIG_HOME=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", _START, str(rg1_path)],
        capture_output=True, text=True, env=environment, timeout=60,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["False", "True", "True"]
    assert done.stderr == ""


def test_a_window_with_an_image_has_not_loaded_torch(rg1_path, tmp_path):
    start(rg1_path, tmp_path)


def test_a_remembered_learned_codec_does_not_load_torch_at_start(rg1_path, tmp_path):
    learned = [n for n in registry.names() if registry.get(n).info.learned]
    assert learned
    settings = tmp_path / "Radiograph Viewer"
    settings.mkdir()
    (settings / "radview.conf").write_text(
        f"[session]\ncodec={learned[0]}\ntarget_kind=bpp\ntarget_value=0.5\ndevice=auto\n"
    )
    start(rg1_path, tmp_path)


def luminance(colour):
    def linear(part):
        value = int(part, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(colour[at : at + 2]) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first, second):
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_every_text_colour_has_contrast_on_every_ground():
    colours = theme()
    for ground in (colours.pane, colours.window, colours.dock):
        for text in (colours.text, colours.quiet, colours.dim, colours.lossy, colours.failure,
                     colours.accent):  # fmt: skip
            assert contrast(text, ground) >= 4.5, (text, ground)
    assert contrast(colours.text, colours.raised) >= 4.5
    assert contrast("#ffffff", colours.accent_deep) >= 4.5


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_no_text_is_cut(slow_codec, open_window, qtbot, rg1_path, size):
    window = open_window(size)
    with qtbot.waitSignal(window.session.image_changed, timeout=10_000):
        window.session.open_paths([rg1_path])
    window.session.set_codec("slow")
    with qtbot.waitSignal(window.session.coding_finished, timeout=10_000):
        window.session.compress()
    with qtbot.waitSignal(
        window.session.box_figures_changed, timeout=10_000, check_params_cb=lambda f: f is not None
    ):
        window.session.set_box((100, 100, 400, 400))
    qtbot.wait(100)
    for label in window.findChildren(QLabel):
        if not label.isVisible() or not label.text():
            continue
        needed = (
            label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
        )
        assert label.height() >= needed - 1, label.text()
        if not label.wordWrap() and label is not window.status.job:
            assert label.width() >= label.sizeHint().width() - 1, label.text()
    for button in window.findChildren(QPushButton) + window.tool_bar.findChildren(QToolButton):
        if button.isVisible():
            assert button.width() >= button.sizeHint().width() - 1, button.text()
    for combo in window.findChildren(QComboBox):
        if not combo.isVisible():
            continue
        widest = combo.fontMetrics().horizontalAdvance(combo.currentText())
        assert combo.width() >= widest + 24, combo.currentText()
    assert not window.coding.verticalScrollBar().isVisible()


def test_controls_have_names_and_tips(window):
    for button in window.findChildren(QAbstractButton):
        if button.isVisible() and button.objectName() != "qt_toolbar_ext_button":
            assert button.text() or button.accessibleName()
            assert button.toolTip()


def test_empty_window_teaches_how_to_begin(window, qtbot):
    assert window.welcome.isVisible()
    sample = window.welcome.buttons[0]
    assert "sample" in sample.text()
    with qtbot.waitSignal(window.session.image_changed, timeout=10_000):
        QTest.mouseClick(sample, Qt.MouseButton.LeftButton)
    assert not window.welcome.isVisible()
    assert window.panes.isVisible()


def test_layout_codec_target_and_tool_are_remembered(slow_codec, open_window):
    first = open_window((1400, 860))
    first.session.set_codec("slow")
    first.session.set_target(Target("bpp", 0.25))
    first.session.set_view(tool="pan")
    first.studies_dock.hide()
    first.panes.set_signed(False)
    first.close()
    second = open_window((1400, 860))
    assert second.session.coding.codec == "slow"
    assert second.session.coding.target == Target("bpp", 0.25)
    assert second.session.view.tool == "pan"
    assert second.studies_dock.isHidden()
    assert not second.panes.signed
    assert not second.actions_by_key["difference"].isChecked()


def test_settings_hold_no_identity(opened, settings_folder):
    name = opened.session.header.identity.patient_name
    assert name
    opened.close()
    kept = "".join(path.read_text(errors="replace") for path in settings_folder.rglob("*.conf"))
    kept += "".join(path.read_text(errors="replace") for path in settings_folder.rglob("*.ini"))
    assert "geometry" in kept
    for part in (*name.split("^"), opened.session.header.identity.patient_id):
        assert part not in kept


def test_recent_paths_open_again(opened, qtbot, rg1_path):
    menu = next(
        action.menu()
        for action in opened.menuBar().actions()[0].menu().actions()
        if action.menu() is not None
    )
    assert menu.actions()[0].toolTip() == str(rg1_path)
    with qtbot.waitSignal(opened.session.scan_finished, timeout=10_000):
        menu.actions()[0].trigger()


def test_screenshot(opened, tmp_path):
    path = grab(opened, tmp_path / "shots" / "window.png")
    assert path.read_bytes()[:4] == b"\x89PNG"
