"""Saving as a user does it: look at the sizes, choose what goes in, name the file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from viewer.archive.keep import Keep
from viewer.archive.reading import read_archive
from viewer.archive.restoring import restore
from viewer.codecs import registry
from viewer.codecs.base import CodecInfo, PixelFormat, Target
from viewer.session.save_options import SaveOptions
from viewer.ui import formatting
from viewer.ui.save_dialog import SaveDialog

# A dialog that grows with its text tells the screen so; the one without a display cannot hear it.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

WAIT = 20_000


@pytest.fixture
def show_dialog(opened, qtbot):
    """Show the dialog without blocking, and wait for its sizes."""
    made = []

    def show() -> SaveDialog:
        dialog = SaveDialog(opened.session, opened)
        made.append(dialog)
        dialog.show()
        qtbot.waitUntil(lambda: sizes_are_there(dialog), timeout=WAIT)
        return dialog

    yield show
    for dialog in made:
        dialog.reject()
        dialog.deleteLater()


def sizes_are_there(dialog: SaveDialog) -> bool:
    return dialog.sizes.value("archive") != formatting.NONE


def test_saves_with_the_original_and_gives_it_back(
    opened, open_window, qtbot, rg1_path, tmp_path, monkeypatch
):
    session = opened.session
    session.set_codec("jpeg2000")
    session.set_target(Target("bpp", 1.0))
    archive, seen = tmp_path / "kept.radz", {}

    def use(dialog: SaveDialog) -> None:
        assert sizes_are_there(dialog)
        seen["heading"] = dialog.heading.text()
        seen["bitstreams"] = dialog.sizes.value("bitstreams")
        seen["without"] = dialog.sizes.value("originals")
        QTest.keyClick(dialog.original, Qt.Key.Key_Space)
        seen["with"] = dialog.sizes.value("originals")
        seen["archive"] = dialog._plan.costs(dialog.options).archive_bytes
        QTest.keyClick(dialog, Qt.Key.Key_Return)

    def wait_and_use() -> None:
        (dialog,) = opened.findChildren(SaveDialog)
        if sizes_are_there(dialog):
            use(dialog)
        else:
            QTimer.singleShot(20, wait_and_use)

    def choose(parent, title, start, kinds):
        seen["suggested"] = Path(start).name
        return str(archive), kinds

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    QTimer.singleShot(0, wait_and_use)
    with qtbot.waitSignal(session.saved, timeout=WAIT):
        QTest.keyClick(opened, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    header = session.header
    coded = header.rows * header.columns // 8
    file_bytes = rg1_path.stat().st_size
    assert seen["heading"] == "1 image · JPEG 2000, 1.00 bpp"
    assert seen["bitstreams"] == f"about {formatting.size(coded)}"
    assert seen["without"] == "none"
    assert seen["with"] == f"at most {formatting.size(file_bytes)}"
    assert seen["suggested"] == "study.radz"
    (image,) = read_archive(archive).images
    assert image.payload_bytes == pytest.approx(coded, rel=0.03)
    assert image.payload_bytes < archive.stat().st_size <= seen["archive"]

    again = open_window()
    with qtbot.waitSignal(again.session.image_changed, timeout=WAIT):
        again.session.open_paths([archive])
    assert again.session.radiograph.pixels.shape == (header.rows, header.columns)
    restore(archive, tmp_path / "out", original=True)
    (file,) = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert sha256(file) == sha256(rg1_path)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_cancelling_saves_nothing(opened, qtbot, monkeypatch):
    asked = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: asked.append(1) or ("", ""))
    QTimer.singleShot(
        0, lambda: QTest.keyClick(opened.findChildren(SaveDialog)[0], Qt.Key.Key_Escape)
    )
    opened.actions_by_key["save"].trigger()
    assert asked == []
    assert not opened.session.busy
    assert not opened.session.queue.busy("plan")


def test_identity_and_original_exclude_each_other(opened, show_dialog):
    opened.session.set_codec("jpeg2000")
    dialog = show_dialog()
    assert dialog.options == SaveOptions(Keep(original=False, decoder=False))
    dialog.original.setChecked(True)
    dialog.identity.setChecked(True)
    assert not dialog.original.isChecked()
    assert not dialog.original.isEnabled()
    assert dialog.options.deidentified
    assert not dialog.options.keep.original
    assert dialog.sizes.value("originals") == "none"
    dialog.identity.setChecked(False)
    assert dialog.original.isEnabled()
    assert not dialog.decoder.isEnabled()
    assert not dialog.warning.isVisible()


def test_a_target_that_tells_no_size_is_tried_on_the_image_shown(opened, show_dialog, qtbot):
    session = opened.session
    session.set_codec("jpeg2000")
    session.set_target(Target("lossless"))
    assert session.comparison is None
    dialog = show_dialog()
    codec = registry.get("jpeg2000")
    radiograph = session.radiograph
    exact = codec.encode(
        radiograph.pixels,
        PixelFormat(radiograph.header.bits_stored, radiograph.header.signed),
        Target("lossless"),
    )
    assert dialog.sizes.value("bitstreams") == f"about {formatting.size(len(exact.data))}"
    assert dialog.images.item(0, 3).text() == formatting.size(len(exact.data))
    assert not dialog.state.isVisible()


@pytest.fixture
def learned(slow_codec, tmp_path, monkeypatch) -> int:
    """Make the slow codec a learned one that is not normative; return its decoder's bytes."""
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(np.random.default_rng(1).bytes(12_345_678))
    made = {slot: getattr(slow_codec.info, slot) for slot in CodecInfo.__slots__}
    made |= {"normative": False, "learned": True}
    monkeypatch.setattr(slow_codec, "info", CodecInfo(**made), raising=False)
    monkeypatch.setattr(slow_codec, "weights", lambda: (weights,), raising=False)
    return weights.stat().st_size


