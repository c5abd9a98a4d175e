"""Check boxes of the codecs to be swept."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QCheckBox, QFrame, QScrollArea, QVBoxLayout, QWidget

from viewer.ui.codec_choices import codec_choices
from viewer.ui.contrast import readable
from viewer.ui.plot_style import SERIES
from viewer.ui.theme import WINDOW_THEME, window_theme

_LEAST = 36


class CodecChecks(QScrollArea):
    """One box a codec, with the colour of its line; those that cannot be used here say why."""

    changed = Signal()

    def __init__(self, checked: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        # The dock must not take the room of the pictures: the list scrolls instead.
        self.setMinimumHeight(_LEAST)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QWidget(self)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self.boxes: dict[str, QCheckBox] = {}
        for choice in codec_choices():
            box = QCheckBox(choice.title.replace("&", "&&"), body)
            box.setToolTip(choice.missing or choice.teaches)
            box.setEnabled(not choice.missing)
            box.setChecked(choice.name in checked and not choice.missing)
            box.toggled.connect(lambda _: self.changed.emit())
            layout.addWidget(box)
            self.boxes[choice.name] = box
        layout.addStretch(1)
        self.setWidget(body)
        self._dress()
        WINDOW_THEME.changed.connect(self._dress)

    def _dress(self) -> None:
        colours = window_theme()
        for place, box in enumerate(self.boxes.values()):
            palette = QPalette(QApplication.palette())
            text = QColor(readable(_colour(place), colours.dock))
            for state in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
                palette.setColor(state, QPalette.ColorRole.WindowText, text)
                # A box that is not checked must be seen against the dock.
                palette.setColor(state, QPalette.ColorRole.Base, QColor(colours.line))
            box.setPalette(palette)

    @property
    def chosen(self) -> tuple[str, ...]:
        """Names of the codecs checked."""
        return tuple(name for name, box in self.boxes.items() if box.isChecked())


def _colour(place: int) -> str:
    return SERIES[place % len(SERIES)]
