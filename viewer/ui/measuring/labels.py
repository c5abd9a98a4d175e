"""The labels of measurements on a pane: where they go, and drawing them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from weakref import WeakKeyDictionary

from PySide6.QtCore import QRectF, QSize, QSizeF
from PySide6.QtGui import QPainter

from viewer.metrics.measuring.measured import Measurement
from viewer.metrics.measuring.texts import label_lines
from viewer.session.measuring import Measuring
from viewer.ui import haloed_text
from viewer.ui.measuring.label_placing import place_label
from viewer.ui.measuring.picture_detail import detail_of
from viewer.ui.measuring.places import Places
from viewer.ui.measuring.written_areas import written_areas
from viewer.ui.pane import Pane
from viewer.ui.pictures import GreyPicture
from viewer.ui.theme import GRID, tabular, theme

_ROOMY = 260
"""Screen pixels of the smaller side from which a pane has room for more than a line."""

Placed = dict[int, QRectF]


class Labels:
    """Places are kept until something moves: labels do not jump while the window is dragged."""

    def __init__(self, measuring: Measuring, places: Places) -> None:
        self._measuring = measuring
        self._places = places
        self._detail: tuple[QSize, Callable[[QRectF], float]] | None = None
        self._kept: WeakKeyDictionary[Pane, tuple[object, Placed]] = WeakKeyDictionary()

    def draw(
        self,
        painter: QPainter,
        pane: Pane,
        measurements: Sequence[Measurement],
        bounds: Mapping[int, QRectF],
    ) -> Placed:
        """Write a label beside every measurement.

        Parameters
        ----------
        bounds : mapping of number to QRectF
            Where the shapes lie on the pane.

        Returns
        -------
        dict of number to QRectF
            Where the labels were drawn.
        """
        font = tabular(pane.font())
        lines = {m.number: self._lines(pane, m) for m in measurements}
        high = haloed_text.height(font)
        sizes = {
            number: QSizeF(max(haloed_text.width(t, font) for t in texts), high * len(texts))
            for number, texts in lines.items()
        }
        placed = self._arrange(pane, bounds, sizes)
        ratio = pane.devicePixelRatioF()
        for number, place in placed.items():
            chosen = number == self._measuring.selected
            colour = theme().accent if chosen else theme().text
            for index, text in enumerate(lines[number]):
                y = place.top() + index * high
                haloed_text.draw(painter, place.left(), y, text, font, colour, ratio)
        return placed

    def _lines(self, pane: Pane, measurement: Measurement) -> list[str]:
        """All figures of the selected one where there is room, of others what matters most."""
        chosen = measurement.number == self._measuring.selected
        roomy = min(pane.viewport().width(), pane.viewport().height()) >= _ROOMY
        measured = self._measuring.result(measurement.number)
        return label_lines(measurement, measured, short=not (chosen and roomy))

    def _arrange(
        self, pane: Pane, bounds: Mapping[int, QRectF], sizes: Mapping[int, QSizeF]
    ) -> Placed:
        rim = float(GRID)
        area = QRectF(pane.viewport().rect()).adjusted(rim, rim, -rim, -rim)
        mark = QRectF(pane.mark.geometry()) if pane.mark.isVisible() else QRectF()
        written = [mark, *written_areas(pane)]
        shapes = tuple(rect.getRect() for rect in bounds.values())
        key = (
            tuple((number, size.toTuple()) for number, size in sizes.items()),
            shapes,
            area.getRect(),
            tuple(rect.getRect() for rect in written),
        )
        kept = self._kept.get(pane)
        if kept is not None and kept[0] == key:
            return kept[1]
        columns, rows = self._places.size()
        middle = self._places.to_screen(pane, (columns / 2, rows / 2))
        if isinstance(pane.picture, GreyPicture):
            self._detail = pane.viewport().size(), detail_of(pane)
        # Beside a map labels stay where they are beside the picture it is of.
        fits = self._detail is not None and self._detail[0] == pane.viewport().size()
        detail = self._detail[1] if fits and self._detail is not None else detail_of(pane)
        placed: Placed = {}
        for number, size in sizes.items():
            others = [rect for other, rect in bounds.items() if other != number]
            texts = [*placed.values(), *written]
            placed[number] = place_label(bounds[number], size, area, others, texts, middle, detail)
        self._kept[pane] = key, placed
        return placed