def test_a_learned_codec_carries_its_decoder_unless_declined(
    learned, opened, show_dialog, rg1_path
):
    opened.session.set_codec("slow")
    opened.session.set_target(Target("bpp", 0.5))
    dialog = show_dialog()
    assert dialog.decoder.isEnabled()
    assert dialog.decoder.isChecked()
    assert dialog.sizes.value("decoder") == formatting.size(learned)
    assert formatting.size(learned) in dialog.decoder.text()
    assert formatting.size(rg1_path.stat().st_size) in dialog.original.text()
    costs = dialog._plan.costs(dialog.options)
    without = costs.archive_bytes - learned
    assert 0 < without < rg1_path.stat().st_size
    needed = -(-learned // (rg1_path.stat().st_size - without))
    assert needed == 2
    assert dialog.pays.text() == f"The decoder pays for itself after {needed} images like these."
    assert dialog.pays.isVisible()
    assert "another device" in dialog.warning.text()
    assert dialog.warning.isVisible()
    dialog.decoder.setChecked(False)
    assert dialog.sizes.value("decoder") == "none"
    assert dialog.sizes.value("archive") == f"about {formatting.size(without)}"
    assert not dialog.pays.isVisible()
    assert dialog.options.keep == Keep(original=False, decoder=False)
    dialog.decoder.setChecked(True)
    dialog.original.setChecked(True)
    assert "does not pay for itself" in dialog.pays.text()


def test_a_file_that_went_away_is_said(opened, qtbot, tmp_path, rg1_path):
    copy = tmp_path / "gone.dcm"
    copy.write_bytes(rg1_path.read_bytes())
    with qtbot.waitSignal(opened.session.scan_finished, timeout=WAIT):
        opened.session.open_paths([copy])
    copy.unlink()
    dialog = SaveDialog(opened.session, opened)
    dialog.show()
    try:
        qtbot.waitUntil(lambda: bool(dialog.state.text()), timeout=WAIT)
        assert dialog.state.property("role") == "failure"
        assert dialog.state.text() == "gone.dcm is no longer there; open it again."
    finally:
        dialog.reject()
        dialog.deleteLater()
