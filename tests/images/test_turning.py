"""Turning and mirroring: arrays, points, boxes and letters agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.dicom_files import ramp, write_dicom_file
from viewer.images.opening import read_frame, read_header
from viewer.images.overlays import Overlay
from viewer.images.radiograph import Header, Radiograph
from viewer.images.turning import (
    Turn,
    box_to_shown,
    box_to_stored,
    pixel_to_stored,
    turned,
    turned_header,
)

TURNS = st.builds(Turn, st.integers(0, 3), st.booleans())


def header_of(rows, columns):
    return Header(
        Path("x"), "PNG", rows, columns, 1, 1, 8, 8, False, "MONOCHROME2", "",
        orientation=("R", "L", "H", "F"), aspect=2.0,
    )  # fmt: skip


@given(TURNS, st.integers(1, 6), st.integers(1, 7), st.data())
def test_a_pixel_is_found_where_it_is_shown(turn, rows, columns, data):
    pixels = np.arange(rows * columns, dtype=np.uint8).reshape(rows, columns)
    shown = turn.apply(pixels)
    assert shown.shape == turn.size(columns, rows)[::-1]
    y = data.draw(st.integers(0, shown.shape[0] - 1))
    x = data.draw(st.integers(0, shown.shape[1] - 1))
    column, row = pixel_to_stored(turn, (x, y), header_of(rows, columns))
    assert pixels[row, column] == shown[y, x]
    back = turn.to_shown(column + 0.5, row + 0.5, columns, rows)
    assert back == (x + 0.5, y + 0.5)


@given(TURNS, st.data())
def test_a_box_covers_the_same_pixels(turn, data):
    rows, columns = 9, 12
    x, y = data.draw(st.integers(0, 10)), data.draw(st.integers(0, 7))
    box = (x, y, data.draw(st.integers(1, columns - x)), data.draw(st.integers(1, rows - y)))
    pixels = np.arange(rows * columns, dtype=np.uint8).reshape(rows, columns)
    header = header_of(rows, columns)
    left, top, width, height = box_to_shown(turn, box, header)
    shown = turn.apply(pixels)[top : top + height, left : left + width]
    stored = pixels[box[1] : box[1] + box[3], box[0] : box[0] + box[2]]
    assert sorted(shown.ravel()) == sorted(stored.ravel())
    assert box_to_stored(turn, (left, top, width, height), header) == box


@given(TURNS)
def test_turns_are_a_group(turn):
    assert turn.clockwise(4) == turn
    assert turn.clockwise().clockwise(-1) == turn
    assert turn.flipped_across().flipped_across() == turn
    assert turn.flipped_down().flipped_down() == turn
    pixels = np.arange(12).reshape(3, 4)
    assert np.array_equal(turn.flipped_across().apply(pixels), turn.apply(pixels)[:, ::-1])
    assert np.array_equal(turn.flipped_down().apply(pixels), turn.apply(pixels)[::-1])
    assert np.array_equal(turn.clockwise().apply(pixels), np.rot90(turn.apply(pixels), -1))


def test_letters_and_aspect_follow():
    header = header_of(4, 6)
    assert turned_header(Turn(1), header).orientation == ("F", "H", "R", "L")
    assert turned_header(Turn(0, True), header).orientation == ("L", "R", "H", "F")
    assert turned_header(Turn(2), header).orientation == ("L", "R", "F", "H")
    assert turned_header(Turn(1), header).aspect == 0.5
    assert turned_header(Turn(2), header).aspect == 2.0


def test_overlays_turn_with_the_picture(tmp_path):
    header = read_header(write_dicom_file(tmp_path / "x.dcm", ramp(8, 6, 8)))
    mark = Overlay(np.array([0b11], np.uint8), 1, 2, 0, 4)
    radiograph = Radiograph(header, read_frame(header).pixels, 0, (mark,))
    shown = turned(Turn(1), radiograph, turned_header(Turn(1), header))
    mask = shown.overlays[0].mask()
    assert mask.shape == (6, 8)
    assert np.argwhere(mask).tolist() == [[4, 7], [5, 7]]
