"""Maps on panes are those of the metrics, with their scale and what is beyond it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.choosing import compare, settle
from viewer.codecs.base import PixelFormat
from viewer.metrics.local_maps import local_psnr
from viewer.metrics.similarity import ssim_map
from viewer.ui.colour_maps import BELOW, BEYOND
from viewer.ui.contents.content import Content
from viewer.ui.contents.local_maps import KINDS as LOCAL
from viewer.ui.geometry import Geometry


@pytest.fixture
def compared(small, qtbot):
    return compare(small, qtbot)


@pytest.mark.parametrize("kind", ["signed", "absolute", "relative", "squared"])
def test_differences_show_their_scale_and_mark_what_is_beyond(compared, qtbot, kind):
    panes = compared.panes
    frame = panes.frames[2]
    panes.choose(frame, Content(kind))
    compared.session.set_view(centre=(450.0, 480.0), scale=1.0)
    settle(compared, qtbot)
    picture, geometry = frame.pane.picture, frame.pane.geometry_of_image
    original = compared.session.radiograph.pixels.astype(float)
    error = compared.session.comparison.reconstruction.pixels - original
    if kind == "relative":
        error = 100 * error / np.maximum(original, 0.01 * compared.session.radiograph.peak)
    elif kind == "squared":
        error = error**2
    while picture.end > np.percentile(np.abs(error), 90):
        QTest.keyClick(compared, Qt.Key.Key_BracketRight)
    settle(compared, qtbot)
    shown = frame.pane.shown_values
    column, row = geometry.pixel_at(0.5, 0.5)
    part = error[row : row + shown.shape[0], column : column + shown.shape[1]]
    # A relative error is held in steps of 1 / 65535.
    slack = 0.002 if kind == "relative" else 1e-9
    beyond = np.abs(part) > picture.end + slack
    within = np.abs(part) < picture.end - slack
    assert 0.01 < beyond.mean() < 0.5
    over = (shown == 255) | ((shown == 1) if picture.signed else False)
    assert over[beyond].all()
    assert not over[within].any()
    if picture.signed:
        assert (shown[beyond & (part < 0)] == 1).all()
        tolerance = picture.end / 126 * 0.51 + slack
        assert np.abs(
            (shown[within].astype(int) - 128) / 126 * picture.end - part[within]
        ).max() <= (tolerance)
    else:
        tolerance = picture.end / 254 * 0.51 + slack
        assert np.abs(shown[within] / 254 * picture.end - np.abs(part[within])).max() <= tolerance
    scale = frame.pane.overlay.scale
    assert scale.unit == {"relative": "% of the value", "squared": "grey levels²"}.get(
        kind, "grey levels"
    )
    assert scale.low.startswith("−" if picture.signed else "0")
    assert frame.pane.overlay.texts.lower_left[0].startswith(f"×{picture.gain:.0f}")


@pytest.mark.parametrize("kind", LOCAL, ids=lambda kind: kind.key)
def test_local_maps_are_those_of_the_metrics(compared, qtbot, kind):
    frame = compared.panes.frames[2]
    compared.panes.choose(frame, Content(kind.key))
    settle(compared, qtbot)
    scale = frame.pane.overlay.scale
    original = compared.session.radiograph
    header, changed = original.header, compared.session.comparison.reconstruction
    pair = original.pixels, changed.pixels, PixelFormat(header.bits_stored, header.signed)
    plane = ssim_map(*pair) if kind.key == "ssim" else local_psnr(*pair)
    alike, unlike = float(scale.low), float(scale.high)
    assert scale.unit == {"ssim": "SSIM", "psnr": "dB"}[kind.key]
    assert unlike < alike
    assert (plane < unlike).mean() < 0.0015
    at = Geometry(header.columns, header.rows, 1.0, 300, 200, 1.0, (450.0, 450.0), 1.0)
    shown = frame.pane.picture.draw(at).values
    part = plane[350:550, 300:600]
    expected = np.clip((part - alike) / (unlike - alike), 0, 1) * 254
    inside = shown < 255
    assert np.abs(shown[inside] - expected[inside]).max() <= 1
    assert (part[~inside] < unlike).all()


def test_zoomed_out_a_map_shows_the_worst(compared, qtbot):
    frame = compared.panes.frames[2]
    compared.panes.choose(frame, Content("psnr"))
    settle(compared, qtbot)
    picture = frame.pane.picture
    assert frame.pane.overlay.texts.lower_right[0].endswith("strongest")
    assert frame.pane.shown_values.max() == picture.map.pyramid.planes[0].max()


def test_turning_turns_maps_too(compared, qtbot):
    frame = compared.panes.frames[2]
    before = frame.pane.picture.map.planes[0]
    compared.actions_by_key["flip_across"].trigger()
    settle(compared, qtbot)
    after = frame.pane.picture.map.planes[0]
    assert not np.array_equal(after, before)
    assert np.array_equal(after, before[:, ::-1])


def test_the_legend_shows_the_scale_and_what_is_beyond(compared, qtbot):
    pane = compared.panes.difference.pane
    picture = pane.viewport().grab().toImage()
    low = pane.height() - 60
    seen = {
        picture.pixelColor(x, y).getRgb()[:3]
        for y in range(low, pane.height())
        for x in range(0, 140)
    }
    assert {BEYOND, BELOW} <= seen
    row = next(
        y
        for y in range(low, pane.height())
        if picture.pixelColor(pane_left(picture, y), y).getRgb()[:3] == BELOW
    )
    bar = [picture.pixelColor(x, row + 3).getRgb()[:3] for x in range(20, 110)]
    blue, orange = bar[4], bar[-6]
    assert blue[2] > blue[0]
    assert orange[0] > orange[2]


def pane_left(picture, y):
    """Return the first column from the left where the mark below the scale may be."""
    return next((x for x in range(4, 24) if picture.pixelColor(x, y).getRgb()[:3] == BELOW), 4)
