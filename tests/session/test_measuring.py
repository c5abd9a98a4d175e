"""Measurements of a session: kept by image, measured from a thread, the latest state first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from viewer.archive.measurement_record import measurements_to_json
from viewer.codecs.base import Options, Target
from viewer.evaluation.comparison import compare_radiograph
from viewer.images.radiograph import Radiograph
from viewer.metrics.measuring.measured import Measurement
from viewer.metrics.measuring.shapes import Shape
from viewer.session.measuring import Measuring

WAIT = 30_000
SQUARE = Shape("rectangle", ((20, 20), (60, 60)))


@pytest.fixture
def radiograph(make_radiograph) -> Radiograph:
    return make_radiograph(200, 180)


@pytest.fixture
def measuring(queue, radiograph) -> Measuring:
    made = Measuring(queue, lambda header: None)
    made.set_image(radiograph)
    return made


def put(measuring: Measuring, shape: Shape = SQUARE) -> Measurement:
    measurement = measuring.add(shape)
    measuring.put(measurement)
    return measurement


def measured(measuring: Measuring, qtbot, number: int = 1):
    qtbot.waitUntil(lambda: measuring.result(number) is not None, timeout=WAIT)
    return measuring.result(number)


def test_a_shape_is_measured_and_measured_again_in_a_reconstruction(
    measuring, radiograph, codecs, qtbot
):
    put(measuring)
    first = measured(measuring, qtbot)
    assert not first.compared
    comparison = compare_radiograph(radiograph, "paced", Target("quality", 3), options=Options())
    measuring.set_comparison(comparison)
    assert measuring.result(1) is None  # never left looking current
    again = measured(measuring, qtbot)
    assert again.compared
    assert again.get("mean").original == first.get("mean").original
    assert again.get("ssim").difference is not None
    measuring.set_comparison(None)
    assert not measured(measuring, qtbot).compared


def test_an_answer_to_an_older_shape_is_not_shown(measuring, qtbot):
    kept = put(measuring)
    measured(measuring, qtbot)
    moved = replace(kept, shape=SQUARE.moved(10, 5, 180, 200))
    measuring.drag(moved)
    assert measuring.measurements == (moved,)
    assert measuring.result(1) is None
    assert measured(measuring, qtbot).shape == moved.shape
    measuring.drag(None)
    assert measuring.measurements == (kept,)
    assert measured(measuring, qtbot).shape == kept.shape


def test_numbers_are_never_given_twice(measuring):
    for _ in range(3):
        put(measuring)
    measuring.remove(3)
    assert put(measuring).number == 4
    assert [m.number for m in measuring.measurements] == [1, 2, 4]


def test_images_and_frames_have_their_own(measuring, radiograph, qtbot):
    put(measuring)
    second = replace(radiograph, frame=1)
    measuring.set_image(second)
    assert measuring.measurements == ()
    put(measuring)
    assert [m.frame for m in measuring.all_of(radiograph.header.path)] == [0, 1]
    other = replace(radiograph, header=replace(radiograph.header, path=Path("other.dcm")))
    measuring.set_image(other)
    assert measuring.measurements == ()
    measuring.set_image(radiograph)
    assert [m.number for m in measuring.measurements] == [1]
    measured(measuring, qtbot)
    measuring.set_image(None)
    assert measuring.measurements == ()
    assert measuring.path is None


@dataclass
class Kept:
    """What of an archived image is asked for here."""

    header: object
    data: bytes

    @property
    def members(self) -> Kept:
        return self

    def measurements(self) -> bytes:
        return self.data


def test_an_archive_gives_back_what_it_keeps_before_what_was_drawn_meanwhile(
    queue, radiograph, qtbot
):
    kept = (Measurement(2, SQUARE), Measurement(5, Shape("probe", ((3.5, 4.5),))))
    coded = Kept(radiograph.header, measurements_to_json(kept, {}))
    measuring = Measuring(queue, lambda header: coded)
    measuring.set_image(radiograph)
    assert measuring.all_of(radiograph.header.path) is None  # saving would leave them as they are
    put(measuring, Shape("length", ((0, 0), (9, 9))))
    qtbot.waitUntil(lambda: len(measuring.measurements) == 3, timeout=WAIT)
    assert [(m.number, m.shape.kind) for m in measuring.measurements] == [
        (2, "rectangle"), (5, "probe"), (6, "length"),
    ]  # fmt: skip
    assert measuring.next_number() == 7


def test_damaged_measurements_are_told_of(queue, radiograph, qtbot):
    coded = Kept(radiograph.header, b'{"format": "radview-measurements", "version": 1}')
    measuring = Measuring(queue, lambda header: coded)
    with qtbot.waitSignal(measuring.failed, timeout=WAIT) as told:
        measuring.set_image(radiograph)
    assert "not valid" in told.args[0]
