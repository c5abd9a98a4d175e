"""The bar of published ratios: three zones, who said what, and where the current coding lies."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from viewer.evaluation.published_ratios import DISCLAIMER, PUBLISHED, ZONES, Published, zone_of
from viewer.ui import formatting
from viewer.ui.theme import GRID, tabular, theme, window_theme

_LOW, _HIGH = 1.0, 200.0
_ZONE_COLOURS = ("#2b4a5e", "#4a4a2e", "#5a3a2a")
_BAR = 18
_NEAR = 6


class RatioBar(QWidget):
    """Ratios from 1 : 1 to 200 : 1 on a logarithmic axis; tooltips tell the sources."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ratio: float | None = None
        self.setAccessibleName(self.tr("Published ratios"))
        self.setMouseTracking(True)
        self.setMinimumHeight(self.sizeHint().height())
        self.show_ratio(None)

    def sizeHint(self) -> QSize:
        """A line of names, the bar, a line of numbers."""
        line = self.fontMetrics().height()
        return QSize(400, 2 * line + _BAR + 3 * GRID)

    def show_ratio(self, ratio: float | None) -> None:
        """Mark the current coding, against stored bits; None for none."""
        self.ratio = ratio
        text = self.tr("No coding yet.")
        if ratio is not None and math.isfinite(ratio):
            text = self.tr("{ratio}, {zone}.").format(
                ratio=formatting.ratio(ratio), zone=zone_of(ratio).title
            )
        self.setAccessibleDescription(f"{text} {DISCLAIMER}")
        self.update()

    def at(self, ratio: float) -> float:
        """Return where a ratio lies."""
        room = self._bar()
        along = math.log(min(max(ratio, _LOW), _HIGH) / _LOW) / math.log(_HIGH / _LOW)
        return room.left() + along * room.width()

    def told(self, x: float) -> str:
        """Return what the tooltip says at a place."""
        near = [entry for entry in PUBLISHED if abs(self.at(entry.ratio) - x) <= _NEAR]
        if near:
            texts = [f"<b>{e.body} {e.ratio:g} : 1</b><br>{e.says}.<br>{e.source}" for e in near]
            return "<br><br>".join([*texts, DISCLAIMER])
        zones = [z for z in ZONES if self.at(z.low) <= x <= self.at(min(z.high, _HIGH))]
        if not zones:
            return DISCLAIMER
        zone = zones[0]
        end = "" if math.isinf(zone.high) else f" – {zone.high:g} : 1"
        return f"<b>{zone.low:g}{end or ' : 1 and more'}</b>: {zone.title}.<br>{DISCLAIMER}"

    def event(self, event: QEvent) -> bool:
        """Tell who published what."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.told(event.pos().x()), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw zones, published ratios and the current one."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(tabular(self.font()))
        self._paint_zones(painter)
        self._paint_published(painter)
        self._paint_current(painter)
        painter.end()

    def _bar(self) -> QRectF:
        top = self.fontMetrics().height() + GRID
        return QRectF(GRID, top, max(self.width() - 2 * GRID, 1), _BAR)

    def _paint_zones(self, painter: QPainter) -> None:
        bar = self._bar()
        for zone, colour in zip(ZONES, _ZONE_COLOURS, strict=True):
            left, right = self.at(zone.low), self.at(min(zone.high, _HIGH))
            part = QRectF(left, bar.top(), right - left, bar.height())
            painter.fillRect(part, QColor(colour))
            painter.setPen(QColor(theme().text))
            text = painter.fontMetrics().elidedText(
                zone.title, Qt.TextElideMode.ElideRight, int(part.width()) - 8
            )
            painter.drawText(part.adjusted(4, 0, -4, 0), Qt.AlignmentFlag.AlignCenter, text)

    def _paint_published(self, painter: QPainter) -> None:
        bar, metrics = self._bar(), painter.fontMetrics()
        end = -1.0
        by_ratio: dict[float, list[Published]] = {}
        for entry in PUBLISHED:
            by_ratio.setdefault(entry.ratio, []).append(entry)
        for ratio, entries in by_ratio.items():
            x = self.at(ratio)
            painter.setPen(QPen(QColor(window_theme().text), 1.5))
            # Short strokes at both edges leave the names of the zones readable.
            painter.drawLine(QPointF(x, bar.top() - 3), QPointF(x, bar.top() + 2))
            painter.drawLine(QPointF(x, bar.bottom() - 2), QPointF(x, bar.bottom() + 3))
            number = f"{ratio:g}"
            names = f"{number}  {', '.join(e.body for e in entries)}"
            # What has no room beside its neighbour is a number alone, or the tick: tooltips tell.
            following = [self.at(other) for other in by_ratio if other > ratio]
            room = (min(following) if following else bar.right() + 60) - x
            for text in (names, number):
                wide = metrics.horizontalAdvance(text)
                if wide + 6 <= room or not following:
                    left = min(max(x - 4, end), bar.right() - wide)
                    painter.setPen(QColor(window_theme().quiet))
                    painter.drawText(QPointF(left, bar.bottom() + metrics.height() + 2), text)
                    end = left + wide + 6
                    break

    def _paint_current(self, painter: QPainter) -> None:
        bar, metrics = self._bar(), painter.fontMetrics()
        if self.ratio is None or not math.isfinite(self.ratio):
            return
        x, colour = self.at(self.ratio), QColor(window_theme().accent)
        # Across the zones, which are dark in every theme.
        painter.setPen(QPen(QColor(theme().accent), 2))
        painter.drawLine(QPointF(x, bar.top() - 2), QPointF(x, bar.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        tip = bar.top() - 1
        painter.drawPolygon(
            QPolygonF([QPointF(x, tip), QPointF(x - 5, tip - 7), QPointF(x + 5, tip - 7)])
        )
        text = formatting.ratio(self.ratio)
        wide = metrics.horizontalAdvance(text)
        left = x + 9 if x + 9 + wide <= bar.right() else x - 9 - wide
        painter.setPen(colour)
        painter.drawText(QPointF(left, bar.top() - 3), text)
