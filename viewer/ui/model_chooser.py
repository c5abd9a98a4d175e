"""Which trained model the codec uses: those shipped, the user's own, and their cards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QPushButton, QWidget

from viewer.session.models import Coding
from viewer.session.session import Session
from viewer.ui.model_card import ModelCard
from viewer.ui.theme import GRID

if TYPE_CHECKING:
    from viewer.codecs.model_file import ModelFile

ADD = "add"
"""What the last entry of the list stands for; the others stand for hashes."""


class ModelChooser(QWidget):
    """A list of models and a button for the card; hidden for codecs without a network.

    The first shipped model is what the codec uses without a choice: it stands for "".
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._codec = ""
        self._card: ModelCard | None = None
        self.models = QComboBox(self)
        self.models.setAccessibleName(self.tr("Model of the codec"))
        self.models.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.card = QPushButton(self.tr("Card"), self)
        self.card.setToolTip(
            self.tr("What the model was trained on, its licence, figures and hash")
        )
        self.card.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.models, 1)
        layout.addWidget(self.card)
        self.models.activated.connect(self._on_activated)
        self.card.clicked.connect(session.request_model_card)
        session.coding_changed.connect(self._on_coding)
        session.models_listed.connect(self._on_listed)
        session.model_card_ready.connect(self._show_card)
        self.hide()
        self._on_coding(session.coding)

    def ask_for_file(self) -> None:
        """Let the user point to a weights file, which is then checked and copied in."""
        name, _ = QFileDialog.getOpenFileName(
            self, "Add model", str(self._session.last_folder), "Models (*.safetensors)"
        )
        if name:
            self._session.add_model(Path(name))

    def _on_coding(self, coding: Coding) -> None:
        if coding.codec != self._codec:
            self._codec = coding.codec
            self.hide()
            self._session.request_models()
        self._select(coding.model)

    def _on_listed(self, codec: str, models: tuple[ModelFile, ...]) -> None:
        if codec != self._codec:
            return
        with QSignalBlocker(self.models):
            self.models.clear()
            for row, model in enumerate(models):
                self.models.addItem(model.title, "" if not row and model.shipped else model.sha256)
                told = f"{model.path}\nSHA-256 {model.sha256}"
                self.models.setItemData(row, told, Qt.ItemDataRole.ToolTipRole)
            if models:
                self.models.insertSeparator(self.models.count())
            self.models.addItem(self.tr("Add model…"), ADD)
        self._select(self._session.coding.model)
        self.setVisible(bool(models))

    def _select(self, model: str) -> None:
        with QSignalBlocker(self.models):
            self.models.setCurrentIndex(self.models.findData(model))

    def _on_activated(self) -> None:
        model = self.models.currentData()
        if model == ADD:
            self._select(self._session.coding.model)
            self.ask_for_file()
        elif model is not None:
            self._session.set_model(model)

    def _show_card(self, text: str) -> None:
        if self._card is None:
            self._card = ModelCard(self)
        self._card.show_text(text)
