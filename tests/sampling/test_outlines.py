"""Outlines of the classes."""

from __future__ import annotations

import numpy as np

from viewer.sampling.outlines import outlines


def test_each_class_but_the_background_has_its_outline_in_pixels() -> None:
    segmentation = np.zeros((40, 60), np.uint8)
    segmentation[5:15, 10:30] = 1
    segmentation[20:23, 40:45] = 2
    lung, nodule, absent = outlines(segmentation, ("background", "lung", "nodule", "other"))
    assert (lung.number, lung.name) == (1, "lung")
    (polygon,) = lung.polygons
    # Through the middles of the outermost pixels.
    assert polygon.min(axis=0).tolist() == [10.5, 5.5]
    assert polygon.max(axis=0).tolist() == [29.5, 14.5]
    assert nodule.polygons[0].mean(axis=0).tolist() == [42.5, 21.5]
    assert absent.polygons == ()


def test_a_hole_has_an_outline_of_its_own() -> None:
    ring = np.zeros((30, 30), np.uint8)
    ring[5:25, 5:25] = 1
    ring[10:20, 10:20] = 0
    (only,) = outlines(ring, ("background", "ring"))
    assert len(only.polygons) == 2
