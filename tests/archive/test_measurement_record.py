"""Measurements to JSON and back, and what hostile archives may hold in their place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.archive.measurement_record import measurements_from_json, measurements_to_json
from viewer.errors import ArchiveError
from viewer.metrics.measuring.measured import Measured, Measurement, Quantity
from viewer.metrics.measuring.scale import Scale
from viewer.metrics.measuring.shapes import KINDS, Shape

COUNTS = {"angle": 3, "cobb": 4, "probe": 1, "freehand": 5}
place = st.tuples(*[st.floats(-1e5, 1e5)] * 2)


@st.composite
def measurement(draw):
    kind = draw(st.sampled_from(KINDS))
    count = COUNTS.get(kind, 2)
    points = tuple(draw(st.lists(place, min_size=count, max_size=count)))
    return Measurement(draw(st.integers(1, 10**6)), Shape(kind, points), draw(st.integers(0, 4)))


@given(st.lists(measurement(), max_size=6, unique_by=lambda m: m.number))
@settings(deadline=None, max_examples=60)
def test_they_come_back_as_they_were(made):
    data = measurements_to_json(made, {})
    assert (measurements_from_json(data, 5) if data else ()) == tuple(made)


def test_figures_are_written_along_and_an_infinite_one_is_null():
    shape = Shape("rectangle", ((1, 1), (20, 20)))
    found = Measured(
        shape,
        Scale(0.1, 0.1, "mm", "PixelSpacing"),
        (Quantity("psnr", "PSNR", "dB", difference=float("inf")),
         Quantity("mean", "Mean", "HU", 3.0, 4.0, 1.0)),
        True,
    )  # fmt: skip
    entry = json.loads(measurements_to_json([Measurement(1, shape)], {1: found}))["measurements"][0]
    assert entry["quantities"][0]["difference"] is None
    assert entry["quantities"][1]["difference"] == 1.0
    assert entry["name"] == "R1"
    assert "PixelSpacing" in entry["scale"]


def wrong(**changes):
    entry = {"number": 1, "kind": "length", "frame": 0, "points": [[0, 0], [1, 1]], **changes}
    return json.dumps(
        {"format": "radview-measurements", "version": 1, "measurements": [entry]}
    ).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        wrong(kind="cube"),
        wrong(number=0),
        wrong(frame=1),
        wrong(points=[[0, 0]]),
        wrong(points=[[0, 0], [1]]),
        wrong(points=[[0, 0], "xy"]),
        wrong(points=[[0, 0], [1e300, 0]]),
        wrong(points=[[0, 0]] * 5000),
        json.dumps({"format": "radview-measurements", "version": 2, "measurements": []}).encode(),
        json.dumps(
            {"format": "radview-measurements", "version": 1, "measurements": [{}] * 10_001}
        ).encode(),
    ],
)
def test_what_is_not_valid_is_refused_in_a_sentence(data):
    with pytest.raises(ArchiveError) as raised:
        measurements_from_json(data)
    assert str(raised.value).endswith(".")


def test_an_object_of_another_program_is_passed_over():
    assert measurements_from_json(b'{"annotations": []}') == ()
