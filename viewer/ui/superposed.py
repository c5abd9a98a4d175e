"""Which pane shows two pictures in one place, and what it shows of them now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from PySide6.QtCore import QPointF
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from viewer.ui.composed import ComposedPicture
from viewer.ui.contents.content import Content
from viewer.ui.divider import DividerLayer
from viewer.ui.in_one_pane import SWIPE, InOnePane
from viewer.ui.interaction import Interaction
from viewer.ui.pane import Pane
from viewer.ui.pane_filler import PaneFiller
from viewer.ui.pane_frame import PaneFrame
from viewer.ui.shown_images import ShownImages
from viewer.ui.tools.base import Tool
from viewer.ui.tools.divider_tool import REACH, DividerTool


class Superposed:
    """Puts the pair of `InOnePane` onto one frame: the first that shows another picture."""

    def __init__(
        self,
        how: InOnePane,
        images: ShownImages,
        filler: PaneFiller,
        interaction: Interaction,
    ) -> None:
        self._how = how
        self._images = images
        self._filler = filler
        self.frame: PaneFrame | None = None
        """Where it is; None where no pane shows a picture that has another to go with it."""
        self._name = ""
        self._layer = DividerLayer(how)
        self._tool = DividerTool(how)
        interaction.add_tools({}, self._grab)
        interaction.doubles.append(self._centre)
        interaction.cursors.append(
            lambda pane, position: self._tool.cursor if self._grab(pane, position) else None
        )

    def choose(self, contents: Mapping[PaneFrame, Content]) -> None:
        """Find the frame among those shown: the one in use, or the first that can be it."""
        able = [
            frame
            for frame, content in contents.items()
            if content.is_image
            and content.first != self._how.partner
            and self._images.picture(content.first) is not None
            and self._images.picture(self._how.partner) is not None
        ]
        focused = [frame for frame in able if frame.pane.hasFocus()]
        before = self.frame
        if self.frame not in able:
            self.frame = next(iter(focused or able), None)
        if before is not None and before is not self.frame:
            self._lay(before.pane, False)
        self._name = contents[self.frame].first if self.frame is not None else ""

    def show(self, frames: Iterable[PaneFrame]) -> None:
        """Show on the frame what is its turn, or both put together."""
        frame, how = self.frame, self._how
        if frame is None or frame not in tuple(frames):
            return
        own = self._images.picture(self._name)
        other = self._images.picture(how.partner)
        if own is None or other is None:
            return
        pane = frame.pane
        if how.composed:
            self._lay(pane, how.mode == SWIPE)
            titles = self._images.title(how.partner), self._images.title(self._name)
            self._layer.titles = titles
            pane.show_picture(ComposedPicture(own, other, how))
            self._filler.write_image(frame, self._name)
            frame.show_title(f"{titles[0]} | {titles[1]}", how.mode, role="accent")
            return
        self._lay(pane, False)
        if how.shows_other:
            pane.show_picture(other)
            self._filler.write_image(frame, how.partner, flipped=True)
        elif pane.picture is not own:
            pane.show_picture(own)
            self._filler.write_image(frame, self._name)

    def redraw(self) -> None:
        """Draw again what is put together in another way."""
        if self.frame is not None and self._how.composed:
            self.frame.pane.redraw()

    def fill_menu(self, menu: QMenu) -> None:
        """Offer what a picture is blinked and swiped with."""
        choices = menu.addMenu(menu.tr("Blink and swipe with"))
        group = QActionGroup(choices)
        for name in self._images.names():
            if self._images.picture(name) is None:
                continue
            action = choices.addAction(self._images.choice(name).replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name == self._how.partner)
            action.triggered.connect(partial(self._compare_with, name))
            group.addAction(action)

    def _lay(self, pane: Pane, over: bool) -> None:
        """Draw the border of the swipe over a pane, or not."""
        if over and self._layer not in pane.layers:
            pane.layers.append(self._layer)
        elif not over and self._layer in pane.layers:
            pane.layers.remove(self._layer)

    def _compare_with(self, name: str, _checked: bool = False) -> None:
        self._how.compare_with(name)

    def _centre(self, pane: Pane, position: QPointF) -> bool:
        """Put the border back into the middle: a double click on it."""
        if self._grab(pane, position) is None:
            return False
        self._how.set_divider(0.5)
        return True

    def _grab(self, pane: Pane, position: QPointF) -> Tool | None:
        if self.frame is None or pane is not self.frame.pane:
            return None
        if not (self._how.composed and self._how.mode == SWIPE):
            return None
        at = self._how.divider * pane.viewport().width()
        return self._tool if abs(position.x() - at) <= REACH else None
