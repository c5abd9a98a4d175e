"""The files that could not be opened, each with its sentence."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from viewer.images.library import Refusal
from viewer.session.session import Session
from viewer.ui.theme import GRID, set_role

_HIGHEST = 200
_LISTED = 200
"""Sentences shown; what goes beyond is counted."""


class RefusalsList(QWidget):
    """Hidden until there is something to say."""

    header_asked = Signal(object)
    """The `Path` of a refused file of which the header is to be shown."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._identities = session.identities
        self._labels: dict[str, QLabel] = {}
        self._said: dict[str, Refusal] = {}
        self._paths: set[str] = set()
        self._title = QLabel(self)
        self._title.setContentsMargins(GRID + 4, GRID, GRID, GRID // 2)
        set_role(self._title, "failure")
        self._body = QWidget(self)
        self._lines = QVBoxLayout(self._body)
        self._lines.setContentsMargins(GRID + 4, 0, GRID, GRID)
        self._lines.setSpacing(GRID // 2)
        self._lines.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._scroll = QScrollArea(self)
        self._scroll.setAccessibleName(self.tr("Files that could not be opened"))
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._body)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._title)
        layout.addWidget(self._scroll)
        for refusal in session.refusals:
            self._add(refusal)
        session.refused.connect(self._add)
        session.identities.changed.connect(lambda _: self._write())
        self._show()

    @property
    def sentences(self) -> list[str]:
        """What is listed."""
        return [label.text() for label in self._labels.values()]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap the sentences anew."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask for the header of a refusal that is double clicked."""
        if event.type() == QEvent.Type.MouseButtonDblClick:
            for key, label in self._labels.items():
                if label is watched:
                    self.header_asked.emit(Path(key))
                    return True
        return super().eventFilter(watched, event)

    def _add(self, refusal: Refusal) -> None:
        key = str(refusal.path)
        self._paths.add(key)
        label = self._labels.get(key)
        if label is None and len(self._labels) < _LISTED:
            label = QLabel(self._body)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.installEventFilter(self)
            self._labels[key] = label
            self._lines.addWidget(label)
        if label is not None:
            self._said[key] = refusal
            self._write(key)
        self._show()

    def _write(self, only: str = "") -> None:
        """Write the sentences, without names of files where identities are hidden."""
        tip = self.tr("Double click shows what its header holds")
        for key in (only,) if only else tuple(self._labels):
            refusal, label = self._said[key], self._labels[key]
            label.setText(self._identities.said(refusal.reason, refusal.path))
            label.setToolTip(tip if self._identities.hidden else f"{key}\n{tip}")

    def _show(self) -> None:
        count = len(self._paths)
        one, many = self.tr("1 file could not be opened"), self.tr("{} files could not be opened")
        self._title.setText(one if count == 1 else many.format(count))
        self.setVisible(count > 0)
        self._fit()

    def _fit(self) -> None:
        """Be as high as the sentences need, up to a limit."""
        needed = self._lines.heightForWidth(max(self.width(), 1))
        self._scroll.setFixedHeight(min(_HIGHEST, needed if needed > 0 else _HIGHEST))
