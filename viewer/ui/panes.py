"""The three linked panes: original, reconstruction, difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSplitter, QWidget

from viewer.images.radiograph import Header, Radiograph
from viewer.session.models import ViewState
from viewer.session.session import Session
from viewer.ui import formatting
from viewer.ui.box_item import Box
from viewer.ui.flip import Flip
from viewer.ui.interaction import Interaction
from viewer.ui.lossy_mark import Corner
from viewer.ui.pane_frame import PaneFrame
from viewer.ui.pane_overlay import ColourScale, PaneTexts
from viewer.ui.pane_texts import identity_lines, reconstruction_mark, size_text, zoom_text
from viewer.ui.pictures import DifferencePicture, GreyPicture, GreyTables, Voi
from viewer.ui.settings import WindowSettings
from viewer.ui.turned_view import TurnedView

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison

_LARGEST_GAIN = 1 << 20
_TO_FILL = "Press C to compress: the decoded picture appears here."
_TO_DIFFER = "What compression changed appears here, once there is a reconstruction."


class PaneRow(QSplitter):
    """Original, reconstruction and difference under one zoom, one cursor and one rectangle."""

    difference_changed = Signal(bool)
    """Whether the difference is signed."""

    def __init__(
        self, session: Session, settings: WindowSettings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._settings = settings
        self._tables = GreyTables()
        self._view = TurnedView()
        self._signed = settings.text("difference", "signed") != "absolute"
        self._comparison: Comparison | None = None
        self._grey: dict[str, GreyPicture] = {}
        self._difference: DifferencePicture | None = None
        self._stale = False
        self._unplaced: set[PaneFrame] = set()
        self.original = PaneFrame("Original", self)
        self.reconstruction = PaneFrame("Reconstruction", self)
        self.difference = PaneFrame("Difference", self)
        self.frames = (self.original, self.reconstruction, self.difference)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(4)
        for frame in self.frames:
            self.addWidget(frame)
            frame.pane.resized.connect(self._share_room)
            frame.pane.drawn.connect(lambda frame=frame: self._on_drawn(frame))
            self._remember_mark(frame)
        self.setSizes([1000, 1000, 1000])
        self.flip = Flip(self)
        self.flip.changed.connect(self._show_second)
        panes = [frame.pane for frame in self.frames]
        self.interaction = Interaction(
            session, panes, self._show_box, self.change_gain, self._view, self
        )
        session.image_changing.connect(self._on_changing)
        session.image_changed.connect(self._on_image)
        session.image_failed.connect(self._on_failed)
        session.voi_changed.connect(self._on_voi)
        session.view_changed.connect(self._on_view)
        session.box_changed.connect(lambda box: self._show_box(self._view.box_to_shown(box)))
        session.comparison_changed.connect(self._on_comparison)
        session.comparison_stale.connect(self._on_stale)
        session.coding_started.connect(lambda _: self._say_coding(True))
        session.coding_finished.connect(lambda: self._say_coding(False))
        self._on_image(session.radiograph)
        self._on_view(session.view)

    @property
    def gain(self) -> int | None:
        """Of the difference shown."""
        return None if self._difference is None else self._difference.gain

    @property
    def signed(self) -> bool:
        """Whether the difference keeps its sign."""
        return self._signed

    def set_signed(self, signed: bool) -> None:
        """Show the difference with its sign, or its size alone."""
        if signed == self._signed:
            return
        self._signed = signed
        self._settings.set("difference", "signed" if signed else "absolute")
        if self._difference is not None:
            self._difference.signed = signed
            self._write_difference()
        self.difference_changed.emit(signed)

    def change_gain(self, doublings: int) -> None:
        """Double or halve the gain of the difference so many times."""
        if self._difference is not None:
            gain = self._difference.gain * 2.0**doublings
            self._difference.gain = min(max(1, int(gain)), _LARGEST_GAIN)
            self._write_difference()

    def reset_gain(self) -> None:
        """Go back to the gain at which the 99.9th percentile is just within the colours."""
        if self._difference is not None:
            self._difference.gain = self._difference.map.first_gain
            self._write_difference()

    def _on_changing(self, header: Header) -> None:
        self._on_image(None)
        self.original.pane.show_message(f"Reading {header.path.name} …")

    def _on_failed(self, header: Header, sentence: str) -> None:
        self._on_image(None)
        self.original.pane.show_message(sentence, "failure")

    def _on_image(self, radiograph: Radiograph | None) -> None:
        self._grey.clear()
        self._view.take(self._session.view.turn, radiograph)
        pane = self.original.pane
        if radiograph is None:
            pane.show_picture(None)
            pane.show_message("Choose an image in the list of studies.")
            pane.show_mark("", lossy=False)
            self.original.show_title("Original")
        else:
            header = radiograph.header
            picture = self._grey_picture(self._view.shown(radiograph))
            self._grey["original"] = picture
            pane.show_message("")
            pane.show_picture(picture)
            size = f"{header.columns} × {header.rows}"
            self.original.show_title("Original", size_text(header), size)
            self._write_identity(self.original, header)
            before = formatting.lossy_before(header.lossy)
            pane.show_mark(before, lossy=bool(before))
            self._unplaced = {self.original, self.reconstruction}
        self._on_comparison(self._session.comparison if radiograph is not None else None)

    def _on_comparison(self, comparison: Comparison | None) -> None:
        self._comparison = comparison
        self._grey.pop("reconstruction", None)
        self._difference = None
        if comparison is not None:
            reconstruction = self._view.shown(comparison.reconstruction)
            self._grey["reconstruction"] = self._grey_picture(reconstruction)
            original = self._grey.get("original")
            self._difference = DifferencePicture(
                self._view.shown(comparison.radiograph)
                if original is None
                else original.radiograph,
                reconstruction,
                comparison.figures.max_error,
            )
            self._difference.signed = self._signed
        self._show_second()
        self._show_third()

    def _grey_picture(self, radiograph: Radiograph) -> GreyPicture:
        picture = GreyPicture(radiograph, self._tables)
        picture.voi = self._session.voi
        picture.overlaid = self._session.view.overlays
        return picture

    def _show_second(self) -> None:
        """Show the reconstruction, or for the moment of a flip the original, in the middle."""
        frame, pane = self.reconstruction, self.reconstruction.pane
        picture = self._grey.get("reconstruction")
        if self._comparison is None or picture is None:
            pane.show_picture(None)
            pane.show_message(_TO_FILL if "original" in self._grey else "")
            pane.show_mark("", lossy=False)
            frame.show_title("Reconstruction")
            return
        pane.show_message("")
        self._write_identity(frame, self._comparison.radiograph.header)
        if self.flip.shows_original:
            pane.show_picture(self._grey["original"])
            before = formatting.lossy_before(self._comparison.radiograph.header.lossy)
            pane.show_mark(before, lossy=bool(before))
            frame.show_title("Original", "flipped", role="accent")
        else:
            pane.show_picture(picture)
            text, lossy = reconstruction_mark(self._comparison)
            pane.show_mark(text, lossy=lossy)
            role = "dim" if self._stale else "quiet"
            times = formatting.ratio(self._comparison.ratio_stored)
            rate = formatting.bits_per_pixel(self._comparison.bpp)
            frame.show_title("Reconstruction", f"{times}   {rate}", times, role=role)

    def _show_third(self) -> None:
        frame, pane = self.difference, self.difference.pane
        pane.show_picture(self._difference)
        if self._comparison is None or self._difference is None:
            pane.show_message(_TO_DIFFER if "original" in self._grey else "")
            frame.show_title("Difference")
            return
        same = self._difference.map.identical
        pane.show_message("No difference: every pixel is equal." if same else "")
        self._write_identity(frame, self._comparison.radiograph.header)
        self._write_difference()

    def _write_difference(self) -> None:
        picture = self._difference
        assert picture is not None
        kind = "signed" if picture.signed else "absolute"
        role = "dim" if self._stale else "quiet"
        self.difference.show_title(
            "Difference", f"×{picture.gain}  {kind}", f"×{picture.gain}", role=role
        )
        end = formatting.number(round(picture.end, 1))
        low = f"−{end}" if picture.signed else "0"
        overlay = self.difference.pane.overlay
        overlay.scale = ColourScale(picture.colours, low, f"+{end}" if picture.signed else end)
        overlay.texts.lower_left = [f"×{picture.gain}  grey levels"]
        self.difference.pane.redraw()

    def _say_coding(self, coding: bool) -> None:
        if self._comparison is None and "original" in self._grey:
            text = "Compressing …  Esc stops." if coding else _TO_FILL
            self.reconstruction.pane.show_message(text)

    def _on_stale(self, stale: bool) -> None:
        self._stale = stale
        if self._comparison is not None:
            self._show_second()
            self._write_difference()

    def _on_voi(self, voi: Voi | None) -> None:
        for picture in self._grey.values():
            picture.voi = voi
        for frame in (self.original, self.reconstruction):
            frame.pane.overlay.texts.lower_left = [formatting.voi(voi)] if voi else []
            frame.pane.redraw()

    def _on_view(self, view: ViewState) -> None:
        if view.turn != self._view.turn and self._session.radiograph is not None:
            self._on_image(self._session.radiograph)
        for picture in self._grey.values():
            if picture.overlaid != view.overlays:
                picture.overlaid = view.overlays
                self.original.pane.redraw()
                self.reconstruction.pane.redraw()
        for frame in self.frames:
            frame.pane.show_view(view.centre, view.scale)

    def _show_box(self, box: Box | None) -> None:
        for frame in self.frames:
            frame.pane.rectangle.show_box(box if frame.pane.picture is not None else None)

    def _write_identity(self, frame: PaneFrame, header: Header) -> None:
        texts = PaneTexts(
            upper_left=identity_lines(header), edges=self._view.header(header).orientation
        )
        texts.lower_right = frame.pane.overlay.texts.lower_right
        if frame is not self.difference and self._session.voi is not None:
            texts.lower_left = [formatting.voi(self._session.voi)]
        frame.pane.overlay.texts = texts
        frame.pane.rectangle.show_box(self._view.box_to_shown(self._session.box))

    def _on_drawn(self, frame: PaneFrame) -> None:
        pane = frame.pane
        geometry = pane.geometry_of_image
        if geometry is None or pane.picture is None:
            return
        text = zoom_text(geometry, pane.picture.sampling(geometry))
        pane.overlay.texts.lower_right = [text]
        if frame in self._unplaced and pane.mark.isVisible():
            # Once an image: a mark that jumps while blinking or zooming would draw the eye.
            self._unplaced.discard(frame)
            if not self._settings.text(self._mark_key(frame)):
                pane.place_mark(freely=True)

    def _share_room(self) -> None:
        """Let all panes fit an image alike, though one may be a pixel wider."""
        sizes = [frame.pane.viewport().size() for frame in self.frames]
        room = (min(size.width() for size in sizes), min(size.height() for size in sizes))
        for frame in self.frames:
            frame.pane.share_room(room)

    def _remember_mark(self, frame: PaneFrame) -> None:
        key = self._mark_key(frame)
        kept = self._settings.text(key)
        if kept in {corner.value for corner in Corner}:
            frame.pane.mark.corner = Corner(kept)
        frame.pane.mark.moved.connect(lambda corner: self._settings.set(key, corner.value))

    @staticmethod
    def _mark_key(frame: PaneFrame) -> str:
        return f"mark/{frame.name.lower()}"
