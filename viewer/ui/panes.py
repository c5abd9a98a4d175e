"""The linked panes: each shows what is chosen on it, under one zoom, cursor and rectangle."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from viewer.images.radiograph import Header, Radiograph
from viewer.session.models import ViewState
from viewer.session.session import Session
from viewer.ui.box_item import Box
from viewer.ui.contents import menu as content_menu
from viewer.ui.contents.content import ORIGINAL, Content
from viewer.ui.contents.gains import Gains
from viewer.ui.contents.remembered import Contents
from viewer.ui.in_one_pane import InOnePane
from viewer.ui.interaction import Interaction
from viewer.ui.key_hints import KEY_HINTS
from viewer.ui.mouse.assignment import MouseMap
from viewer.ui.pane_filler import PaneFiller
from viewer.ui.pane_frame import PaneFrame
from viewer.ui.pane_grid import MOST, PaneGrid
from viewer.ui.pane_marks import PaneMarks
from viewer.ui.pane_texts import zoom_text
from viewer.ui.pictures import Voi
from viewer.ui.settings import WindowSettings
from viewer.ui.shown_images import ShownImages
from viewer.ui.superposed import Superposed
from viewer.ui.turned_view import TurnedView

_SLOTS = ("first", "second", "third", "fourth")


class Panes(QWidget):
    """Up to four frames in a grid, and those of other windows, kept in step.

    `contents` says what each frame shows, `in_one` how a pane shows two pictures in one place,
    `mouse` what its buttons do.
    """

    frame_added = Signal(object)
    """A `PaneFrame` was taken in: of another window."""
    contents_changed = Signal()
    """Layout, or what some pane shows."""
    refilled = Signal()
    """Pictures, gains or texts were renewed."""

    def __init__(
        self, session: Session, settings: WindowSettings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._view = TurnedView()
        self._marks = PaneMarks(settings)
        self.images = ShownImages(session, self._view)
        self.gains = Gains(self)
        self.filler = PaneFiller(session, self.images, self._view, self.gains)
        self.contents = Contents(settings)
        self.in_one = InOnePane(settings, self)
        self._slots = tuple(PaneFrame(name, self) for name in _SLOTS)
        self._outside: list[PaneFrame] = []
        self.grid = PaneGrid(self._slots, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.grid, 1)
        self.mouse = MouseMap(settings, self)
        shared = (self._view, self.mouse)
        self.interaction = Interaction(session, self._show_box, self.gains.double, *shared, self)
        self._superposed = Superposed(self.in_one, self.images, self.filler, self.interaction)
        for frame in self._slots:
            self._take_in(frame)
        self.grid.arrange(self.contents.count)
        self._connect()
        self._on_image(session.radiograph)
        self._on_view(session.view)

    def _connect(self) -> None:
        session = self._session
        session.image_changing.connect(self._on_changing)
        session.image_changed.connect(self._on_image)
        session.image_failed.connect(self._on_failed)
        session.voi_changed.connect(self._on_voi)
        session.view_changed.connect(self._on_view)
        session.box_changed.connect(lambda box: self._show_box(self._view.box_to_shown(box)))
        hidden = session.identities.changed
        for renewed in (session.comparison_changed, session.comparison_stale, hidden):
            renewed.connect(lambda _: self.refill())
        session.coding_started.connect(lambda _: self._on_coding(True))
        session.coding_finished.connect(lambda: self._on_coding(False))
        session.workbench.maps.ready.connect(self.refill)
        session.workbench.maps.failed.connect(lambda *_: self.refill())
        session.workbench.codings.changed.connect(self._on_codings)
        KEY_HINTS.changed.connect(self.refill)
        self.gains.changed.connect(self._rescale)
        self.in_one.changed.connect(self.refill)
        self.in_one.flipped.connect(lambda: self._superposed.show(self.frames))
        self.in_one.adjusted.connect(lambda: self._superposed.redraw())

    @property
    def frames(self) -> tuple[PaneFrame, ...]:
        """The frames that are there to be seen, those of other windows last."""
        return (*self._slots[: self.grid.count_shown], *self._outside)

    @property
    def all_frames(self) -> tuple[PaneFrame, ...]:
        """All frames, those of larger layouts too."""
        return (*self._slots, *self._outside)

    @property
    def original(self) -> PaneFrame:
        """The frame that shows the original; the first where none does."""
        return self._showing(lambda content: content == Content("image", ORIGINAL), 0)

    @property
    def reconstruction(self) -> PaneFrame:
        """The first frame that shows a coding."""
        return self._showing(lambda content: content.is_image and content.first != ORIGINAL, 1)

    @property
    def difference(self) -> PaneFrame:
        """The first frame that shows a map."""
        return self._showing(lambda content: not content.is_image, 2)

    @property
    def can_superpose(self) -> bool:
        """Whether some pane shows a picture that has another to go with it."""
        return self._superposed.frame is not None

    @property
    def settled(self) -> bool:
        """Whether everything shown is computed and drawn."""
        busy = self._session.workbench.maps.busy
        return not busy and not any(frame.pane.pending for frame in self.frames)

    def content(self, frame: PaneFrame) -> Content:
        """Return what a frame shows."""
        return self.contents.of(frame.name)

    def choose(self, frame: PaneFrame, content: Content) -> None:
        """Show something else on a frame."""
        if content != self.content(frame):
            self.contents.set(frame.name, content)
            self.refill()
            self.contents_changed.emit()

    def arrange(self, count: int) -> None:
        """Go over to a layout of so many panes."""
        if count != self.contents.count:
            self.contents.count = count
            self.grid.arrange(count)
            self.refill()
            self.contents_changed.emit()

    def choose_on_pane(self) -> None:
        """Open the chooser of the pane that has the keyboard, or of the first."""
        next((f for f in self.frames if f.pane.hasFocus()), self.frames[0]).chooser.showMenu()

    @property
    def signed(self) -> bool:
        """Whether differences keep their sign."""
        return self.contents.signed

    def set_signed(self, signed: bool) -> None:
        """Show differences with their sign, or their size alone."""
        if signed != self.contents.signed:
            self.contents.signed = signed
            self.refill()
            self.contents_changed.emit()

    def box_to_shown(self, box: Box) -> Box:
        """Return where a rectangle of stored pixels lies on the panes."""
        shown = self._view.box_to_shown(box)
        assert shown is not None
        return shown

    def add_bar(self, bar: QWidget) -> None:
        """Put a bar of controls below the panes."""
        layout = self.layout()
        assert layout is not None
        layout.addWidget(bar)

    def add(self, frame: PaneFrame) -> None:
        """Keep a frame of another window in step with these."""
        self._outside.append(frame)
        self._take_in(frame)
        self.frame_added.emit(frame)
        self._on_view(self._session.view)
        self.refill()

    def remove(self, frame: PaneFrame) -> None:
        """Let go of it."""
        self._outside.remove(frame)
        self.interaction.detach(frame.pane)
        frame.pane.show_picture(None)
        self.refill()

    def refill(self) -> None:
        """Show on every frame what it is to show now."""
        frames = self.frames
        contents = {frame: self.content(frame) for frame in frames}
        names = {name for content in contents.values() for name in content.names}
        self.images.keep(names | {self.in_one.partner})
        self.filler.order(contents.values())
        for frame, content in contents.items():
            self.filler.fill(frame, content)
        if self.gains.apply(self.filler.gained()):
            self._write_maps()
        self._superposed.choose({frame: contents[frame] for frame in frames})
        self._superposed.show(frames)
        self._show_box(self._view.box_to_shown(self._session.box))
        self.refilled.emit()

    def _take_in(self, frame: PaneFrame) -> None:
        frame.pane.drawn.connect(lambda: self._on_drawn(frame))
        frame.choosing.connect(partial(self._fill_menu, frame))
        self._marks.take_in(frame)
        self.interaction.attach(frame.pane)

    def _fill_menu(self, frame: PaneFrame, menu: QMenu) -> None:
        content_menu.fill(menu, self.content(frame), self.images, partial(self.choose, frame))
        self._superposed.fill_menu(menu)

    def _showing(self, wanted: Callable[[Content], bool], otherwise: int) -> PaneFrame:
        frames = self.frames
        found = (frame for frame in frames if wanted(self.content(frame)))
        return next(found, frames[min(otherwise, len(frames) - 1)])

    def _on_changing(self, header: Header) -> None:
        self._on_image(None)
        name = self._session.without_names(header.path.name)
        self.original.pane.show_message(self.tr("Reading {} …").format(name))

    def _on_failed(self, header: Header, sentence: str) -> None:
        self._on_image(None)
        self.original.pane.show_message(self._session.without_names(sentence), "failure")

    def _on_image(self, radiograph: Radiograph | None) -> None:
        self.gains.forget()
        self._renew()
        self._marks.renew(() if radiograph is None else self.all_frames)

    def _renew(self) -> None:
        self.images.turn()
        self.filler.forget()
        self.refill()

    def _on_coding(self, coding: bool) -> None:
        self.filler.coding = coding
        if self._session.comparison is None:
            self.refill()

    def _on_codings(self) -> None:
        if any(n.isdigit() for frame in self.frames for n in self.content(frame).names):
            self.refill()

    def _on_voi(self, voi: Voi | None) -> None:
        self.images.set_voi(voi)
        for frame in self.frames:
            if frame.pane.picture is None or frame.pane.picture.windowed:
                self.filler.write_window(frame)
                frame.pane.redraw()

    def _on_view(self, view: ViewState) -> None:
        if view.turn != self._view.turn and self._session.radiograph is not None:
            self._renew()
        if self.images.set_overlaid(view.overlays):
            for frame in self.frames:
                frame.pane.redraw()
        for frame in self.all_frames:
            frame.pane.show_view(view.centre, view.scale)

    def _rescale(self) -> None:
        if self.gains.apply(self.filler.gained()):
            self._write_maps()
            self.refilled.emit()

    def _write_maps(self) -> None:
        for frame in self.frames:
            self.filler.rewrite(frame, self.content(frame))

    def _show_box(self, box: Box | None) -> None:
        for frame in self.frames:
            frame.pane.rectangle.show_box(box if frame.pane.picture is not None else None)

    def _on_drawn(self, frame: PaneFrame) -> None:
        pane = frame.pane
        geometry = pane.geometry_of_image
        if geometry is None or pane.picture is None:
            return
        pane.overlay.texts.lower_right = [zoom_text(geometry, pane.picture.sampling(geometry))]
        self._marks.place(frame)


assert len(_SLOTS) == MOST
