"""The curve of the open image: which codecs, start and stop, the plots, files of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from viewer.evaluation.json_files import write_json
from viewer.evaluation.rate_points import RatePoint, as_compressai, as_table, rate_point
from viewer.files import write_text
from viewer.session.session import Session
from viewer.ui.clipboard import CopyMenu
from viewer.ui.curves.codec_checks import CodecChecks
from viewer.ui.curves.curve_plot import CurvePlot
from viewer.ui.key_hints import keep_tip
from viewer.ui.theme import GRID, set_role

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison

_SIDE = 184


class CurvePage(QWidget):
    """What is known of the image shown, and the sweep that finds out more."""

    save_asked = Signal(str)
    """"png", "csv" or "json"."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._sweeping = session.sweeping
        self.codecs = CodecChecks(("jpeg2000", session.coding.codec), self)
        self.codecs.setFixedWidth(_SIDE)
        self.sweep = QPushButton(self.tr("Sweep"), self)
        self.sweep.setProperty("primary", True)
        self.sweep.setToolTip(self.tr("Code the image at several rates with the codecs checked"))
        self.stop = QPushButton(self.tr("Stop"), self)
        keep_tip(self.stop, self.tr("Stop; the points that are done stay ({cancel})"))
        self.export = QPushButton(self.tr("Export"), self)
        self.export.setToolTip(self.tr("Write the curve as a picture or a table"))
        menu = QMenu(self.export)
        for kind, title in (
            ("png", self.tr("Picture (PNG) …")),
            ("csv", self.tr("Table (CSV) …")),
            ("json", self.tr("CompressAI results (JSON) …")),
        ):
            menu.addAction(title).triggered.connect(
                lambda _=False, kind=kind: self.save_asked.emit(kind)
            )
        self.export.setMenu(menu)
        self.message = QLabel(self)
        self.message.setWordWrap(True)
        self.message.setFixedWidth(_SIDE)
        set_role(self.message, "quiet")
        self.plot = CurvePlot(self)
        self._menus = [
            CopyMenu(plot, picture=self.plot.picture, table=self.as_tsv)
            for plot in (self.plot.psnr, self.plot.ssim)
        ]
        self._lay_out()
        self._connect()
        self._show()
        self._on_busy(False)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID // 2)
        for button in (self.sweep, self.stop):
            buttons.addWidget(button, 1)
        side = QVBoxLayout()
        side.setSpacing(GRID)
        side.addWidget(self.codecs, 1)
        side.addWidget(self.message)
        side.addLayout(buttons)
        side.addWidget(self.export)
        for button in (self.sweep, self.stop, self.export):
            button.setMaximumWidth(_SIDE)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(GRID, GRID // 2, GRID, 0)
        layout.setSpacing(GRID)
        layout.addLayout(side)
        layout.addWidget(self.plot, 1)

    def _connect(self) -> None:
        session, sweeping = self._session, self._sweeping
        self.sweep.clicked.connect(self.start)
        self.stop.clicked.connect(sweeping.cancel)
        self.codecs.changed.connect(self._enable)
        self.plot.chosen.connect(self._on_chosen)
        sweeping.changed.connect(self._show)
        sweeping.busy_changed.connect(self._on_busy)
        sweeping.notice.connect(self._say)
        sweeping.progressed.connect(lambda _, __, text: self._say(text))
        session.comparison_changed.connect(self._on_comparison)
        session.image_changed.connect(lambda _: self._enable())

    def start(self) -> None:
        """Sweep the codecs checked."""
        self._say("")
        self._sweeping.start(self.codecs.chosen, self._session.coding.device)

    def as_tsv(self) -> str:
        """Return the points for the clipboard."""
        return as_table(self._sweeping.points, "\t")

    def save(self, path: Path, kind: str) -> None:
        """Write the curve; a failure is said here.

        Raises
        ------
        RadviewError
            When the file cannot be written.
        """
        points = self._sweeping.points
        if kind == "csv":
            write_text(path, as_table(points))
        elif kind == "json":
            header = self._session.header
            name = "" if header is None else f"{header.columns} x {header.rows}"
            # The file's name may tell who the patient is.
            write_json(path, as_compressai(points, f"One radiograph of {name} pixels"))
        else:
            self._save_picture(path)

    def _save_picture(self, path: Path) -> None:
        from PySide6.QtCore import QBuffer, QIODevice

        from viewer.files import write_bytes

        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self.plot.picture().save(buffer, "PNG")  # type: ignore[call-overload]
        write_bytes(path, bytes(buffer.data().data()))

    def _show(self) -> None:
        self.plot.show_points(self._sweeping.points)
        self._on_comparison(self._session.comparison)
        self._enable()

    def _on_comparison(self, comparison: Comparison | None) -> None:
        self.plot.show_current(None if comparison is None else rate_point(comparison))

    def _on_chosen(self, point: RatePoint) -> None:
        """Show the reconstruction of a point: its codec, its target, coded now."""
        session = self._session
        session.set_codec(point.codec)
        session.set_target(point.target)
        session.compress()

    def _on_busy(self, busy: bool) -> None:
        self.stop.setEnabled(busy)
        if not busy and self._sweeping.points:
            self._say("")
        self._enable()

    def _enable(self) -> None:
        there = self._session.radiograph is not None
        idle = not self._sweeping.busy
        self.sweep.setEnabled(there and idle and bool(self.codecs.chosen))
        self.export.setEnabled(bool(self._sweeping.points))
        if not self._sweeping.points and idle:
            self._say(
                self.tr("Check codecs and sweep: their curves appear here.")
                if there
                else self.tr("Open an image to see its curve.")
            )

    def _say(self, text: str) -> None:
        self.message.setText(text)
