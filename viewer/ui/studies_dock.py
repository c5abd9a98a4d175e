"""The dock on the left: the tree of studies, and below it what could not be opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QLabel, QTreeView, QVBoxLayout, QWidget

from viewer.images.radiograph import Header
from viewer.session.session import Session
from viewer.ui.pane_texts import mark_text
from viewer.ui.refusals_list import RefusalsList
from viewer.ui.studies_model import THUMBNAIL, UNFOLDED_ROLE, StudiesModel
from viewer.ui.study_titles import StudyTitles
from viewer.ui.theme import GRID, set_role

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison

WIDTH = 264
Index = QModelIndex | QPersistentModelIndex
_SYNC_MS = 100
_LOOK_MS = 60


class StudiesTree(QTreeView):
    """Shows the library; asks for thumbnails of the rows that can be seen."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._studies = StudiesModel(StudyTitles(session.identities), session.marks.of)
        self.setModel(self._studies)
        self.setAccessibleName(self.tr("Studies"))
        self.setHeaderHidden(True)
        self.setIconSize(QSize(THUMBNAIL, THUMBNAIL))
        self.setIndentation(10)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._sync_timer = QTimer(self, singleShot=True, interval=_SYNC_MS)
        self._sync_timer.timeout.connect(self._sync)
        self._look_timer = QTimer(self, singleShot=True, interval=_LOOK_MS)
        self._look_timer.timeout.connect(self._ask_for_thumbnails)
        self.verticalScrollBar().valueChanged.connect(lambda _: self._look())
        self.expanded.connect(lambda _: self._look())
        self.collapsed.connect(lambda _: self._look())
        session.library_changed.connect(self._sync_soon)
        session.image_changing.connect(self._show_selected)
        session.thumbnail_ready.connect(self._on_thumbnail)
        session.comparison_changed.connect(self._on_comparison)
        session.marks.changed.connect(lambda _: self._sync_soon())
        session.identities.changed.connect(lambda _: self._sync())
        self._sync()

    @property
    def studies(self) -> StudiesModel:
        """What is listed."""
        return self._studies

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for what has come into sight."""
        super().resizeEvent(event)
        self._look()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Space to the window: it flips to the original."""
        if event.key() == Qt.Key.Key_Space:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Show the image of the row gone to, by mouse or keyboard."""
        super().currentChanged(current, previous)
        header = self._studies.header_at(current)
        shown = self._session.header
        if header is not None and (shown is None or header.path != shown.path):
            self._session.select(header)

    def _sync_soon(self) -> None:
        if not self._sync_timer.isActive():
            # The first image is listed at once, the many that follow in batches.
            self._sync_timer.start(0 if self._studies.rowCount() == 0 else _SYNC_MS)

    def _sync(self) -> None:
        self._studies.sync(self._session.library)
        for item in self._studies.walk():
            # Folded only where the user has folded: a new branch opens, once.
            if item.hasChildren() and not item.data(UNFOLDED_ROLE):
                item.setData(True, UNFOLDED_ROLE)
                self.expand(item.index())
        if self._session.header is not None:
            self._show_selected(self._session.header)
        self._look()

    def _show_selected(self, header: Header) -> None:
        index = self._studies.index_of(header)
        if not index.isValid() or index == self.currentIndex():
            return
        self.selectionModel().setCurrentIndex(
            index, QItemSelectionModel.SelectionFlag.ClearAndSelect
        )
        self.scrollTo(index)

    def _look(self) -> None:
        self._look_timer.start()

    def _ask_for_thumbnails(self) -> None:
        bottom = self.viewport().height()
        index = self.indexAt(self.viewport().rect().topLeft())
        while index.isValid() and self.visualRect(index).top() < bottom:
            header = self._studies.header_at(index)
            if header is not None and not self._studies.has_thumbnail(index):
                ready = self._session.thumbnail(header)
                if ready is not None:
                    self._studies.set_thumbnail(header, ready)
                else:
                    self._session.request_thumbnail(header)
            index = self.indexBelow(index)

    def _on_thumbnail(self, header: Header, picture: np.ndarray) -> None:
        self._studies.set_thumbnail(header, picture)

    def _on_comparison(self, comparison: Comparison | None) -> None:
        if comparison is not None:
            self._studies.set_mark(comparison.radiograph.header, mark_text(comparison))


class StudiesPanel(QWidget):
    """Tree, hint while it is empty, refused files."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setMinimumWidth(WIDTH)
        self.setAutoFillBackground(True)
        self.tree = StudiesTree(session, self)
        self.hint = QLabel(
            self.tr("What you open is listed here: patient, study, series, image."), self
        )
        self.hint.setWordWrap(True)
        self.hint.setMargin(GRID + 4)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        set_role(self.hint, "quiet")
        self.refusals = RefusalsList(session, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.hint)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.refusals)
        session.library_changed.connect(self._on_library)
        self._on_library()

    def _on_library(self) -> None:
        self.hint.setVisible(not self._session.library.headers)
