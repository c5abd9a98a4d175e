"""What is to be read: images, codings, the question, how often."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from viewer.codecs import registry
from viewer.errors import RadviewError
from viewer.evaluation.reading.plan import Candidate
from viewer.session.models import Coding
from viewer.session.reading_settings import ReadingSettings
from viewer.ui.reading.naming import candidate_title
from viewer.ui.shown_images import codec_title
from viewer.ui.theme import GRID, set_role, tabular

_ROLE = Qt.ItemDataRole.UserRole


class SetupPage(QWidget):
    """Collects `ReadingSettings`; decides nothing else."""

    start_asked = Signal()
    resume_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.task, self.view = QComboBox(self), QComboBox(self)
        self.task.addItem(self.tr("Which is the original? (forced choice)"), "choice")
        self.task.addItem(self.tr("How alike are they? (five points)"), "scale")
        self.view.addItem(self.tr("Side by side"), "side")
        self.view.addItem(self.tr("Flicker in one place"), "flicker")
        self.repeats, self.practice = QSpinBox(self), QSpinBox(self)
        self.repeats.setRange(1, 50)
        self.repeats.setValue(4)
        self.practice.setRange(0, 20)
        self.practice.setValue(3)
        self.all_images = QCheckBox(self.tr("All images open, not only the one shown"), self)
        self.reader = QLineEdit(self)
        self.reader.setMaxLength(32)
        self.reader.setPlaceholderText(self.tr("a code of your own; may stay empty"))
        self.codec, self.ratio = QComboBox(self), QDoubleSpinBox(self)
        self.ratio.setRange(1.5, 500)
        self.ratio.setDecimals(1)
        self.ratio.setValue(20)
        self.ratio.setSuffix(" : 1")
        self.ratio.setFont(tabular(self.ratio.font()))
        self.add = QPushButton(self.tr("&Add"), self)
        self.remove = QPushButton(self.tr("Re&move"), self)
        self.list = QListWidget(self)
        self.start = QPushButton(self.tr("&Prepare the reading"), self)
        self.start.setProperty("primary", True)
        self.resume = QPushButton(self.tr("&Resume the latest"), self)
        self.told, self.count = QLabel(self), QLabel(self)
        self._name_controls()
        self._lay_out()
        for name in registry.available():
            if "ratio" in registry.get(name).info.targets:
                self.codec.addItem(codec_title(name), name)
        self.add.clicked.connect(self._on_add)
        self.remove.clicked.connect(self._on_remove)
        self.start.clicked.connect(self.start_asked)
        self.resume.clicked.connect(self.resume_asked)
        for box in (self.repeats, self.practice):
            box.valueChanged.connect(lambda _: self._show_count())
        self.task.currentIndexChanged.connect(lambda _: self._show_count())
        self.all_images.toggled.connect(lambda _: self._show_count())
        self.images_open = 1
        self._show_count()

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The codings listed."""
        return tuple(self.list.item(row).data(_ROLE) for row in range(self.list.count()))

    @property
    def settings(self) -> ReadingSettings:
        """What is asked for."""
        return ReadingSettings(
            self.task.currentData(),
            self.view.currentData(),
            self.candidates,
            self.repeats.value(),
            self.practice.value(),
            self.reader.text().strip(),
        )

    def offer(self, coding: Coding, images_open: int) -> None:
        """Begin with the coding at hand where nothing is listed yet."""
        self.images_open = images_open
        self.all_images.setEnabled(images_open > 1)
        if not self.list.count():
            target = coding.target
            if target.kind not in ("lossless", "max_error"):
                self.put(Candidate(coding.codec, target.kind, target.value, coding.model))
            if target.kind == "ratio" and coding.codec != "jpeg2000":
                self.put(Candidate("jpeg2000", "ratio", target.value))
            if target.kind == "ratio":
                self.ratio.setValue(target.value)
        self._show_count()

    def put(self, candidate: Candidate) -> None:
        """List a coding; one that is listed already is not listed twice."""
        if candidate in self.candidates:
            return
        item = QListWidgetItem(candidate_title(candidate))
        item.setData(_ROLE, candidate)
        self.list.addItem(item)
        self._show_count()

    def say(self, text: str, *, failed: bool = False) -> None:
        """Say what stands in the way, or nothing."""
        set_role(self.told, "failure" if failed else "quiet")
        self.told.setText(text)

    def _name_controls(self) -> None:
        names = {
            self.task: self.tr("The question of every trial"),
            self.view: self.tr("How the two pictures are shown"),
            self.repeats: self.tr("How often each coding of each image is shown"),
            self.practice: self.tr("Trials for practice, which do not count"),
            self.all_images: self.tr("Read all images that are open"),
            self.reader: self.tr("A code for the reader, written into the table"),
            self.codec: self.tr("Codec of another coding"),
            self.ratio: self.tr("Its ratio against stored bits"),
            self.add: self.tr("Add this coding to the reading"),
            self.remove: self.tr("Take the coding marked out of the reading"),
            self.list: self.tr("Codings to be read"),
            self.start: self.tr("Make the codings, then begin"),
            self.resume: self.tr("Go on with the latest reading that was left"),
        }
        for control, name in names.items():
            control.setToolTip(name)
            control.setAccessibleName(name)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setSpacing(GRID)
        form.addRow(self.tr("Question"), self.task)
        form.addRow(self.tr("Shown"), self.view)
        form.addRow(self.tr("Repeats"), self.repeats)
        form.addRow(self.tr("Practice"), self.practice)
        form.addRow(self.tr("Images"), self.all_images)
        form.addRow(self.tr("Reader"), self.reader)
        adding = QHBoxLayout()
        for widget in (self.codec, self.ratio, self.add, self.remove):
            adding.addWidget(widget, 1 if widget is self.codec else 0)
        buttons = QHBoxLayout()
        buttons.addWidget(self.resume)
        buttons.addStretch(1)
        buttons.addWidget(self.start)
        about = QLabel(
            self.tr(
                "Original and codings are shuffled and shown without their names. Lossy marks are "
                "suspended while a trial is on the screen, and that is said there."
            ),
            self,
        )
        for label in (about, self.told, self.count):
            label.setWordWrap(True)
        set_role(about, "quiet")
        column = QWidget(self)
        column.setMaximumWidth(640)
        layout = QVBoxLayout(column)
        layout.setSpacing(2 * GRID)
        layout.addWidget(about)
        layout.addLayout(form)
        layout.addLayout(adding)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.count)
        layout.addWidget(self.told)
        layout.addLayout(buttons)
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        outer.addWidget(column, 4)
        outer.addStretch(1)

    def _on_add(self) -> None:
        name = str(self.codec.currentData() or "")
        try:
            registry.get(name)
        except RadviewError as error:
            self.say(str(error), failed=True)
            return
        self.put(Candidate(name, "ratio", self.ratio.value()))

    def _on_remove(self) -> None:
        row = self.list.currentRow()
        if row >= 0:
            self.list.takeItem(row)
            self._show_count()

    def _show_count(self) -> None:
        images = self.images_open if self.all_images.isChecked() else 1
        shown = self.list.count() + (1 if self.task.currentData() == "scale" else 0)
        trials = images * shown * self.repeats.value()
        self.start.setEnabled(self.list.count() > 0)
        told = self.tr("{trials} trials after {practice} for practice")
        empty = self.tr("Add a coding to read.")
        self.count.setText(
            told.format(trials=trials, practice=self.practice.value())
            if self.list.count()
            else empty
        )
