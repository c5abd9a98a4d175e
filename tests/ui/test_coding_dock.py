"""The dock of codec, target and figures."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from viewer.codecs import registry
from viewer.codecs.base import Target
from viewer.ui.codec_choices import codec_choices
from viewer.ui.target_scale import TITLES, TargetScale


def test_kinds_are_those_the_codec_can_meet(slow_codec, window):
    editor = window.coding.target
    for name in ("jpeg2000", "slow"):
        window.coding.codec.setCurrentIndex(window.coding.codec.findData(name))
        window.coding.codec.activated.emit(window.coding.codec.currentIndex())
        assert window.session.coding.codec == name
        assert window.session.coding.target == editor.target
        wanted = [TITLES[kind] for kind in registry.get(name).info.targets]
        assert [editor.kind.itemText(row) for row in range(editor.kind.count())] == wanted


def test_the_slider_of_a_trained_codec_has_its_rates_only(slow_codec, opened):
    opened.session.set_codec("slow")
    editor = opened.coding.target
    editor.kind.setCurrentIndex(editor.kind.findData("bpp"))
    assert editor.slider.maximum() == len(slow_codec.info.rates_bpp) - 1
    for position, rate in enumerate(slow_codec.info.rates_bpp):
        editor.slider.setValue(position)
        assert opened.session.coding.target == Target("bpp", rate)
    editor.number.setValue(0.6)
    assert opened.session.coding.target == Target("bpp", 0.5)
    editor.kind.setCurrentIndex(editor.kind.findData("ratio"))
    bits = opened.session.header.bits_stored
    assert opened.session.coding.target.value == pytest.approx(bits / 0.5, rel=0.6)
    assert editor.target.value in [bits / rate for rate in slow_codec.info.rates_bpp]
    assert "Trained for" in editor.hint.text()


def test_lossless_needs_no_number(opened):
    editor = opened.coding.target
    editor.kind.setCurrentIndex(editor.kind.findData("lossless"))
    assert opened.session.coding.target.kind == "lossless"
    assert not editor.slider.isVisible()
    assert not editor.number.isVisible()
    editor.kind.setCurrentIndex(editor.kind.findData("psnr"))
    assert editor.slider.isVisible()
    assert opened.session.coding.target.kind == "psnr"


@pytest.mark.parametrize("kind", ["ratio", "bpp", "psnr", "quality"])
def test_positions_and_values_agree(kind):
    scale = TargetScale(kind)
    values = [scale.value(position) for position in range(scale.positions + 1)]
    assert values == sorted(values)
    assert values[0] == pytest.approx(scale.limits[0])
    assert values[-1] == pytest.approx(scale.limits[1])
    for position in range(0, scale.positions + 1, 7):
        assert abs(scale.position(scale.value(position)) - position) <= 4


def test_moving_the_slider_before_compressing_only_asks(opened):
    editor = opened.coding.target
    editor.slider.setValue(editor.slider.value() + 5)
    assert opened.session.coding.target == editor.target
    assert not opened.session.busy


def test_a_failed_coding_says_so_below_the_button(slow_codec, opened, qtbot, monkeypatch):
    from viewer.errors import CodecError

    def fail(*arguments, **options):
        raise CodecError("The slow codec cannot do this today.")

    monkeypatch.setattr(slow_codec, "encode", fail)
    opened.session.set_codec("slow")
    with qtbot.waitSignal(opened.session.coding_failed, timeout=10_000):
        QTest.mouseClick(opened.coding.compress, Qt.MouseButton.LeftButton)
    message = opened.coding.message
    assert message.isVisible()
    assert message.text() == "The slow codec cannot do this today."
    assert message.property("role") == "failure"


def test_a_codec_that_cannot_be_loaded_is_listed_but_off(monkeypatch, open_window):
    monkeypatch.setitem(registry._FACTORIES, "lost", "viewer.codecs.lost:Lost")
    choice = next(c for c in codec_choices() if c.name == "lost")
    assert "lost" in choice.missing
    window = open_window()
    row = window.coding.codec.findData("lost")
    assert not window.coding.codec.model().item(row).isEnabled()


def test_focus_stays_with_the_picture_after_a_click(opened):
    opened.panes.original.pane.setFocus()
    QTest.mouseClick(opened.coding.cancel, Qt.MouseButton.LeftButton)
    assert opened.focusWidget() is opened.panes.original.pane
