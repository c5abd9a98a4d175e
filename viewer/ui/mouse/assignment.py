"""What the buttons of the mouse do, and the signs of drags and the wheel."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from viewer.ui.settings import WindowSettings

TOOL = "tool"
"""What is chosen among the tools."""
USES = (TOOL, "window", "pan", "zoom", "nothing")


@dataclass(frozen=True, slots=True)
class MouseAssignment:
    """One way to use the mouse.

    Parameters
    ----------
    left, middle, right : str
        One of `USES`.
    width_reversed, level_reversed, zoom_reversed, wheel_reversed : bool
        Whether a drag to the right makes the window narrower, a drag down lowers the level, a
        drag up zooms out, the wheel turned away from the hand zooms out.
    """

    left: str = TOOL
    middle: str = "pan"
    right: str = "window"
    width_reversed: bool = False
    level_reversed: bool = False
    zoom_reversed: bool = False
    wheel_reversed: bool = False

    def use_of(self, button: Qt.MouseButton) -> str:
        """Return what a button does; "nothing" of those that are not assigned."""
        buttons = {
            Qt.MouseButton.LeftButton: self.left,
            Qt.MouseButton.MiddleButton: self.middle,
            Qt.MouseButton.RightButton: self.right,
        }
        return buttons.get(button, "nothing")

    @property
    def has_tool(self) -> bool:
        """Whether some button is left to the chosen tool: without, nothing could be measured."""
        return TOOL in (self.left, self.middle, self.right)


AS_USUAL = MouseAssignment()


class MouseMap(QObject):
    """The assignment in use, kept in the settings.

    Parameters
    ----------
    settings : WindowSettings
        What is kept there is checked: one that would leave no button to the tool is not taken.
    """

    changed = Signal(object)

    def __init__(self, settings: WindowSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.assignment = self._kept()

    def change(self, assignment: MouseAssignment) -> None:
        """Use and keep another assignment.

        Raises
        ------
        ValueError
            When no button would be left to the chosen tool: a mistake of the caller.
        """
        if not assignment.has_tool:
            raise ValueError("no button is left to the chosen tool")
        self.assignment = assignment
        for field in fields(assignment):
            value = getattr(assignment, field.name)
            self._settings.set(f"mouse/{field.name}", _written(value))
        self._settings.write()
        self.changed.emit(assignment)

    def _kept(self) -> MouseAssignment:
        found = AS_USUAL
        for field in fields(AS_USUAL):
            usual = getattr(AS_USUAL, field.name)
            text = self._settings.text(f"mouse/{field.name}", _written(usual))
            if isinstance(usual, bool):
                changes: dict[str, Any] = {field.name: text == "yes"}
            else:
                changes = {field.name: text} if text in USES else {}
            found = replace(found, **changes)
        return found if found.has_tool else AS_USUAL


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
