"""Measuring in a window: tools, undo, and the layer on its panes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QUndoGroup, QUndoStack

from viewer.metrics.measuring.measured import Measurement
from viewer.metrics.measuring.shapes import KINDS, Shape
from viewer.session.session import Session
from viewer.ui.measuring.commands import Change
from viewer.ui.measuring.layer import MeasureLayer
from viewer.ui.measuring.places import Places
from viewer.ui.measuring.tools import EditTool, FreehandTool, PointsTool, ProbeTool
from viewer.ui.pane import Pane
from viewer.ui.tools.base import Tool


class MeasureHand(QObject):
    """Draws, changes and takes away; every image has its own list of what can be undone."""

    drawn = Signal(object)
    """A `Measurement` the user has just drawn."""
    repaint = Signal()
    """What lies over the panes has changed."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.measuring = session.measuring
        self.places = Places(session)
        self.layer = MeasureLayer(self.measuring, self.places)
        self.undo_group = QUndoGroup(self)
        self._stacks: dict[Path, QUndoStack] = {}
        self._edit = EditTool(self.measuring, self.places, self._change)
        self._drawing: dict[str, PointsTool | FreehandTool | ProbeTool] = {
            kind: PointsTool(kind, self.measuring, self.places, self._finish)
            for kind in KINDS
            if kind not in ("freehand", "probe")
        }
        self._drawing["freehand"] = FreehandTool(self.measuring, self.places, self._finish)
        self._drawing["probe"] = ProbeTool(self.measuring, self.places, self._finish)
        self.tools: dict[str, Tool] = dict(self._drawing)
        self.measuring.changed.connect(self._on_changed)
        self.measuring.measured.connect(lambda _: self.repaint.emit())

    def grab(self, pane: Pane, position: QPointF) -> Tool | None:
        """Return the tool that changes what lies under the mouse; None where nothing does."""
        if self._is_drawing:
            return None
        self._edit.hit = self.layer.hit(pane, position)
        return None if self._edit.hit is None else self._edit

    def cursor(self, pane: Pane, position: QPointF) -> Qt.CursorShape | None:
        """Show by the mouse what could be taken hold of."""
        hit = None if self._is_drawing else self.layer.hit(pane, position)
        if hit is None:
            return None
        whole = hit.handle is None
        return Qt.CursorShape.SizeAllCursor if whole else Qt.CursorShape.PointingHandCursor

    def double(self, pane: Pane, position: QPointF) -> bool:
        """Whether a double click is none: two quick clicks between which a line is drawn."""
        return self._is_drawing

    def give_up(self) -> bool:
        """Esc: forget what is being drawn or dragged; whether anything was."""
        gave = [tool.give_up() for tool in (*self._drawing.values(), self._edit)]
        return any(gave)

    def keep_box(self) -> None:
        """Measure the rectangle whose figures the coding dock shows, and keep it."""
        box = self._session.box
        if box is not None:
            x, y, width, height = (float(value) for value in box)
            shape = Shape("rectangle", ((x, y), (x + width, y + height)))
            self._finish(self.measuring.add(shape))

    def delete_selected(self) -> None:
        """Take the selected measurement away."""
        measurement = self.measuring.get(self.measuring.selected)
        if measurement is not None:
            self._push(self._command(measurement, None))

    def delete_all(self) -> None:
        """Take all of the frame shown away, in one step."""
        there = self.measuring.measurements
        if there:
            stack = self._stack()
            stack.beginMacro(self.tr("Delete all measurements"))
            for measurement in there:
                stack.push(self._command(measurement, None))
            stack.endMacro()

    def _finish(self, measurement: Measurement) -> None:
        self._push(self._command(None, measurement))
        self.drawn.emit(measurement)

    def _change(self, before: Measurement, after: Measurement) -> None:
        self._push(self._command(before, after))

    def _command(self, before: Measurement | None, after: Measurement | None) -> Change:
        path = self.measuring.path
        assert path is not None
        return Change(self.measuring, path, before, after)

    def _push(self, command: Change) -> None:
        self._stack().push(command)

    def _stack(self) -> QUndoStack:
        path = self.measuring.path
        assert path is not None
        if path not in self._stacks:
            self._stacks[path] = QUndoStack(self.undo_group)
            self._stacks[path].setUndoLimit(1000)
        return self._stacks[path]

    @property
    def _is_drawing(self) -> bool:
        tool = self._drawing.get(self._session.view.tool)
        return isinstance(tool, PointsTool) and tool.is_open

    def _on_changed(self) -> None:
        stack = None if self.measuring.path is None else self._stack()
        if stack is not self.undo_group.activeStack():
            self.undo_group.setActiveStack(stack)  # type: ignore[arg-type]
        self.repaint.emit()
