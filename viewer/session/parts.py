"""The parts of a session: made, told of each other, and heard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings

from viewer.images.radiograph import Header, Radiograph
from viewer.jobs import JobQueue
from viewer.session.archiving import Archiving
from viewer.session.blind_reading import BlindReading
from viewer.session.coding import CodingControl
from viewer.session.deforming import Deforming
from viewer.session.device import DeviceName
from viewer.session.identities import Identities
from viewer.session.inspecting import Inspecting
from viewer.session.judging import Judging
from viewer.session.layers import LayerStripControl
from viewer.session.loading import Loading
from viewer.session.measuring import Measuring
from viewer.session.models import Box
from viewer.session.planning import Planning
from viewer.session.reading import Reading
from viewer.session.recent import Memory, default_settings
from viewer.session.region import Region
from viewer.session.saving import Saving
from viewer.session.signals import SessionSignals
from viewer.session.sources import Shown
from viewer.session.spoiling import Spoiler
from viewer.session.study import neighbour
from viewer.session.study_marks import Mark, StudyMarks
from viewer.session.sweeping import Sweeping
from viewer.session.tags import Tags
from viewer.session.thumbnails import Thumbnails
from viewer.session.trained import TrainedModels
from viewer.session.viewing import Viewing
from viewer.session.workbench import Workbench

if TYPE_CHECKING:
    from viewer.codecs.model_file import ModelFile
    from viewer.evaluation.comparison import Comparison


class SessionParts(SessionSignals):
    """Owns the parts and passes on what they tell; knows nothing of what is asked.

    Parameters
    ----------
    settings : QSettings, optional
        Where paths and codings are remembered; the product's own by default.
    """

    def __init__(self, settings: QSettings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.queue = JobQueue(self)
        kept = settings if settings is not None else default_settings()
        self._memory = Memory(kept, self)
        self._loading = Loading(self.queue, self)
        self.marks = StudyMarks(kept, lambda header: self._loading.coded(header) is not None, self)
        self._reading = Reading(
            self.queue, self._loading.coded, self._loading.original, self._following, self
        )
        self._thumbnails = Thumbnails(
            self.queue, self._loading.coded, self._kept_frame, self._is_being_read, self
        )
        self._viewing = Viewing(self)
        self._coding = CodingControl(self.queue, self._memory.coding, self)
        self._region = Region(self.queue, self)
        self._saving = Saving(self.queue, self)
        self._planning = Planning(self.queue, self)
        self._device = DeviceName(self.queue, self)
        self._tags = Tags(self.queue, self)
        self.identities = Identities(self)
        self._judging = Judging(self.queue, self)
        self._layers = LayerStripControl(self.queue, self)
        self._trained = TrainedModels(self.queue, self)
        self.workbench = Workbench(self.queue, self)
        self.measuring = Measuring(self.queue, self._loading.coded, self)
        self.sweeping = Sweeping(self.queue, self)
        self.deforming = Deforming(self.queue, self)
        self.inspecting = Inspecting(self.queue, self)
        self.spoiling = Spoiler(self.queue, self)
        self.blind = BlindReading(self.queue, self)
        self.archiving = Archiving(
            self.queue,
            self._loading.library,
            self._loading.open_paths,
            self._show_found,
            self,
        )
        self._direction = 1
        self._closed = False
        self._connect()

    def _connect(self) -> None:
        loading, coding, saving = self._loading, self._coding, self._saving
        loading.library_changed.connect(self.library_changed)
        loading.refused.connect(self.refused)
        loading.progressed.connect(self.scan_progressed)
        loading.progressed.connect(lambda f, text: self.job_progressed.emit("Opening", f, text))
        loading.finished.connect(self.scan_finished)
        loading.finished.connect(lambda *_: self.job_finished.emit())
        loading.library_changed.connect(self.archiving.library_changed)
        loading.finished.connect(lambda *_: self.archiving.opening_finished())
        self.archiving.rewritten.connect(loading.rewritten)
        loading.first_found.connect(self._show)
        loading.opened.connect(self._memory.opened)
        loading.reopened.connect(self._on_reopened)
        self._reading.changing.connect(self._on_image_changing)
        self._reading.changed.connect(self._on_image_read)
        self._reading.failed.connect(self._on_image_failed)
        self._reading.notice.connect(self.notice)
        self._thumbnails.ready.connect(self.thumbnail_ready)
        self._viewing.voi_changed.connect(self.voi_changed)
        self._viewing.view_changed.connect(self.view_changed)
        coding.changed.connect(self.coding_changed)
        coding.changed.connect(self._device.set_coding)
        coding.started.connect(self.coding_started)
        coding.progressed.connect(self.coding_progressed)
        coding.progressed.connect(lambda f, t: self.job_progressed.emit(coding.title, f, t))
        coding.failed.connect(self.coding_failed)
        coding.cancelled.connect(self.coding_cancelled)
        coding.finished.connect(self.coding_finished)
        coding.finished.connect(self.job_finished)
        coding.stale_changed.connect(self.comparison_stale)
        coding.compared.connect(self._on_compared)
        coding.notice.connect(self.notice)
        self._region.box_changed.connect(self._on_box_changed)
        self._region.figures_changed.connect(self.box_figures_changed)
        self._region.failed.connect(self.notice)
        saving.saved.connect(self._loading.rewritten)
        saving.saved.connect(self.marks.archived)
        saving.saved.connect(self.saved)
        saving.failed.connect(self.save_failed)
        saving.progressed.connect(self.job_progressed)
        saving.notice.connect(self.notice)
        saving.finished.connect(self.job_finished)
        self._planning.ready.connect(self.saving_planned)
        self._planning.failed.connect(self.saving_plan_failed)
        self._memory.recent_changed.connect(self.recent_changed)
        self._device.changed.connect(self.device_changed)
        self._judging.changed.connect(self.displayed_changed)
        self._judging.failed.connect(self.notice)
        self._viewing.voi_changed.connect(self._judging.set_voi)
        self._layers.changed.connect(self.layers_changed)
        self._layers.failed.connect(self.notice)
        self._viewing.voi_changed.connect(self._layers.set_voi)
        self._tags.ready.connect(self.tags_ready)
        self._tags.failed.connect(self.tags_failed)
        self.measuring.failed.connect(self.notice)
        self.sweeping.progressed.connect(self.job_progressed)
        self.sweeping.busy_changed.connect(lambda busy: None if busy else self.job_finished.emit())
        self.deforming.progressed.connect(
            lambda f, text: self.job_progressed.emit("Deformation", f, text)
        )
        self.deforming.finished.connect(self.job_finished)
        self.inspecting.progressed.connect(
            lambda f, text: self.job_progressed.emit("Looking inside", f, text)
        )
        self.inspecting.finished.connect(self.job_finished)
        self.spoiling.replaced.connect(self._on_replaced)
        self.spoiling.progressed.connect(lambda f, t: self.job_progressed.emit("Spoiling", f, t))
        self.spoiling.finished.connect(self.job_finished)
        self.blind.progressed.connect(lambda f, t: self.job_progressed.emit("Blind reading", f, t))
        self.blind.finished.connect(self.job_finished)
        self.spoiling.failed.connect(self.notice)
        matching = self.workbench.matching
        matching.progressed.connect(self.job_progressed)
        matching.finished.connect(self.job_finished)
        matching.notice.connect(self.notice)
        self._trained.listed.connect(self.models_listed)
        self._trained.added.connect(self._on_model_added)
        self._trained.card_ready.connect(self.model_card_ready)
        self._trained.failed.connect(self.model_failed)

    def _show(self, header: Header, frame: int = 0) -> None:
        self._reading.select(header, frame)

    def _show_found(self, header: Header) -> None:
        """Show an image that was asked for before it was open."""
        self._loading.chosen_by_hand()
        self._show(header)

    def _on_image_changing(self, header: Header) -> None:
        self.spoiling.set_original(None)
        self._coding.set_image(None)
        self._set_image(None)
        self.measuring.set_image(None)
        self._viewing.show(None, None, (0.0, 1.0))
        self.image_changing.emit(header)

    def _on_image_read(self, shown: Shown) -> None:
        radiograph = shown.radiograph
        self._viewing.show(radiograph, shown.voi, shown.limits)
        # A base picture is looked at, not coded: what is lost is judged against the whole.
        whole = None if shown.partial else radiograph
        self.spoiling.set_original(whole)
        self._coding.set_image(whole)
        self._set_image(radiograph)
        self.measuring.set_image(radiograph)
        self.image_changed.emit(radiograph)
        self.marks.reach(radiograph.header, Mark.SEEN)
        self._viewing.announce()
        if shown.archived is not None:
            self._coding.adopt(shown.archived)
        self._thumbnails.resume()

    def _set_image(self, radiograph: Radiograph | None) -> None:
        self._region.set_image(radiograph)
        self.workbench.set_image(radiograph)
        self.sweeping.set_image(radiograph)
        self.deforming.set_image(radiograph)

    def _on_replaced(self, radiograph: Radiograph, live: bool) -> None:
        """Show and code a spoiled picture in place of the image, or the image again."""
        original = self.spoiling.original
        if original is None:
            return
        follow = self._coding.busy or self._coding.comparison is not None
        box = self._region.box
        self._coding.set_image(radiograph)
        self._set_image(radiograph)
        self._region.set_box(box)
        # What was measured stays where it was drawn.
        self.measuring.set_image(replace(radiograph, header=original.header))
        self.image_changed.emit(radiograph)
        if follow:
            self._coding.compress(live=live)

    def _on_image_failed(self, header: Header, sentence: str) -> None:
        self.image_failed.emit(header, sentence)
        self._thumbnails.resume()

    def _on_compared(self, comparison: Comparison | None) -> None:
        # The old box figures go before the new picture comes; nothing is painted in between.
        self._region.set_comparison(comparison)
        if comparison is not None:
            self._device.seen(comparison.codec, comparison.device)
        self.workbench.take(comparison, roughly=self._coding.roughly)
        self.comparison_changed.emit(comparison)
        self.spoiling.set_comparison(comparison)
        whole = comparison is not None and not self._coding.roughly and not comparison.partial
        if comparison is not None and whole and not self.spoiling.text:
            self.marks.reach(comparison.radiograph.header, Mark.COMPARED)
        self._region.announce()
        self._judging.set_comparison(comparison)
        self._layers.set_comparison(comparison, self._coding.coding)
        if not self._coding.roughly or comparison is None:
            self.inspecting.set_comparison(comparison, self._coding.coding)
        self.measuring.set_comparison(comparison)
        self.sweeping.take(comparison, roughly=self._coding.roughly)

    def _on_box_changed(self, box: Box | None) -> None:
        self._coding.box = box
        self.box_changed.emit(box)
        self._judging.set_box(box)
        self._layers.set_box(box)
        self.deforming.set_box(box)

    def _on_model_added(self, model: ModelFile) -> None:
        if model.codec == self._coding.coding.codec:
            self._coding.set_model(model.sha256)
            self._memory.coding = self._coding.coding
        self.model_added.emit(model)

    def _on_reopened(self, path: Path) -> None:
        self._reading.forget(path)
        self._thumbnails.forget(path)
        self.measuring.reopened(path)

    def _following(self, header: Header) -> Header | None:
        return neighbour(self._loading.library, header, self._direction)

    def _kept_frame(self, header: Header) -> Radiograph | None:
        kept = self._reading.cache.get((header.path, 0))
        return None if kept is None else kept.radiograph

    def _is_being_read(self, header: Header) -> bool:
        reading = self._reading
        return reading.busy and reading.header is not None and reading.header.path == header.path
