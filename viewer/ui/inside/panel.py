"""The Look inside dock: what the coding at hand is made of."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLabel, QTabWidget, QVBoxLayout, QWidget

from viewer.codecs.inspection import can_inspect
from viewer.session.session import Session
from viewer.ui.inside.pages import MapPage, PicturePage, SharePage, UsagePage
from viewer.ui.inside.tile_page import TilePage
from viewer.ui.key_hints import keyed
from viewer.ui.shown_images import codec_title
from viewer.ui.theme import GRID, WINDOW_THEME, set_role


class InsidePanel(QWidget):
    """A line that says what is looked into, and a page for each way to look.

    Attributes
    ----------
    maps, pictures, tile, usage, shares
        The pages; those that a codec has nothing for are greyed.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.state, self.notes = QLabel(self), QLabel(self)
        for label in (self.state, self.notes):
            label.setWordWrap(True)
            label.setContentsMargins(12, 0, 12, 0)
            set_role(label, "quiet")
        self.maps, self.pictures = MapPage(self), PicturePage(self)
        self.usage, self.shares = UsagePage(self), SharePage(self)
        self.tile = TilePage(self)
        self.pages = QTabWidget(self)
        self.pages.setDocumentMode(True)
        for page, title in (
            (self.maps, self.tr("Maps")),
            (self.pictures, self.tr("Parts")),
            (self.tile, self.tr("Tile")),
            (self.usage, self.tr("Usage")),
            (self.shares, self.tr("Bytes")),
        ):
            self.pages.addTab(page, title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, GRID, 0, GRID)
        layout.setSpacing(GRID // 2)
        layout.addWidget(self.state)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.notes)
        inspecting = session.inspecting
        self.pictures.chosen.connect(inspecting.choose)
        inspecting.changed.connect(self._on_changed)
        inspecting.pictures_changed.connect(lambda: self.pictures.show_pictures(inspecting))
        inspecting.chosen_changed.connect(lambda: self.pictures.show_chosen(inspecting.chosen))
        inspecting.progressed.connect(self._on_progress)
        session.coding_changed.connect(lambda _: self._show_state())
        session.image_changed.connect(lambda *_: self.tile.forget_place())
        session.view_changed.connect(lambda view: self.maps.show_cursor(view.cursor))
        WINDOW_THEME.changed.connect(self.maps.renew_scale)
        self._shown: object = self
        self._filling = False
        self._page = 0
        self.pages.currentChanged.connect(self._on_page)
        self._on_changed()

    def sizeHint(self) -> QSize:
        """Room for a table of a dozen parts."""
        return QSize(320, 420)

    def _on_changed(self) -> None:
        inside = self._session.inspecting.inside
        if inside is not self._shown:
            self._shown = inside
            for page in (self.maps, self.pictures, self.usage, self.shares):
                page.show_inside(inside)
            radiograph = self._session.radiograph
            inverted = radiograph is not None and radiograph.header.grey.inverted
            self.tile.show_inside(inside, inverted=inverted)
            self.pictures.show_pictures(self._session.inspecting)
            self.pictures.show_chosen(self._session.inspecting.chosen)
            there = (False,) * self.pages.count()
            if inside is not None:
                parts = (inside.maps, inside.choices, inside.cell, inside.usage, inside.shares)
                there = tuple(bool(part) for part in parts)
            self._offer(there)
        self.notes.setText("" if inside is None else "\n".join(inside.notes))
        self.notes.setVisible(inside is not None and bool(inside.notes))
        self._show_state()

    def _offer(self, there: tuple[bool, ...]) -> None:
        """Grey the pages that have nothing to show; the one last chosen comes back."""
        self._filling = True
        for number, enabled in enumerate(there):
            self.pages.setTabEnabled(number, enabled)
        if any(there):
            self.pages.setCurrentIndex(self._page if there[self._page] else there.index(True))
        self._filling = False

    def _on_page(self, number: int) -> None:
        if not self._filling:
            self._page = number

    def _show_state(self) -> None:
        inspecting, codec = self._session.inspecting, self._session.coding.codec
        set_role(self.state, "failure" if inspecting.error else "quiet")
        if inspecting.error:
            text = inspecting.error
        elif inspecting.inside is not None and inspecting.comparison is not None:
            text = codec_title(inspecting.comparison.codec)
        elif inspecting.busy:
            text = self.tr("Looking inside …")
        elif not can_inspect(codec):
            text = self.tr(
                "{} has no look inside. VQ-VAE-2, JPEG 2000, the recurrent and the dense codec "
                "have one."
            ).format(codec_title(codec))
        elif self._session.radiograph is None:
            text = self.tr("Open a radiograph and compress it to look inside its coding.")
        else:
            text = keyed(
                self.tr("Press {compress} to compress: what the coding is made of appears here.")
            )
        self.state.setText(text)

    def _on_progress(self, fraction: float, text: str) -> None:
        if self._session.inspecting.inside is None:
            self.state.setText(self.tr("Looking inside: {} …").format(text))
