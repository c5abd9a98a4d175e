"""Means, intervals and paired differences of an evaluation of downsamplers."""

from __future__ import annotations

import numpy as np
import pytest

from viewer.evaluation.downsampling_result import DownsamplingResult, Measured


def result(share: dict[str, float]) -> DownsamplingResult:
    found = DownsamplingResult("folder", ("ground", "target", "never"), ["a_1", "a_2", "b_1"])
    found.patients = ["a", "a", "b"]
    for sampler, iou in share.items():
        for seed in (0, 1):
            for number, picture in enumerate(found.pictures):
                whole = 100 * (number + 1)
                counts = np.array([[whole, whole], [round(iou * whole) + seed, whole], [0, 0]])
                found.measured.append(Measured(sampler, 64, seed, picture, counts, counts, counts))
    return found


def test_rows_pool_the_pixels_of_all_pictures() -> None:
    rows = result({"uniform": 0.5}).rows()
    assert [(r["seed"], r["class"]) for r in rows[:4]] == [
        (0, "ground"), (0, "target"), (0, "never"), (1, "ground"),
    ]  # fmt: skip
    assert rows[1]["iou"] == 0.5
    assert rows[4]["iou"] == pytest.approx(303 / 600)
    assert rows[2]["iou"] is None


def test_the_summary_averages_seeds_and_classes_that_occur() -> None:
    (entry,) = result({"uniform": 0.5}).summary()
    target = (300 / 600 + 303 / 600) / 2
    assert entry["target"]["iou"] == pytest.approx(target)
    assert entry["mean"]["iou"] == pytest.approx((1 + target) / 2)
    assert entry["never"] == {
        "iou": None, "interval": None, "boundary_iou": None, "boundary_iou_3px": None,
    }  # fmt: skip
    low, high = entry["target"]["interval"]
    assert low <= target <= high


def test_differences_are_paired() -> None:
    """The same patients are drawn for both: a constant difference has no spread to speak of."""
    found = result({"uniform": 0.5, "learned": 0.7, "edge": 0.6})
    differences = found.differences()
    assert [d["learned_less"] for d in differences] == ["uniform", "edge"]
    assert differences[0]["target"]["iou"] == pytest.approx(0.2)
    low, high = differences[0]["target"]["interval"]
    assert high - low < 0.01
    assert "+20.0" in found.table()
