"""How a window was before a lesson, to put it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, QTimer

from viewer.images.radiograph import Header, Radiograph
from viewer.session.models import Coding, ViewState
from viewer.ui.contents.content import Content

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow


class Before(QObject):
    """Image, coding, panes, view, switches and docks as they are when it is made."""

    def __init__(self, window: MainWindow, switches: tuple[str, ...]) -> None:
        super().__init__(window)
        session = window.session
        self._window = window
        self._header: Header | None = session.header
        self._frame = session.frame
        self._coding: Coding = session.coding
        self._compared = session.comparison is not None
        self._view: ViewState = session.view
        self._voi = session.voi
        self._box = session.box
        self._sampling = session.deforming.sampling
        self._count = window.panes.contents.count
        self._signed = window.panes.signed
        self._contents: dict[int, list[Content]] = {}
        self._layout: QByteArray = window.saveState()
        self._switches = {key: window.actions_by_key[key].isChecked() for key in switches}
        self.about_to_arrange(self._count)

    def about_to_arrange(self, count: int) -> None:
        """Note what the panes of a layout show, before the lesson changes it."""
        panes = self._window.panes
        if panes.contents.count == count and count not in self._contents:
            self._contents[count] = [panes.content(frame) for frame in panes.frames]

    def put_back(self) -> None:
        """Make the window as it was; the image that was open is shown again."""
        window, session = self._window, self._window.session
        session.cancel()
        for count, contents in self._contents.items():
            window.panes.arrange(count)
            for frame, content in zip(window.panes.frames, contents, strict=False):
                window.panes.choose(frame, content)
        window.panes.arrange(self._count)
        window.panes.set_signed(self._signed)
        for key, on in self._switches.items():
            action = window.actions_by_key[key]
            if action.isChecked() != on and action.isEnabled():
                action.trigger()
        window.restoreState(self._layout)
        session.deforming.choose(self._sampling.sampler, self._sampling.side)
        self._put_back_coding()
        if self._header is None:
            session.set_view(tool=self._view.tool)
            return
        other = session.header is None or session.header.path != self._header.path
        if other or session.frame != self._frame:
            session.image_changed.connect(self._on_image)
            session.select(self._header, self._frame)
        else:
            self._put_back_view()

    def _on_image(self, radiograph: Radiograph | None) -> None:
        if radiograph is None:
            return
        self._window.session.image_changed.disconnect(self._on_image)
        if self._header is not None and radiograph.header.path == self._header.path:
            # After what else listens to the image: a new one is fitted first.
            QTimer.singleShot(0, self, self._put_back_view)

    def _put_back_view(self) -> None:
        session, view = self._window.session, self._view
        if session.radiograph is None:
            return
        session.set_view(
            centre=view.centre, scale=view.scale, tool=view.tool, turn=view.turn,
            overlays=view.overlays,
        )  # fmt: skip
        if self._voi is not None:
            session.set_voi(self._voi)
        session.set_box(self._box)
        if self._compared and session.comparison is None:
            session.compress()

    def _put_back_coding(self) -> None:
        session, coding = self._window.session, self._coding
        if session.coding.codec != coding.codec:
            session.set_codec(coding.codec)
        if session.coding.model != coding.model:
            session.set_model(coding.model)
        if session.coding.target != coding.target:
            session.set_target(coding.target)
