"""Asking for files to open and places to save to."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from viewer.session.session import Session
from viewer.ui.report_dialog import ReportDialog
from viewer.ui.save_dialog import SaveDialog
from viewer.ui.settings import ARCHIVE_FOLDER, WindowSettings

_IMAGES = (
    "Radiographs (*.dcm *.dicom *.jpg *.jpeg *.png *.jp2 *.j2k *.jxl *.tif *.tiff *.zip *.radz)"
    ";;All files (*)"
)


_EXPORTS = {
    "original": "Export original",
    "reconstruction": "Export reconstruction",
    "difference": "Export difference",
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("FileDialogs", text)


class FileDialogs:
    """Every dialog begins in the folder used last. Suggested names never tell who a patient is."""

    def __init__(self, session: Session, settings: WindowSettings, parent: QWidget) -> None:
        self._session = session
        self._settings = settings
        self._parent = parent
        session.recent_changed.connect(self._on_recent)

    def open_files(self) -> None:
        """Open the files chosen."""
        names, _ = QFileDialog.getOpenFileNames(
            self._parent,
            _tr("Open files"),
            str(self._session.last_folder),
            _tr(_IMAGES),
        )
        if names:
            self._session.open_paths([Path(name) for name in names])

    def open_folder(self) -> None:
        """Open the folder chosen, with all below it."""
        name = QFileDialog.getExistingDirectory(
            self._parent,
            _tr("Open folder"),
            str(self._session.last_folder),
        )
        if name:
            self._session.open_paths([Path(name)])

    def save_study(self) -> None:
        """Save the study as an archive, after a look at what that takes."""
        if self._session.refuses_spoiled():
            return
        dialog = SaveDialog(self._session, self._parent)
        if _accepted(dialog):
            options = dialog.options
            self._write(
                _tr("Save study"),
                "study.radz",
                _tr("Study archive (*.radz)"),
                lambda path: self._session.save_archive(path, options),
            )

    def export_dicom(self) -> None:
        """Write the reconstruction as DICOM."""
        if not self._session.refuses_spoiled():
            name = f"{self._stem()}.dcm"
            export = self._session.export_dicom
            self._write(_tr("Export DICOM"), name, _tr("DICOM (*.dcm)"), export)

    def export_png(self, which: str) -> None:
        """Write the original, the reconstruction or the difference as displayed."""
        if not self._session.refuses_spoiled():
            name = f"{self._stem(which)}.png"
            export = partial(self._session.export_png, which=which)  # type: ignore[arg-type]
            self._write(_tr(_EXPORTS[which]), name, _tr("PNG (*.png)"), export)

    def report(self) -> None:
        """Write a report of the comparison, after a choice of what goes in."""
        if self._session.refuses_spoiled():
            return
        dialog = ReportDialog(self._session, self._parent)
        if _accepted(dialog):
            options = dialog.options
            self._write(
                _tr("Write report"),
                "report.pdf",
                _tr("PDF (*.pdf);;Web page (*.html)"),
                lambda path: self._session.write_report(path, options),
            )

    def export_csv(self) -> None:
        """Write the measurements as a table."""
        self._export_measurements(_tr("Export measurements"), ".csv", _tr("Table (*.csv)"))

    def export_sr(self) -> None:
        """Write the measurements as a DICOM structured report."""
        self._export_measurements(_tr("Export structured report"), ".dcm", _tr("DICOM SR (*.dcm)"))

    def _export_measurements(self, title: str, suffix: str, kinds: str) -> None:
        if not self._session.refuses_spoiled():
            export = self._session.export_measurements
            name = f"measurements{suffix}"
            self._write(title, name, kinds, lambda path: export(path.with_suffix(suffix)))

    def _write(self, title: str, name: str, kinds: str, write: Callable[[Path], object]) -> None:
        path = self.ask(title, name, kinds)
        if path is not None:
            write(path)

    def _stem(self, which: str = "reconstruction") -> str:
        comparison = self._session.comparison
        if which == "original" or comparison is None:
            return "radiograph-original"
        return f"radiograph-{comparison.codec}-{which}"

    def ask(self, title: str, name: str, kinds: str) -> Path | None:
        """Return where to save to, None when the user gave up."""
        start = str(Path(self._settings.folder or self._session.last_folder) / name)
        chosen, _ = QFileDialog.getSaveFileName(self._parent, title, start, kinds)
        if not chosen:
            return None
        path = Path(chosen)
        if not path.suffix:
            path = path.with_suffix(Path(name).suffix)
        if self._session.keeps_recent:
            self._settings.folder = str(path.parent)
        return path

    def _on_recent(self, paths: list[Path]) -> None:
        # Who has what was opened forgotten means what was saved too.
        if not paths and (self._settings.folder or self._settings.text(ARCHIVE_FOLDER)):
            self._settings.folder = ""
            self._settings.set(ARCHIVE_FOLDER, "")
            self._settings.write()


def _accepted(dialog: QDialog) -> bool:
    """Show a dialog until it is answered; what was chosen in it can still be read right after."""
    accepted = dialog.exec() == QDialog.DialogCode.Accepted
    dialog.deleteLater()
    return accepted
