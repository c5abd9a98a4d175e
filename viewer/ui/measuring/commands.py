"""What can be undone: a measurement added, changed or taken away."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QUndoCommand

from viewer.metrics.measuring.measured import TITLES, Measurement
from viewer.session.measuring import Measuring


class Change(QUndoCommand):
    """From one state of a measurement to another; None is not being there.

    Parameters
    ----------
    before, after : Measurement or None
        With the same number.
    """

    def __init__(
        self,
        measuring: Measuring,
        path: Path,
        before: Measurement | None,
        after: Measurement | None,
    ) -> None:
        super().__init__()
        self._measuring, self._path = measuring, path
        self._before, self._after = before, after
        there = after or before
        assert there is not None
        verb = "Draw" if before is None else "Delete" if after is None else "Change"
        self.setText(f"{verb} {TITLES[there.shape.kind].lower()} {there.name}")

    def redo(self) -> None:
        """Bring the later state."""
        self._bring(self._before, self._after)

    def undo(self) -> None:
        """Bring the earlier state back."""
        self._bring(self._after, self._before)

    def _bring(self, gone: Measurement | None, there: Measurement | None) -> None:
        if there is not None:
            self._measuring.put(there, self._path)
            if self._measuring.path == self._path:
                self._measuring.select(there.number)
        elif gone is not None:
            self._measuring.remove(gone.number, self._path)
