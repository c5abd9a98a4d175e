"""The figures of a comparison: of the whole image, and of the dragged rectangle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from viewer.ui import formatting
from viewer.ui.clipboard import CopyMenu
from viewer.ui.key_hints import keyed
from viewer.ui.theme import GRID, set_role, tabular

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison
    from viewer.evaluation.displayed import Displayed
    from viewer.metrics.figures import Figures


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its key, what it is called, and what it means."""

    key: str
    title: str
    meaning: str


_FIDELITY = (
    Row("psnr", "PSNR", "Peak signal-to-noise ratio; the peak is 2^BitsStored − 1"),
    Row("ssim", "SSIM", "Structural similarity, 11-tap Gaussian window of σ 1.5"),
    Row("ms_ssim", "MS-SSIM", "Structural similarity over five scales"),
    Row("max_error", "Max error", "Largest difference of a stored value, in grey levels"),
)
_COST = (
    Row("size", "File size", "Bytes of the whole bitstream"),
    Row("encode", "Encode", "Wall time of the encoder"),
    Row("decode", "Decode", "Wall time of the decoder"),
    Row("device", "Device", "Where the codec ran"),
)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Figures", text)


class FigureTable(QWidget):
    """Titles on the left, figures in digits of one width on the right."""

    def __init__(self, rows: tuple[Row, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(GRID)
        layout.setVerticalSpacing(3)
        layout.setColumnStretch(0, 1)
        self._rows = rows
        self._values: dict[str, QLabel] = {}
        for line, row in enumerate(rows):
            title = QLabel(_tr(row.title), self)
            title.setToolTip(_tr(row.meaning))
            set_role(title, "quiet")
            value = QLabel(formatting.NONE, self)
            value.setFont(tabular(value.font()))
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            value.setToolTip(_tr(row.meaning))
            value.setAccessibleName(_tr(row.title))
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)  # the table's is shown
            layout.addWidget(title, line, 0)
            layout.addWidget(value, line, 1)
            self._values[row.key] = value

    def as_tsv(self) -> str:
        """Return titles and figures for the clipboard."""
        return "".join(f"{row.title}\t{self.value(row.key)}\n" for row in self._rows)

    def show_values(self, values: dict[str, str]) -> None:
        """Show texts by key; a dash for what is not given."""
        for key, label in self._values.items():
            label.setText(values.get(key, formatting.NONE))

    def value(self, key: str) -> str:
        """Return what is shown for a key."""
        return self._values[key].text()

    def dim(self, dimmed: bool) -> None:
        """Dim what no longer answers what is asked."""
        for label in self._values.values():
            set_role(label, "dim" if dimmed else "")


class FiguresPanel(QWidget):
    """Ratio and rate large, then fidelity, then cost."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ratio = QLabel(self)
        self.rate = QLabel(self)
        for label in (self.ratio, self.rate):
            label.setFont(tabular(label.font(), points=7, bold=True))
        self.rate.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
        self.ratio.setAccessibleName(self.tr("Ratio against stored bits"))
        self.rate.setAccessibleName(self.tr("Bits per pixel"))
        self.basis = QLabel(self)
        self.basis.setWordWrap(True)
        self.basis.setAccessibleName(self.tr("What the figures are of"))
        set_role(self.basis, "accent")
        self.basis.hide()
        self._stored: Figures | None = None
        self._on = False
        self._displayed: Displayed | None = None
        self.fidelity = FigureTable(_FIDELITY, self)
        self.cost = FigureTable(_COST, self)
        top = QHBoxLayout()
        top.addWidget(self.ratio)
        top.addStretch(1)
        top.addWidget(self.rate)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(top)
        layout.addWidget(self.basis)
        layout.addWidget(self.fidelity)
        layout.addWidget(self.cost)
        self.dimmed = False
        self._menu = CopyMenu(self, table=self.as_tsv)
        self.show_comparison(None)

    def as_tsv(self) -> str:
        """Return ratio, rate and all figures for the clipboard."""
        head = f"Ratio\t{self.ratio.text()}\nRate\t{self.rate.text()}\n"
        basis = f"Basis\t{self.basis.text()}\n" if self.basis.text() else ""
        return head + basis + self.fidelity.as_tsv() + self.cost.as_tsv()

    def show_comparison(self, comparison: Comparison | None) -> None:
        """Show the figures of a comparison; dashes where there is none."""
        self._stored = None if comparison is None else comparison.figures
        if comparison is None:
            self.ratio.setText(f"{formatting.NONE} : 1")
            self.rate.setText(f"{formatting.NONE} bpp")
            self.ratio.setToolTip(
                self.tr("Size of the stored bits divided by the size of the bitstream")
            )
            self._show_fidelity()
            self.cost.show_values({})
            self._colour(True)
            return
        header = comparison.radiograph.header
        self.ratio.setText(formatting.ratio(comparison.ratio_stored))
        self.ratio.setToolTip(
            self.tr(
                "{:.2f} : 1 against {} stored bits a value; {:.2f} : 1 against 16 bits, as papers "
                "count"
            ).format(comparison.ratio_stored, header.bits_stored, comparison.ratio_16bit)
        )
        self.rate.setText(formatting.bits_per_pixel(comparison.bpp))
        told = self.tr("{:.4f} bits per pixel of the whole bitstream")
        self.rate.setToolTip(told.format(comparison.bpp))
        self._show_fidelity()
        self.cost.show_values(
            {
                "size": formatting.size(comparison.byte_count),
                "encode": formatting.seconds(comparison.encode_s),
                "decode": formatting.seconds(comparison.decode_s),
                "device": comparison.device.upper(),
            }
        )
        self._colour(self.dimmed)

    def show_displayed(self, on: bool, displayed: Displayed | None) -> None:
        """Show figures as displayed while `on`, and say through which window."""
        self._on, self._displayed = on, displayed
        self._show_fidelity()

    def _show_fidelity(self) -> None:
        padding = 0.0 if self._stored is None else self._stored.padding_share
        basis = basis_text(self._displayed) if self._on else padding_text(padding)
        self.basis.setText(basis)
        self.basis.setVisible(bool(basis))
        if self._stored is None:
            self.fidelity.show_values({})
        elif not self._on:
            self.fidelity.show_values(fidelity_texts(self._stored))
        elif self._displayed is None:
            self.fidelity.show_values({})
        else:
            self.fidelity.show_values(fidelity_texts(self._displayed.figures))

    def dim(self, dimmed: bool) -> None:
        """Dim figures that are being recomputed."""
        self.dimmed = dimmed
        self._colour(dimmed)

    def _colour(self, dimmed: bool) -> None:
        for label in (self.ratio, self.rate):
            set_role(label, "dim" if dimmed else "")
        self.fidelity.dim(dimmed)
        self.cost.dim(dimmed)


class BoxPanel(QWidget):
    """Where the rectangle lies and its own fidelity."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place = QLabel(self)
        self.place.setFont(tabular(self.place.font()))
        self.place.setWordWrap(True)
        set_role(self.place, "quiet")
        self.table = FigureTable(_FIDELITY, self)
        self._as_displayed = False
        self._stored: Figures | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addWidget(self.place)
        layout.addWidget(self.table)
        self._menu = CopyMenu(self, table=self.table.as_tsv)
        self.show_box(None)

    def show_box(self, box: tuple[int, int, int, int] | None) -> None:
        """Say where the rectangle is, or how to drag one."""
        self.table.setVisible(box is not None)
        if box is None:
            text = self.tr("Drag a rectangle with the ROI tool ({box}) to measure a part.")
            self.place.setText(keyed(text))
            return
        x, y, width, height = box
        self.place.setText(self.tr("{} × {} pixels at x {}, y {}").format(width, height, x, y))

    def show_figures(self, figures: Figures | None) -> None:
        """Show the figures of the rectangle; while there are none the old ones are dimmed."""
        self._stored = figures
        if self._as_displayed:
            return
        if figures is not None:
            self.table.show_values(fidelity_texts(figures))
        self.table.dim(figures is None)

    def show_displayed(self, on: bool, displayed: Displayed | None) -> None:
        """Show figures as displayed while `on`."""
        self._as_displayed = on
        if not on:
            self.show_figures(self._stored)
            return
        figures = None if displayed is None else displayed.box_figures
        self.table.show_values({} if figures is None else fidelity_texts(figures))
        self.table.dim(figures is None)

    def clear(self) -> None:
        """Forget figures that belong to another picture."""
        self.table.show_values({})


def padding_text(share: float) -> str:
    """Say that padding is left out of the figures, "" where there is none."""
    return _tr("Without padding ({:.0%} of the pixels)").format(share) if share else ""


def basis_text(displayed: Displayed | None) -> str:
    """Say what the figures are of when it is not the stored values."""
    if displayed is None:
        return _tr("As displayed: 8 bit, peak 255")
    window = formatting.voi(displayed.voi) or _tr("colour")
    return _tr("As displayed: {}, 8 bit, peak 255").format(window)


def fidelity_texts(figures: Figures) -> dict[str, str]:
    """Return the figures as they are shown."""
    return {
        "psnr": formatting.decibels(figures.psnr_db),
        "ssim": formatting.similarity(figures.ssim),
        "ms_ssim": formatting.similarity(figures.ms_ssim),
        "max_error": f"{figures.max_error}",
    }
