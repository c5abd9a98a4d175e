"""What the window promises of speed with four panes of a mammogram: rows for `radview bench`."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from viewer.errors import RadviewError
from viewer.ui.benchmark import Row, opened, row, run_apart, wait_until
from viewer.ui.benchmark_files import MG1_NAME, large_radiograph

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF
    from PySide6.QtWidgets import QWidget

    from viewer.ui.main_window import MainWindow

FRAMES_PER_S = 30.0
_SECONDS = 3.0
_SLOWEST_S = 5.0
_PATH = "RADVIEW_BENCHMARK_PATH"
_BPP = 0.3


def measure_workbench() -> list[Row]:
    """Measure in processes of their own and return all rows.

    A frame counts when every pane that it changes has been painted.

    Raises
    ------
    RadviewError
        When a measurement fails.
    """
    names = {
        "pan": "pan at 1:1",
        "zoom": "zoom with the wheel",
        "window": "window/level drag",
        "blink": "flipping with Space",
        "samples": "pan at 1:1 under 128 x 128 samples, grid and density",
    }
    with tempfile.TemporaryDirectory() as folder:
        large = large_radiograph(Path(folder))
        what_large = "MG1" if large.name == MG1_NAME else "the sample enlarged to MG1's size"
        return [
            row(
                f"{text} on {what_large}, four panes",
                run_apart("viewer.ui.benchmark_workbench", what, {_PATH: str(large)}),
                "frames/s",
                FRAMES_PER_S,
                lower=False,
            )
            for what, text in names.items()
        ]


class _Hand:
    """Sends what the system sends, and counts what panes paint."""

    def __init__(self, window: MainWindow) -> None:
        from PySide6.QtCore import QEvent, QObject

        from viewer.ui.app import application

        self._running = application()
        self.window = window
        self.target: QWidget = window.panes.original.pane.viewport()
        self.middle = self.target.rect().center().toPointF()
        painted: dict[QObject, int] = {}

        class Counter(QObject):
            def eventFilter(self, watched: QObject, event: QEvent) -> bool:
                if event.type() == QEvent.Type.Paint:
                    painted[watched] = painted.get(watched, 0) + 1
                return False

        self._painted = painted
        self._counter = Counter()
        for frame in window.panes.frames:
            frame.pane.viewport().installEventFilter(self._counter)

    def mouse(self, kind: str, place: QPointF, button: str) -> None:
        """Press, move or release a button."""
        from PySide6.QtCore import QEvent, Qt
        from PySide6.QtGui import QMouseEvent

        pressed = Qt.MouseButton[button]
        none = Qt.MouseButton.NoButton
        event = QMouseEvent(
            QEvent.Type[kind],
            place,
            self.target.mapToGlobal(place),
            none if kind == "MouseMove" else pressed,
            none if kind == "MouseButtonRelease" else pressed,
            Qt.KeyboardModifier.NoModifier,
        )
        self._running.sendEvent(self.target, event)

    def wheel(self, steps: int) -> None:
        """Turn the wheel over the middle of the first pane."""
        from PySide6.QtCore import QPoint, Qt
        from PySide6.QtGui import QWheelEvent

        event = QWheelEvent(
            self.middle,
            self.target.mapToGlobal(self.middle),
            QPoint(),
            QPoint(0, 120 * steps),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        self._running.sendEvent(self.target, event)

    def space(self, held: bool) -> None:
        """Press or let go of Space."""
        from PySide6.QtCore import QEvent, Qt
        from PySide6.QtGui import QKeyEvent

        kind = QEvent.Type.KeyPress if held else QEvent.Type.KeyRelease
        key, none = Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier
        self._running.sendEvent(self.window, QKeyEvent(kind, key, none))

    def frames(self, step: Callable[[int], None], panes: int) -> float:
        """Return the frames a second while `step` is called for each.

        Parameters
        ----------
        panes : int
            How many panes a step changes.
        """
        begun = time.perf_counter()
        count = 0
        while (now := time.perf_counter()) - begun < _SECONDS:
            self._painted.clear()
            step(count)
            while len(self._painted) < panes:
                self._running.processEvents()
                if time.perf_counter() - now > _SLOWEST_S:
                    raise RadviewError(f"Only {len(self._painted)} of {panes} panes were painted.")
            count += 1
        return count / (time.perf_counter() - begun)


def _four_panes() -> _Hand:
    """Open the radiograph, code it, and show original, reconstruction and two maps."""
    from viewer.codecs.base import Target

    window = opened(Path(os.environ[_PATH]))
    session = window.session
    session.set_codec("jpeg2000")
    session.set_target(Target("bpp", _BPP))
    session.compress()
    wait_until(lambda: session.comparison is not None and not session.busy)
    window.actions_by_key["layout_4"].trigger()
    wait_until(lambda: window.panes.settled)
    return _Hand(window)


def _dragged(hand: _Hand, button: str, panes: int) -> float:
    from PySide6.QtCore import QPointF

    hand.mouse("MouseButtonPress", hand.middle, button)
    # Back and forth, so that the view changes at every move.
    frames = hand.frames(
        lambda step: hand.mouse(
            "MouseMove", hand.middle + QPointF(40 * (step % 2), step % 30), button
        ),
        panes,
    )
    hand.mouse("MouseButtonRelease", hand.middle, button)
    return frames


def pan() -> float:
    """Return the frames a second of moving four panes at 1:1."""
    from viewer.ui.app import dismiss

    hand = _four_panes()
    hand.window.actions_by_key["actual"].trigger()
    wait_until(lambda: hand.window.panes.settled)
    frames = _dragged(hand, "MiddleButton", 4)
    dismiss(hand.window)
    return frames


def zoom() -> float:
    """Return the frames a second of zooming four panes in and out with the wheel."""
    from viewer.ui.app import dismiss

    hand = _four_panes()
    frames = hand.frames(lambda step: hand.wheel(1 if step % 20 < 10 else -1), 4)
    dismiss(hand.window)
    return frames


def window_level() -> float:
    """Return the frames a second of a window/level drag, which changes two of four panes."""
    from viewer.ui.app import dismiss

    hand = _four_panes()
    frames = _dragged(hand, "RightButton", 2)
    dismiss(hand.window)
    return frames


def blink() -> float:
    """Return how often a second one of four panes can flip between two pictures."""
    from viewer.ui.app import dismiss

    hand = _four_panes()
    frames = hand.frames(lambda step: hand.space(step % 2 == 0), 1)
    dismiss(hand.window)
    return frames


def samples() -> float:
    """Return the frames a second of moving four panes, one under the whole deformation map."""
    from viewer.ui.app import dismiss

    hand = _four_panes()
    window, deforming = hand.window, hand.window.session.deforming
    deforming.choose(side=128)
    if not deforming.on:  # a window may remember that it was
        window.actions_by_key["deformation"].trigger()
    wait_until(lambda: deforming.deformed is not None)
    # The figures of the other samplers would take a core meanwhile.
    deforming.cancel()
    window.deformation.panel.boxes["lines"].setChecked(True)
    window.actions_by_key["actual"].trigger()
    wait_until(lambda: window.panes.settled)
    frames = _dragged(hand, "MiddleButton", 4)
    dismiss(window)
    return frames


MEASURES: dict[str, Callable[[], float]] = {
    "pan": pan,
    "zoom": zoom,
    "window": window_level,
    "blink": blink,
    "samples": samples,
}

if __name__ == "__main__":
    import sys

    from viewer.ui.benchmark import print_measure

    sys.exit(print_measure(MEASURES, sys.argv[1]))
