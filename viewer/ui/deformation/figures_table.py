"""PSNR and SSIM of the three samplers at equal sample counts, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from viewer.session.sampling_work import SAMPLERS
from viewer.ui import formatting
from viewer.ui.clipboard import CopyMenu
from viewer.ui.theme import GRID, set_role, tabular

if TYPE_CHECKING:
    from viewer.metrics.figures import Figures

TITLES = {"uniform": "Uniform", "edge": "Edges (Marin)", "learned": "Learned (Jin)"}


class SamplerFigures(QWidget):
    """One row a sampler; the one shown stands out, figures still to come are dashes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading = QLabel(self)
        self.heading.setWordWrap(True)
        set_role(self.heading, "quiet")
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(GRID)
        layout.setVerticalSpacing(3)
        layout.setColumnStretch(0, 1)
        layout.addWidget(self.heading, 0, 0, 1, 3)
        for column, text in ((1, "PSNR"), (2, "SSIM")):
            title = QLabel(text, self)
            set_role(title, "quiet")
            layout.addWidget(title, 1, column, Qt.AlignmentFlag.AlignRight)
        self._titles: dict[str, QLabel] = {}
        self._values: dict[str, tuple[QLabel, QLabel]] = {}
        for row, sampler in enumerate(SAMPLERS, start=2):
            title = self._titles[sampler] = QLabel(self.tr(TITLES[sampler]), self)
            layout.addWidget(title, row, 0)
            psnr, ssim = QLabel(self), QLabel(self)
            self._values[sampler] = psnr, ssim
            for column, label in ((1, psnr), (2, ssim)):
                label.setFont(tabular(label.font()))
                layout.addWidget(label, row, column, Qt.AlignmentFlag.AlignRight)

        self._menu = CopyMenu(self, table=self.as_tsv)

    def as_tsv(self) -> str:
        """Return the figures for the clipboard."""
        lines = ["\tPSNR\tSSIM"]
        for sampler, (psnr, ssim) in self._values.items():
            lines.append(f"{TITLES[sampler]}\t{psnr.text()}\t{ssim.text()}")
        return "\n".join(lines) + "\n"

    def show_figures(
        self, figures: Mapping[str, Figures], chosen: str, box: tuple[int, int, int, int] | None
    ) -> None:
        """Show figures of the rectangle, or of the whole image where there is none."""
        if box is None:
            self.heading.setText(self.tr("Put back against the original, whole image:"))
        else:
            place = f"{box[2]} × {box[3]}"
            self.heading.setText(self.tr("Put back, in the rectangle of {}:").format(place))
        for sampler in SAMPLERS:
            there = figures.get(sampler)
            set_role(self._titles[sampler], "accent" if sampler == chosen else "")
            texts = (formatting.NONE, formatting.NONE)
            if there is not None:
                texts = (formatting.decibels(there.psnr_db), formatting.similarity(there.ssim))
            for label, text in zip(self._values[sampler], texts, strict=True):
                label.setText(text)
                set_role(label, "dim" if there is None else "")

    def texts(self, sampler: str) -> tuple[str, str]:
        """Return what is shown for a sampler."""
        psnr, ssim = self._values[sampler]
        return psnr.text(), ssim.text()
