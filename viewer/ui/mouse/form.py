"""The part of the preferences in which buttons and drags are assigned."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QGroupBox,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from viewer.ui.mouse.assignment import AS_USUAL, USES, MouseAssignment, MouseMap
from viewer.ui.theme import GRID, set_role


class MouseForm(QGroupBox):
    """Shows an assignment and takes it over when it is told to.

    Parameters
    ----------
    mouse : MouseMap
        Which is changed.
    """

    checked = Signal(bool)
    """Whether what is chosen can be used."""

    def __init__(self, mouse: MouseMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mouse = mouse
        self.setTitle(self.tr("Mouse"))
        uses = (
            self.tr("Chosen tool"),
            self.tr("Window/level"),
            self.tr("Pan"),
            self.tr("Zoom"),
            self.tr("Nothing"),
        )
        self.buttons = {
            "left": self._combo(self.tr("Left button drags"), uses),
            "middle": self._combo(self.tr("Middle button drags"), uses),
            "right": self._combo(self.tr("Right button drags"), uses),
        }
        self.signs = {
            "width_reversed": self._combo(
                self.tr("A drag to the right"),
                (self.tr("widens the window"), self.tr("narrows the window")),
            ),
            "level_reversed": self._combo(
                self.tr("A drag down"), (self.tr("raises the level"), self.tr("lowers the level"))
            ),
            "zoom_reversed": self._combo(
                self.tr("A drag up"), (self.tr("zooms in"), self.tr("zooms out"))
            ),
            "wheel_reversed": self._combo(
                self.tr("The wheel turned away"), (self.tr("zooms in"), self.tr("zooms out"))
            ),
        }
        self.said = QLabel(self)
        self.said.setWordWrap(True)
        form = QFormLayout()
        form.setSpacing(GRID)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for combo in (*self.buttons.values(), *self.signs.values()):
            form.addRow(combo.accessibleName(), combo)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addLayout(form)
        layout.addWidget(self.said)
        self.show_as(mouse.assignment)

    @property
    def assignment(self) -> MouseAssignment:
        """What is chosen."""
        uses = {name: USES[combo.currentIndex()] for name, combo in self.buttons.items()}
        signs = {name: combo.currentIndex() == 1 for name, combo in self.signs.items()}
        return replace(AS_USUAL, **uses, **signs)  # type: ignore[arg-type]

    def show_as(self, assignment: MouseAssignment) -> None:
        """Show an assignment."""
        for name, combo in self.buttons.items():
            combo.setCurrentIndex(USES.index(getattr(assignment, name)))
        for name, combo in self.signs.items():
            combo.setCurrentIndex(int(getattr(assignment, name)))
        self._check()

    def take_over(self) -> None:
        """Have the mouse work as chosen."""
        self._mouse.change(self.assignment)

    def _combo(self, name: str, choices: tuple[str, ...]) -> QComboBox:
        combo = QComboBox(self)
        combo.addItems(list(choices))
        combo.setAccessibleName(name)
        combo.currentIndexChanged.connect(lambda _: self._check())
        return combo

    def _check(self) -> None:
        """Refuse what would leave the tools without a button."""
        if not hasattr(self, "said"):
            return
        good = self.assignment.has_tool
        self.checked.emit(good)
        self.said.setText(
            self.tr("Double click: 1:1. Space held: the original. Handles: left button.")
            if good
            else self.tr("Leave one button to the chosen tool: without it nothing is measured.")
        )
        set_role(self.said, "quiet" if good else "failure")
