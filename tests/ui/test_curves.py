"""The curves dock: swept, clicked, exported; the table of the folder; the published ratios."""

from __future__ import annotations

import csv
import json
import math

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from viewer.codecs.base import Target
from viewer.evaluation.published_ratios import PUBLISHED
from viewer.evaluation.rate_points import swept_targets
from viewer.ui.curves.curve_plot import value_of


@pytest.fixture
def small(window, qtbot, tmp_path):
    """A window with two small pictures open and the curves dock shown."""
    rng = np.random.default_rng(11)
    for number in range(2):
        ramp = np.add.outer(np.arange(190), np.arange(210)) / 400 * 200
        pixels = np.clip(ramp + rng.normal(0, 6, ramp.shape), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    with qtbot.waitSignal(window.session.scan_finished, timeout=30_000):
        window.session.open_paths([tmp_path])
    qtbot.waitUntil(lambda: window.session.radiograph is not None, timeout=30_000)
    QTest.keyClick(window, Qt.Key.Key_F9)
    assert window.curves.panel.isVisible()
    for name, box in window.curves.curve.codecs.boxes.items():
        box.setChecked(name == "jpeg2000")
    return window


def swept(window, qtbot):
    page = window.curves.curve
    with qtbot.waitSignal(window.session.sweeping.busy_changed, timeout=30_000):
        QTest.mouseClick(page.sweep, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.session.sweeping.busy, timeout=60_000)
    return window.session.sweeping.points


def test_a_sweep_draws_a_curve_point_by_point(small, qtbot):
    counts: list[int] = []
    small.session.sweeping.changed.connect(
        lambda: counts.append(len(small.session.sweeping.points))
    )
    points = swept(small, qtbot)
    from viewer.codecs import registry

    wanted = swept_targets(registry.get("jpeg2000").info)
    assert [p.target for p in points] == list(wanted)
    assert counts == list(range(1, len(wanted) + 1))
    x, y = small.curves.curve.plot.lines["jpeg2000", "psnr"].getOriginalDataset()
    assert list(x) == sorted(x)
    assert list(y) == sorted(y)
    assert y.tolist() == [p.psnr_db for p in sorted(points, key=lambda p: p.bpp)
                          if math.isfinite(p.psnr_db)]  # fmt: skip
    for point in points:
        assert point.bpp <= point.target.value * 1.02


def test_points_that_are_there_are_not_coded_again(small, qtbot):
    first = swept(small, qtbot)
    told: list[str] = []
    small.session.sweeping.notice.connect(told.append)
    QTest.mouseClick(small.curves.curve.sweep, Qt.MouseButton.LeftButton)
    assert not small.session.sweeping.busy
    assert told == ["Every point of these codecs is there already."]
    assert small.session.sweeping.points == first


def test_a_coding_by_hand_is_a_point_and_is_ringed(small, qtbot):
    small.session.set_codec("jpeg2000")
    small.session.set_target(Target("bpp", 0.7))
    with qtbot.waitSignal(small.session.comparison_changed, timeout=60_000):
        small.session.compress()
    (point,) = small.session.sweeping.points
    assert point.target == Target("bpp", 0.7)
    x, y = small.curves.curve.plot.marks["ssim"].getOriginalDataset()
    assert (x[0], y[0]) == (point.bpp, point.ssim)
    assert small.curves.panel.bar.ratio == pytest.approx(point.ratio)


def test_a_click_on_a_point_shows_its_reconstruction(small, qtbot):
    points = swept(small, qtbot)
    wanted = sorted(points, key=lambda p: p.bpp)[2]
    plot = small.curves.curve.plot
    place = QPointF(math.log10(wanted.bpp), value_of(wanted, "psnr"))
    QTest.qWait(50)
    spot = plot.psnr.mapFromScene(plot.psnr.getViewBox().mapViewToScene(place))
    with qtbot.waitSignal(small.session.comparison_changed, timeout=60_000):
        QTest.mouseClick(plot.psnr.viewport(), Qt.MouseButton.LeftButton, pos=_point(spot))
    qtbot.waitUntil(lambda: small.session.comparison is not None, timeout=60_000)
    assert small.session.coding.codec == "jpeg2000"
    assert small.session.coding.target == wanted.target
    assert small.session.comparison.figures.psnr_db == pytest.approx(wanted.psnr_db)
    assert len(small.session.sweeping.points) == len(points)


def _point(spot) -> QPoint:
    return spot.toPoint() if isinstance(spot, QPointF) else spot


def test_a_sweep_stops_and_keeps_its_points(small, slow_codec, qtbot):
    slow_codec.steps = 40
    small.session.sweeping.start(["slow"])
    qtbot.waitUntil(lambda: small.session.sweeping.busy, timeout=30_000)
    assert small.curves.curve.stop.isEnabled()
    assert not small.curves.curve.sweep.isEnabled()
    assert small.session.busy
    QTest.mouseClick(small.curves.curve.stop, Qt.MouseButton.LeftButton)
    assert not small.session.sweeping.busy
    assert small.curves.curve.sweep.isEnabled()


def test_the_points_belong_to_their_image(small, qtbot):
    points = swept(small, qtbot)
    with qtbot.waitSignal(small.session.image_changed, timeout=30_000):
        small.session.step(1)
    assert small.session.sweeping.points == ()
    with qtbot.waitSignal(small.session.image_changed, timeout=30_000):
        small.session.step(-1)
    assert small.session.sweeping.points == points


def test_exports(small, qtbot, tmp_path, monkeypatch):
    points = swept(small, qtbot)
    for kind in ("png", "csv", "json"):
        path = tmp_path / f"out.{kind}"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, p=path: (str(p), ""))
        small.curves.curve.save_asked.emit(kind)
        assert path.exists()
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    assert [float(row["bpp"]) for row in rows] == pytest.approx([p.bpp for p in points], rel=1e-4)
    (curve,) = json.loads((tmp_path / "out.json").read_text())
    assert set(curve) == {"name", "description", "results"}
    assert len(curve["results"]["bpp"]) == len(curve["results"]["psnr"]) == len(points)
    with Image.open(tmp_path / "out.png") as picture:
        assert picture.size[0] > 200
    assert small.curves.curve.as_tsv().startswith("codec\tasked\tbpp")


