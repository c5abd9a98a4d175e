"""Colours, type and the small stylesheet of the whole application."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cache

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QLabel

from viewer.resources import resource

GRID = 8
"""Everything lies on a grid of this many pixels."""


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one theme, as in ``resources/theme/NAME.json`` ("#rrggbb")."""

    pane: str
    window: str
    dock: str
    raised: str
    field: str
    line: str
    text: str
    quiet: str
    dim: str
    accent: str
    accent_deep: str
    lossy: str
    failure: str


@cache
def theme(name: str = "dark") -> Theme:
    """Return a shipped theme; by default that of panes and plots, which are dark in both."""
    values = json.loads(resource(f"theme/{name}.json").read_text(encoding="utf-8"))
    return Theme(**{field.name: values[field.name] for field in fields(Theme)})


THEMES = ("dark", "light")


class WindowTheme(QObject):
    """The theme of everything around the pictures."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.name = THEMES[0]


WINDOW_THEME = WindowTheme()
"""Changed by `apply_theme` alone."""


def window_theme() -> Theme:
    """Return the colours of everything around the pictures."""
    return theme(WINDOW_THEME.name)


def apply_theme(application: QApplication, name: str = "dark") -> None:
    """Give the application its style, palette, font and stylesheet, at once.

    Parameters
    ----------
    name : str
        One of `THEMES`.
    """
    colours = theme(name)
    WINDOW_THEME.name = name
    application.setStyle("Fusion")
    application.setPalette(_palette(colours))
    font = application.font()
    if font.pointSizeF() < 9:
        font.setPointSizeF(9)
    application.setFont(font)
    application.setStyleSheet(_stylesheet(colours) + _pane_texts(theme()))
    WINDOW_THEME.changed.emit()


def tabular(font: QFont, *, points: float = 0.0, bold: bool = False) -> QFont:
    """Return `font` with digits of one width, so that changing figures do not jump."""
    figures = QFont(font)
    figures.setFeature(QFont.Tag("tnum"), 1)
    if points:
        figures.setPointSizeF(font.pointSizeF() + points)
    figures.setBold(bold)
    return figures


def set_role(label: QLabel, role: str) -> None:
    """Set what a text is ("quiet", "dim", "lossy", "failure", ""), which gives its colour."""
    if label.property("role") != role:
        label.setProperty("role", role)
        label.style().unpolish(label)
        label.style().polish(label)


def _palette(colours: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    pairs = {
        role.Window: colours.dock,
        role.WindowText: colours.text,
        role.Base: colours.field,
        role.AlternateBase: colours.dock,
        role.Text: colours.text,
        role.Button: colours.raised,
        role.ButtonText: colours.text,
        role.BrightText: colours.lossy,
        role.ToolTipBase: colours.raised,
        role.ToolTipText: colours.text,
        role.PlaceholderText: colours.dim,
        role.Highlight: colours.accent_deep,
        role.HighlightedText: "#ffffff",
        role.Link: colours.accent,
        role.Accent: colours.accent,
        role.Light: colours.line,
        role.Midlight: colours.line,
        role.Mid: colours.line,
        role.Dark: colours.window,
        role.Shadow: "#000000",
    }
    for which, value in pairs.items():
        palette.setColor(which, QColor(value))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours.dim))
    return palette


def _stylesheet(colours: Theme) -> str:
    return f"""
