"""What saving a study takes, and what goes in, before a file is named."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewer.archive.keep import Keep
from viewer.codecs.base import Target
from viewer.session.planning import PlannedImage, SavingPlan
from viewer.session.save_options import SaveOptions
from viewer.session.session import Session
from viewer.ui import formatting
from viewer.ui.figures_panel import FigureTable, Row
from viewer.ui.key_hints import keyed
from viewer.ui.theme import GRID, set_role, tabular

_COLUMNS = ("Image", "Pixels", "File", "Coded, about")
_MOST_ROWS_SEEN = 6
_SIZES = (
    Row("files", "The files as they are", "Bytes of the files the images come from"),
    Row("bitstreams", "Bitstreams", "Bytes of the coded images, from what is asked of the codec"),
    Row("headers", "Headers, thumbnails", "DICOM headers without pixels, and thumbnails"),
    Row("originals", "Original files inside", "At most: native pixels are coded without loss"),
    Row("decoder", "Decoder inside", "Weights of the network, once for all images"),
    Row("archive", "The archive", "Bytes of the whole archive, records and hashes included"),
)
_ORIGINAL = "&Keep the original files"
_DECODER = "Carry the &decoder"
_ORIGINAL_TIP = (
    "Give the source files back byte for byte later. Without this, what the codec loses is lost."
)
_DECODER_TIP = (
    "Put the network's weights into the archive, so that it can be opened where they are missing."
)
_NO_DECODER_TIP = "This codec needs no weights: every copy of the program can decode it."
_IDENTITY_TIP = (
    "Take out what tells whose images they are (PS3.15 Basic Profile), with new UIDs. Text in the "
    "pixels stays: look at them. Original files cannot be kept with this."
)
_CODING = "Coding one image to see what this target comes to …"
_UNKNOWN = "How much this target takes is seen once an image of the study is coded ({compress})."
_ARCHIVED_TIP = "Images that come from an archive go in as they are and cannot be de-identified."


class SaveDialog(QDialog):
    """Images, sizes and choices; sizes are found out in a thread and follow the choices at once."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._plan: SavingPlan | None = None
        self._failure = ""
        self.setWindowTitle(self.tr("Save study"))
        self.heading = QLabel(self.tr("Looking at the sizes …"), self)
        self.heading.setAccessibleName(self.tr("What is saved"))
        self.images = _image_table(self)
        self.sizes = FigureTable(_SIZES, self)
        self.pays = _text(self, "What the decoder costs")
        self.state = _text(self, "State")
        self.warning = _text(self, "Warning")
        set_role(self.warning, "lossy")
        self.original = QCheckBox(self.tr(_ORIGINAL), self)
        self.original.setToolTip(self.tr(_ORIGINAL_TIP))
        self.decoder = QCheckBox(self.tr(_DECODER), self)
        self.decoder.setToolTip(self.tr(_DECODER_TIP))
        self.decoder.setChecked(True)
        self.identity = QCheckBox(self.tr("De-&identify"), self)
        self.identity.setToolTip(self.tr(_IDENTITY_TIP))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.save = QPushButton(self.tr("&Save as …"), self)
        self.save.setProperty("primary", True)
        self.save.setDefault(True)
        self.save.setToolTip(self.tr("Choose where the archive goes"))
        self.buttons.addButton(self.save, QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()
        self._connect()
        self._show_choices()
        self.save.setFocus()
        session.plan_saving()

    @property
    def options(self) -> SaveOptions:
        """What was chosen."""
        identity = self.identity.isChecked()
        original = self.original.isChecked() and not identity
        return SaveOptions(Keep(original, self.decoder.isChecked()), identity)

    def done(self, result: int) -> None:
        """Stop looking at sizes and close."""
        self._session.cancel_planning()
        super().done(result)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        for part in (self.heading, self.images, self.sizes, self.pays, self.state):
            layout.addWidget(part)
        layout.addSpacing(GRID)
        for box in (self.original, self.decoder, self.identity):
            layout.addWidget(box)
        layout.addWidget(self.warning)
        layout.addSpacing(GRID)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(520)

    def _connect(self) -> None:
        for box in (self.original, self.decoder, self.identity):
            box.toggled.connect(self._show_choices)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        session = self._session
        session.saving_planned.connect(self._on_plan)
        session.saving_plan_failed.connect(self._on_failed)
        # Files still being opened may belong to the study.
        session.library_changed.connect(session.plan_saving)

    def _on_plan(self, plan: SavingPlan) -> None:
        self._plan, self._failure = plan, ""
        count = len(plan.images)
        images = self.tr("1 image") if count == 1 else self.tr("{} images").format(count)
        told = [images]
        if plan.archived_count < count:
            told.append(f"{plan.codec}, {_target(plan.target)}")
        if plan.archived_count:
            archived = self.tr("{} from an archive, saved as they are")
            told.append(archived.format(plan.archived_count))
        self.heading.setText(" · ".join(told))
        _fill(self.images, plan.images, hidden=self._session.identities.hidden)
        self.warning.setText(plan.warning)
        self.warning.setVisible(bool(plan.warning))
        self._show_choices()

    def _on_failed(self, sentence: str) -> None:
        self._failure = sentence
        if self._plan is None:
            self.heading.setText(self.tr("The sizes are not known"))
        self._show_choices()

    def _show_choices(self) -> None:
        plan = self._plan
        archived = plan is not None and plan.archived_count > 0
        identity = self.identity.isChecked()
        if identity and self.original.isChecked():
            self.original.setChecked(False)
        self.original.setEnabled(not identity)
        self.identity.setEnabled(not archived)
        self.identity.setToolTip(self.tr(_ARCHIVED_TIP if archived else _IDENTITY_TIP))
        if plan is not None:
            most = 0 if plan.coded is None else plan.coded.original_bytes
            bound = self.tr(" (at most {})").format(formatting.size(most)) if most else ""
            self.original.setText(self.tr(_ORIGINAL) + bound)
            self._offer_decoder(plan.decoder_bytes)
            self._show_sizes(plan)
        self._show_state(plan)
        self.pays.setVisible(bool(self.pays.text()))
        self.adjustSize()

    def _offer_decoder(self, size: int) -> None:
        """Let the decoder be declined where there is one; it goes in unless it is."""
        there = size > 0
        self.decoder.setText(self.tr(_DECODER) + (f" ({formatting.size(size)})" * there))
        if there != self.decoder.isEnabled() or not there:
            with QSignalBlocker(self.decoder):
                self.decoder.setChecked(there)
        self.decoder.setEnabled(there)
        self.decoder.setToolTip(self.tr(_DECODER_TIP if there else _NO_DECODER_TIP))

    def _show_state(self, plan: SavingPlan | None) -> None:
        """Say why sizes are missing, if they are."""
        text = self._failure
        if not text and plan is not None and plan.costs(self.options) is None:
            text = keyed(self.tr(_CODING if plan.provisional else _UNKNOWN))
        set_role(self.state, "failure" if self._failure else "quiet")
        self.state.setText(text)
        self.state.setVisible(bool(text))

    def _show_sizes(self, plan: SavingPlan) -> None:
        options = self.options
        costs = plan.costs(options)
        if costs is None:
            self.sizes.show_values({"files": formatting.size(plan.source_bytes)})
            self.pays.clear()
            return
        none, about, most = self.tr("none"), self.tr("about {}"), self.tr("at most {}")
        size = formatting.size
        self.sizes.show_values(
            {
                "files": size(plan.source_bytes),
                "bitstreams": about.format(size(costs.payload_bytes)),
                "headers": about.format(size(costs.header_bytes)),
                "originals": most.format(size(costs.original_bytes))
                if costs.original_bytes
                else none,
                "decoder": size(costs.decoder_bytes) if costs.decoder_bytes else none,
                "archive": about.format(size(costs.archive_bytes)),
            }
        )
        self.pays.setText(_pays(costs.break_even) if costs.decoder_bytes else "")


def _tr(text: str) -> str:
    return QCoreApplication.translate("SaveDialog", text)


def _pays(needed: int | None) -> str:
    if needed is None:
        return _tr("The decoder does not pay for itself: nothing is saved against the files.")
    one, many = _tr("1 image like this"), _tr("{} images like these")
    return _tr("The decoder pays for itself after {}.").format(
        one if needed == 1 else many.format(needed)
    )


def _target(target: Target) -> str:
    texts = {
        "ratio": f"{target.value:g} : 1",
        "bpp": formatting.bits_per_pixel(target.value),
        "psnr": formatting.decibels(target.value),
        "quality": _tr("quality {:g}").format(target.value),
        "max_error": _tr("at most {:g} levels off").format(target.value),
        "lossless": _tr("lossless"),
    }
    return texts[target.kind]


def _text(parent: QWidget, name: str) -> QLabel:
    label = QLabel(parent)
    label.setWordWrap(True)
    label.setAccessibleName(name)
    label.hide()
    return label


def _image_table(parent: QWidget) -> QTableWidget:
    table = QTableWidget(0, len(_COLUMNS), parent)
    table.setHorizontalHeaderLabels(list(_COLUMNS))
    table.setAccessibleName(QCoreApplication.translate("SaveDialog", "Images of the study"))
    table.setToolTip(
        QCoreApplication.translate(
            "SaveDialog", "Every image of the study that is open; one archive holds them all"
        )
    )
    table.setFont(tabular(table.font()))
    table.setShowGrid(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    header.setHighlightSections(False)
    return table


def _fill(table: QTableWidget, images: tuple[PlannedImage, ...], *, hidden: bool) -> None:
    table.setRowCount(len(images))
    for row, image in enumerate(images):
        name = QCoreApplication.translate("SaveDialog", "Image {}").format(row + 1)
        shown = (name, *_cells(image)[1:]) if hidden else _cells(image)
        for column, text in enumerate(shown):
            item = QTableWidgetItem(text)
            item.setToolTip(text if column == 0 else "")
            if column:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            table.setItem(row, column, item)
    seen = min(len(images), _MOST_ROWS_SEEN)
    height = table.horizontalHeader().sizeHint().height() + 2 * table.frameWidth()
    table.setFixedHeight(height + sum(table.rowHeight(row) for row in range(seen)))


def _cells(image: PlannedImage) -> tuple[str, str, str, str]:
    header = image.header
    pixels = f"{header.columns} × {header.rows}"
    if header.frames > 1:
        pixels += f" × {header.frames}"
    coded = formatting.NONE if image.payload_bytes is None else formatting.size(image.payload_bytes)
    return header.path.name, pixels, formatting.size(image.file_bytes), coded
