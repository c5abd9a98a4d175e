"""What is open and chosen: changes become jobs, results become signals. No widgets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QSettings

from viewer.codecs.base import Target
from viewer.images.display import Picture
from viewer.images.library import Library, Refusal
from viewer.images.radiograph import Header, Radiograph
from viewer.images.voi import Voi
from viewer.jobs import JobQueue
from viewer.session.coding import CodingControl
from viewer.session.device import DeviceName
from viewer.session.judging import Judging
from viewer.session.loading import Loading
from viewer.session.models import Box, Coding, ViewState
from viewer.session.planning import Planning
from viewer.session.reading import Reading
from viewer.session.recent import Memory
from viewer.session.region import Region
from viewer.session.save_options import AS_USUAL, SaveOptions
from viewer.session.saving import Saving
from viewer.session.signals import SessionSignals
from viewer.session.sources import Shown
from viewer.session.study import neighbour, study_headers
from viewer.session.tags import Tags
from viewer.session.thumbnails import Thumbnails
from viewer.session.viewing import Viewing
from viewer.session.writing import StudyImage, Which

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison
    from viewer.evaluation.displayed import Displayed
    from viewer.metrics.figures import Figures


class Session(SessionSignals):
    """One window's state, put together from small parts that each own one thing.

    Parameters
    ----------
    settings : QSettings, optional
        Where paths and codings are remembered; the product's own by default.
    """

    def __init__(self, settings: QSettings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.queue = JobQueue(self)
        self._memory = Memory(settings, self)
        self._loading = Loading(self.queue, self)
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
        self._judging = Judging(self.queue, self)
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
        self._tags.ready.connect(self.tags_ready)
        self._tags.failed.connect(self.tags_failed)

    @property
    def library(self) -> Library:
        """All that was opened."""
        return self._loading.library

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """What could not be opened so far."""
        return self._loading.library.refusals

    @property
    def header(self) -> Header | None:
        """The image selected, from the moment it is; its `radiograph` may still be read."""
        return self._reading.header

    @property
    def radiograph(self) -> Radiograph | None:
        """The image shown; None while it is being read."""
        shown = self._reading.shown
        return None if shown is None else shown.radiograph

    @property
    def frame(self) -> int:
        """The frame selected, from 0."""
        return self._reading.frame

    def is_kept(self, header: Header, frame: int = 0) -> bool:
        """Whether a frame is decoded already and can be shown at once."""
        return (header.path, frame) in self._reading.cache

    @property
    def voi(self) -> Voi | None:
        """The window shared by original and reconstruction; None for colour."""
        return self._viewing.voi

    @property
    def view(self) -> ViewState:
        """What the panes share."""
        return self._viewing.view

    @property
    def coding(self) -> Coding:
        """What is asked for."""
        return self._coding.coding

    @property
    def comparison(self) -> Comparison | None:
        """The latest result, or None."""
        return self._coding.comparison

    @property
    def stale(self) -> bool:
        """Whether `comparison` answers something else than what is now asked for."""
        return self._coding.stale

    @property
    def box(self) -> Box | None:
        """The measured rectangle."""
        return self._region.box

    @property
    def box_figures(self) -> Figures | None:
        """Figures of `box` in `comparison`; None while they are being computed."""
        return self._region.figures

    @property
    def busy(self) -> bool:
        """Whether a scan, coding or save is under way."""
        return self._loading.busy or self._coding.busy or self._saving.busy

    @property
    def device_name(self) -> str:
        """Where networks run; asked for only once a learned codec is chosen."""
        return self._device.name

    @property
    def recent(self) -> list[Path]:
        """Paths opened before, the latest first."""
        return self._memory.recent

    @property
    def last_folder(self) -> Path:
        """Where a file dialog should begin."""
        return self._memory.last_folder

    def open_paths(self, paths: Iterable[Path | str]) -> None:
        """Scan files, folders and archives; show the first image found."""
        chosen = [Path(path) for path in paths]
        if chosen and not self._closed:
            self._memory.visited(chosen[0])
            self._loading.open_paths(chosen)

    def select(self, header: Header, frame: int = 0) -> None:
        """Show an image; what is still being opened does not take its place."""
        self._loading.chosen_by_hand()
        self._show(header, frame)

    def step(self, by: int) -> None:
        """Show the next (1) or previous (-1) image of the library."""
        header = neighbour(self.library, self.header, by)
        if header is not None:
            self._direction = 1 if by > 0 else -1
            self.select(header)

    def request_thumbnail(self, header: Header) -> None:
        """Have a thumbnail made; the latest asked for comes first."""
        self._thumbnails.request(header)

    def thumbnail(self, header: Header) -> Picture | None:
        """Return the thumbnail already made."""
        return self._thumbnails.get(header)

    @property
    def as_displayed(self) -> bool:
        """Whether figures are those of the pictures as displayed."""
        return self._judging.on

    @property
    def displayed(self) -> Displayed | None:
        """Figures as displayed; None while off, without a comparison, or being computed."""
        return self._judging.displayed

    def set_as_displayed(self, on: bool) -> None:
        """Judge both pictures through the current window instead of the stored values."""
        self._judging.switch(on)

    def request_tags(self, path: Path) -> None:
        """Read the attributes of a file, opened or refused; `tags_ready` brings them."""
        self._tags.request(path)

    def set_voi(self, voi: Voi) -> None:
        """Show original and reconstruction with a window or table."""
        self._viewing.set_voi(voi)

    def auto_window(self) -> None:
        """Show the 1st to the 99th percentile."""
        self._viewing.auto_window()

    def drag_window(self, dx: float, dy: float) -> None:
        """Change width by `dx` and centre by `dy` screen pixels, scaled to the data's range."""
        self._viewing.drag_window(dx, dy)

    def set_view(self, **changes: Any) -> None:
        """Change `centre`, `scale`, `cursor` or `tool` of the shared view."""
        self._viewing.set_view(**changes)

    def set_codec(self, name: str) -> None:
        """Choose a codec; codes anew when there was a comparison."""
        self._coding.set_codec(name)
        self._memory.coding = self.coding

    def set_target(self, target: Target, *, live: bool = False) -> None:
        """Choose what is asked for; codes when `live` or when there was a comparison."""
        self._coding.set_target(target, live=live)
        if not live:
            self._memory.coding = self.coding

    def set_device(self, name: str) -> None:
        """Choose where networks run."""
        self._coding.set_device(name)
        self._memory.coding = self.coding

    def compress(self) -> None:
        """Code the image shown with the current `coding`."""
        self._coding.compress()

    def cancel(self) -> None:
        """Give up the coding and saving under way, or else the scan."""
        working = self._coding.busy or self._saving.busy
        self._coding.cancel()
        self._saving.cancel()
        if not working:
            self._loading.cancel()

    def set_box(self, box: Box | None) -> None:
        """Measure a rectangle of the stored pixels."""
        self._region.set_box(box)

    def plan_saving(self) -> None:
        """Find out what saving the open study would take; `saving_planned` brings it."""
        images = self._study_images()
        if images:
            self._planning.request(images, self.coding, self.radiograph)

    def cancel_planning(self) -> None:
        """Give up finding out what saving would take."""
        self._planning.cancel()

    def save_archive(self, path: Path | str, options: SaveOptions = AS_USUAL) -> None:
        """Code every image of the open study with the current `coding`; write the archive."""
        images = self._study_images()
        if not images:
            self.save_failed.emit("There is no study to save; open one first.")
        elif options.refusal:
            self.save_failed.emit(options.refusal)
        else:
            self._saving.save_archive(Path(path), images, self.coding, options)

    def export_png(self, path: Path | str, which: Which = "reconstruction") -> None:
        """Write a displayed picture: "original", "reconstruction" or "difference"."""
        if self.radiograph is None:
            self.save_failed.emit("There is no image to export; open one first.")
            return
        self._saving.export_png(Path(path), which, self.radiograph, self.comparison, self.voi)

    def export_dicom(self, path: Path | str) -> None:
        """Write the reconstruction (the original where there is none) as DICOM."""
        if self.radiograph is None:
            self.save_failed.emit("There is no image to export; open one first.")
            return
        header = self.radiograph.header
        image = StudyImage(header, self.comparison, self._loading.coded(header))
        self._saving.export_dicom(Path(path), self.radiograph, image, self.coding)

    def close(self) -> bool:
        """Cancel all jobs and join all threads; True when none is left."""
        self._closed = True
        self._thumbnails.clear()
        self._judging.stop()
        return self.queue.close()

    def _show(self, header: Header, frame: int = 0) -> None:
        self._reading.select(header, frame)

    def _on_image_changing(self, header: Header) -> None:
        self._coding.set_image(None)
        self._region.set_image(None)
        self._viewing.show(None, None, (0.0, 1.0))
        self.image_changing.emit(header)

    def _on_image_read(self, shown: Shown) -> None:
        radiograph = shown.radiograph
        self._viewing.show(radiograph, shown.voi, shown.limits)
        self._coding.set_image(radiograph)
        self._region.set_image(radiograph)
        self.image_changed.emit(radiograph)
        self._viewing.announce()
        if shown.archived is not None:
            self._coding.adopt(shown.archived)
        self._thumbnails.resume()

    def _on_image_failed(self, header: Header, sentence: str) -> None:
        self.image_failed.emit(header, sentence)
        self._thumbnails.resume()

    def _on_compared(self, comparison: Comparison | None) -> None:
        # The old box figures go before the new picture comes; nothing is painted in between.
        self._region.set_comparison(comparison)
        if comparison is not None:
            self._device.seen(comparison.codec, comparison.device)
        self.comparison_changed.emit(comparison)
        self._region.announce()
        self._judging.set_comparison(comparison)

    def _on_box_changed(self, box: Box | None) -> None:
        self._coding.box = box
        self.box_changed.emit(box)
        self._judging.set_box(box)

    def _on_reopened(self, path: Path) -> None:
        self._reading.forget(path)
        self._thumbnails.forget(path)

    def _following(self, header: Header) -> Header | None:
        return neighbour(self.library, header, self._direction)

    def _kept_frame(self, header: Header) -> Radiograph | None:
        kept = self._reading.cache.get((header.path, 0))
        return None if kept is None else kept.radiograph

    def _is_being_read(self, header: Header) -> bool:
        return self._reading.busy and self.header is not None and self.header.path == header.path

    def _study_images(self) -> tuple[StudyImage, ...]:
        if self.header is None:
            return ()
        headers = study_headers(
            self.library, self.header, lambda header: self._loading.coded(header) is not None
        )
        return tuple(self._study_image(header) for header in headers)

    def _study_image(self, header: Header) -> StudyImage:
        comparison = None
        if self.comparison is not None and not self.stale:
            same = self.comparison.radiograph.header.path == header.path
            comparison = self.comparison if same else None
        return StudyImage(header, comparison, self._loading.coded(header))
