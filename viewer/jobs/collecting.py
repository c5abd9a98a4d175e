"""Garbage collection in the thread of the window alone, in steps it does not notice."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL = 400
"""Milliseconds between two looks."""


class MainThreadCollector(QObject):
    """Collects garbage from the event loop instead of wherever the next object is made.

    Python collects in the thread that happens to make the object too many. In a worker that may
    destroy a widget of a forgotten cycle, which Qt allows in the window's thread alone. Make one
    of these beside the application object; `stop` gives collection back to Python.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        gc.disable()
        # What the imports have made stays as long as the program. Looking at all of it again takes
        # 0.2 s, in which the window would stand still.
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect)
        self._timer.start(INTERVAL)

    def collect(self) -> None:
        """Collect the oldest generation that is due."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if counts[generation] > thresholds[generation] > 0:
                gc.collect(generation)
                return

    def stop(self) -> None:
        """Let Python collect again as it did before."""
        self._timer.stop()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()
