"""Texts go through Qt's translation: a made-up language reaches the whole main window."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtWidgets import QAbstractButton, QApplication, QDockWidget, QLabel, QMenu, QWidget

import viewer.ui
from viewer.ui.app import application
from viewer.ui.menu_paths import menu_entries
from viewer.ui.translations import install_translation

_UI = Path(viewer.ui.__file__).parent
_SETTERS = {
    "setText", "setToolTip", "setWindowTitle", "setPlaceholderText", "setAccessibleName",
    "setAccessibleDescription", "setStatusTip", "addAction", "addMenu", "setTitle", "setSuffix",
    "addTab", "addRow", "setHeaderLabels", "addItem", "addItems", "say", "show_message",
    "QLabel", "QPushButton", "QCheckBox", "QRadioButton", "QGroupBox", "QMenu", "QAction",
    "QTreeWidgetItem",
}  # fmt: skip
# What is the same in every language: names, units, what the program is asked to write.
_ALIKE = re.compile(
    r"[\d .:±×%−–]*(dB|bpp|SSIM|PSNR|PSNR \(dB\)|MS-SSIM|CPU|Radiograph Viewer ?)?|[a-z_.]+"
)


class Pseudo(QTranslator):
    """Puts every text into brackets."""

    def translate(self, context, text, disambiguation=None, n=-1):
        return f"⟦{text}⟧"


@pytest.fixture
def pseudo(qapp):
    translator = Pseudo()
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


def texts(window):
    for entry in menu_entries(window.menuBar()):
        if entry.action.objectName():
            yield entry.action.text()
            yield entry.action.toolTip()
    for action in window.menuBar().actions():
        yield action.text()
    for widget in window.findChildren(QWidget):
        if isinstance(widget, QAbstractButton | QLabel):
            yield widget.text()
            yield widget.toolTip()
        if isinstance(widget, QDockWidget):
            yield widget.windowTitle()
        if isinstance(widget, QMenu):
            yield widget.title()
        if widget.focusPolicy().value:
            yield widget.accessibleName()


def worded(text: str) -> bool:
    """Whether a text has a word that a translation would change."""
    return bool(re.search(r"[^\W\d_]{3,}", text)) and not _ALIKE.fullmatch(text)


def test_a_made_up_language_reaches_the_main_window(pseudo, open_window, qtbot, rg1_path):
    window = open_window()
    with qtbot.waitSignal(window.session.image_changed, timeout=10_000):
        window.session.open_paths([rg1_path])
    # Names of codecs, of models and of the image's own windows are not the program's texts.
    own = {window.coding.codec.itemText(i) for i in range(window.coding.codec.count())}
    # A title cut to its room, "DIF…E ▾", may have lost its brackets.
    said = {text for text in texts(window) if worded(text) and "▾" not in text}
    left = sorted(text for text in said if "⟦" not in text and text not in own)
    assert left == []


def test_no_module_of_the_window_sets_a_bare_text():
    found = []
    for path in sorted(_UI.rglob("*.py")):
        if path.name.startswith("benchmark") or path.name == "demo.py":
            continue
        for call in (n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)):
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name in _SETTERS:
                found += [f"{path.name}:{a.lineno} {t}" for a in call.args for t in bare(a)]
    assert found == []


def bare(node: ast.expr) -> list[str]:
    """Return the words that are set as they stand, without a call around them."""
    if isinstance(node, ast.Constant):
        text = node.value
        good = not isinstance(text, str) or not re.search(r"[^\W\d_]{2,}", text)
        return [] if good or _ALIKE.fullmatch(text) else [text]
    if isinstance(node, ast.JoinedStr):
        return [text for part in node.values for text in bare(part)]
    if isinstance(node, ast.IfExp):
        return bare(node.body) + bare(node.orelse)
    if isinstance(node, ast.List | ast.Tuple):
        return [text for each in node.elts for text in bare(each)]
    return []


def test_without_a_translation_the_texts_stay_english(qapp):
    assert not install_translation(application(), QLocale(QLocale.Language.Zulu))
    assert isinstance(QApplication.instance(), QApplication)
