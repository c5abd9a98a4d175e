"""Which detail of a picture the strip of layers shows."""

from __future__ import annotations

import numpy as np
import pytest

from viewer.session.layers import DETAIL, telling_part


@pytest.mark.parametrize("planes", [(), (3,)])
def test_the_detail_is_where_the_first_layer_errs_most(planes: tuple[int, ...]) -> None:
    pixels = np.full((400, 600, *planes), 100, np.uint8)
    decoded = pixels.copy()
    decoded[200:260, 410:500] = 60
    decoded[:2] = 255
    x, y, width, height = telling_part(pixels, decoded)
    assert (width, height) == (DETAIL, DETAIL)
    assert y <= 200
    assert y + height >= 260
    assert x <= 410
    assert x + width >= 500


@pytest.mark.parametrize("shape", [(40, 300), (128, 128), (5, 5)])
def test_small_pictures_have_a_detail_too(shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 4096, shape).astype(np.int16)
    x, y, width, height = telling_part(pixels, pixels[::-1])
    assert width == height == min(DETAIL, *shape)
    assert 0 <= x <= shape[1] - width
    assert 0 <= y <= shape[0] - height


def test_an_area_that_is_merely_too_bright_tells_nothing() -> None:
    rng = np.random.default_rng(1)
    pixels = np.full((600, 800), 100, np.uint8)
    decoded = pixels.copy()
    decoded[:, 400:] = 140
    decoded[200:320, 60:180] = rng.integers(70, 131, (120, 120))
    # It begins gently: an edge would err unevenly as well.
    decoded[:, 250:400] = np.linspace(100, 140, 150).astype(np.uint8)
    x, y, width, height = telling_part(pixels, decoded)
    assert x <= 60
    assert y <= 200
    assert x + width >= 180
    assert y + height >= 320
