"""Sharp at every scale of the display: icons are drawn at their size, thumbnails have enough."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from viewer.ui.box_item import BoxItem
from viewer.ui.geometry import Geometry
from viewer.ui.icons import icon, pixmap
from viewer.ui.studies_model import THUMBNAIL, _framed
from viewer.ui.theme import window_theme


def values(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    flat = np.frombuffer(image.constBits(), np.uint8)
    return flat.reshape(image.height(), image.width(), 4).copy()


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5, 2.0])
def test_icons_are_drawn_at_the_size_they_are_shown(qapp, scale):
    for name in ("open", "pan", "compress"):
        shown = icon(name).pixmap(QSize(18, 18), scale).toImage()
        drawn = pixmap(name, shown.width(), window_theme().text).toImage()
        assert shown.width() == math.ceil(18 * scale)
        assert np.array_equal(values(shown), values(drawn)), name


def test_thumbnails_have_two_pixels_for_one(qapp):
    checks = (np.indices((160, 160)).sum(axis=0) % 2 * 255).astype(np.uint8)
    shown = _framed(checks).pixmap(QSize(THUMBNAIL, THUMBNAIL), 2.0)
    assert shown.width() == 2 * THUMBNAIL


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("width", [225, 226, 333])
def test_one_to_one_is_a_device_pixel_for_a_pixel(ratio, width):
    geometry = Geometry(1841, 1955, 1.0, width, 301, ratio)
    centre, scale = geometry.actual_size((width / 2, 150))
    close = Geometry(1841, 1955, 1.0, width, 301, ratio, centre, scale)
    assert close.device_scale == pytest.approx(1.0)
    for left in close.origin:
        assert left * ratio == pytest.approx(round(left * ratio), abs=1e-6)


def test_the_rectangle_is_as_wide_on_displays_of_many_pixels(qapp):
    item = BoxItem()
    thin = item.pen.widthF()
    item.scale_lines(2.0)
    assert item.currentPen.widthF() == 2 * thin
    assert item.hoverPen.widthF() > item.currentPen.widthF()
    assert all(handle["item"].currentPen.widthF() == 2 * thin for handle in item.handles)
    item.scale_lines(1.0)
    assert item.currentPen.widthF() == thin
