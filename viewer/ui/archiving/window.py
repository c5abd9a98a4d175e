"""Archive many studies: choose, watch, look at what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.archive.many.report import read_report
from viewer.errors import RadviewError
from viewer.files import write_text
from viewer.session.archiving import Order, State
from viewer.session.session import Session
from viewer.ui.archiving.progress_page import ProgressPage
from viewer.ui.archiving.setup_page import SetupPage
from viewer.ui.archiving.summary_page import SummaryPage
from viewer.ui.file_dialogs import FileDialogs
from viewer.ui.settings import WindowSettings

if TYPE_CHECKING:
    from viewer.archive.many.summary import ManySummary

_KINDS = "Table (*.csv);;Everything (*.json)"


class ArchiveWindow(QDialog):
    """Three pages, one after the other; closing it stops nothing."""

    def __init__(
        self,
        session: Session,
        settings: WindowSettings,
        dialogs: FileDialogs,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Archive studies"))
        self.resize(760, 640)
        self._archiving = session.archiving
        self._dialogs = dialogs
        self.setup = SetupPage(session, settings, self)
        self.progress = ProgressPage(self)
        self.summary = SummaryPage(session.identities, self)
        self.pages = QStackedWidget(self)
        for page in (self.setup, self.progress, self.summary):
            self.pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        archiving = self._archiving
        self.setup.ordered.connect(self._start)
        self.setup.summary_asked.connect(self._ask_summary)
        self.progress.pause_asked.connect(archiving.pause)
        self.progress.resume_asked.connect(archiving.resume)
        self.progress.stop_asked.connect(archiving.stop)
        self.summary.image_asked.connect(archiving.show)
        self.summary.again_asked.connect(lambda: self.pages.setCurrentWidget(self.setup))
        self.summary.save_asked.connect(self._save)
        archiving.state_changed.connect(self.progress.show_state)
        archiving.progressed.connect(self.progress.show_progress)
        archiving.succeeded.connect(self._on_succeeded)
        archiving.failed.connect(lambda text: self._back(text, "failure"))
        archiving.stopped.connect(
            lambda: self._back(self.tr("Stopped; the same again goes on from there."), "quiet")
        )

    def reject(self) -> None:
        """Close on Escape; what runs goes on."""
        self.hide()

    def _start(self, order: Order) -> None:
        self.setup.remember()
        self.progress.begin()
        self.pages.setCurrentWidget(self.progress)
        self._archiving.start(order)

    def _on_succeeded(self, summary: ManySummary) -> None:
        self.summary.show_summary(summary)
        self.pages.setCurrentWidget(self.summary)

    def _back(self, text: str, role: str) -> None:
        self.setup.say(text, role)
        self.pages.setCurrentWidget(self.setup)

    def _ask_summary(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("Open a summary"),
            self.setup.folder.text(),
            self.tr("Summaries (*.json)"),
        )
        if name:
            self.open_summary(Path(name))

    def open_summary(self, path: Path) -> None:
        """Show what an earlier run came to, to look at its worst images."""
        try:
            report = read_report(path)
        except RadviewError as error:
            self.setup.say(str(error), "failure")
            return
        self.summary.show_report(report)
        self.pages.setCurrentWidget(self.summary)

    def _save(self) -> None:
        path = self._dialogs.ask(self.tr("Save table"), "archived.csv", _KINDS)
        if path is None:
            return
        try:
            write_text(Path(path), self.summary.as_text(path))
        except RadviewError as error:
            QMessageBox.warning(self, self.windowTitle(), str(error))


def may_end(state: State, parent: QWidget) -> bool:
    """Ask whether a run under way is to end with the program."""
    if state in (State.IDLE, State.STOPPING):
        return True
    box = QMessageBox(parent)
    box.setWindowTitle(box.tr("Archive studies"))
    box.setIcon(QMessageBox.Icon.Question)
    box.setText(box.tr("Studies are being archived. Stop and close?"))
    box.setInformativeText(
        box.tr("Finished studies stand; archiving the same again goes on from there.")
    )
    stop = box.addButton(box.tr("&Stop and close"), QMessageBox.ButtonRole.AcceptRole)
    box.addButton(box.tr("&Go on archiving"), QMessageBox.ButtonRole.RejectRole)
    box.exec()
    return box.clickedButton() is stop
