"""The tree of patients, studies, series and images, kept in step with the library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QIcon,
    QImage,
    QPainter,
    QPixmap,
    QStandardItem,
    QStandardItemModel,
)

from viewer.images.library import Instance, Library, Patient
from viewer.images.radiograph import Header
from viewer.session.study_marks import Mark
from viewer.ui.study_titles import StudyTitles, mark_text
from viewer.ui.theme import theme

HEADER_ROLE = Qt.ItemDataRole.UserRole + 1
KEY_ROLE = Qt.ItemDataRole.UserRole + 2
SHOWN_ROLE = Qt.ItemDataRole.UserRole + 3
LABEL_ROLE = Qt.ItemDataRole.UserRole + 4
UNFOLDED_ROLE = Qt.ItemDataRole.UserRole + 5
THUMBNAIL = 56
"""Pixels a side."""
_SHARP = 2
"""Pixels of a thumbnail for one of the window: enough for a display of 200 %."""


class StudiesModel(QStandardItemModel):
    """Four levels; an image row carries its `Header` under `HEADER_ROLE`.

    Parameters
    ----------
    titles : StudyTitles
        What the rows are called.
    mark_of : callable
        Returns what was done with an image.
    """

    def __init__(self, titles: StudyTitles, mark_of: Callable[[Header], Mark]) -> None:
        super().__init__()
        self._titles = titles
        self._mark_of = mark_of
        self._images: dict[Path, QStandardItem] = {}
        self._marks: dict[Path, str] = {}
        self._blank = _framed(None)

    def sync(self, library: Library) -> None:
        """Take in what the library has, leaving what is already shown where it is."""
        self._images.clear()
        root = self.invisibleRootItem()
        for patient_row, patient in enumerate(library.patients):
            patient_item = self._child(root, patient_row, _patient_key(patient))
            _set_text(patient_item, self._titles.patient(patient, patient_row))
            for study_row, study in enumerate(patient.studies):
                study_item = self._child(patient_item, study_row, study.uid)
                marks = [self._mark_of(i.header) for each in study.series for i in each.instances]
                _set_text(study_item, self._titles.study(study, study_row, marks))
                for series_row, series in enumerate(study.series):
                    series_item = self._child(study_item, series_row, series.uid)
                    _set_text(series_item, self._titles.series(series))
                    for image_row, instance in enumerate(series.instances):
                        self._sync_image(series_item, image_row, instance)
                    self._cut(series_item, len(series.instances))
                self._cut(study_item, len(patient.studies[study_row].series))
            self._cut(patient_item, len(patient.studies))
        self._cut(root, len(library.patients))

    def index_of(self, header: Header) -> QModelIndex:
        """Return the row of an image; an invalid index where it is not in the tree."""
        item = self._images.get(header.path)
        return item.index() if item is not None else QModelIndex()

    def header_at(self, index: QModelIndex | QPersistentModelIndex) -> Header | None:
        """Return the image of a row; None for patients, studies and series."""
        header = index.data(HEADER_ROLE)
        return header if isinstance(header, Header) else None

    def set_thumbnail(self, header: Header, picture: np.ndarray) -> None:
        """Show the thumbnail of an image."""
        item = self._images.get(header.path)
        if item is not None:
            item.setIcon(_framed(picture))
            item.setData(True, SHOWN_ROLE)

    def has_thumbnail(self, index: QModelIndex) -> bool:
        """Whether a row shows its thumbnail already."""
        return bool(index.data(SHOWN_ROLE))

    def set_mark(self, header: Header, mark: str) -> None:
        """Write beside an image what it was compressed to."""
        self._marks[header.path] = mark
        item = self._images.get(header.path)
        if item is not None:
            self._write(item, header)

    def _sync_image(self, series: QStandardItem, row: int, instance: Instance) -> None:
        header = instance.header
        item = self._child(series, row, str(header.path))
        if item.data(HEADER_ROLE) is not header:
            item.setData(header, HEADER_ROLE)
            item.setData(QSize(0, THUMBNAIL + 8), Qt.ItemDataRole.SizeHintRole)
            if not item.data(SHOWN_ROLE):
                item.setIcon(self._blank)
        item.setData(self._titles.image(instance, row), LABEL_ROLE)
        self._images[header.path] = item
        self._write(item, header)

    def _write(self, item: QStandardItem, header: Header) -> None:
        label, done = item.data(LABEL_ROLE), mark_text(self._mark_of(header))
        first = f"{label}   {done}" if done else label
        mark = self._marks.get(header.path, "")
        text = "\n".join(part for part in (first, self._titles.size(header), mark) if part)
        if item.text() != text:
            item.setText(text)
        tip = self._titles.tip(header)
        if item.toolTip() != tip:
            item.setToolTip(tip)

    def _child(self, parent: QStandardItem, row: int, key: str) -> QStandardItem:
        """Return the child with `key` at `row`: moved there, or made."""
        for at in range(row, parent.rowCount()):
            if parent.child(at).data(KEY_ROLE) == key:
                if at != row:
                    parent.insertRow(row, parent.takeRow(at))
                return parent.child(row)
        item = QStandardItem()
        item.setEditable(False)
        item.setData(key, KEY_ROLE)
        parent.insertRow(row, [item])
        return item

    def _cut(self, parent: QStandardItem, rows: int) -> None:
        if parent.rowCount() > rows:
            parent.removeRows(rows, parent.rowCount() - rows)

    def walk(self, parent: QStandardItem | None = None) -> Iterator[QStandardItem]:
        """Yield every row, depth first."""
        above = parent or self.invisibleRootItem()
        for row in range(above.rowCount()):
            item = above.child(row)
            yield item
            yield from self.walk(item)


def _patient_key(patient: Patient) -> str:
    return f"{patient.patient_id}\0{patient.name}\0{patient.birth_date}"


def _set_text(item: QStandardItem, text: str) -> None:
    if item.text() != text:
        item.setText(text)
        item.setToolTip(text)


def _framed(picture: np.ndarray | None) -> QIcon:
    """Return a thumbnail in the middle of a dark square."""
    side = THUMBNAIL * _SHARP
    square = QPixmap(side, side)
    square.fill(QColor(theme().window))
    if picture is not None and picture.size:
        pixels = np.ascontiguousarray(picture)
        rows, columns = pixels.shape[:2]
        kind = QImage.Format.Format_RGB888 if pixels.ndim == 3 else QImage.Format.Format_Grayscale8
        image = QImage(pixels.data, columns, rows, pixels.strides[0], kind)
        scaled = image.scaled(
            side,
            side,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        painter = QPainter(square)
        painter.drawImage((side - scaled.width()) // 2, (side - scaled.height()) // 2, scaled)
        painter.end()
    square.setDevicePixelRatio(_SHARP)
    made = QIcon(square)
    # A chosen row must not tint the radiograph.
    made.addPixmap(square, QIcon.Mode.Selected)
    return made
