"""The Look inside dock: maps over the image, parts on the panes, usage, bytes."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from tests.dicom_files import write_dicom_file
from viewer.codecs.base import Target
from viewer.images.opening import read_frame, read_header
from viewer.ui import formatting
from viewer.ui.contents.content import INSIDE, Content
from viewer.ui.measuring.places import Places

TWENTY = Target("ratio", 20)


@pytest.fixture(scope="module")
def detail_path(tmp_path_factory, rg1_path):
    """A detail of RG1 of odd sides."""
    pixels = np.ascontiguousarray(read_frame(read_header(rg1_path)).pixels[700:1011, 700:957])
    folder = tmp_path_factory.mktemp("detail")
    return write_dicom_file(folder / "d.dcm", pixels, bits_stored=15, photometric="MONOCHROME1")


@pytest.fixture
def looking(window, qtbot, detail_path):
    """A window with the detail on the screen and the dock shown."""
    window.session.open_paths([detail_path])
    qtbot.waitUntil(lambda: window.session.radiograph is not None, timeout=60_000)
    QTest.keyClick(window, Qt.Key.Key_F5)
    assert window.inside.panel.isVisible()
    return window


def code(window, qtbot, codec, target=TWENTY):
    session = window.session
    session.set_codec(codec)
    session.set_target(target)
    with qtbot.waitSignal(session.coding_finished, timeout=240_000):
        session.compress()
    inspecting = session.inspecting
    qtbot.waitUntil(lambda: inspecting.inside is not None, timeout=240_000)
    qtbot.waitUntil(lambda: not session.busy and not inspecting.decoding, timeout=240_000)


def drawn(window):
    """The original's pane as it is on the screen."""
    pane = window.panes.original.pane
    pane.draw_now()
    image = pane.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return lines[:, : 3 * image.width()].copy()


def test_before_a_coding_the_dock_says_what_to_do(looking):
    assert "Press C" in looking.inside.panel.state.text()
    assert not looking.inside.panel.pages.isTabEnabled(0)


def test_bits_lie_over_the_image_and_fade_with_the_opacity(looking, qtbot):
    plain = drawn(looking)
    code(looking, qtbot, "vqvae2")
    panel = looking.inside.panel
    assert panel.maps.map.key == "bits"
    over = drawn(looking)
    legend = looking.panes.original.pane.overlay.scale
    assert legend.high.endswith(" bpp")
    assert legend.low == "0"
    assert (over != plain).mean() > 0.05
    panel.maps.opacity.setValue(5)
    assert (drawn(looking).astype(int) - plain).std() < (over.astype(int) - plain).std()
    panel.maps.choose("")
    assert np.array_equal(drawn(looking), plain)
    assert looking.panes.original.pane.overlay.scale is None
    assert panel.maps.scale.isHidden()


