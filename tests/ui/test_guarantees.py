"""Asking for a guarantee in the coding dock; the base picture first, and marked as such."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from viewer.codecs import registry
from viewer.codecs.base import Decoded, Target
from viewer.ui.guarantees import EXACT, VISUALLY_LOSSLESS
from viewer.ui.pane_texts import is_lossless, mark_text, reconstruction_mark

SECONDS = 60_000


@pytest.fixture
def small(window, qtbot, shared_data):
    """A window with a radiograph of 440 x 440 on the screen."""
    with qtbot.waitSignal(window.session.image_changed, timeout=10_000):
        window.session.open_paths([shared_data / "dicom/misc/cr-chest-10bit-monochrome1.dcm"])
    qtbot.waitUntil(lambda: not window.session.busy, timeout=5000)
    return window


def click(button) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def compress(window, qtbot) -> list:
    """Code, and return every comparison that was shown."""
    seen: list = []
    window.session.comparison_changed.connect(seen.append)
    with qtbot.waitSignal(window.session.coding_finished, timeout=SECONDS):
        click(window.coding.compress)
    return [one for one in seen if one is not None]


def test_the_buttons_ask_and_show_what_is_asked(small) -> None:
    session, strip = small.session, small.coding.guarantees
    visually, bounded, exact = strip.buttons
    for button, wanted in (
        (exact, EXACT),
        (bounded, Target("max_error", 2)),
        (visually, VISUALLY_LOSSLESS),
    ):
        click(button)
        assert session.coding.target == wanted
        assert small.coding.target.target == wanted
        assert [b.isChecked() for b in strip.buttons] == [b is button for b in strip.buttons]
        click(button)
        assert button.isChecked()
    session.set_target(Target("ratio", 20))
    assert not any(button.isChecked() for button in strip.buttons)


def test_the_number_beside_the_slider_sets_the_levels(small) -> None:
    session, strip = small.session, small.coding.guarantees
    click(strip.buttons[1])
    small.coding.target.number.setValue(5)
    assert session.coding.target == Target("max_error", 5)
    assert strip.buttons[1].text() == "At most 5 levels"
    assert strip.buttons[1].isChecked()
    small.coding.target.number.setValue(1)
    assert strip.buttons[1].text() == "At most 1 level"
    small.coding.target.slider.setValue(3)
    assert session.coding.target == Target("max_error", 3)


def test_only_what_the_codec_can_meet_is_offered(small) -> None:
    strip = small.coding.guarantees
    for name in ("jpeg2000", "jpegls", "htj2k", "vqvae2", "vqvae2-paper"):
        small.session.set_codec(name)
        targets = registry.get(name).info.targets
        shown = [not button.isHidden() for button in strip.buttons]
        assert shown == [kind in targets for kind in ("psnr", "max_error", "lossless")]
        assert strip.isHidden() == (not any(shown))


@pytest.mark.parametrize("codec", ["jpeg2000", "jpegls", "htj2k"])
def test_the_mark_says_lossless_only_where_it_is(small, qtbot, codec: str) -> None:
    small.session.set_codec(codec)
    small.session.set_target(EXACT)
    (exact,) = compress(small, qtbot)
    assert is_lossless(exact)
    assert mark_text(exact).startswith("lossless")
    assert reconstruction_mark(exact)[1] is False
    if codec == "jpegls":
        small.session.set_target(Target("max_error", 3))
        qtbot.waitUntil(lambda: not small.session.busy, timeout=SECONDS)
        bounded = small.session.comparison
        assert bounded.figures.max_error == 3
        assert mark_text(bounded).startswith("lossy")
        assert "±3" in mark_text(bounded)


def test_the_base_picture_comes_first_and_is_marked(small, qtbot) -> None:
    small.session.set_codec("vqvae2")
    click(small.coding.guarantees.buttons[2])
    base, whole = compress(small, qtbot)
    assert base.partial
    assert not is_lossless(base)
    assert "base picture" in mark_text(base)
    assert reconstruction_mark(base)[1] is True
    assert base.figures.max_error > 0
    assert not whole.partial
    assert whole.figures.max_error == 0
    assert mark_text(whole).startswith("lossless")
    assert np.array_equal(whole.reconstruction.pixels, small.session.radiograph.pixels)
    assert small.session.comparison is whole
    assert not small.session.stale
    assert len(small.session.workbench.codings.of_image) == 1


def test_a_base_picture_is_no_result(small, qtbot, monkeypatch) -> None:
    """While the rest is decoded nothing is saved; when that is given up the picture goes."""
    session = small.session
    session.set_codec("vqvae2")
    session.set_target(EXACT)
    codec = registry.get("vqvae2")
    refused: list[str] = []
    session.save_failed.connect(refused.append)

    def parts(data, *, options, progress, cancel):
        first = codec.decode(data, options=options)
        yield Decoded(first.pixels, first.pixel_format, partial=True)
        while True:
            cancel.check()

    monkeypatch.setattr(codec, "decode_parts", parts)
    click(small.coding.compress)
    qtbot.waitUntil(lambda: session.comparison is not None, timeout=SECONDS)
    assert session.comparison.partial
    assert session.stale
    session.export_dicom("/nowhere/x.dcm")
    session.export_png("/nowhere/x.png")
    assert len(refused) == 2
    assert "still being decoded" in refused[0]
    session.cancel()
    assert session.comparison is None
    qtbot.waitUntil(lambda: not session.busy, timeout=SECONDS)
