"""Two themes: every text can be read in both, changed at once, remembered, panes dark in both."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from viewer.ui.app import application
from viewer.ui.contrast import READABLE, contrast, readable
from viewer.ui.plot_style import SERIES
from viewer.ui.theme import THEMES, WINDOW_THEME, apply_theme, theme, window_theme

CONTROL_ALT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


@pytest.fixture(autouse=True)
def dark_again():
    yield
    apply_theme(application(), "dark")


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("ground", ["pane", "window", "dock", "raised", "field"])
@pytest.mark.parametrize("text", ["text", "quiet", "dim", "accent", "lossy", "failure"])
def test_every_text_can_be_read_on_every_ground(name, ground, text):
    colours = theme(name)
    assert contrast(getattr(colours, text), getattr(colours, ground)) >= READABLE


@pytest.mark.parametrize("name", THEMES)
def test_white_can_be_read_on_what_is_chosen(name):
    assert contrast("#ffffff", theme(name).accent_deep) >= READABLE


def test_contrast_of_black_white_and_a_known_grey():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("colour", SERIES)
def test_colours_of_codecs_can_be_read_beside_their_boxes(name, colour):
    ground = theme(name).dock
    assert contrast(readable(colour, ground), ground) >= READABLE


def _ink(icon) -> int:
    """Return how light the pixels of an icon are, 0 to 255."""
    image = icon.pixmap(18, 18).toImage()
    across, down = range(image.width()), range(image.height())
    points = [image.pixelColor(x, y) for x in across for y in down]
    return max(point.lightness() for point in points if point.alpha() > 200)


def test_light_is_there_at_once_with_icons_and_kept(opened, open_window):
    button = opened.coding.cancel
    button.setEnabled(True)
    assert _ink(opened.actions_by_key["open"].icon()) > 200
    QTest.keyClick(opened, Qt.Key.Key_L, CONTROL_ALT)
    assert WINDOW_THEME.name == "light"
    assert opened.actions_by_key["theme_light"].isChecked()
    shown = QApplication.palette().color(QPalette.ColorRole.Window)
    assert shown == QColor(theme("light").dock)
    assert _ink(opened.actions_by_key["open"].icon()) < 60
    assert _ink(button.icon()) < 60
    strip = opened.panes.original
    assert strip.palette().color(strip.backgroundRole()) == QColor(theme("light").dock)
    following = open_window()
    assert following.actions_by_key["theme_light"].isChecked()
    assert WINDOW_THEME.name == "light"
    QTest.keyClick(following, Qt.Key.Key_D, CONTROL_ALT)
    assert window_theme() == theme("dark")
    assert _ink(opened.actions_by_key["open"].icon()) > 200


def test_panes_stay_dark(opened):
    QTest.keyClick(opened, Qt.Key.Key_L, CONTROL_ALT)
    pane = opened.panes.original.pane
    QApplication.processEvents()
    # Beside the picture, which is higher than wide.
    opened.session.set_view(scale=0.05, centre=None)
    pane.draw_now()
    assert pane.grab().toImage().pixelColor(3, pane.height() // 2) == QColor(theme("dark").pane)


def test_an_unknown_theme_kept_is_dark(window, open_window):
    window.settings.set("theme", "mauve")
    window.settings.write()
    assert open_window().actions_by_key["theme_dark"].isChecked()
