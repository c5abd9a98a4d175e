"""What every archived image has to reach, each demand made or not."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QGridLayout,
    QSpinBox,
    QWidget,
)

from viewer.archive.many.gate import Gate
from viewer.ui.theme import GRID, tabular


class GateEditor(QWidget):
    """Three demands; an image that misses one is coded again, at last exactly."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.psnr = self._box(self.tr("&PSNR at least"), "dB, peak 2^BitsStored − 1")
        self.psnr_value = QDoubleSpinBox(self)
        self.psnr_value.setRange(20, 120)
        self.psnr_value.setDecimals(1)
        self.psnr_value.setValue(50)
        self.psnr_value.setSuffix(" dB")
        self.ssim = self._box(self.tr("&SSIM at least"), self.tr("Of the stored values"))
        self.ssim_value = QDoubleSpinBox(self)
        self.ssim_value.setRange(0, 1)
        self.ssim_value.setDecimals(4)
        self.ssim_value.setSingleStep(0.001)
        self.ssim_value.setValue(0.99)
        self.error = self._box(self.tr("&Error at most"), self.tr("Of any stored value"))
        self.error_value = QSpinBox(self)
        self.error_value.setRange(0, 65535)
        self.error_value.setValue(16)
        self.error_value.setSuffix(self.tr(" levels"))
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(GRID)
        layout.setVerticalSpacing(GRID // 2)
        pairs = (
            (self.psnr, self.psnr_value),
            (self.ssim, self.ssim_value),
            (self.error, self.error_value),
        )
        for row, (box, value) in enumerate(pairs):
            value.setFont(tabular(value.font()))
            value.setAccessibleName(box.text().replace("&", ""))
            value.setEnabled(False)
            box.toggled.connect(value.setEnabled)
            layout.addWidget(box, row, 0)
            layout.addWidget(value, row, 1)
        layout.setColumnStretch(0, 1)

    @property
    def gate(self) -> Gate:
        """What is asked for."""
        return Gate(
            self.psnr_value.value() if self.psnr.isChecked() else None,
            self.ssim_value.value() if self.ssim.isChecked() else None,
            self.error_value.value() if self.error.isChecked() else None,
        )

    def _box(self, text: str, tip: str) -> QCheckBox:
        box = QCheckBox(text, self)
        box.setToolTip(tip)
        return box
