"""The Spoil dock: sliders on top, what they cost before and after coding below."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from viewer.session.session import Session
from viewer.session.spoiling import AFTER, BEFORE, CODED
from viewer.ui import formatting
from viewer.ui.clipboard import CopyMenu
from viewer.ui.spoiling.knob import Knob, Way
from viewer.ui.theme import GRID, set_role, tabular


def _tr(text: str) -> str:
    return QCoreApplication.translate("Spoil", text)


def ways() -> tuple[Way, ...]:
    """Return what is offered, in the order of Kwon et al. (2020), figure 3, gamma last."""
    return (
        Way("noise", _tr("Gaussian noise"), _tr("Standard deviation as a part of the range"),
            0.0, 0.3, "{:.1f} %", 100.0),
        Way("pepper", _tr("Salt and pepper"), _tr("Part of the pixels that turn dark or bright"),
            0.0, 0.3, "{:.1f} %", 100.0),
        Way("blocks", _tr("Random blocks"), _tr("How many squares cover the picture"),
            0.0, 100.0, "{:.0f}"),
        Way("swirl", _tr("Swirl"), _tr("Radians by which the middle is turned"),
            0.0, 6.0, "{:.2f} rad"),
        Way("blur", _tr("Blur"), _tr("Standard deviation in pixels a thousand pixels of side"),
            0.0, 12.0, "{:.1f} px/1000"),
        Way("gamma", _tr("Gamma"), _tr("Exponent over the range of values; below 1 is brighter"),
            1.0, 4.0, "{:.2f}", least=0.25),
    )  # fmt: skip


_ROWS = (
    (BEFORE, "Spoiled / original"),
    (CODED, "Decoded / spoiled"),
    (AFTER, "Decoded / original"),
)


class SpoilPanel(QScrollArea):
    """Asks for spoiled pictures and shows what is there."""

    undo_asked = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.knobs = {way.kind: Knob(way) for way in ways()}
        self.again = QPushButton(_tr("Other chance"))
        self.again.setToolTip(_tr("Draw noise and blocks anew"))
        self.undo = QPushButton(_tr("Back to the original"))
        self.undo.setProperty("primary", True)
        self.undo.setToolTip(_tr("Put the original back in place of the spoiled picture"))
        for button in (self.again, self.undo):
            button.setAccessibleName(button.text())
        self.figures: dict[str, tuple[QLabel, ...]] = {}
        self._lay_out()
        for knob in self.knobs.values():
            knob.turned.connect(self._on_turned)
        self.again.clicked.connect(self._on_again)
        self.undo.clicked.connect(self.undo_asked)
        spoiling = session.spoiling
        spoiling.changed.connect(self._show)
        spoiling.figures_changed.connect(self._show_figures)
        session.image_changed.connect(lambda _: self._show())
        self._show()
        self._show_figures()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setSpacing(GRID // 2)
        for knob in self.knobs.values():
            form.addRow(knob.way.title, knob)
        buttons = QHBoxLayout()
        buttons.addWidget(self.again)
        buttons.addWidget(self.undo)
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID)
        grid.setColumnStretch(0, 1)
        for column, text in enumerate(("PSNR", "SSIM", _tr("Max error")), start=1):
            title = QLabel(text)
            set_role(title, "quiet")
            grid.addWidget(title, 0, column, Qt.AlignmentFlag.AlignRight)
        for row, (which, text) in enumerate(_ROWS, start=1):
            grid.addWidget(QLabel(_tr(text)), row, 0)
            labels = tuple(QLabel(formatting.NONE) for _ in range(3))
            for column, label in enumerate(labels, start=1):
                label.setFont(tabular(label.font()))
                grid.addWidget(label, row, column, Qt.AlignmentFlag.AlignRight)
            self.figures[which] = labels
        self._menu = CopyMenu(table, table=self.as_tsv)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(12, GRID, 12, GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self.state)
        layout.addLayout(form)
        layout.addLayout(buttons)
        layout.addWidget(table)
        layout.addStretch(1)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setMinimumWidth(content.minimumSizeHint().width() + 2 * GRID)

    def as_tsv(self) -> str:
        """Return the figures for the clipboard, with how the picture was spoiled."""
        lines = [f"{self._session.spoiling.text}\tPSNR\tSSIM\tMax error"]
        lines += [
            "\t".join([text, *(label.text() for label in self.figures[which])])
            for which, text in _ROWS
        ]
        return "\n".join(lines) + "\n"

    def _on_turned(self, kind: str, strength: float, live: bool) -> None:
        value = int(strength) if kind == "blocks" else strength
        spoiling = self._session.spoiling
        spoiling.ask(replace(spoiling.asked, **{kind: value}), live=live)  # type: ignore[arg-type]

    def _on_again(self) -> None:
        spoiling = self._session.spoiling
        if spoiling.asked:
            spoiling.ask(replace(spoiling.asked, seed=spoiling.asked.seed + 1))

    def _show(self) -> None:
        spoiling = self._session.spoiling
        there = spoiling.original is not None
        for kind, knob in self.knobs.items():
            knob.setEnabled(there)
            knob.show_strength(spoiling.asked.strength(kind))
        drawn = any(kind in ("noise", "pepper", "blocks") for kind in spoiling.asked.kinds)
        self.again.setEnabled(there and drawn)
        self.undo.setEnabled(bool(spoiling.asked) or bool(spoiling.text))
        if spoiling.text:
            set_role(self.state, "lossy")
            told = _tr("Shown and coded is a spoiled picture: {}. It cannot be saved.")
            self.state.setText(told.format(spoiling.text))
        else:
            set_role(self.state, "quiet")
            empty = _tr("Open a radiograph to spoil it.")
            ready = _tr("Move a slider: the spoiled picture is then the one that is coded.")
            self.state.setText(ready if there else empty)
        self._show_figures()

    def _show_figures(self) -> None:
        found = self._session.spoiling.figures
        for which, labels in self.figures.items():
            figures = found.get(which)
            texts = (formatting.NONE,) * 3
            if figures is not None:
                texts = (
                    formatting.decibels(figures.psnr_db),
                    formatting.similarity(figures.ssim),
                    str(figures.max_error),
                )
            for label, text in zip(labels, texts, strict=True):
                label.setText(text)
                set_role(label, "dim" if figures is None else "")
