"""Images for the screen hold exactly what was drawn."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor

from viewer.ui.colour_maps import heat_map, signed_map
from viewer.ui.drawn_image import ScreenImage
from viewer.ui.pictures import Drawn


def colours(image):
    return np.array([
        [QColor(image.pixel(x, y)).getRgb()[:3] for x in range(image.width())]
        for y in range(image.height())
    ])  # fmt: skip


@pytest.mark.parametrize("shape", [(5, 7), (1, 3), (8, 2)])
def test_grey_colour_and_maps(shape):
    rng = np.random.default_rng(2)
    screen = ScreenImage()
    grey = rng.integers(0, 256, shape, dtype=np.uint8)
    assert np.array_equal(colours(screen.make(Drawn(grey))), np.repeat(grey[..., None], 3, 2))
    rgb = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert np.array_equal(colours(screen.make(Drawn(rgb))), rgb)
    for table in (signed_map(), heat_map()):
        assert np.array_equal(colours(screen.make(Drawn(grey, table))), table[grey])
    # Not contiguous, as after a swipe of a part.
    assert np.array_equal(colours(screen.make(Drawn(grey[:, ::-1])))[..., 0], grey[:, ::-1])


def test_memory_is_used_again_and_ratio_kept():
    screen = ScreenImage()
    screen.make(Drawn(np.zeros((40, 30), np.uint8)))
    memory = screen._memory
    image = screen.make(Drawn(np.full((10, 20), 9, np.uint8)), 2.0)
    assert screen._memory is memory
    assert image.devicePixelRatio() == 2
    assert set(colours(image).ravel()) == {9}
