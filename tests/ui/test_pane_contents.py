"""What panes show is chosen on them: pictures, any coding made, maps of any two."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from viewer.codecs.base import PixelFormat, Target
from viewer.metrics.local_maps import local_psnr
from viewer.metrics.similarity import ssim_map
from viewer.ui import formatting
from viewer.ui.colour_maps import BELOW, BEYOND
from viewer.ui.contents import kinds
from viewer.ui.contents.content import Content
from viewer.ui.contents.local_maps import KINDS as LOCAL
from viewer.ui.geometry import Geometry

WAIT = 20_000
# Without a display a menu cannot keep the keyboard to itself.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def settle(window, qtbot):
    qtbot.waitUntil(lambda: window.panes.settled, timeout=WAIT)


def code(window, qtbot, target):
    window.session.set_target(target)
    with qtbot.waitSignal(window.session.coding_finished, timeout=WAIT):
        window.session.compress()
    return window.session.comparison


@pytest.fixture
def compared(small, qtbot):
    small.session.set_codec("jpeg2000")
    code(small, qtbot, Target("bpp", 0.5))
    settle(small, qtbot)
    return small


def entries(menu: QMenu) -> dict[str, object]:
    found = {}
    for action in menu.actions():
        if action.menu() is not None:
            found |= {f"{action.text()}/{k}": v for k, v in entries(action.menu()).items()}
        elif not action.isSeparator():
            found[action.text()] = action
    return found


def chooser(frame) -> dict[str, object]:
    """Open the chooser as a click does and return what it offers."""
    offered = {}

    def look() -> None:
        menu = QApplication.activePopupWidget()
        offered.update(entries(menu))
        menu.close()

    QTimer.singleShot(0, look)
    QTest.mouseClick(frame.chooser, Qt.MouseButton.LeftButton)
    return offered


def pick(frame, start: str) -> None:
    """Choose the entry of the chooser whose text begins so."""
    (action,) = (each for text, each in chooser(frame).items() if text.startswith(start))
    action.trigger()


def test_the_chooser_offers_pictures_codings_and_maps(compared, qtbot):
    code(compared, qtbot, Target("bpp", 1.0))
    settle(compared, qtbot)
    offered = chooser(compared.panes.frames[2])
    texts = list(offered)
    assert texts[0] == "Original"
    rate = formatting.bits_per_pixel(compared.session.comparison.bpp)
    assert texts[1].startswith(f"Latest: JPEG 2000   {rate}")
    assert [text.split("  ")[0] for text in texts[2:4]] == ["1", "2"]
    assert "0.50 bpp" in texts[2]
    assert "dB" in texts[2]
    assert {kind.title for kind in kinds.kinds()} <= set(texts)
    assert offered["Difference"].isChecked()
    assert any(text.startswith("Map compares with/1  JPEG 2000") for text in texts)


def test_a_kept_coding_and_a_difference_of_two_codings(compared, qtbot):
    first = compared.session.comparison
    second = code(compared, qtbot, Target("bpp", 2.0))
    panes = compared.panes
    pick(panes.frames[0], "1  JPEG 2000")
    settle(compared, qtbot)
    assert panes.frames[0].pane.picture.radiograph is first.reconstruction
    assert panes.frames[0].title == "1  JPEG 2000"
    assert panes.frames[0].pane.mark.text() == f"lossy {first.ratio_stored:.0f}:1 JPEG 2000"
    pick(panes.frames[2], "Map compares with/1  JPEG 2000")
    settle(compared, qtbot)
    expected = second.reconstruction.pixels.astype(int) - first.reconstruction.pixels
    compared.session.set_view(centre=(300.0, 350.0), scale=1.0)
    settle(compared, qtbot)
    picture, geometry = panes.frames[2].pane.picture, panes.frames[2].pane.geometry_of_image
    shown = picture.map.visible(geometry)
    column, row = geometry.pixel_at(0.5, 0.5)
    assert np.array_equal(
        shown, expected[row : row + shown.shape[0], column : column + shown.shape[1]]
    )
    assert "Reconstruction − 1  JPEG 2000" in panes.frames[2]._details[0]


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


@pytest.mark.parametrize("how", ["key", "button"])
def test_layouts(compared, qtbot, how):
    for count in (1, 2, 4, 3):
        action = compared.actions_by_key[f"layout_{count}"]
        if how == "key":
            QTest.keyClick(compared, str(count), Qt.KeyboardModifier.AltModifier)
        else:
            button = compared.tool_bar.widgetForAction(action)
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        settle(compared, qtbot)
        frames = compared.panes.frames
        assert len(frames) == count
        assert action.isChecked()
        assert sum(frame.isVisible() for frame in compared.panes.all_frames) == count
        assert all(frame.pane.shown_values is not None for frame in frames)
        assert len({frame.pane.geometry_of_image.scale_x for frame in frames}) == 1
        sizes = np.array([(f.pane.width(), f.pane.height()) for f in frames])
        assert np.ptp(sizes, axis=0).max() <= 2
        assert sizes.min() >= 160
        if count == 4:
            corners = [frame.mapTo(compared, frame.rect().topLeft()) for frame in frames]
            assert corners[0].y() == corners[1].y() < corners[2].y() == corners[3].y()
            assert corners[0].x() == corners[2].x() < corners[1].x() == corners[3].x()


def test_columns_stay_in_line_when_a_border_is_dragged(compared, qtbot):
    compared.panes.arrange(4)
    settle(compared, qtbot)
    upper, lower = compared.panes.grid._rows
    upper.moveSplitter(250, 1)
    settle(compared, qtbot)
    assert upper.sizes()[0] == lower.sizes()[0] == 250


def test_layout_and_contents_are_remembered(compared, qtbot, open_window):
    compared.panes.arrange(4)
    pick(compared.panes.frames[3], "Local PSNR map")
    pick(compared.panes.frames[0], "1  JPEG 2000")
    compared.close()
    again = open_window()
    assert len(again.panes.frames) == 4
    assert again.panes.content(again.panes.frames[3]) == Content("psnr")
    # A number means nothing in another session.
    assert again.panes.content(again.panes.frames[0]) == Content("image", "latest")
    again.panes.arrange(3)
    assert again.panes.content(again.panes.frames[2]) == Content("signed")


def test_a_kind_that_is_registered_is_offered_computed_and_drawn(compared, qtbot, monkeypatch):
    monkeypatch.setattr(kinds, "_REGISTERED", dict(kinds._REGISTERED))
    seen = []

    def compute(pair, *, progress, cancel):
        seen.append(pair)
        return LOCAL[0].compute(pair, progress=progress, cancel=cancel)

    kinds.register(
        kinds.MapKind("extra", "Extra map", "For a test", compute, LOCAL[0].picture, "Networks")
    )
    frame = compared.panes.frames[2]
    pick(frame, "Extra map")
    settle(compared, qtbot)
    assert frame.title == "EXTRA MAP"
    assert frame.pane.shown_values is not None
    assert seen[0].reference is compared.session.radiograph
    assert seen[0].changed is compared.session.comparison.reconstruction


def test_turning_turns_maps_too(compared, qtbot):
    frame = compared.panes.frames[2]
    before = frame.pane.picture.map.planes[0]
    compared.actions_by_key["flip_across"].trigger()
    settle(compared, qtbot)
    after = frame.pane.picture.map.planes[0]
    assert not np.array_equal(after, before)
    assert np.array_equal(after, before[:, ::-1])


def test_y_opens_the_chooser_of_the_pane_clicked_last(compared, qtbot):
    compared.panes.frames[1].pane.setFocus()
    opened = []

    def look() -> None:
        opened.append(QApplication.activePopupWidget())
        opened[0].close()

    QTimer.singleShot(0, look)
    QTest.keyClick(compared, Qt.Key.Key_Y)
    assert opened == [compared.panes.frames[1].chooser.menu()]


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


def test_what_is_drawn_over_panes_is_drawn_over_those_of_larger_layouts_too(compared, qtbot):
    assert compared.panes.contents.count == 3
    first, *others = (len(frame.pane.layers) for frame in compared.panes.all_frames)
    assert first >= 3
    assert set(others) == {first}
