"""Three fidelities to ask for with one click: visually lossless, at most N levels, exact."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from viewer.codecs.base import CodecInfo, Target
from viewer.ui.target_scale import FIRST

VISUALLY_LOSSLESS = Target("psnr", 52.0)
"""Half a grey level of an 8-bit display is the usual error then, with the whole range shown."""

EXACT = Target("lossless")

_TITLES = ("Visually lossless", "At most {} levels", "Exact")
_ONE = "At most 1 level"
_TIPS = (
    "An error of about half a grey level of the display with the whole range shown: hard to see, "
    "but no guarantee for any pixel.",
    "No stored value is off by more than that: a guarantee for every pixel.",
    "Every stored value comes back as it was.",
)


class GuaranteeStrip(QWidget):
    """Buttons for those of the three that the codec can meet; the one asked for is down."""

    chosen = Signal(object)
    """The `Target`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bound = FIRST["max_error"]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self.buttons: list[QPushButton] = []
        for number, (title, tip) in enumerate(zip(_TITLES, _TIPS, strict=True)):
            button = QPushButton(self.tr(title), self)
            button.setCheckable(True)
            button.setProperty("compact", True)
            button.setToolTip(self.tr(tip))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, number=number: self._on_clicked(number))
            layout.addWidget(button)
            self.buttons.append(button)
        layout.addStretch(1)

    def show_coding(self, info: CodecInfo, target: Target) -> None:
        """Show what a codec can be asked for and which of it is asked, without telling of it."""
        if target.kind == "max_error":
            self._bound = target.value
        one = self._bound == 1
        bound = self.tr(_TITLES[1]).format(f"{self._bound:g}")
        self.buttons[1].setText(self.tr(_ONE) if one else bound)
        asked = self._targets()
        for button, own in zip(self.buttons, asked, strict=True):
            button.setVisible(own.kind in info.targets)
            with QSignalBlocker(button):
                button.setChecked((own.kind, own.value) == (target.kind, target.value))
        self.setVisible(any(own.kind in info.targets for own in asked))

    def _targets(self) -> tuple[Target, ...]:
        return VISUALLY_LOSSLESS, Target("max_error", self._bound), EXACT

    def _on_clicked(self, number: int) -> None:
        # Down already: a click must not put it up, only asking for something else does.
        self.buttons[number].setChecked(True)
        self.chosen.emit(self._targets()[number])
