"""Two pictures side by side or in turn, under one zoom and one window, without a word on them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from viewer.images.radiograph import Radiograph
from viewer.session.models import ViewState
from viewer.session.viewing import Viewing
from viewer.ui.pane import Pane
from viewer.ui.pictures import GreyPicture, GreyTables
from viewer.ui.theme import GRID, set_role

FLICKER_MS = 700
LETTERS = ("A", "B")


class LinkedPanes(QWidget):
    """Shows A and B; the wheel zooms, left drags, right changes the window, twice is 1:1.

    Attributes
    ----------
    panes : tuple of Pane
        One for each side; flickering uses the first alone.
    """

    on_screen = Signal()
    """Everything of a trial has been seen: both sides, or both turns."""

    def __init__(self, viewing: Viewing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewing = viewing
        self.panes = tuple(Pane(letter, self) for letter in LETTERS)
        self.letters = tuple(QLabel(letter, self) for letter in LETTERS)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self._columns = []
        for pane, letter in zip(self.panes, self.letters, strict=True):
            column = QWidget(self)
            inside = QVBoxLayout(column)
            inside.setContentsMargins(0, 0, 0, 0)
            inside.setSpacing(0)
            letter.setAlignment(Qt.AlignmentFlag.AlignCenter)
            letter.setContentsMargins(0, GRID, 0, GRID)
            font = letter.font()
            font.setPointSizeF(font.pointSizeF() * 1.5)
            font.setBold(True)
            letter.setFont(font)
            inside.addWidget(letter)
            inside.addWidget(pane, 1)
            layout.addWidget(column, 1)
            self._columns.append(column)
            self._attach(pane)
        self._pictures: tuple[GreyPicture, ...] = ()
        self._flicker = False
        self._turn = 0
        self._seen: set[int] = set()
        self._timer = QTimer(self, interval=FLICKER_MS)
        self._timer.timeout.connect(self._next_turn)
        viewing.view_changed.connect(self._on_view)
        viewing.voi_changed.connect(lambda _: self._on_voi())

    @property
    def turn(self) -> int:
        """Which picture a flickering pane shows: 0 for A, 1 for B."""
        return self._turn

    @property
    def flickering(self) -> bool:
        """Whether the pictures change places by themselves."""
        return self._timer.isActive()

    def show_pair(self, pair: tuple[Radiograph, Radiograph] | None, *, flicker: bool) -> None:
        """Show a trial, or nothing."""
        self._timer.stop()
        self._seen.clear()
        self._turn = 0
        self._flicker = flicker
        self._columns[1].setVisible(not flicker)
        if pair is None:
            self._pictures = ()
            for pane in self.panes:
                pane.show_picture(None)
            return
        tables = GreyTables()
        self._pictures = tuple(GreyPicture(radiograph, tables) for radiograph in pair)
        for picture in self._pictures:
            picture.voi = self._viewing.voi
            # Overlay planes of the file belong to the original alone.
            picture.overlaid = False
        self._place()
        self._on_view(self._viewing.view)
        if flicker:
            self._timer.start()

    def flip(self) -> None:
        """Show the other one of a flickering pair, which then waits for the next flip."""
        if self._flicker and self._pictures:
            self._timer.stop()
            self._next_turn()

    def resume_flicker(self) -> None:
        """Let the pictures change places by themselves again."""
        if self._flicker and self._pictures:
            self._timer.start()

    def _next_turn(self) -> None:
        self._turn = 1 - self._turn
        self._place()

    def _place(self) -> None:
        shown = (self._turn,) if self._flicker else (0, 1)
        for pane, number in zip(self.panes, shown, strict=False):
            pane.show_picture(self._pictures[number])
        for letter, number in zip(self.letters, shown, strict=False):
            letter.setText(LETTERS[number])
            set_role(letter, "accent" if self._flicker else "")

    def _attach(self, pane: Pane) -> None:
        held: list[Qt.MouseButton] = []

        def press(_: QPointF, button: Qt.MouseButton) -> None:
            held[:] = [button]

        def drag(position: QPointF, way: QPointF) -> None:
            geometry = pane.geometry_of_image
            if geometry is None or not held:
                return
            if held[0] == Qt.MouseButton.RightButton:
                self._viewing.drag_window(way.x(), way.y())
            else:
                centre, scale = geometry.panned(way.x(), way.y())
                self._viewing.set_view(centre=centre, scale=scale)

        def wheel(position: QPointF, steps: float) -> None:
            geometry = pane.geometry_of_image
            if geometry is not None:
                at = position.x(), position.y()
                centre, scale = geometry.zoomed(1.25**steps, at)
                self._viewing.set_view(centre=centre, scale=scale)

        def double(position: QPointF) -> None:
            geometry = pane.geometry_of_image
            if geometry is None:
                return
            if self._viewing.view.scale is not None:
                self._viewing.set_view(centre=None, scale=None)
                return
            centre, scale = geometry.actual_size((position.x(), position.y()))
            self._viewing.set_view(centre=centre, scale=scale)

        pane.pressed.connect(press)
        pane.dragged.connect(drag)
        pane.wheeled.connect(wheel)
        pane.doubled.connect(double)
        pane.drawn.connect(lambda: self._on_drawn(pane))

    def _on_drawn(self, pane: Pane) -> None:
        if not self._pictures or pane.picture is None:
            return
        before = len(self._seen)
        self._seen.add(self._pictures.index(pane.picture))  # type: ignore[arg-type]
        if before < len(self._seen) == len(self._pictures):
            self.on_screen.emit()

    def _on_view(self, view: ViewState) -> None:
        for pane in self.panes:
            pane.show_view(view.centre, view.scale)

    def _on_voi(self) -> None:
        for picture in self._pictures:
            picture.voi = self._viewing.voi
        for pane in self.panes:
            pane.redraw()