def test_the_table_of_all_images(small, qtbot, tmp_path, monkeypatch):
    page = small.curves.table
    small.curves.panel.pages.setCurrentWidget(page)
    for name, box in page.codecs.boxes.items():
        box.setChecked(name == "jpeg2000")
    with qtbot.waitSignal(small.session.sweeping.line_ready, timeout=60_000):
        QTest.mouseClick(page.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not small.session.sweeping.busy, timeout=60_000)
    assert page.table.rowCount() == 1
    (line,) = small.session.sweeping.lines
    assert line.images == 2
    shown = [page.table.item(0, column).text() for column in range(page.table.columnCount())]
    assert shown[3] == f"{line.ratio:.1f} : 1"
    assert shown[5] == f"{line.psnr_db:.2f}"
    assert shown[8] == "–"
    path = tmp_path / "table.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a: (str(path), ""))
    page.save.click()
    assert path.read_text().splitlines()[1].startswith("jpeg2000,")


def test_the_bar_tells_sources_and_zones(small):
    bar = small.curves.panel.bar
    for entry in PUBLISHED:
        told = bar.told(bar.at(entry.ratio))
        assert entry.source in told
        assert "Not a diagnostic statement." in told
    assert "inside every table" in bar.told(bar.at(5))
    assert "outside all" in bar.told(bar.at(100))
    bar.show_ratio(17.0)
    assert "17.0 : 1, inside CAR's alone" in bar.accessibleDescription()
    assert bar.at(10) < bar.at(17) < bar.at(30)
    bar.grab()
