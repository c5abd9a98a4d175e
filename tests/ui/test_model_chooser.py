"""Choosing a trained model in the coding dock, adding one's own, and looking at its card."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from tests.trained_models import vqvae2_model
from viewer.codecs import model_files
from viewer.codecs.base import Target
from viewer.ui.model_chooser import ADD

SECONDS = 60_000


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    kept = tmp_path / "kept"
    monkeypatch.setenv(model_files.FOLDER_VARIABLE, str(kept))
    monkeypatch.setattr(model_files, "_named", {})
    return kept


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return vqvae2_model(tmp_path_factory.mktemp("trained") / "knees.safetensors")


def choose(combo, data: str) -> None:
    """What a click on an entry does."""
    combo.setCurrentIndex(combo.findData(data))
    combo.activated.emit(combo.currentIndex())


def use_codec(window, qtbot, name: str) -> None:
    with qtbot.waitSignal(window.session.models_listed, timeout=SECONDS):
        choose(window.coding.codec, name)


def add_through_dialog(window, qtbot, monkeypatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    with qtbot.waitSignal(window.session.model_added, timeout=SECONDS):
        choose(window.coding.model.models, ADD)


def test_only_learned_codecs_have_models(window, qtbot) -> None:
    chooser = window.coding.model
    use_codec(window, qtbot, "jpeg2000") if window.session.coding.codec != "jpeg2000" else None
    assert chooser.isHidden()
    use_codec(window, qtbot, "vqvae2")
    qtbot.waitUntil(lambda: not chooser.isHidden(), timeout=SECONDS)
    assert chooser.models.itemData(0) == ""
    assert "shipped" in chooser.models.itemText(0)
    assert chooser.models.itemData(chooser.models.count() - 1) == ADD
    use_codec(window, qtbot, "jpeg2000")
    assert chooser.isHidden()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_card_of_the_model_chosen_is_shown(window, qtbot) -> None:
    use_codec(window, qtbot, "vqvae2")
    with qtbot.waitSignal(window.session.model_card_ready, timeout=SECONDS):
        QTest.mouseClick(window.coding.model.card, Qt.MouseButton.LeftButton)
    card = window.coding.model._card
    assert card is not None
    assert card.isVisible()
    shipped = model_files.models_of("vqvae2")[0]
    assert shipped.sha256 in card.text.toPlainText()
    assert "Data and licence" in card.text.toPlainText()


def test_a_model_is_added_chosen_coded_with_and_left_again(
    opened, qtbot, monkeypatch, trained, folder
) -> None:
    session, chooser = opened.session, opened.coding.model
    session.set_target(Target("ratio", 60.0))
    use_codec(opened, qtbot, "vqvae2")
    add_through_dialog(opened, qtbot, monkeypatch, trained)
    model = model_files.models_of("vqvae2")[-1]
    assert model.path.is_relative_to(folder)
    assert session.coding.model == model.sha256 == chooser.models.currentData()
    with qtbot.waitSignal(session.coding_finished, timeout=SECONDS):
        session.compress()
    assert session.comparison.encoded.model == f"mine {model.short_hash}"
    choose(chooser.models, "")
    assert session.stale
    qtbot.waitUntil(lambda: not session.busy, timeout=SECONDS)
    assert session.coding.model == ""
    assert session.comparison.encoded.model.startswith("vqvae2 ")
    use_codec(opened, qtbot, "jpeg2000")
    assert session.coding.model == ""


def test_a_choice_is_remembered_for_the_next_window(open_window, qtbot, monkeypatch, trained):
    first = open_window()
    use_codec(first, qtbot, "vqvae2")
    add_through_dialog(first, qtbot, monkeypatch, trained)
    again = open_window()
    qtbot.waitUntil(lambda: not again.coding.model.isHidden(), timeout=SECONDS)
    assert again.session.coding.model == first.session.coding.model != ""
    assert again.coding.model.models.currentData() == again.session.coding.model


def test_a_file_that_is_no_model_is_refused_below_the_button(
    window, qtbot, monkeypatch, tmp_path, folder
) -> None:
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"not a model")
    use_codec(window, qtbot, "vqvae2")
    qtbot.waitUntil(lambda: not window.coding.model.isHidden(), timeout=SECONDS)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(bad), ""))
    with qtbot.waitSignal(window.session.model_failed, timeout=SECONDS):
        choose(window.coding.model.models, ADD)
    assert "bad.safetensors is no safetensors file" in window.coding.message.text()
    assert window.session.coding.model == "" == window.coding.model.models.currentData()
    assert not folder.exists()


def test_a_closed_dialog_adds_nothing(window, qtbot, monkeypatch, folder) -> None:
    use_codec(window, qtbot, "vqvae2")
    qtbot.waitUntil(lambda: not window.coding.model.isHidden(), timeout=SECONDS)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    choose(window.coding.model.models, ADD)
    assert window.coding.model.models.currentData() == ""
    assert not folder.exists()
