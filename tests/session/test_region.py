from __future__ import annotations

import time

import pytest

from viewer.codecs.base import Options, Target
from viewer.evaluation.comparison import compare_radiograph
from viewer.session import region as region_module
from viewer.session.region import Region


@pytest.fixture
def region(queue, make_radiograph) -> Region:
    made = Region(queue)
    made.set_image(make_radiograph(200, 180))
    return made


@pytest.fixture
def compare(codecs, make_radiograph):
    radiograph = make_radiograph(200, 180)

    def run(value: float, box=None):
        return compare_radiograph(
            radiograph, "paced", Target("quality", value), box=box, options=Options()
        )

    return run


def show(region: Region, comparison) -> None:
    region.set_comparison(comparison)
    region.announce()


def test_figures_are_those_of_the_cropped_pixels(region, compare, qtbot, recorder):
    recorder.listen(region, "box_changed", "figures_changed")
    show(region, compare(3))
    with qtbot.waitSignal(region.figures_changed):
        region.set_box((-5, 10, 40, 30))
    assert region.box == (0, 10, 35, 30)
    assert recorder.names == ["box_changed", "figures_changed"]
    assert region.figures == compare(3, (0, 10, 35, 30)).box_figures


def test_a_new_comparison_takes_the_old_figures_away_first(region, compare, qtbot, recorder):
    show(region, compare(3))
    with qtbot.waitSignal(region.figures_changed):
        region.set_box((0, 10, 40, 30))
    recorder.listen(region, "figures_changed")
    with qtbot.waitSignals([region.figures_changed] * 2):
        show(region, compare(5))
    assert recorder.of("figures_changed")[0] == (None,)
    assert region.figures == compare(5, (0, 10, 40, 30)).box_figures


def test_figures_that_came_with_the_comparison_are_taken(region, compare, recorder, monkeypatch):
    monkeypatch.setattr(region_module, "measure", None)  # would fail in the thread
    region.set_box((0, 10, 40, 30))
    comparison = compare(5, (0, 10, 40, 30))
    show(region, comparison)
    assert region.figures is comparison.box_figures


def test_only_the_latest_box_is_answered(region, compare, qtbot, recorder, monkeypatch):
    measure = region_module.measure

    def slow(*arguments, progress, cancel):
        time.sleep(0.1)
        return measure(*arguments, progress=progress, cancel=cancel)

    monkeypatch.setattr(region_module, "measure", slow)
    show(region, compare(3))
    recorder.listen(region, "figures_changed")
    for x in range(8):
        region.set_box((x, 0, 30, 30))
        qtbot.wait(5)
    qtbot.waitUntil(lambda: region.figures is not None)
    qtbot.wait(250)
    assert [figures for (figures,) in recorder.of("figures_changed")] == [region.figures]
    assert region.figures == compare(3, (7, 0, 30, 30)).box_figures


def test_no_box_no_image_no_comparison_no_figures(region, compare, qtbot, queue, make_radiograph):
    region.set_box((0, 0, 30, 30))
    assert region.figures is None
    show(region, compare(3))
    qtbot.waitUntil(lambda: region.figures is not None)
    region.set_box(None)
    assert (region.box, region.figures) == (None, None)
    region.set_box((500, 500, 4, 4))
    assert region.box is None
    region.set_box((0, 0, 30, 30))
    region.set_image(make_radiograph(20, 20))
    assert (region.box, region.figures) == (None, None)
    empty = Region(queue)
    empty.set_box((0, 0, 5, 5))
    assert empty.box is None
