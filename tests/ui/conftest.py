"""Real windows with settings of their own, that must leave no thread behind."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.dicom_files import write_dicom_file
from tests.ui.slow_codec import SlowCodec
from viewer.codecs import registry
from viewer.images.opening import read_frame, read_header
from viewer.jobs.worker import running_threads
from viewer.session.session import Session
from viewer.ui.app import application, build, dismiss
from viewer.ui.main_window import MainWindow
from viewer.ui.pane import Pane


@pytest.fixture(scope="session")
def qapp(qapp_args):
    return application()


@pytest.fixture(autouse=True)
def settings_folder(tmp_path: Path) -> Iterator[Path]:
    """Keep QSettings in files of this test alone."""
    folder = tmp_path / "settings"
    before = QSettings.defaultFormat()
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
    yield folder
    QSettings.setDefaultFormat(before)


@pytest.fixture(autouse=True)
def no_window_left() -> Iterator[None]:
    """Of this test: it would go on listening, and fail another test for what is no longer there."""
    yield
    found = QApplication.topLevelWidgets() if QApplication.instance() is not None else []
    assert [widget for widget in found if isinstance(widget, MainWindow)] == []


@pytest.fixture
def slow_codec(monkeypatch) -> SlowCodec:
    """Register the slow codec under its name; the test may set its steps."""
    codec = SlowCodec()
    factories = {
        "jpeg2000": registry._FACTORIES["jpeg2000"],
        "slow": "tests.ui.slow_codec:SlowCodec",
    }
    monkeypatch.setattr(registry, "_FACTORIES", factories)
    original = registry.get
    monkeypatch.setattr(registry, "get", lambda name: codec if name == "slow" else original(name))
    return codec


@pytest.fixture
def open_window(qtbot) -> Iterator[Callable[[], MainWindow]]:
    """Make windows; each is closed at the end and must have joined its threads."""
    made: list[MainWindow] = []

    def make(size: tuple[int, int] = (1280, 800)) -> MainWindow:
        window = build(Session())
        window.resize(*size)
        window.show()
        qtbot.waitExposed(window)
        made.append(window)
        return window

    yield make
    for window in made:
        dismiss(window)
    assert running_threads() == ()
    # Cycles of menus and pictures are left of a window; no event loop runs that collects them.
    made.clear()
    window = None
    gc.collect()


@pytest.fixture
def window(open_window) -> MainWindow:
    return open_window()


@pytest.fixture
def opened(window, qtbot, rg1_path) -> MainWindow:
    """A window with RG1 on the screen."""
    with qtbot.waitSignal(window.session.image_changed, timeout=10_000):
        window.session.open_paths([rg1_path])
    qtbot.waitUntil(lambda: window.panes.original.pane.shown_values is not None, timeout=5000)
    qtbot.waitUntil(lambda: not window.session.busy, timeout=5000)
    return window


@pytest.fixture(scope="session")
def small_path(tmp_path_factory, rg1_path) -> Path:
    """RG1 at half its size: real anatomy that is coded four times as fast."""
    pixels = read_frame(read_header(rg1_path)).pixels
    half = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    folder = tmp_path_factory.mktemp("small")
    return write_dicom_file(folder / "small.dcm", half, bits_stored=15, photometric="MONOCHROME1")


@pytest.fixture
def small(window, qtbot, small_path) -> MainWindow:
    """A window with half of RG1 on the screen."""
    with qtbot.waitSignal(window.session.image_changed, timeout=10_000):
        window.session.open_paths([small_path])
    qtbot.waitUntil(lambda: window.panes.original.pane.shown_values is not None, timeout=5000)
    qtbot.waitUntil(lambda: not window.session.busy, timeout=5000)
    return window


@dataclass
class Mouse:
    """Real mouse events on a pane."""

    pane: Pane

    @property
    def target(self) -> QWidget:
        return self.pane.viewport()

    def at(self, column: float, row: float) -> QPoint:
        """Return where an image point is on the screen."""
        x, y = self.pane.geometry_of_image.to_screen(column, row)
        return QPointF(x, y).toPoint()

    def move(self, spot: QPoint, buttons=Qt.MouseButton.NoButton) -> None:
        place = QPointF(spot)
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            place,
            self.target.mapToGlobal(place),
            Qt.MouseButton.NoButton,
            buttons,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(self.target, event)

    def drag(self, first: QPoint, last: QPoint, button=Qt.MouseButton.LeftButton, steps=8) -> None:
        QTest.mousePress(self.target, button, pos=first)
        for step in range(1, steps + 1):
            way = QPointF(last - first) * (step / steps)
            self.move((QPointF(first) + way).toPoint(), button)
        QTest.mouseRelease(self.target, button, pos=last)

    def wheel(self, spot: QPoint, steps: int) -> None:
        event = QWheelEvent(
            QPointF(spot), self.target.mapToGlobal(QPointF(spot)), QPoint(), QPoint(0, 120 * steps),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
            False,
        )  # fmt: skip
        QApplication.sendEvent(self.target, event)

    def double_click(self, spot: QPoint) -> None:
        QTest.mouseDClick(self.target, Qt.MouseButton.LeftButton, pos=spot)


@pytest.fixture
def mouse() -> Callable[[Pane], Mouse]:
    return Mouse
