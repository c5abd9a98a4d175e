"""The deformation map over an open radiograph, used as a user does."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from viewer.codecs.base import PixelFormat
from viewer.images.turning import Turn
from viewer.metrics.figures import compare
from viewer.session.sampling_work import SAMPLERS
from viewer.ui.contents.content import SAMPLED
from viewer.ui.deformation.look import MOST


@pytest.fixture
def mapped(networks, opened, qtbot):
    QTest.keyClick(opened, Qt.Key.Key_M)
    settled(opened, qtbot)
    return opened


def settled(window, qtbot):
    deforming = window.session.deforming
    qtbot.waitUntil(lambda: deforming.deformed is not None and not deforming.busy, timeout=60_000)


def choose(combo, data, qtbot):
    """Choose an entry of a list as a click on it does."""
    index = combo.findData(data) if data is not None else 0
    combo.setCurrentIndex(index)
    combo.activated.emit(index)


def screen(pane) -> np.ndarray:
    image = pane.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.array(image.constBits()).reshape(image.height(), -1, 4)[..., 2::-1]


def reds(pane) -> int:
    red, green, blue = np.moveaxis(screen(pane).astype(int), -1, 0)
    return int(((red > 200) & (green < 100) & (blue < 100)).sum())


def test_m_lays_the_map_over_the_original_alone_and_takes_it_away(mapped, qtbot):
    assert mapped.deformation.dock.isVisible()
    panes = mapped.panes
    assert reds(panes.original.pane) > 1000
    assert reds(panes.reconstruction.pane) == 0
    QTest.keyClick(mapped, Qt.Key.Key_M)
    assert not mapped.session.deforming.on
    assert reds(panes.original.pane) == 0


def test_samples_are_drawn_where_they_lie_however_the_image_is_turned(mapped, qtbot):
    panel = mapped.deformation.panel
    for box in ("density", "outline"):
        panel.boxes[box].click()
    choose(panel.side, 32, qtbot)
    settled(mapped, qtbot)
    pane = mapped.panes.original.pane
    positions = mapped.session.deforming.placed.positions
    assert positions.shape == (32, 32, 2)
    for turn in (Turn(), Turn().clockwise()):
        mapped.session.set_view(turn=turn)
        qtbot.waitUntil(lambda: not pane.pending)
        seen = screen(pane).astype(int)
        for row, column in ((5, 7), (16, 16), (25, 3)):
            x, y = positions[row, column]
            spot = mapped.deformation.layer._places.to_screen(pane, (x, y))
            near = seen[round(spot.y()) - 2 : round(spot.y()) + 3]
            near = near[:, round(spot.x()) - 2 : round(spot.x()) + 3].reshape(-1, 3)
            assert ((near[:, 0] > 200) & (near[:, 1] < 100)).any(), (turn, row, column)


def test_more_samples_lie_where_the_network_wants_them(mapped):
    deforming = mapped.session.deforming
    positions = deforming.placed.positions.reshape(-1, 2)
    columns, rows = mapped.deformation.layer._places.size()
    near = np.hypot(positions[:, 0] / columns - 0.3, positions[:, 1] / rows - 0.4) < 0.06
    share = np.pi * 0.06**2
    assert near.mean() > 1.15 * share
    assert deforming.placed.density.mean() == pytest.approx(1.0)
    assert deforming.placed.density.max() > MOST


def test_figures_of_all_samplers_follow_the_rectangle(mapped, qtbot, mouse):
    session, panel = mapped.session, mapped.deformation.panel
    assert "whole" in panel.figures.heading.text()
    QTest.keyClick(mapped, Qt.Key.Key_R)
    hand = mouse(mapped.panes.original.pane)
    hand.drag(hand.at(400, 600), hand.at(900, 1000))
    qtbot.waitUntil(lambda: not session.deforming.busy, timeout=20_000)
    _, _, width, height = session.box
    assert f"{width} × {height}" in panel.figures.heading.text()
    header = session.radiograph.header
    for sampler in SAMPLERS:
        restored = session.deforming._restored[sampler].pixels
        wanted = compare(
            session.radiograph.pixels, restored, PixelFormat(header.bits_stored), box=session.box
        )
        assert session.deforming.figures[sampler].psnr_db == wanted.psnr_db
        psnr, ssim = panel.figures.texts(sampler)
        assert psnr == f"{wanted.psnr_db:.1f} dB"
        assert ssim == f"{wanted.ssim:.4f}"


def test_what_is_under_the_cursor_is_said(mapped, qtbot, mouse):
    panel, deforming = mapped.deformation.panel, mapped.session.deforming
    hand = mouse(mapped.panes.reconstruction.pane)
    mapped.session.set_view(cursor=(552, 780))
    there = deforming.deformed.deformation
    count, _ = there.samples_per_area(552, 780, mapped.session.radiograph.header.spacing)
    assert f"×{float(there.magnification[780, 552]) ** 0.5:.2f}" in panel.under_cursor.text()
    assert f"{count:.3g}" in panel.under_cursor.text()
    mapped.session.set_view(cursor=None)
    assert "–" in panel.under_cursor.text()
    assert hand.pane.picture is None


def test_the_picture_put_back_and_what_it_lacks_go_to_the_panes(mapped, qtbot):
    mapped.deformation.panel.to_panes.click()
    panes = mapped.panes
    qtbot.waitUntil(lambda: panes.settled, timeout=20_000)
    assert panes.contents.count == 4
    shown = panes.frames[1].pane
    assert shown.picture.radiograph.pixels is mapped.session.deforming.restored.pixels
    assert "sampled 64 × 64 learned" in shown.mark.text()
    assert panes.content(panes.frames[2]).first == SAMPLED
    assert panes.frames[2].pane.picture is not None
    # Another sampler is followed at once, on these panes too.
    choose(mapped.deformation.panel.sampler, "uniform", qtbot)
    settled(mapped, qtbot)
    qtbot.waitUntil(lambda: panes.settled, timeout=20_000)
    assert shown.picture.radiograph.pixels is mapped.session.deforming.restored.pixels
    assert "uniform" in shown.mark.text()


def test_the_small_picture_is_what_the_network_sees(mapped, qtbot):
    small = mapped.deformation.panel.small
    assert (small.image.width(), small.image.height()) == (64, 64)
    sampled = mapped.session.deforming.deformed.deformation.sampled
    assert sampled.shape == (64, 64)


def test_opacity_colours_and_parts_are_followed_at_once(mapped, qtbot):
    panel, pane = mapped.deformation.panel, mapped.panes.original.pane
    for box in ("dots", "outline"):
        panel.boxes[box].click()
    panel.opacity.setValue(100)
    strong = screen(pane).astype(int)
    panel.opacity.setValue(10)
    faint = screen(pane).astype(int)
    assert np.abs(strong - faint).max() > 60
    panel.boxes["density"].click()
    assert reds(pane) == 0
    panel.boxes["lines"].click()
    panel.dot_colour.setCurrentText("Yellow")
    red, green, blue = np.moveaxis(screen(pane).astype(int), -1, 0)
    assert ((red > blue + 60) & (green > blue + 60)).sum() > 1000


def test_without_weights_it_says_so_and_the_uniform_grid_still_works(
    opened, qtbot, monkeypatch, tmp_path
):
    from viewer.sampling import trained

    monkeypatch.setattr(trained, "models_dir", lambda: tmp_path)
    panel = opened.deformation.panel
    with qtbot.waitSignal(opened.session.deforming.failed, timeout=20_000):
        QTest.keyClick(opened, Qt.Key.Key_M)
    assert "learned-64" in panel.state.text()
    choose(panel.sampler, "uniform", qtbot)
    settled(opened, qtbot)
    assert reds(opened.panes.original.pane) > 1000


def test_another_image_gets_its_own_map(mapped, qtbot, rg1_path, tmp_path):
    before = mapped.session.deforming.deformed
    other = tmp_path / "other.dcm"
    shutil.copy(rg1_path, other)
    with qtbot.waitSignal(mapped.session.image_changed, timeout=20_000):
        mapped.session.open_paths([other])
    settled(mapped, qtbot)
    after = mapped.session.deforming.deformed
    assert after is not before
    assert after.restored.header.path == other


def test_esc_stops_it(networks, opened, qtbot):
    QTest.keyClick(opened, Qt.Key.Key_M)
    assert opened.session.busy
    QTest.keyClick(opened, Qt.Key.Key_Escape)
    assert not opened.session.deforming.busy
