"""Asking for files to open and places to save to."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from viewer.session.session import Session
from viewer.ui.report_dialog import ReportDialog
from viewer.ui.save_dialog import SaveDialog
from viewer.ui.settings import WindowSettings

_IMAGES = (
    "Radiographs (*.dcm *.dicom *.jpg *.jpeg *.png *.jp2 *.j2k *.jxl *.tif *.tiff *.zip *.radz)"
    ";;All files (*)"
)


_EXPORTS = {
    "original": "Export original",
    "reconstruction": "Export reconstruction",
    "difference": "Export difference",
}


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
            QCoreApplication.translate("FileDialogs", "Open files"),
            str(self._session.last_folder),
            QCoreApplication.translate("FileDialogs", _IMAGES),
        )
        if names:
            self._session.open_paths([Path(name) for name in names])

    def open_folder(self) -> None:
        """Open the folder chosen, with all below it."""
        name = QFileDialog.getExistingDirectory(
            self._parent,
            QCoreApplication.translate("FileDialogs", "Open folder"),
            str(self._session.last_folder),
        )
        if name:
            self._session.open_paths([Path(name)])

    def save_study(self) -> None:
        """Save the study as an archive, after a look at what that takes."""
        if self._session.refuses_spoiled():
            return
        dialog = SaveDialog(self._session, self._parent)
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        options = dialog.options
        dialog.deleteLater()
        if not accepted:
            return
        path = self.ask(
            QCoreApplication.translate("FileDialogs", "Save study"),
            "study.radz",
            QCoreApplication.translate("FileDialogs", "Study archive (*.radz)"),
        )
        if path is not None:
            self._session.save_archive(path, options)

    def export_dicom(self) -> None:
        """Write the reconstruction as DICOM."""
        if self._session.refuses_spoiled():
            return
        path = self.ask(
            QCoreApplication.translate("FileDialogs", "Export DICOM"),
            f"{self._stem()}.dcm",
            QCoreApplication.translate("FileDialogs", "DICOM (*.dcm)"),
        )
        if path is not None:
            self._session.export_dicom(path)

    def export_png(self, which: str) -> None:
        """Write the original, the reconstruction or the difference as displayed."""
        if self._session.refuses_spoiled():
            return
        path = self.ask(
            QCoreApplication.translate("FileDialogs", _EXPORTS[which]),
            f"{self._stem(which)}.png",
            QCoreApplication.translate("FileDialogs", "PNG (*.png)"),
        )
        if path is not None:
            self._session.export_png(path, which)  # type: ignore[arg-type]

    def report(self) -> None:
        """Write a report of the comparison, after a choice of what goes in."""
        if self._session.refuses_spoiled():
            return
        dialog = ReportDialog(self._session, self._parent)
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        options = dialog.options
        dialog.deleteLater()
        if not accepted:
            return
        path = self.ask(
            QCoreApplication.translate("FileDialogs", "Write report"),
            "report.pdf",
            QCoreApplication.translate("FileDialogs", "PDF (*.pdf);;Web page (*.html)"),
        )
        if path is not None:
            self._session.write_report(path, options)

    def export_csv(self) -> None:
        """Write the measurements as a table."""
        if self._session.refuses_spoiled():
            return
        path = self.ask(
            QCoreApplication.translate("FileDialogs", "Export measurements"),
            "measurements.csv",
            QCoreApplication.translate("FileDialogs", "Table (*.csv)"),
        )
        if path is not None:
            self._session.export_measurements(path.with_suffix(".csv"))

    def export_sr(self) -> None:
        """Write the measurements as a DICOM structured report."""
        if self._session.refuses_spoiled():
            return
        path = self.ask(
            QCoreApplication.translate("FileDialogs", "Export structured report"),
            "measurements.dcm",
            QCoreApplication.translate("FileDialogs", "DICOM SR (*.dcm)"),
        )
        if path is not None:
            self._session.export_measurements(path.with_suffix(".dcm"))

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
        if not paths and self._settings.folder:
            self._settings.folder = ""
            self._settings.write()
