"""What is archived, where to and how."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from viewer.archive.keep import Keep
from viewer.archive.many.pool import usable_cores
from viewer.archive.many.settings import Settings
from viewer.codecs import registry
from viewer.codecs.base import Options, Target
from viewer.session.archiving import Order
from viewer.session.session import Session
from viewer.ui.archiving.gate_editor import GateEditor
from viewer.ui.archiving.sources_list import SourcesList
from viewer.ui.codec_choices import codec_choices
from viewer.ui.settings import ARCHIVE_FOLDER, WindowSettings
from viewer.ui.target_editor import TargetEditor
from viewer.ui.theme import GRID, set_role

_FIRST = Target("ratio", 20.0)
_STORED_BITS = 12


class SetupPage(QWidget):
    """Every choice of a run on one page."""

    ordered = Signal(object)
    """An `Order`."""
    summary_asked = Signal()
    """The summary of an earlier run is to be opened."""

    def __init__(
        self, session: Session, settings: WindowSettings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._settings = settings
        self.sources = SourcesList(self)
        self.sources.start_folder = session.last_folder
        self.folder = QLineEdit(settings.text(ARCHIVE_FOLDER), self)
        self.folder.setAccessibleName(self.tr("Folder of the archives"))
        self.folder.setPlaceholderText(self.tr("The folder that gets the archives"))
        self.choose = QPushButton(self.tr("C&hoose …"), self)
        self.choose.setAutoDefault(False)
        self.codec = QComboBox(self)
        self.codec.setAccessibleName(self.tr("Codec"))
        for choice in codec_choices():
            if not choice.missing:
                self.codec.addItem(choice.title, choice.name)
        found = self.codec.findData(session.coding.codec)
        self.codec.setCurrentIndex(max(0, found))
        self.target = TargetEditor(self)
        self.gate = GateEditor(self)
        self.original = self._check(
            self.tr("&Keep the original files"),
            self.tr("Inside the archives, byte for byte, each as small as is exact"),
        )
        self.decoder = self._check(
            self.tr("Carry the &decoder"),
            self.tr("The network's weights go into each archive that needs them"),
            on=True,
        )
        self.copy_bad = self._check(
            self.tr("Copy files that cannot be archived"),
            self.tr('As they are, into "not-archived" beside the archives'),
            on=True,
        )
        self.jobs = QSpinBox(self)
        self.jobs.setAccessibleName(self.tr("Processes"))
        self.jobs.setToolTip(self.tr("Studies archived at once; each takes a core"))
        self.jobs.setRange(1, max(1, usable_cores()))
        self.jobs.setValue(self.jobs.maximum())
        self.state = QLabel(self)
        self.state.setWordWrap(True)
        set_role(self.state, "quiet")
        self.start = QPushButton(self.tr("&Archive"), self)
        self.start.setProperty("primary", True)
        self.start.setDefault(True)
        self.earlier = QPushButton(self.tr("Earlier &summary …"), self)
        self.earlier.setToolTip(
            self.tr("Open what a run wrote with --summary-json, or saved as JSON here")
        )
        self.earlier.setAutoDefault(False)
        self._lay_out()
        self.earlier.clicked.connect(self.summary_asked)
        self.choose.clicked.connect(self._ask_folder)
        self.codec.currentIndexChanged.connect(lambda _: self._show_codec(self.target.target))
        self.sources.changed.connect(self._enable)
        self.folder.textChanged.connect(self._enable)
        self.start.clicked.connect(lambda: self.ordered.emit(self.order))
        self._show_codec(_FIRST)
        self._enable()

    @property
    def order(self) -> Order:
        """What was chosen."""
        coding = self._session.coding
        name = str(self.codec.currentData())
        model = coding.model if name == coding.codec else ""
        return Order(
            self.sources.paths,
            Path(self.folder.text()).expanduser().absolute(),
            Settings(
                name,
                self.target.target,
                self.gate.gate,
                Keep(self.original.isChecked(), self.decoder.isChecked()),
                Options(coding.device, model=model),
            ),
            self.jobs.value(),
            self.copy_bad.isChecked(),
        )

    def say(self, text: str, role: str = "quiet") -> None:
        """Say below the choices why a run ended, or what is missing."""
        set_role(self.state, role)
        self.state.setText(text)

    def remember(self) -> None:
        """Keep the folder for the next time, if names of folders are to be kept."""
        if self._session.keeps_recent:
            self._settings.set(ARCHIVE_FOLDER, self.folder.text())

    def _lay_out(self) -> None:
        where = QHBoxLayout()
        where.setSpacing(GRID)
        where.addWidget(self.folder, 1)
        where.addWidget(self.choose)
        left, right = QFormLayout(), QVBoxLayout()
        left.setSpacing(GRID)
        left.addRow(self.tr("&Codec"), self.codec)
        left.addRow(self.target)
        left.addRow(self.tr("&Processes"), self.jobs)
        right.setSpacing(GRID // 2)
        right.addWidget(_heading(self.tr("Quality gate"), self))
        right.addWidget(self.gate)
        gate_note = QLabel(
            self.tr("An image that misses it is coded again at a higher rate, at last exactly."),
            self,
        )
        gate_note.setWordWrap(True)
        set_role(gate_note, "quiet")
        right.addWidget(gate_note)
        right.addSpacing(GRID)
        for box in (self.original, self.decoder, self.copy_bad):
            right.addWidget(box)
        right.addStretch(1)
        columns = QHBoxLayout()
        columns.setSpacing(3 * GRID)
        columns.addLayout(left, 1)
        columns.addLayout(right, 1)
        last = QHBoxLayout()
        last.setSpacing(GRID)
        last.addWidget(self.earlier)
        last.addWidget(self.state, 1)
        last.addWidget(self.start)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addWidget(_heading(self.tr("Studies to archive"), self))
        layout.addWidget(self.sources, 1)
        layout.addWidget(_heading(self.tr("Archives go to"), self))
        layout.addLayout(where)
        layout.addSpacing(GRID)
        layout.addLayout(columns)
        layout.addLayout(last)

    def _check(self, text: str, tip: str, *, on: bool = False) -> QCheckBox:
        box = QCheckBox(text, self)
        box.setToolTip(tip)
        box.setChecked(on)
        return box

    def _show_codec(self, target: Target) -> None:
        info = registry.get(str(self.codec.currentData())).info
        self.target.show_coding(info, target, _STORED_BITS)
        self.decoder.setEnabled(info.learned)

    def _ask_folder(self) -> None:
        start = self.folder.text() or str(self._session.last_folder)
        name = QFileDialog.getExistingDirectory(self, self.tr("Folder of the archives"), start)
        if name:
            self.folder.setText(name)

    def _enable(self) -> None:
        ready = bool(self.sources.paths) and bool(self.folder.text().strip())
        self.start.setEnabled(ready)
        self.say(
            self.tr("An archive a study; the same again goes on where it was stopped.")
            if ready
            else self.tr("Add what is to be archived, and choose the folder of the archives.")
        )


def _heading(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label
