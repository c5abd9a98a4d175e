"""Where labels of measurements go."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, QSizeF

from viewer.ui.measuring.label_placing import place_label

AREA = QRectF(8, 8, 400, 300)


@given(st.floats(0, 380), st.floats(0, 280), st.floats(5, 60), st.floats(5, 60))
@settings(deadline=None, max_examples=60)
def test_a_label_lies_in_the_pane_and_beside_its_shape(x, y, wide, high):
    around = QRectF(x, y, wide, high)
    place = place_label(around, QSizeF(90, 30), AREA, [])
    assert AREA.contains(place)
    hidden = place.intersected(around)
    assert hidden.width() <= 0 or hidden.height() <= 0


def test_labels_of_neighbours_do_not_cover_each_other():
    shapes = [QRectF(100 + 12 * i, 100 + 9 * i, 20, 20) for i in range(6)]
    labels: list[QRectF] = []
    for shape in shapes:
        others = [other for other in shapes if other is not shape]
        labels.append(place_label(shape, QSizeF(80, 15), AREA, others, labels, QPointF(208, 158)))
    for i, first in enumerate(labels):
        for second in labels[:i]:
            both = first.intersected(second)
            assert both.width() <= 0 or both.height() <= 0


def test_a_label_keeps_off_detail():
    around = QRectF(180, 120, 40, 40)
    right = QRectF(220, 0, 200, 400)

    def detail(rectangle: QRectF) -> float:
        both = rectangle.intersected(right)
        return max(both.width(), 0) * max(both.height(), 0)

    place = place_label(around, QSizeF(90, 30), AREA, [], [], QPointF(100, 150), detail)
    assert not place.intersects(right)