QMainWindow, QSplitter {{ background: {colours.window}; }}
QMainWindow::separator {{ background: {colours.window}; width: 4px; height: 4px; }}
QMenuBar {{ background: {colours.dock}; padding: 2px 4px; }}
QMenuBar::item {{ padding: 4px 8px; border-radius: 3px; }}
QMenuBar::item:selected {{ background: {colours.raised}; }}
QMenu {{ background: {colours.dock}; border: 1px solid {colours.line}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px 5px 28px; border-radius: 3px; }}
QMenu::item:selected {{ background: {colours.accent_deep}; color: #ffffff; }}
QMenu::item:disabled {{ color: {colours.dim}; background: transparent; }}
QMenu::separator {{ height: 1px; background: {colours.line}; margin: 4px 8px; }}
QToolBar {{ background: {colours.dock}; border: none; spacing: 2px; padding: 4px 6px; }}
QToolBar::separator {{ background: {colours.line}; width: 1px; margin: 4px 6px; }}
QToolBar QToolButton {{ padding: 4px 6px; border-radius: 4px; border: 1px solid transparent; }}
QToolBar QToolButton:hover {{ background: {colours.raised}; }}
QToolBar QToolButton:checked {{ background: {colours.accent_deep}; color: #ffffff; }}
QToolBar QToolButton:focus {{ border: 1px solid {colours.accent}; }}
QToolBar QToolButton:disabled {{ color: {colours.dim}; }}
QToolBar QToolButton#qt_toolbar_ext_button {{ padding: 0px; border: none; }}
QToolButton#chooser {{ padding: 3px 6px; border-radius: 3px; border: 1px solid transparent; }}
QToolButton#chooser:hover, QToolButton#chooser:open {{ background: {colours.raised}; }}
QToolButton#chooser:focus {{ border-color: {colours.accent}; }}
QToolButton#chooser::menu-indicator {{ image: none; width: 0px; }}
QDockWidget::title {{ background: {colours.dock}; padding: 7px 8px 5px 12px; }}
QDockWidget {{ font-weight: 600; }}
QStatusBar {{ background: {colours.dock}; }}
QStatusBar::item {{ border: none; }}
QToolTip {{ background: {colours.raised}; color: {colours.text};
    border: 1px solid {colours.line}; padding: 4px; }}
QTreeView, QListView {{ background: {colours.dock}; border: none; outline: none; }}
QTreeView::item:selected, QListView::item:selected {{
    background: {colours.accent_deep}; color: #ffffff; }}
QComboBox QAbstractItemView {{ background: {colours.raised}; border: 1px solid {colours.line}; }}
QProgressBar {{ background: {colours.window}; border: 1px solid {colours.line};
    border-radius: 3px; }}
QProgressBar::chunk {{ background: {colours.accent}; border-radius: 2px; }}
QPushButton {{ padding: 6px 14px; border-radius: 4px; border: 1px solid {colours.line};
    background: {colours.raised}; }}
QPushButton:hover {{ border-color: {colours.dim}; }}
QPushButton:focus {{ border-color: {colours.accent}; }}
QPushButton:disabled {{ color: {colours.dim}; background: {colours.dock}; }}
QPushButton[primary="true"] {{ background: {colours.accent_deep}; color: #ffffff;
    border-color: {colours.accent_deep}; font-weight: 600; }}
QPushButton[primary="true"]:hover {{ border-color: {colours.accent}; }}
QPushButton[primary="true"]:disabled {{ background: {colours.raised}; color: {colours.dim}; }}
QPushButton[compact="true"] {{ padding: 4px 7px; }}
QPushButton[compact="true"]:checked {{ background: {colours.accent_deep}; color: #ffffff;
    border-color: {colours.accent_deep}; }}
QLabel[role="quiet"] {{ color: {colours.quiet}; }}
QLabel[role="dim"] {{ color: {colours.dim}; }}
QLabel[role="lossy"] {{ color: {colours.lossy}; }}
QLabel[role="failure"] {{ color: {colours.failure}; }}
QLabel[role="accent"] {{ color: {colours.accent}; }}
"""


def _pane_texts(colours: Theme) -> str:
    """Return the rules of what is written over a pane, which is dark in every theme."""
    roles = ("quiet", "dim", "lossy", "failure", "accent")
    rules = [f"Pane QLabel {{ color: {colours.text}; }}"]
    rules += [
        f'Pane QLabel[role="{role}"] {{ color: {getattr(colours, role)}; }}' for role in roles
    ]
    return "\n".join(rules)
