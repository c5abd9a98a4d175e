"""Nothing lies over anything else: texts of narrow panes, the legend and "F", docks and tabs."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QImage, QPainter
from PySide6.QtWidgets import QDockWidget, QTabBar, QToolButton

from viewer.ui import haloed_text, pane_overlay
from viewer.ui.pane_overlay import ColourScale, PaneOverlay, PaneTexts
from viewer.ui.settings import WindowSettings

COLOURS = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)


@pytest.fixture
def drawn(qapp, monkeypatch):
    """Draw an overlay; return where each text was put."""
    found: dict[str, QRectF] = {}

    def note(painter, x, y, text, font, colour, ratio):
        if text:
            found[text] = QRectF(x, y, haloed_text.width(text, font), haloed_text.height(font))

    monkeypatch.setattr(pane_overlay.haloed_text, "draw", note)

    def draw(overlay: PaneOverlay, width: int, height: int = 300) -> dict[str, QRectF]:
        found.clear()
        image = QImage(width, height, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        overlay.paint(painter, QRectF(0, 0, width, height), QFont(), 1.0)
        painter.end()
        return dict(found)

    return draw


def apart(places: dict[str, QRectF], *texts: str) -> bool:
    rectangles = [places[text] for text in texts]
    return not any(a.intersects(b) for i, a in enumerate(rectangles) for b in rectangles[i + 1 :])


@pytest.mark.parametrize("width", range(160, 420, 20))
@pytest.mark.parametrize("scaled", [False, True])
def test_no_text_of_a_pane_touches_another(drawn, width, scaled):
    overlay = PaneOverlay()
    overlay.texts = PaneTexts(
        ["Doe, Jane"], ["W 16384  L 8192"], ["38 % smoothed"], edges=("R", "L", "H", "F")
    )
    if scaled:
        overlay.scale = ColourScale(COLOURS, "-4", "+4", "levels", under=True)
    places = drawn(overlay, width)
    texts = ["W 16384  L 8192", "38 % smoothed", "F", "Doe, Jane", "R", "L"]
    assert apart(places, *texts, *(["-4", "+4"] if scaled else []))


@pytest.mark.parametrize("width", range(160, 420, 20))
def test_the_legend_leaves_the_letter_free(drawn, width):
    overlay = PaneOverlay()
    overlay.texts = PaneTexts([], ["×8"], ["38 %"], edges=("R", "L", "H", "F"))
    overlay.scale = ColourScale(COLOURS, "0", "1234567 levels", "", under=True)
    places = drawn(overlay, width)
    area = QRectF(0, 0, width, 300)
    font = pane_overlay.tabular(QFont())
    legend = overlay._legend(overlay.scale, area, font, haloed_text.height(font))
    assert not places["F"].intersects(legend)


def test_a_dock_at_the_bottom_leaves_the_pictures_most_of_the_room(open_window, qtbot):
    window = open_window((1280, 800))
    for key in ("curves", "measurements", "plots"):
        window.actions_by_key[key].trigger()
    qtbot.waitUntil(lambda: window.panes.parentWidget().height() > 0.42 * window.height())
    bottom = Qt.DockWidgetArea.BottomDockWidgetArea
    shown = [d for d in window.findChildren(QDockWidget) if window.dockWidgetArea(d) == bottom]
    assert max(d.height() for d in shown if not d.visibleRegion().isEmpty()) < 330


def bars_of_docks(window) -> list[QTabBar]:
    """Return the bars of tabs that can be seen; Qt puts others far beside the window."""
    bars = [bar for bar in window.findChildren(QTabBar) if bar.parent() is window]
    return [bar for bar in bars if bar.isVisible() and window.rect().intersects(bar.geometry())]


def test_no_bar_of_tabs_is_left_somewhere(open_window, qtbot):
    window = open_window()
    qtbot.wait(50)
    assert bars_of_docks(window) == []
    keys = ("measurements", "curves", "blocks")
    for key in keys:
        window.actions_by_key[key].trigger()
    qtbot.waitUntil(lambda: len(bars_of_docks(window)) == 2)
    titles = [{bar.tabText(i) for i in range(bar.count())} for bar in bars_of_docks(window)]
    assert {"Measurements", "Curves"} in titles
    assert {"Coding", "Worst blocks"} in titles
    for key in keys:
        window.actions_by_key[key].trigger()
    qtbot.waitUntil(lambda: bars_of_docks(window) == [])


def test_a_layout_of_other_docks_is_not_taken(window, open_window, qtbot):
    window.actions_by_key["curves"].trigger()
    window.settings.set("layout", window.saveState(1))
    window.settings.write()
    following = open_window()
    assert following.curves.dock.isHidden()
    assert following.coding_dock.isVisible()
    assert isinstance(following.settings, WindowSettings)


def test_the_layout_is_kept_for_the_next_window(window, open_window):
    window.actions_by_key["curves"].trigger()
    window.close()
    assert not open_window().curves.dock.isHidden()


def test_nothing_is_cut_off_in_the_smallest_window(open_window, qtbot):
    window = open_window((960, 600))
    welcome = window.welcome

    def whole(button) -> bool:
        wide = button.width() >= button.sizeHint().width()
        return wide and welcome.rect().contains(button.geometry())

    qtbot.waitUntil(lambda: all(whole(button) for button in welcome.buttons))
    more = window.tool_bar.findChild(QToolButton, "qt_toolbar_ext_button")
    assert more.isVisible()
    assert not more.icon().isNull()
    assert more.accessibleName()
