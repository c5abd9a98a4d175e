"""What the window promises of speed, measured in a real window: rows for `radview bench`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from viewer.errors import RadviewError
from viewer.resources import sample_radiograph

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow

Row = dict[str, Any]

FIRST_PICTURE_S = 1.5
LONGEST_BLOCK_MS = 50.0
FRAMES_PER_S = 30.0
_RUNS = 3
_TICK_MS = 5
_DRAG_S = 3.0
_WAIT_S = 300.0
_STARTED = "RADVIEW_STARTED"


def row(name: str, value: float, unit: str, target: float, *, lower: bool) -> Row:
    """Return one row; `lower` says whether the target is the most or the least allowed."""
    met = value <= target if lower else value >= target
    return {"name": name, "value": value, "unit": unit, "target": target, "met": met}


def measure() -> list[Row]:
    """Measure in processes of their own, one after the other, and return all rows.

    Raises
    ------
    RadviewError
        When a measurement fails; the sentence says which and why.
    """
    first = median(_measure("first-picture") for _ in range(_RUNS))
    return [
        row("first picture of RG1 after process start", first, "s", FIRST_PICTURE_S, lower=True),
        row("window/level drag on RG1", _measure("drag"), "frames/s", FRAMES_PER_S, lower=False),
        row(
            "longest block of the event loop in a learned-codec job",
            _measure("block"),
            "ms",
            LONGEST_BLOCK_MS,
            lower=True,
        ),
    ]


def _measure(what: str) -> float:
    """Run this module in a fresh process and return the number it prints."""
    return run_apart("viewer.ui.benchmark", what, {})


def run_apart(module: str, what: str, variables: dict[str, str]) -> float:
    """Run a measurement of a module in a fresh process and return the number it prints.

    Raises
    ------
    RadviewError
        When it fails.
    """
    with tempfile.TemporaryDirectory() as settings:
        environment = dict(os.environ, XDG_CONFIG_HOME=settings, **variables)
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        environment[_STARTED] = repr(time.time())
        done = subprocess.run(
            [sys.executable, "-m", module, what],
            capture_output=True,
            text=True,
            env=environment,
            timeout=_WAIT_S,
        )
    lines = done.stdout.splitlines()
    if done.returncode != 0 or not lines:
        reason = done.stderr.strip().splitlines()[-1:] or ["it printed nothing"]
        raise RadviewError(f"The measurement '{what}' failed: {reason[0]}.")
    return float(json.loads(lines[-1]))


def first_picture(path: Path | None = None) -> float:
    """Return the seconds from the start of this process to the picture on the screen."""
    from viewer.ui.app import application, dismiss, open_window

    running = application()
    window = open_window([path or sample_radiograph()])
    pane = window.panes.original.pane
    seen: list[float] = []

    def look() -> None:
        if pane.picture is not None and not seen:
            pane.viewport().repaint()
            seen.append(time.time() - float(os.environ[_STARTED]))
            running.quit()

    pane.drawn.connect(look)
    running.exec()
    dismiss(window)
    return seen[0]


def drag_frames() -> float:
    """Return the frames a second that a pane paints during a window/level drag on RG1."""
    return drag_over(opened(), "window")


def drag_over(window: MainWindow, tool: str) -> float:
    """Return the frames a second that a pane paints during a drag; closes the window.

    Parameters
    ----------
    tool : {"window", "pan"}
        Dragged with the button that it always has, right or middle.
    """
    from PySide6.QtCore import QEvent, QObject, QPointF, Qt
    from PySide6.QtGui import QMouseEvent

    from viewer.ui.app import application, dismiss

    running = application()
    target = window.panes.original.pane.viewport()
    painted = 0

    class Counter(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            nonlocal painted
            painted += event.type() == QEvent.Type.Paint
            return False

    counter = Counter()
    target.installEventFilter(counter)

    def send(kind: QEvent.Type, place: QPointF, button: Qt.MouseButton) -> None:
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else held_button
        spot = target.mapToGlobal(place)
        event = QMouseEvent(kind, place, spot, button, held, Qt.KeyboardModifier.NoModifier)
        running.sendEvent(target, event)

    buttons = {"window": Qt.MouseButton.RightButton, "pan": Qt.MouseButton.MiddleButton}
    held_button = buttons[tool]
    middle = QPointF(target.rect().center())
    send(QEvent.Type.MouseButtonPress, middle, held_button)
    begun = time.perf_counter()
    step = 0
    while time.perf_counter() - begun < _DRAG_S:
        # Back and forth, so that the window changes at every move.
        step += 1
        place = middle + QPointF(40 * (step % 2), step % 30)
        send(QEvent.Type.MouseMove, place, Qt.MouseButton.NoButton)
        before = painted
        while painted == before and time.perf_counter() - begun < _DRAG_S:
            running.processEvents()
    took = time.perf_counter() - begun
    send(QEvent.Type.MouseButtonRelease, middle, held_button)
    frames = painted / took
    dismiss(window)
    return frames


def longest_block() -> float:
    """Return the longest time in ms that the event loop stood still while a network coded RG1."""
    from PySide6.QtCore import QEventLoop, Qt, QTimer

    from viewer.ui.app import dismiss

    window = opened()
    session = window.session
    name = _learned_codec()
    loop = QEventLoop()
    session.set_codec(name)
    failures: list[str] = []
    session.coding_failed.connect(failures.append)
    session.coding_finished.connect(loop.quit)
    longest = 0.0
    last = time.perf_counter()

    def tick() -> None:
        nonlocal longest, last
        now = time.perf_counter()
        longest = max(longest, now - last - _TICK_MS / 1000)
        last = now

    timer = QTimer(interval=_TICK_MS, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start()
    session.compress()
    loop.exec()
    timer.stop()
    # What comes right after belongs to it: the panes take the result.
    settle = QTimer(singleShot=True, interval=200)
    settle.timeout.connect(loop.quit)
    timer.start()
    settle.start()
    loop.exec()
    timer.stop()
    dismiss(window)
    if failures:
        raise RadviewError(failures[0])
    return longest * 1000


def _learned_codec() -> str:
    """Return the first learned codec that can be used here."""
    from viewer.codecs import registry

    for name in registry.available():
        if registry.get(name).info.learned:
            return name
    raise RadviewError("No learned codec can be used here: its weights are missing.")


def opened(path: Path | None = None) -> MainWindow:
    """Return a window of 1920 x 1080 with a radiograph (RG1) or a folder's first on the screen."""
    from viewer.ui.app import application, open_window

    application()
    window = open_window([path or sample_radiograph()])
    window.resize(1920, 1080)
    pane = window.panes.original.pane
    session = window.session
    # The whole of opening has to be over, the thumbnail too: it is not what is measured here.
    wait_until(
        lambda: (
            pane.shown_values is not None
            and not session.busy
            and session.header is not None
            and session.thumbnail(session.header) is not None
        )
    )
    return window


def wait_until(done: Callable[[], bool]) -> None:
    """Let the event loop run until something is so.

    Raises
    ------
    RadviewError
        When it takes too long.
    """
    from PySide6.QtWidgets import QApplication

    end = time.perf_counter() + _WAIT_S
    while not done():
        QApplication.processEvents()
        # Without a pause this loop would keep the interpreter from the threads it waits for.
        time.sleep(0.001)
        if time.perf_counter() > end:
            raise RadviewError("The radiographs did not open in time.")


_MEASURES = {"first-picture": first_picture, "drag": drag_frames, "block": longest_block}


def print_measure(measures: dict[str, Callable[[], float]], what: str) -> int:
    """Print one number, as JSON, on the last line."""
    try:
        print(json.dumps(measures[what]()))
    except RadviewError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(print_measure(_MEASURES, sys.argv[1]))
