"""Where labels go: beside their shape, in the pane, off each other and off all shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QPointF, QRectF, QSizeF

_GAP, _FAR = 8.0, 26.0
"""Beside the shape, or where that is taken, a line farther off."""


def place_label(
    around: QRectF,
    size: QSizeF,
    area: QRectF,
    taken: Iterable[QRectF],
    written: Iterable[QRectF] = (),
    preferred: QPointF | None = None,
    detail: Callable[[QRectF], float] = lambda rectangle: 0.0,
) -> QRectF:
    """Return where a label of `size` lies best.

    Parameters
    ----------
    around : QRectF
        What it belongs to. The label lies outside, so that it hides nothing of what is measured.
    area : QRectF
        The pane, without its rim.
    taken : iterable of QRectF
        Other shapes.
    written : iterable of QRectF
        Other texts, to be covered least of all.
    preferred : QPointF, optional
        Middle of the picture: of places that are equally free the one farther from it is taken,
        where a radiograph has less to show.
    detail : callable
        How much of the picture a rectangle would hide, in square pixels.
    """
    others, texts = list(taken), list(written)
    middle = preferred if preferred is not None else area.center()
    best, lowest = QRectF(QPointF(around.right() + _GAP, around.top()), size), float("inf")
    for order, spot in enumerate([*_spots(around, size, _GAP), *_spots(around, size, _FAR)]):
        rectangle = _brought_into(QRectF(spot, size), area)
        hidden = 3 * _overlap(rectangle, around)
        hidden += 3 * sum(_overlap(rectangle, other) for other in others)
        hidden += 15 * sum(_overlap(rectangle, text) for text in texts)
        # Pushed back into the pane it may be far from what it belongs to.
        pushed = rectangle.topLeft() - spot
        hidden += 4 * (abs(pushed.x()) + abs(pushed.y()))
        if hidden < lowest:
            hidden += 0.25 * detail(rectangle)
        away = rectangle.center() - middle
        near = 1.0 / (1.0 + (away.x() ** 2 + away.y() ** 2) ** 0.5)
        cost = hidden + 20 * near + 0.01 * order
        if cost < lowest:
            best, lowest = rectangle, cost
    return best


def _spots(around: QRectF, size: QSizeF, gap: float) -> list[QPointF]:
    wide, high = size.width(), size.height()
    right, left = around.right() + gap, around.left() - gap - wide
    above, below = around.top() - gap - high, around.bottom() + gap
    middle_x, middle_y = around.center().x() - wide / 2, around.center().y() - high / 2
    return [
        QPointF(x, y)
        for x, y in (
            (right, around.top()), (right, middle_y), (right, below - high), (right, below),
            (right, above), (middle_x, above), (middle_x, below), (left, around.top()),
            (left, middle_y), (left, below), (left, above), (around.left(), above),
            (around.left(), below),
        )
    ]  # fmt: skip


def _brought_into(rectangle: QRectF, area: QRectF) -> QRectF:
    x = min(max(rectangle.left(), area.left()), max(area.right() - rectangle.width(), area.left()))
    y = min(max(rectangle.top(), area.top()), max(area.bottom() - rectangle.height(), area.top()))
    return QRectF(QPointF(x, y), rectangle.size())


def _overlap(first: QRectF, second: QRectF) -> float:
    both = first.intersected(second)
    return max(both.width(), 0.0) * max(both.height(), 0.0)
