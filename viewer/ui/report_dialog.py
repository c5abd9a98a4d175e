"""What goes into a report."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from viewer.session.reporting import ReportOptions
from viewer.session.session import Session
from viewer.ui.key_hints import keep_tip
from viewer.ui.theme import GRID, set_role


class ReportDialog(QDialog):
    """Three choices; whose image it is stays out unless it is asked for."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Report"))
        told = QLabel(
            self.tr(
                "One page with original, reconstruction and difference, their figures and how "
                "they came about, as PDF or HTML. What is lossy is labelled so."
            ),
            self,
        )
        told.setWordWrap(True)
        measurements, points = session.measuring.measurements, session.sweeping.points
        self.measurements = self._box(
            self.tr("&Measurements ({n})").format(n=len(measurements)), bool(measurements)
        )
        self.curve = self._box(
            self.tr("&Curve ({n} points)").format(n=len(points)), len(points) > 1
        )
        if len(points) < 2:
            keep_tip(self.curve, self.tr("Sweep codecs in the curves dock first ({curves})"))
        self.identity = QCheckBox(self.tr("&Patient identity and file name"), self)
        if session.identities.hidden:
            self.identity.setEnabled(False)
            self.identity.setToolTip(self.tr("The display is de-identified: leave that first"))
        warning = QLabel(self.tr("With it the report must be kept like the image itself."), self)
        warning.setWordWrap(True)
        set_role(warning, "quiet")
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel, self
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addWidget(told)
        for widget in (self.measurements, self.curve, self.identity, warning, self.buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(420)

    @property
    def options(self) -> ReportOptions:
        """What was chosen."""
        return ReportOptions(
            identity=self.identity.isChecked(),
            measurements=self.measurements.isChecked(),
            curve=self.curve.isChecked(),
        )

    def _box(self, text: str, there: bool) -> QCheckBox:
        box = QCheckBox(text, self)
        box.setChecked(there)
        box.setEnabled(there)
        return box
