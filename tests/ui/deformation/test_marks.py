"""Samples and lines as they are drawn."""

from __future__ import annotations

import numpy as np

from viewer.ui.deformation.marks import marked

RED = (255, 59, 48)


def grid(side: int, extent: float, start: float = 0.0) -> np.ndarray:
    along = start + np.linspace(0, extent, side)
    return np.stack(np.meshgrid(along, along), axis=-1)


def test_every_sample_is_a_dot_where_it_lies() -> None:
    picture = marked(grid(5, 80.0, 10.0), (100, 100), RED, dots=2)
    rows, columns = np.nonzero(picture[..., 3])
    assert len(rows) == 5 * 5 * 4
    assert set(columns) == {int(10 + 20 * k + d) for k in range(5) for d in (-1, 0)}
    assert picture[10, 10].tolist() == [48, 59, 255, 255]


def test_samples_on_the_rim_are_seen_and_those_outside_are_not() -> None:
    picture = marked(grid(2, 100.0), (100, 100), RED, dots=4)
    assert np.count_nonzero(picture[..., 3]) == 4 * 16
    outside = marked(grid(2, 50.0, 300.0), (100, 100), RED, dots=4, lines=200)
    assert not outside.any()


def test_lines_run_through_the_samples() -> None:
    picture = marked(grid(3, 80.0, 10.0), (100, 100), RED, lines=255)
    for at in (10, 50, 90):
        assert picture[at, 10:90, 3].min() == 255 or picture[at - 1, 10:90, 3].min() == 255
        assert picture[10:90, at, 3].min() == 255 or picture[10:90, at - 1, 3].min() == 255
    assert not picture[30, 30].any()


def test_a_line_is_premultiplied() -> None:
    picture = marked(grid(2, 80.0, 10.0), (100, 100), (255, 255, 255), lines=128)
    drawn = picture[picture[..., 3] > 0]
    assert drawn.size > 0
    assert (drawn == 128).all()
