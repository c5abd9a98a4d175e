"""The window: docks at the edges, the picture in the middle."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QSettings, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.images.turning import Turn
from viewer.resources import sample_radiograph
from viewer.session.models import ViewState
from viewer.session.session import Session
from viewer.ui.actions import Actions
from viewer.ui.archiving.setup import ArchivingParts
from viewer.ui.banner import Banner
from viewer.ui.coding_dock import CodingPanel
from viewer.ui.comfort import ComfortParts
from viewer.ui.copying import PaneCopies
from viewer.ui.curves.setup import CurvesParts
from viewer.ui.deformation.setup import DeformationParts
from viewer.ui.docks import add_dock
from viewer.ui.drops import dropped_paths
from viewer.ui.file_dialogs import FileDialogs
from viewer.ui.frame_bar import FrameBar
from viewer.ui.header_window import HeaderWindow
from viewer.ui.inside.setup import InsideParts
from viewer.ui.lessons.setup import LessonParts
from viewer.ui.log_window import LogRecords, LogWindow
from viewer.ui.measuring.setup import MeasuringParts
from viewer.ui.menus import build_menus, build_tool_bar
from viewer.ui.panes import Panes
from viewer.ui.reading.setup import ReadingParts
from viewer.ui.remembering import remember, restore
from viewer.ui.settings import WindowSettings
from viewer.ui.spoiling.setup import SpoilParts
from viewer.ui.status import StatusLine
from viewer.ui.studies_dock import StudiesPanel
from viewer.ui.tools.view_tools import zoom_at
from viewer.ui.welcome import Welcome
from viewer.ui.workbench.setup import WorkbenchParts

TITLE = "Radiograph Viewer"


class MainWindow(QMainWindow):
    """Puts the parts together; what they do is theirs or the session's."""

    def __init__(self, session: Session, settings: QSettings | None = None) -> None:
        super().__init__()
        self.session = session
        self.settings = WindowSettings(settings)
        self.records = LogRecords(self)
        self.setWindowTitle(TITLE)
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        self.actions_by_key = Actions(self)
        self.dialogs = FileDialogs(session, self.settings, self)
        self.panes = Panes(session, self.settings, self)
        self.welcome = Welcome([self.actions_by_key[k] for k in ("sample", "open", "open_folder")])
        self.banner = Banner()
        self.frame_bar = FrameBar(session)
        self._log_window: LogWindow | None = None
        self._header_window: HeaderWindow | None = None
        self._closed = False
        self._centre = QStackedWidget(self)
        self._centre.addWidget(self.welcome)
        self._centre.addWidget(self.panes)
        middle = QWidget(self)
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banner)
        layout.addWidget(self._centre, 1)
        layout.addWidget(self.frame_bar)
        self.setCentralWidget(middle)
        self.studies = StudiesPanel(session)
        self.coding = CodingPanel(session)
        area = Qt.DockWidgetArea
        self.studies_dock = add_dock(
            self, self.tr("Studies"), "studies", self.studies, area.LeftDockWidgetArea
        )
        self.coding_dock = add_dock(
            self, self.tr("Coding"), "coding", self.coding, area.RightDockWidgetArea
        )
        self.measuring = MeasuringParts(self)
        self.curves = CurvesParts(self)
        self.copying = PaneCopies(self)
        self.deformation = DeformationParts(self)
        self.inside = InsideParts(self)
        self.spoiling = SpoilParts(self)
        self.reading = ReadingParts(self)
        self.workbench = WorkbenchParts(self)
        self.lessons = LessonParts(self)
        build_menus(self, self.actions_by_key, session, self.coding.choose)
        self.tool_bar = build_tool_bar(self, self.actions_by_key)
        self.status = StatusLine(session, self)
        self.setStatusBar(self.status)
        self.archiving = ArchivingParts(self)
        self.status.addPermanentWidget(self.archiving.button)
        self.comfort = ComfortParts(self)
        self._connect_actions()
        self._connect_session()
        restore(self)
        self._show_state()

    def _connect_actions(self) -> None:
        actions, session = self.actions_by_key, self.session
        actions.on("open", self.dialogs.open_files)
        actions.on("open_folder", self.dialogs.open_folder)
        actions.on("sample", lambda: session.open_paths([sample_radiograph()]))
        actions.on("save", self.dialogs.save_study)
        actions.on("export_dicom", self.dialogs.export_dicom)
        for which in ("original", "reconstruction", "difference"):
            actions.on(f"export_{which}", partial(self.dialogs.export_png, which))
        actions.on("quit", self.close)
        for tool in ("window", "pan", "zoom", "box"):
            actions.on(tool, partial(session.set_view, tool=tool))
        actions.on("fit", lambda: session.set_view(centre=None, scale=None))
        actions.on("actual", self._actual_size)
        actions.on("zoom_in", lambda: self._zoom(1.25))
        actions.on("zoom_out", lambda: self._zoom(0.8))
        actions.on("auto", session.auto_window)
        actions.on("previous", lambda: session.step(-1))
        actions.on("next", lambda: session.step(1))
        actions.on("previous_frame", lambda: self.frame_bar.step(-1))
        actions.on("next_frame", lambda: self.frame_bar.step(1))
        actions.on("play", lambda: self.frame_bar.play(not self.frame_bar.playing))
        actions.on("turn_right", lambda: self._turn(session.view.turn.clockwise()))
        actions.on("turn_left", lambda: self._turn(session.view.turn.clockwise(-1)))
        actions.on("flip_across", lambda: self._turn(session.view.turn.flipped_across()))
        actions.on("flip_down", lambda: self._turn(session.view.turn.flipped_down()))
        actions.on_toggle("overlays", lambda shown: session.set_view(overlays=shown))
        actions.on("header", self.show_header)
        self.studies.refusals.header_asked.connect(self.show_header)
        actions.on("compress", session.compress)
        actions.on("cancel", self._cancel)
        for device in ("auto", "cpu", "cuda", "mps"):
            actions.on(f"device_{device}", partial(session.set_device, device))
        actions.on("log", self.show_log)
        actions.on("about", self._about)

    def _connect_session(self) -> None:
        session = self.session
        session.image_changing.connect(lambda _: self._show_state())
        session.image_changed.connect(lambda _: self._show_state())
        session.image_failed.connect(lambda *_: self._show_state())
        session.comparison_changed.connect(lambda _: self._show_state())
        session.view_changed.connect(self._on_view)
        session.coding_changed.connect(lambda _: self._show_state())
        session.save_failed.connect(lambda text: self.banner.say(session.without_names(text)))
        session.saved.connect(lambda _: self.banner.hide())

    def _show_state(self) -> None:
        """Let actions and centre follow the session."""
        session, actions = self.session, self.actions_by_key
        opened = session.header is not None
        self._centre.setCurrentWidget(self.panes if opened else self.welcome)
        actions.enable_for_image(session.radiograph is not None)
        compared = session.comparison is not None
        for key in ("export_reconstruction", "export_difference"):
            actions[key].setEnabled(compared)
        for key in ("previous_frame", "next_frame", "play"):
            actions[key].setEnabled(self.frame_bar.frames > 1)
        actions["overlays"].setChecked(session.view.overlays)
        actions[session.view.tool].setChecked(True)
        actions[f"device_{session.coding.device}"].setChecked(True)
        self.workbench.show_state()

    def _on_view(self, view: ViewState) -> None:
        # Told at every move of the mouse: only what it can change.
        action = self.actions_by_key[view.tool]
        if not action.isChecked():
            action.setChecked(True)

    def _actual_size(self) -> None:
        geometry = self.panes.original.pane.geometry_of_image
        if geometry is not None:
            middle = (geometry.width / 2, geometry.height / 2)
            centre, scale = geometry.actual_size(middle)
            self.session.set_view(centre=centre, scale=scale)

    def _zoom(self, factor: float) -> None:
        pane = self.panes.original.pane
        zoom_at(self.session, pane, pane.viewport().rect().toRectF().center(), factor)

    def _cancel(self) -> None:
        """Esc: the drag, else the job, else the tool."""
        drawing = self.measuring.hand.give_up()
        if self.panes.interaction.give_up() or drawing:
            return
        if self.session.busy:
            self.session.cancel()
        elif self.session.view.tool != "window":
            self.session.set_view(tool="window")
        else:
            self.workbench.leave_mode()

    def _turn(self, turn: Turn) -> None:
        self.session.set_view(turn=turn, centre=None, scale=None)

    def show_header(self, path: Path | None = None) -> None:
        """Show the attributes of the image chosen, or of a file that could not be opened."""
        if path is None and self.session.header is not None:
            path = self.session.header.path
        if path is None:
            refused = self.session.refusals
            path = refused[0].path if refused else None
        if path is None:
            return
        if self._header_window is None:
            self._header_window = HeaderWindow(self.session, self)
        self._header_window.show()
        self._header_window.raise_()
        self._header_window.show_file(path)

    def show_log(self) -> None:
        """Show what was noted."""
        if self._log_window is None:
            self._log_window = LogWindow(self.records, self)
        self._log_window.show()
        self._log_window.raise_()

    def _about(self) -> None:
        from viewer.ui.about import show_about

        show_about(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Flip to the original while Space is held; controls that use Space keep it."""
        if event.key() == Qt.Key.Key_Space:
            self.panes.in_one.hold(True)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Flip back."""
        if event.key() != Qt.Key.Key_Space:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self.panes.in_one.hold(False)

    def changeEvent(self, event: QEvent) -> None:
        """Flip back when the key is let go of in another window."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.panes.in_one.hold(False)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders."""
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        paths = dropped_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            # The source of the drag waits for this to return.
            QTimer.singleShot(0, self, lambda: self.session.open_paths(paths))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Vanish at once, then join what still runs."""
        if not self._closed and not self.archiving.may_close():
            event.ignore()
            return
        if not self._closed:
            self._closed = True
            self.workbench.close()
            self.reading.close()
            self.lessons.close()
            remember(self)
            self.hide()
            self.frame_bar.play(False)
            for window in (self._log_window, self._header_window):
                if window is not None:
                    window.close()
            self.session.close()
            self.records.close()
        super().closeEvent(event)
