"""The line at the bottom: the job, the device, what is under the cursor, the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QSizePolicy, QStatusBar, QToolButton, QWidget

from viewer.images import display
from viewer.images.radiograph import Header
from viewer.session.device import WHEN_NEEDED
from viewer.session.models import ViewState
from viewer.session.session import Session
from viewer.ui import formatting
from viewer.ui.icons import icon
from viewer.ui.key_hints import keep_tip
from viewer.ui.theme import set_role, tabular

if TYPE_CHECKING:
    import numpy as np

    from viewer.images.radiograph import StoredPixels
    from viewer.ui.pictures import Voi

DISCLAIMER = "Not for diagnostic use"


class StatusLine(QStatusBar):
    """Shows what goes on; the only thing to press is the x of a job."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._outcome = ""
        self.setSizeGripEnabled(False)
        self.job = QLabel(self)
        self.job.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.progress = QProgressBar(self)
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(120, 10)
        self.progress.setAccessibleName(self.tr("Progress of the job"))
        self.cancel = QToolButton(self)
        self.cancel.setIcon(icon("cancel"))
        self.cancel.setAutoRaise(True)
        self.cancel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        keep_tip(self.cancel, self.tr("Stop and discard the running job ({cancel})"))
        self.cancel.setAccessibleName(self.tr("Stop the job"))
        self.cancel.clicked.connect(session.cancel)
        self.device = QLabel(self)
        self.cursor_text = QLabel(self)
        self.window_text = QLabel(self)
        disclaimer = QLabel(self.tr(DISCLAIMER), self)
        set_role(disclaimer, "quiet")
        self.job.setContentsMargins(8, 0, 8, 0)
        self._fix_width(self.cursor_text, "x 00000  y 00000   000000 → 000000 HU")
        self._fix_width(self.window_text, "W 000000  L 000000")
        for widget, stretch in (
            (self.job, 1),
            (self.progress, 0),
            (self.cancel, 0),
        ):
            self.addWidget(widget, stretch)
        for label in (self.device, self.cursor_text, self.window_text, disclaimer):
            label.setContentsMargins(8, 0, 8, 0)
            self.addPermanentWidget(label)
        self._end_job()
        session.job_progressed.connect(self._on_progress)
        session.coding_started.connect(lambda title: self._on_progress(title, 0.0, ""))
        session.job_finished.connect(self._end_if_idle)
        session.saved.connect(lambda path: self._say_saved(path.name))
        session.view_changed.connect(self._on_view)
        session.voi_changed.connect(self._on_voi)
        session.comparison_changed.connect(lambda _: self._on_result())
        session.image_changed.connect(lambda _: self._on_view(session.view))
        session.device_changed.connect(self._on_device)
        self._on_device(session.device_name)
        self._on_voi(session.voi)

    def _fix_width(self, label: QLabel, widest: str) -> None:
        """Keep room for the longest text: what lies beside must not jump."""
        label.setFont(tabular(label.font()))
        label.setMinimumWidth(label.fontMetrics().horizontalAdvance(widest) + 16)
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def _on_progress(self, title: str, fraction: float, text: str) -> None:
        self._outcome = ""
        self.job.setText(f"{title}: {text}" if text else title)
        self.progress.setValue(round(1000 * min(max(fraction, 0.0), 1.0)))
        self.progress.show()
        self.cancel.show()
        if fraction >= 1:
            self._end_if_idle()

    def _end_if_idle(self) -> None:
        if not self._session.busy:
            self._end_job()

    def _end_job(self) -> None:
        self.job.setText(self._outcome)
        self.progress.hide()
        self.cancel.hide()

    def _say_saved(self, name: str) -> None:
        self._outcome = self.tr("Saved {}").format(name)
        self._end_if_idle()

    def _on_result(self) -> None:
        self._on_view(self._session.view)

    def _on_device(self, name: str) -> None:
        self.device.setText("" if name == WHEN_NEEDED else name)

    def _on_voi(self, voi: Voi | None) -> None:
        self.window_text.setText(formatting.voi(voi))

    def _on_view(self, view: ViewState) -> None:
        radiograph = self._session.radiograph
        if radiograph is None or view.cursor is None:
            self.cursor_text.setText("")
            return
        x, y = view.cursor
        header = radiograph.header
        if not (x < header.columns and y < header.rows):
            self.cursor_text.setText("")
            return
        text = f"x {x}  y {y}   {_value(header, radiograph.pixels, x, y)}"
        comparison = self._session.comparison
        if comparison is not None and comparison.radiograph is radiograph:
            text += f" → {_value(header, comparison.reconstruction.pixels, x, y)}"
        unit = formatting.unit(header)
        self.cursor_text.setText(f"{text} {unit}".rstrip())


def _value(header: Header, pixels: StoredPixels, x: int, y: int) -> str:
    stored: np.ndarray | np.integer = pixels[y, x]
    if getattr(stored, "ndim", 0):
        return " ".join(str(int(sample)) for sample in stored)  # type: ignore[union-attr]
    return formatting.number(display.modality_value(header, stored))  # type: ignore[arg-type]
