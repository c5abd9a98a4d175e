"""The image as the panes show it: turned, with every place brought back to stored pixels."""

from __future__ import annotations

from viewer.images.radiograph import Header, Radiograph
from viewer.images.turning import (
    Turn,
    box_to_shown,
    box_to_stored,
    pixel_to_stored,
    turned,
    turned_header,
)
from viewer.ui.box_item import Box


class TurnedView:
    """Turns radiographs for the panes, and places between these and the session."""

    def __init__(self) -> None:
        self.turn = Turn()
        self._stored: Header | None = None
        self._shown: Header | None = None

    def take(self, turn: Turn, radiograph: Radiograph | None) -> None:
        """Take over how an image is to be shown."""
        self.turn = turn
        self._stored = None if radiograph is None else radiograph.header
        self._shown = None
        if self._stored is not None:
            self._shown = self._stored if turn.is_none else turned_header(turn, self._stored)

    def shown(self, radiograph: Radiograph) -> Radiograph:
        """Return the image shown, or a reconstruction of it, as it is to be drawn."""
        if self.turn.is_none or self._shown is None:
            return radiograph
        return turned(self.turn, radiograph, self._shown)

    def header(self, header: Header) -> Header:
        """Return what is to be written beside the picture."""
        return header if self._shown is None else self._shown

    def box_to_shown(self, box: Box | None) -> Box | None:
        """Return where a rectangle of stored pixels lies on the panes."""
        if box is None or self._stored is None or self.turn.is_none:
            return box
        return box_to_shown(self.turn, box, self._stored)

    def box_to_stored(self, box: Box | None) -> Box | None:
        """Return the stored pixels of a rectangle on the panes."""
        if box is None or self._stored is None or self.turn.is_none:
            return box
        return box_to_stored(self.turn, box, self._stored)

    def pixel_to_stored(self, pixel: tuple[int, int] | None) -> tuple[int, int] | None:
        """Return the stored pixel at a place on the panes."""
        if pixel is None or self._stored is None or self.turn.is_none:
            return pixel
        return pixel_to_stored(self.turn, pixel, self._stored)