def test_the_cursor_reads_the_map(looking, qtbot):
    code(looking, qtbot, "vqvae2")
    code_map = looking.inside.panel.maps.map
    looking.session.set_view(cursor=(130, 201))
    text = looking.inside.panel.maps.under_cursor.text()
    value = float(code_map.plane[201 // 4, 130 // 4])
    assert f"{value:.3g} bpp" in text


def test_parts_are_decoded_and_shown_on_the_panes(looking, qtbot):
    code(looking, qtbot, "vqvae2")
    session, page = looking.session, looking.inside.panel.pictures
    keys = [choice.key for choice in session.inspecting.inside.choices]
    assert page.table.topLevelItemCount() == len(keys)
    assert set(session.inspecting.pictures) == set(keys)
    QTest.keyClick(looking, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    assert looking.panes.content(looking.panes.frames[1]) == Content(first=INSIDE)
    page.table.setCurrentItem(page.table.topLevelItem(keys.index("<6")))
    assert session.inspecting.chosen == "<6"
    shown = looking.panes.images.stored(INSIDE)
    assert shown is session.inspecting.shown
    qtbot.waitUntil(lambda: looking.panes.settled, timeout=60_000)
    frame = looking.panes.frames[1]
    assert "Lowest band alone" in frame.pane.mark.text()
    assert not np.array_equal(shown.pixels, session.comparison.reconstruction.pixels)
    assert "dB" in page.table.topLevelItem(keys.index("<6")).text(2)
    assert page.as_tsv().count("\n") == len(keys) + 1


def test_the_part_stays_chosen_when_the_rate_changes(looking, qtbot):
    code(looking, qtbot, "vqvae2")
    looking.session.inspecting.choose("-1")
    before = looking.session.inspecting.shown
    code(looking, qtbot, "vqvae2", Target("ratio", 40))
    assert looking.session.inspecting.chosen == "-1"
    assert looking.session.inspecting.shown is not before


def test_jpeg2000_has_parts_and_no_maps(looking, qtbot):
    code(looking, qtbot, "jpeg2000")
    panel = looking.inside.panel
    assert not panel.pages.isTabEnabled(0)
    assert panel.pages.currentWidget() is panel.pictures
    assert "one quality layer" in panel.notes.text()
    texts = [panel.pictures.table.topLevelItem(r).text(0) for r in range(6)]
    assert texts[0] == "Resolution 5: 257 × 311"
    assert texts[1] == "Resolution 4: 129 × 156"


def test_usage_and_bytes(looking, qtbot):
    code(looking, qtbot, "vqvae2-paper")
    panel = looking.inside.panel
    assert "of 512 in use" in panel.usage.plot.text.text()
    panel.usage.choice.setCurrentIndex(3)
    panel.usage.choice.activated.emit(3)
    bars = panel.usage.plot.bars.opts
    usage = looking.session.inspecting.inside.usage[3]
    assert len(bars["x"]) == usage.used
    table = panel.shares.table
    assert [table.topLevelItem(r).text(0) for r in range(3)] == [
        "Header", "Top codes", "Bottom codes",
    ]  # fmt: skip
    shares = [float(table.topLevelItem(r).text(2).split()[0]) for r in range(3)]
    assert sum(shares) == pytest.approx(100, abs=0.2)
    panel.maps.choose("top0")
    assert not panel.maps.scale.isHidden()
    panel.maps.choose("top1")
    assert panel.maps.scale.isHidden()
    looking.session.set_view(cursor=(5, 5))
    assert "codeword" in panel.maps.under_cursor.text()


def test_a_codec_without_a_look_inside_is_named(looking):
    looking.session.set_codec("jpegls")
    assert "JPEG-LS" in looking.inside.panel.state.text()


def test_hidden_the_dock_lets_go_of_everything(looking, qtbot):
    code(looking, qtbot, "jpeg2000")
    QTest.keyClick(looking, Qt.Key.Key_F5)
    assert looking.session.inspecting.inside is None
    assert looking.session.inspecting.pictures == {}
    assert INSIDE not in looking.panes.images.names()


def test_another_image_takes_the_look_with_it(looking, qtbot, small_path):
    code(looking, qtbot, "vqvae2")
    looking.session.open_paths([small_path])
    qtbot.waitUntil(lambda: looking.session.comparison is None, timeout=60_000)
    assert looking.session.inspecting.inside is None
    assert looking.inside.layer.map is None


def test_escape_stops_the_decoding(looking, qtbot):
    session = looking.session
    session.set_codec("vqvae2-paper")
    with qtbot.waitSignal(session.inspecting.pictures_changed, timeout=240_000):
        session.compress()
    qtbot.waitUntil(lambda: session.inspecting.inside is not None, timeout=240_000)
    QTest.keyClick(looking, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not session.busy, timeout=60_000)


def test_everything_has_a_name(looking):
    panel = looking.inside.panel
    for control in (panel.maps.choice, panel.maps.opacity, panel.pictures.table,
                    panel.pictures.to_panes, panel.usage.choice, panel.usage.plot.plot,
                    panel.shares.table):  # fmt: skip
        assert control.accessibleName()


def test_pixels_are_let_go_of_and_decoded_again(looking, qtbot, monkeypatch):
    monkeypatch.setattr("viewer.session.inspecting.MOST_BYTES", 1)
    code(looking, qtbot, "jpeg2000")
    inspecting = looking.session.inspecting
    kept = [key for key, each in inspecting.pictures.items() if each.radiograph is not None]
    assert kept == [inspecting.chosen]
    assert len(inspecting.pictures) == len(inspecting.inside.choices)
    figure = inspecting.pictures["r2"].psnr_db
    inspecting.choose("r2")
    assert inspecting.shown is None
    qtbot.waitUntil(lambda: inspecting.shown is not None, timeout=240_000)
    assert inspecting.pictures["r2"].psnr_db == figure
    assert inspecting.pictures["r0"].radiograph is None


def test_a_click_shows_the_tile_its_code_and_its_error(looking, qtbot):
    code(looking, qtbot, "dense", Target("quality", 50))
    panel, pane = looking.inside.panel, looking.panes.original.pane
    assert panel.tile.tile is None
    panel.maps.choose("")
    plain = drawn(looking)
    places = Places(looking.session)
    spot = places.to_screen(pane, (130.5, 201.5)).toPoint()
    QTest.mouseClick(pane.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    tile = panel.tile.tile
    assert tile.place == (201 // 28, 130 // 28)
    pixels = looking.session.radiograph.pixels[196:224, 112:140]
    assert np.array_equal(tile.original, pixels)
    panel.pages.setCurrentWidget(panel.tile)
    assert len(panel.tile.bars.opts["x"]) == 36
    np.testing.assert_allclose(panel.tile.bars.opts["height"], tile.code)
    assert "Row 8, column 5" in panel.tile.figures.text()
    assert formatting.figure(tile.rmse) in panel.tile.figures.text()
    assert all(picture.isVisible() for picture in panel.tile.pictures)
    shown = [picture.pixmap().toImage().pixelColor(48, 48) for picture in panel.tile.pictures]
    assert shown[0].red() == shown[0].blue()
    outlined = drawn(looking)
    assert 0 < (outlined != plain).mean() < 0.02
    # The same place of the next coding, and of a codec without tiles none.
    code(looking, qtbot, "dense", Target("quality", 100))
    assert panel.tile.tile.place == tile.place
    assert panel.tile.tile.rmse < tile.rmse
    code(looking, qtbot, "jpeg2000")
    assert panel.tile.tile is None
    assert not panel.pages.isTabEnabled(2)
    assert looking.inside.layer.tile is None
