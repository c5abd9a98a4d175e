"""What is asked of the codec: a kind of target, a slider, a number."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QWidget,
)

from viewer.codecs.base import CodecInfo, Target, TargetKind
from viewer.ui.stepped_slider import SteppedSlider
from viewer.ui.target_scale import FIRST, SUFFIXES, TITLES, TargetScale
from viewer.ui.theme import GRID, set_role, tabular


class TargetEditor(QWidget):
    """Chooses a `Target` within what a codec can meet."""

    changed = Signal(object, bool)
    """The target, and whether the slider is still held."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._info: CodecInfo | None = None
        self._stored_bits = 16
        self._scale = TargetScale("ratio")
        self._values: dict[TargetKind, float] = dict(FIRST)
        self._value = FIRST["ratio"]
        self.kind = QComboBox(self)
        self.kind.setAccessibleName(self.tr("What is asked of the codec"))
        self.kind.setToolTip(
            self.tr("What is asked of the codec: a size, a fidelity, or no loss at all")
        )
        self.number = QDoubleSpinBox(self)
        self.number.setAccessibleName(self.tr("Value asked for"))
        self.number.setKeyboardTracking(False)
        self.number.setFont(tabular(self.number.font()))
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.slider = SteppedSlider(self)
        self.slider.setAccessibleName(self.tr("Slider of the value asked for"))
        self.hint = QLabel(self)
        self.hint.setWordWrap(True)
        set_role(self.hint, "quiet")
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.kind, 0, 0)
        layout.addWidget(self.number, 0, 1)
        layout.addWidget(self.slider, 1, 0, 1, 2)
        layout.addWidget(self.hint, 2, 0, 1, 2)
        layout.setColumnStretch(0, 1)
        self.kind.currentIndexChanged.connect(self._on_kind)
        self.number.valueChanged.connect(self._on_number)
        self.slider.valueChanged.connect(self._on_slider)
        self.slider.sliderReleased.connect(lambda: self._tell(False))

    @property
    def target(self) -> Target:
        """What is asked for."""
        return self._scale.target(self._value)

    def show_coding(self, info: CodecInfo, target: Target, stored_bits: int) -> None:
        """Show what a codec can be asked for and what is asked, without telling of it."""
        self._stored_bits = max(1, stored_bits)
        if info is not self._info:
            self._info = info
            self._fill(info)
        kinds = self._kinds()
        if target.kind in kinds:
            with QSignalBlocker(self.kind):
                self.kind.setCurrentIndex(kinds.index(target.kind))
            if target.kind != "lossless":
                self._values[target.kind] = target.value
        self._rebuild()

    def _kinds(self) -> list[TargetKind]:
        return [self.kind.itemData(index) for index in range(self.kind.count())]

    def _fill(self, info: CodecInfo) -> None:
        with QSignalBlocker(self.kind):
            self.kind.clear()
            for kind in info.targets:
                self.kind.addItem(self.tr(_title(info, kind)), kind)

    def _rebuild(self) -> None:
        """Fit slider and number to the kind and the codec's rates."""
        assert self._info is not None
        kind: TargetKind = self.kind.currentData() or "ratio"
        self._scale = TargetScale.of(
            kind, self._info.rates_bpp, self._stored_bits, self._info.quality_steps
        )
        self._value = self._scale.snapped(self._values[kind])
        with QSignalBlocker(self.slider), QSignalBlocker(self.number):
            low, high = (self._scale.shown(limit) for limit in self._scale.limits)
            self.number.setDecimals(self._scale.decimals)
            self.number.setRange(
                self._scale.rounded(low - (0.5 if self._scale.steps else 0)),
                self._scale.rounded(high + (0.5 if self._scale.steps else 0)),
            )
            self.number.setSingleStep(self._scale.single_step)
            self.number.setSuffix(self.tr(SUFFIXES[kind]))
            self.slider.setRange(0, self._scale.positions)
            self.slider.setPageStep(max(1, self._scale.positions // 10))
        lossless = kind == "lossless"
        self.number.setVisible(not lossless)
        self.slider.setVisible(not lossless and self._scale.positions > 0)
        self._show_value()
        self._show_hint(kind)

    def _show_value(self) -> None:
        with QSignalBlocker(self.slider), QSignalBlocker(self.number):
            self.slider.setValue(self._scale.position(self._value))
            self.number.setValue(self._scale.shown(self._value))
        self.slider.setToolTip(
            self.tr("{}: {} — figures follow while you drag").format(
                self.tr(_title(self._info, self._scale.kind)), self._scale.told(self._value)
            )
        )

    def _show_hint(self, kind: TargetKind) -> None:
        assert self._info is not None
        if self._scale.labels:
            self.hint.setText(QCoreApplication.translate("Codecs", self._info.teaches))
        elif self._scale.steps:
            told = ", ".join(self._scale.told(step) for step in self._scale.steps)
            self.hint.setText(self.tr("Trained for {}; the nearest is taken.").format(told))
        elif kind == "lossless":
            self.hint.setText(self.tr("Every stored value comes back as it was."))
        elif kind == "max_error":
            self.hint.setText(self.tr("No stored value is off by more."))
        else:
            self.hint.setText("")
        self.hint.setVisible(bool(self.hint.text()))

    def _on_kind(self) -> None:
        self._rebuild()
        self._tell(False)

    def _on_number(self, value: float) -> None:
        self._set(self._scale.snapped(self._scale.meant(value)))
        self._show_value()
        self._tell(False)

    def _on_slider(self, position: int) -> None:
        self._set(self._scale.value(position))
        self._show_value()
        self._tell(self.slider.isSliderDown())

    def _set(self, value: float) -> None:
        self._value = value
        self._values[self._scale.kind] = value

    def _tell(self, held: bool) -> None:
        self.changed.emit(self.target, held)


def _title(info: CodecInfo | None, kind: TargetKind) -> str:
    counted = info.quality_title if info is not None and kind == "quality" else ""
    return counted or TITLES[kind]
