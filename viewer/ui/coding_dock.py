"""The dock on the right: which codec, what is asked of it, what came out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSignalBlocker, Qt
from PySide6.QtGui import QPalette, QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from viewer.codecs import registry
from viewer.codecs.base import Target
from viewer.session.models import Coding
from viewer.session.session import Session
from viewer.ui.codec_choices import codec_choices
from viewer.ui.figures_panel import BoxPanel, FiguresPanel
from viewer.ui.guarantees import GuaranteeStrip
from viewer.ui.icons import icon
from viewer.ui.key_hints import keep_tip
from viewer.ui.layer_strip import LayerStrip
from viewer.ui.model_chooser import ModelChooser
from viewer.ui.target_editor import TargetEditor
from viewer.ui.theme import GRID, set_role

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison
    from viewer.evaluation.displayed import Displayed
    from viewer.metrics.figures import Figures
    from viewer.session.layers import Layer

WIDTH = 296


class CodingPanel(QScrollArea):
    """Codec, target, Compress, and the figures of image and rectangle."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(WIDTH)
        body = QWidget(self)
        self.codec = QComboBox(body)
        self.codec.setAccessibleName(self.tr("Codec"))
        self.model = ModelChooser(session, body)
        self.target = TargetEditor(body)
        self.guarantees = GuaranteeStrip(body)
        self.layers = LayerStrip(body)
        self.compress = QPushButton(icon("compress", on_accent=True), self.tr("Compress"), body)
        self.compress.setProperty("primary", True)
        keep_tip(self.compress, self.tr("Code, decode and measure the image shown ({compress})"))
        self.cancel = QPushButton(icon("cancel"), self.tr("Stop"), body)
        keep_tip(self.cancel, self.tr("Stop and discard the running job ({cancel})"))
        for button in (self.compress, self.cancel):
            # A click must not take the keyboard: Space flips to the original.
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.message = QLabel(body)
        self.message.setWordWrap(True)
        self.message.hide()
        self.figures = FiguresPanel(body)
        self.box = BoxPanel(body)
        self._lay_out(body)
        self.setWidget(body)
        self._fill_codecs()
        body.installEventFilter(self)
        self._keep_room()
        self._connect()
        self._on_coding(session.coding)
        self._on_busy(False)
        self._on_image()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Grow with what is shown, so that nothing is cut beside the scroll bar."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._keep_room()
        return super().eventFilter(watched, event)

    def _keep_room(self) -> None:
        bar, body = self.verticalScrollBar().sizeHint().width(), self.widget()
        if body is not None:
            self.setMinimumWidth(max(WIDTH, body.minimumSizeHint().width() + bar))

    def _lay_out(self, body: QWidget) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        buttons.addWidget(self.compress, 1)
        buttons.addWidget(self.cancel)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(GRID + 4, GRID, GRID + 4, GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self.codec)
        layout.addWidget(self.model)
        layout.addWidget(self.target)
        layout.addWidget(self.guarantees)
        layout.addWidget(self.layers)
        layout.addLayout(buttons)
        layout.addWidget(self.message)
        layout.addWidget(_rule(body))
        layout.addWidget(_heading(self.tr("Whole image"), body))
        layout.addWidget(self.figures)
        layout.addWidget(_rule(body))
        layout.addWidget(_heading(self.tr("Rectangle (ROI)"), body))
        layout.addWidget(self.box)
        layout.addStretch(1)

    def _connect(self) -> None:
        session = self._session
        self.codec.activated.connect(self._on_codec_chosen)
        self.target.changed.connect(self._on_target_chosen)
        self.guarantees.chosen.connect(lambda target: self._on_target_chosen(target, False))
        self.layers.chosen.connect(session.set_target)
        session.layers_changed.connect(self._on_layers)
        self.compress.clicked.connect(session.compress)
        self.cancel.clicked.connect(session.cancel)
        session.coding_changed.connect(self._on_coding)
        session.coding_started.connect(lambda _: self._on_busy(True))
        session.coding_finished.connect(lambda: self._on_busy(False))
        session.coding_failed.connect(
            lambda text: self._say(session.without_names(text), "failure")
        )
        session.comparison_changed.connect(self._on_comparison)
        session.comparison_stale.connect(self._on_stale)
        session.box_changed.connect(self._on_box)
        session.box_figures_changed.connect(self._on_box_figures)
        session.image_changed.connect(self._on_image)
        session.displayed_changed.connect(self._on_displayed)
        session.notice.connect(lambda text: self._say(session.without_names(text), "quiet"))
        session.model_failed.connect(lambda text: self._say(text, "failure"))

    def _fill_codecs(self) -> None:
        model = self.codec.model()
        assert isinstance(model, QStandardItemModel)
        for row, choice in enumerate(codec_choices()):
            self.codec.addItem(choice.title, choice.name)
            told = choice.missing or choice.teaches
            self.codec.setItemData(row, told, Qt.ItemDataRole.ToolTipRole)
            if choice.missing:
                model.item(row).setEnabled(False)

    def _on_codec_chosen(self) -> None:
        self.choose(self.codec.currentData())

    def choose(self, name: str) -> None:
        """Take a codec of the registry."""
        self._say("")
        self._session.set_codec(name)
        if self.target.target != self._session.coding.target:
            # Ask for what is shown: the nearest rate that the codec was trained for.
            self._session.set_target(self.target.target)

    def _on_target_chosen(self, target: Target, held: bool) -> None:
        self._say("")
        self._session.set_target(target, live=held)

    def _on_coding(self, coding: Coding) -> None:
        info = registry.get(coding.codec).info
        with QSignalBlocker(self.codec):
            self.codec.setCurrentIndex(self.codec.findData(coding.codec))
        self.codec.setToolTip(QCoreApplication.translate("Codecs", info.teaches))
        header = self._session.header
        bits = header.bits_stored * header.samples if header is not None else 16
        self.target.show_coding(info, coding.target, bits)
        self.guarantees.show_coding(info, coding.target)
        self.layers.show_target(coding.target)

    def _on_layers(self, layers: tuple[Layer, ...]) -> None:
        self.layers.show_layers(layers)
        self.layers.show_target(self._session.coding.target)

    def _on_image(self) -> None:
        self.compress.setEnabled(self._session.radiograph is not None)
        self._say("")
        self._on_coding(self._session.coding)
        self._on_box(self._session.box)

    def _on_busy(self, busy: bool) -> None:
        if busy:
            self._say("")
        self.cancel.setEnabled(busy)

    def _on_comparison(self, comparison: Comparison | None) -> None:
        self.figures.show_comparison(comparison)
        if comparison is None:
            self.box.clear()
        elif comparison.encoded.notice:
            self._say(comparison.encoded.notice, "quiet")

    def _on_stale(self, stale: bool) -> None:
        self.figures.dim(stale or self._session.comparison is None)

    def _on_box(self, box: tuple[int, int, int, int] | None) -> None:
        self.box.show_box(box)

    def _on_box_figures(self, figures: Figures | None) -> None:
        self.box.show_figures(figures)

    def _on_displayed(self, on: bool, displayed: Displayed | None) -> None:
        self.figures.show_displayed(on, displayed)
        self.box.show_displayed(on, displayed)

    def _say(self, text: str, role: str = "quiet") -> None:
        set_role(self.message, role)
        self.message.setText(text)
        self.message.setVisible(bool(text))


def _heading(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def _rule(parent: QWidget) -> QFrame:
    line = QFrame(parent)
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Plain)
    line.setFixedHeight(1)
    line.setForegroundRole(QPalette.ColorRole.Mid)
    return line
