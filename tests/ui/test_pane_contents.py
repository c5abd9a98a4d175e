"""What panes show is chosen on them, in one to four panes, and is remembered."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.choosing import chooser, code, compare, pick, settle
from viewer.codecs.base import Target
from viewer.ui import formatting
from viewer.ui.contents import kinds
from viewer.ui.contents.content import Content
from viewer.ui.contents.local_maps import KINDS as LOCAL

# Without a display a menu cannot keep the keyboard to itself.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def compared(small, qtbot):
    return compare(small, qtbot)


def test_the_chooser_offers_pictures_codings_and_maps(compared, qtbot):
    first = compared.session.comparison
    code(compared, qtbot, Target("bpp", 1.0))
    settle(compared, qtbot)
    offered = chooser(compared.panes.frames[2])
    texts = list(offered)
    assert texts[0] == "Original"
    rate = formatting.bits_per_pixel(compared.session.comparison.bpp)
    assert texts[1].startswith(f"Latest: JPEG 2000   {rate}")
    assert [text.split("  ")[0] for text in texts[2:4]] == ["1", "2"]
    # Near 0.5: what the codec knows of a picture decides which rate within bounds it finds.
    assert formatting.bits_per_pixel(first.bpp) in texts[2]
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


def test_y_opens_the_chooser_of_the_pane_clicked_last(compared, qtbot):
    compared.panes.frames[1].pane.setFocus()
    opened = []

    def look() -> None:
        opened.append(QApplication.activePopupWidget())
        opened[0].close()

    QTimer.singleShot(0, look)
    QTest.keyClick(compared, Qt.Key.Key_Y)
    assert opened == [compared.panes.frames[1].chooser.menu()]


def test_what_is_drawn_over_panes_is_drawn_over_those_of_larger_layouts_too(compared, qtbot):
    assert compared.panes.contents.count == 3
    first, *others = (len(frame.pane.layers) for frame in compared.panes.all_frames)
    assert first >= 3
    assert set(others) == {first}
