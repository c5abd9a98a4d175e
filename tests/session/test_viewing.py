from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from viewer.images.radiograph import LookupTable, Radiograph, Window
from viewer.session.models import clamp_box
from viewer.session.viewing import Viewing


@pytest.fixture
def viewing(qtbot, make_radiograph) -> Viewing:
    made = Viewing()
    made.show(make_radiograph(), Window(2048, 1024, "LUNG"), (0.0, 4096.0))
    return made


def test_a_drag_is_scaled_to_the_range_of_the_data(viewing, qtbot):
    with qtbot.waitSignal(viewing.voi_changed):
        viewing.drag_window(10, 5)
    assert viewing.voi == Window(2048 + 5 * 16, 1024 + 10 * 16)


def test_a_drag_keeps_width_and_centre_usable(viewing):
    viewing.drag_window(-1e6, 1e6)
    assert viewing.voi == Window(8192, 1)
    viewing.drag_window(1e6, -1e6)
    assert viewing.voi == Window(-4096, 4 * 4096)


def test_the_function_of_a_window_stays(viewing):
    viewing.set_voi(Window(0.5, 0.5, "", "SIGMOID"))
    viewing.drag_window(-1000, 0)
    assert viewing.voi.function == "SIGMOID"
    assert 0 < viewing.voi.width < 1


def test_a_drag_from_a_table_begins_with_the_window_over_its_inputs(viewing):
    viewing.set_voi(LookupTable(np.arange(1000, dtype=np.uint16), 100, 10))
    viewing.drag_window(0, 0)
    assert viewing.voi == Window(600, 1000)


def test_each_image_keeps_its_window(viewing, make_radiograph):
    first, other = make_radiograph(), make_radiograph(name="b.png")
    viewing.set_voi(Window(1, 2))
    viewing.show(other, Window(7, 8), (0.0, 1.0))
    assert viewing.voi == Window(7, 8)
    viewing.show(first, Window(2048, 1024, "LUNG"), (0.0, 1.0))
    assert viewing.voi == Window(1, 2)


def test_colour_has_no_window(viewing, make_radiograph):
    grey = make_radiograph()
    header = replace(grey.header, samples=3, photometric="RGB")
    colour = Radiograph(header, np.zeros((64, 48, 3), np.uint8))
    viewing.show(colour, None, (0.0, 1.0))
    viewing.set_voi(Window(1, 2))
    viewing.drag_window(1, 1)
    viewing.auto_window()
    assert viewing.voi is None


def test_the_view_changes_by_field_and_tells_only_changes(viewing, recorder):
    recorder.listen(viewing, "view_changed")
    viewing.set_view(scale=2.0, centre=(3.0, 4.0))
    viewing.set_view(scale=2.0)
    viewing.set_view(cursor=(1, 2))
    viewing.set_view(tool="pan")
    viewing.set_view(scale=None)
    views = [view for (view,) in recorder.of("view_changed")]
    assert len(views) == 4
    assert views[0].centre == (3.0, 4.0)
    assert (views[-1].centre, views[-1].cursor, views[-1].tool) == (None, (1, 2), "pan")


def test_mistakes_of_a_caller_are_told(viewing):
    with pytest.raises(ValueError, match="no such tool"):
        viewing.set_view(tool="hammer")
    with pytest.raises(ValueError, match="no such field"):
        viewing.set_view(zoom=2)


def test_images_of_one_size_keep_the_view_and_others_are_fitted(viewing, make_radiograph):
    viewing.set_view(scale=2.0, centre=(3.0, 4.0))
    viewing.show(make_radiograph(name="b.png"), None, (0.0, 1.0))
    assert viewing.view.scale == 2.0
    viewing.show(make_radiograph(rows=70), None, (0.0, 1.0))
    assert viewing.view.scale is None


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((2, 3, 4, 5), (2, 3, 4, 5)),
        ((-2, -3, 10, 10), (0, 0, 8, 7)),
        ((40, 60, 100, 100), (40, 60, 8, 4)),
        ((48, 0, 5, 5), None),
        ((0, 0, 0, 5), None),
        ((-9, 0, 9, 9), None),
    ],
)
def test_boxes_are_cut_to_the_image(box, expected):
    assert clamp_box(box, 64, 48) == expected
