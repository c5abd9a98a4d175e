"""What is open and chosen: changes become jobs, results become signals. No widgets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.codecs.base import Target
from viewer.images.display import Picture
from viewer.images.library import Library, Refusal
from viewer.images.radiograph import Header, Radiograph
from viewer.images.voi import Voi
from viewer.session.models import Box, Coding, ViewState
from viewer.session.saving_commands import SavingCommands
from viewer.session.study import neighbour

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison
    from viewer.evaluation.displayed import Displayed
    from viewer.metrics.figures import Figures


class Session(SavingCommands):
    """One window's state, put together from small parts that each own one thing.

    Parameters
    ----------
    settings : QSettings, optional
        Where paths and codings are remembered; the product's own by default.
    """

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
        """The image shown, spoiled where that was asked for; None while it is being read."""
        shown = self._reading.shown
        if shown is None:
            return None
        return self.spoiling.radiograph or shown.radiograph

    @property
    def partial(self) -> bool:
        """Whether `radiograph` is a base picture, and the rest of it is being decoded."""
        return self._reading.partial

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
        parts = (self._loading, self._coding, self._saving, self.deforming, self.workbench,
                 self.sweeping, self.inspecting, self.spoiling, self.blind)  # fmt: skip
        return any(part.busy for part in parts)

    @property
    def device_name(self) -> str:
        """Where networks run; asked for only once a learned codec is chosen."""
        return self._device.name

    @property
    def recent(self) -> list[Path]:
        """Paths opened before, the latest first."""
        return self._memory.recent

    @property
    def keeps_recent(self) -> bool:
        """Whether paths opened are kept for the next run."""
        return self._memory.keeps_recent

    def set_keeps_recent(self, keeps: bool) -> None:
        """Keep paths opened for the next run, or forget them and keep no more."""
        self._memory.keeps_recent = keeps

    def clear_recent(self) -> None:
        """Forget the paths opened before."""
        self._memory.clear_recent()

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

    def without_names(self, sentence: str) -> str:
        """Return a sentence as it may be shown: hidden identities hide names of open files."""
        return self.identities.said(sentence, *(header.path for header in self.library.headers))

    def request_tags(self, path: Path) -> None:
        """Read the attributes of a file, opened or refused; `tags_ready` brings them."""
        self._tags.request(path, hidden=self.identities.hidden)

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

    def set_model(self, model: str) -> None:
        """Choose the model that the codec uses, by its hash; "" leaves it to the codec."""
        self._coding.set_model(model)
        self._memory.coding = self.coding

    def request_models(self) -> None:
        """List the models of the codec chosen; `models_listed` brings them."""
        self._trained.request(self.coding.codec)

    def add_model(self, path: Path | str) -> None:
        """Check a weights file, take it into the user's folder, and choose it."""
        self._trained.add(Path(path), self.coding.codec)

    def request_model_card(self) -> None:
        """Read the card of the model chosen; `model_card_ready` brings it."""
        self._trained.show_card(self.coding.codec, self.coding.model)

    def set_device(self, name: str) -> None:
        """Choose where networks run."""
        self._coding.set_device(name)
        self._memory.coding = self.coding

    def compress(self) -> None:
        """Code the image shown with the current `coding`."""
        self._coding.compress()

    def cancel(self) -> None:
        """Give up the coding and saving under way, else a curve or table, else the scan."""
        parts = (self._coding, self._saving, self.deforming, self.inspecting, self.spoiling,
                 self.blind, self.workbench)  # fmt: skip
        working = any(part.busy for part in parts)
        self._coding.cancel()
        self.deforming.cancel()
        self.inspecting.cancel()
        self.spoiling.cancel()
        self.blind.cancel()
        self.workbench.cancel()
        self._saving.cancel()
        if self.sweeping.busy and not working:
            self.sweeping.cancel()
        elif not working:
            self._loading.cancel()

    def set_box(self, box: Box | None) -> None:
        """Measure a rectangle of the stored pixels."""
        self._region.set_box(box)

    def close(self) -> bool:
        """Cancel all jobs and join all threads; True when none is left."""
        self._closed = True
        self._thumbnails.clear()
        self._judging.stop()
        self._layers.stop()
        return self.queue.close()
