"""The Deformation dock: which sampler, what of it is drawn, and what it gives."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from viewer.session.sampling_work import SAMPLERS, SIDES
from viewer.session.session import Session
from viewer.ui.deformation.figures_table import TITLES, SamplerFigures
from viewer.ui.deformation.look import DENSITY_COLOURS, DOT_COLOURS, Look
from viewer.ui.deformation.small_picture import SmallPicture
from viewer.ui.deformation.texts import area_lines, cursor_text, density_scale
from viewer.ui.key_hints import keyed
from viewer.ui.theme import GRID, set_role, tabular


class DeformationPanel(QScrollArea):
    """Controls on top, what is seen with them below; everything follows at once."""

    look_changed = Signal(object)
    """A `Look`."""
    panes_asked = Signal()
    """The picture put back and the difference are wanted on the panes."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.look = Look()
        self.sampler, self.side = QComboBox(), QComboBox()
        self.boxes = {
            "density": QCheckBox(self.tr("&Density")),
            "dots": QCheckBox(self.tr("Sam&ples")),
            "lines": QCheckBox(self.tr("&Grid")),
            "outline": QCheckBox(self.tr("&Outline")),
        }
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.colours, self.dot_colour = QComboBox(), QComboBox()
        self.scale = QLabel()
        self.state, self.under_cursor, self.areas = QLabel(), QLabel(), QLabel()
        self.small = SmallPicture()
        self.figures = SamplerFigures()
        self.to_panes = QPushButton(self.tr("Put back and difference on the panes"))
        self._lay_out()
        self._connect()
        self._show_all()

    def _lay_out(self) -> None:
        for sampler in SAMPLERS:
            self.sampler.addItem(self.tr(TITLES[sampler]), sampler)
        for side in SIDES:
            self.side.addItem(f"{side} × {side}", side)
        self.colours.addItems(list(DENSITY_COLOURS))
        self.dot_colour.addItems(list(DOT_COLOURS))
        self.opacity.setRange(5, 100)
        tips = {
            self.sampler: self.tr("How the samples are placed"),
            self.side: self.tr("How many samples: all samplers get the same"),
            self.opacity: self.tr("How strongly the density covers the image"),
            self.colours: self.tr("Colours of the density"),
            self.dot_colour: self.tr("Colour of samples and grid"),
            self.boxes["density"]: self.tr("Where the samples go, as a translucent map"),
            self.boxes["dots"]: self.tr("Every sample as a dot, as in the paper's figure"),
            self.boxes["lines"]: self.tr("The warped grid as lines"),
            self.boxes["outline"]: self.tr("What the network finds, with its area"),
            self.to_panes: self.tr("Four panes: original, put back, difference, local PSNR"),
        }
        for control, tip in tips.items():
            control.setToolTip(tip)
            control.setAccessibleName(tip)
        form = QFormLayout()
        form.setSpacing(GRID // 2)
        form.addRow(self.tr("Sampler"), self.sampler)
        form.addRow(self.tr("Samples"), self.side)
        form.addRow(self.tr("Opacity"), self.opacity)
        form.addRow(self.tr("Density in"), self.colours)
        form.addRow(self.tr("Samples in"), self.dot_colour)
        shown = QGridLayout()
        for number, box in enumerate(self.boxes.values()):
            shown.addWidget(box, number // 2, number % 2)
        for label in (self.state, self.under_cursor, self.areas):
            label.setWordWrap(True)
            label.setFont(tabular(label.font()))
        set_role(self.state, "quiet")
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(12, GRID, 12, GRID)
        layout.setSpacing(GRID)
        layout.addLayout(form)
        layout.addLayout(shown)
        for widget in (
            self.scale, self.state, self.under_cursor, self.areas, self.small, self.figures,
            self.to_panes,
        ):  # fmt: skip
            layout.addWidget(widget)
        layout.addStretch(1)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setMinimumWidth(content.minimumSizeHint().width() + 2 * GRID)

    def _connect(self) -> None:
        deforming = self._session.deforming
        self.sampler.activated.connect(lambda _: deforming.choose(self.sampler.currentData()))
        self.side.activated.connect(lambda _: deforming.choose(side=self.side.currentData()))
        for name, box in self.boxes.items():
            box.toggled.connect(lambda on, name=name: self._set(**{name: on}))
        self.opacity.valueChanged.connect(lambda value: self._set(opacity=value / 100))
        self.colours.currentTextChanged.connect(lambda text: self._set(colours=text))
        self.dot_colour.currentTextChanged.connect(lambda text: self._set(dot_colour=text))
        self.to_panes.clicked.connect(self.panes_asked)
        deforming.changed.connect(self._show_choice)
        deforming.deformed_changed.connect(self._show_deformed)
        deforming.figures_changed.connect(self._show_figures)
        deforming.progressed.connect(self._on_progress)
        deforming.failed.connect(self._on_failed)
        self._session.voi_changed.connect(lambda _: self._show_small())
        self._session.view_changed.connect(lambda _: self._show_cursor())

    def set_look(self, look: Look) -> None:
        """Take over how the layer looks, and tell it."""
        if look != self.look:
            self.look = look
            self._show_look()
            self.look_changed.emit(look)

    def _set(self, **changes: object) -> None:
        self.set_look(replace(self.look, **changes))  # type: ignore[arg-type]

    def _show_all(self) -> None:
        self._show_look()
        self._show_choice()
        self._show_deformed()
        self._show_figures()

    def _show_look(self) -> None:
        for name, box in self.boxes.items():
            box.setChecked(getattr(self.look, name))
        self.opacity.setValue(round(self.look.opacity * 100))
        self.colours.setCurrentText(self.look.colours)
        self.dot_colour.setCurrentText(self.look.dot_colour)
        for control in (self.opacity, self.colours):
            control.setEnabled(self.look.density)
        self.scale.setPixmap(density_scale(self.look, self.scale.devicePixelRatioF()))
        self.scale.setVisible(self.look.density)
        self.scale.setToolTip(self.tr("Samples there, in those of the uniform grid"))

    def _show_choice(self) -> None:
        sampling = self._session.deforming.sampling
        self.sampler.setCurrentIndex(self.sampler.findData(sampling.sampler))
        self.side.setCurrentIndex(self.side.findData(sampling.side))

    def _show_deformed(self) -> None:
        deforming = self._session.deforming
        deformed = deforming.deformed
        set_role(self.state, "quiet")
        if deformed is not None:
            count = f"{deformed.sampling.side**2:,}".replace(",", "\u202f")
            model = deformed.deformation.model
            found = self.tr("{} samples").format(count)
            self.state.setText(f"{found}\n{model}" if model else found)
        elif self._session.radiograph is None:
            self.state.setText(self.tr("Open a radiograph to see where its samples would go."))
        elif not deforming.on:
            text = self.tr("Press {deformation} to lay the map over the original.")
            self.state.setText(keyed(text))
        else:
            self.state.setText(self.tr("Sampling …"))
        self.to_panes.setEnabled(deformed is not None)
        lines = [] if deformed is None else area_lines(deformed)
        self.areas.setText("<br>".join(lines))
        self.areas.setVisible(bool(lines))
        self._show_small()
        self._show_cursor()

    def _show_small(self) -> None:
        deformed = self._session.deforming.deformed
        small = None if deformed is None else deformed.small
        self.small.show_picture(small, self._session.voi)

    def _show_figures(self) -> None:
        deforming = self._session.deforming
        self.figures.show_figures(deforming.figures, deforming.sampling.sampler, deforming.box)

    def _show_cursor(self) -> None:
        text = cursor_text(self._session.deforming.deformed, self._session.view.cursor)
        if text != self.under_cursor.text():
            self.under_cursor.setText(text)

    def _on_progress(self, fraction: float, text: str) -> None:
        if self._session.deforming.deformed is None:
            self.state.setText(self.tr("Sampling: {} …").format(text))

    def _on_failed(self, sentence: str) -> None:
        set_role(self.state, "failure")
        self.state.setText(sentence)
