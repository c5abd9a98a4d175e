"""What is open and chosen: changes become jobs, results become signals. No widgets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QObject, QSettings, Signal

from viewer.codecs.base import Target
from viewer.images.library import Library, Refusal
from viewer.images.radiograph import Header, Radiograph
from viewer.session.models import Box, Coding, ViewState

Which = Literal["original", "reconstruction", "difference"]


class Session(QObject):
    """One window's state."""

    library_changed = Signal()
    """Headers were added to `library`."""
    refused = Signal(object)
    """A `viewer.images.library.Refusal`."""
    scan_progressed = Signal(float, str)
    scan_finished = Signal(int, int)
    """How many images were opened and refused."""
    image_changing = Signal(object)
    """The `Header` being read: what is shown is no longer it."""
    image_changed = Signal(object)
    """The `Radiograph` to show, or None."""
    image_failed = Signal(object, str)
    """The `Header` that could not be read, and why."""
    thumbnail_ready = Signal(object, object)
    """`Header`, uint8 array of shape (rows, columns) or (rows, columns, 3)."""
    voi_changed = Signal(object)
    """A `Window` or `LookupTable`; None for colour."""
    coding_changed = Signal(object)
    """The `Coding` asked for."""
    coding_started = Signal(str)
    coding_progressed = Signal(float, str)
    coding_failed = Signal(str)
    coding_cancelled = Signal()
    coding_finished = Signal()
    """Always the last signal of a coding."""
    comparison_changed = Signal(object)
    """A `Comparison`, picture and figures together, or None."""
    comparison_stale = Signal(bool)
    """True from the moment something else is asked for until its result is there."""
    notice = Signal(str)
    box_changed = Signal(object)
    box_figures_changed = Signal(object)
    """`Figures` of the box; None when there are none or they are being computed."""
    view_changed = Signal(object)
    """A `ViewState`."""
    saved = Signal(object)
    """The `Path` written."""
    save_failed = Signal(str)
    job_progressed = Signal(str, float, str)
    """Title, fraction, text of any long job."""
    recent_changed = Signal(list)
    """Paths, the latest first."""

    def __init__(self, settings: QSettings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)

    @property
    def library(self) -> Library:
        """All that was opened."""
        raise NotImplementedError

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """What could not be opened so far."""
        raise NotImplementedError

    @property
    def radiograph(self) -> Radiograph | None:
        """The image shown."""
        raise NotImplementedError

    @property
    def header(self) -> Header | None:
        """The image selected, from the moment it is; its `radiograph` may still be read."""
        raise NotImplementedError

    @property
    def voi(self) -> Any:
        """The window shared by original and reconstruction."""
        raise NotImplementedError

    @property
    def coding(self) -> Coding:
        """What is asked for."""
        raise NotImplementedError

    @property
    def comparison(self) -> Any:
        """The latest result, or None."""
        raise NotImplementedError

    @property
    def stale(self) -> bool:
        """Whether `comparison` answers something else than what is now asked for."""
        raise NotImplementedError

    @property
    def box(self) -> Box | None:
        """The measured rectangle."""
        raise NotImplementedError

    @property
    def box_figures(self) -> Any:
        """Figures of `box` in `comparison`, or None."""
        raise NotImplementedError

    @property
    def view(self) -> ViewState:
        """What the panes share."""
        raise NotImplementedError

    @property
    def busy(self) -> bool:
        """Whether a scan, coding or save is under way."""
        raise NotImplementedError

    @property
    def device_name(self) -> str:
        """Where networks run; asked for only once a learned codec is chosen."""
        raise NotImplementedError

    @property
    def recent(self) -> list[Path]:
        """Paths opened before, the latest first."""
        raise NotImplementedError

    @property
    def last_folder(self) -> Path:
        """Where a file dialog should begin."""
        raise NotImplementedError

    def open_paths(self, paths: Iterable[Path | str]) -> None:
        """Scan files, folders and archives; show the first image found."""
        raise NotImplementedError

    def select(self, header: Header, frame: int = 0) -> None:
        """Show an image."""
        raise NotImplementedError

    def step(self, by: int) -> None:
        """Show the next (1) or previous (-1) image of the library."""
        raise NotImplementedError

    def request_thumbnail(self, header: Header) -> None:
        """Have a thumbnail made; the latest asked for comes first."""
        raise NotImplementedError

    def thumbnail(self, header: Header) -> Any:
        """Return the thumbnail already made, or None."""
        raise NotImplementedError

    def set_voi(self, voi: Any) -> None:
        """Show original and reconstruction with a window or table."""
        raise NotImplementedError

    def auto_window(self) -> None:
        """Show the 1st to the 99th percentile."""
        raise NotImplementedError

    def drag_window(self, dx: float, dy: float) -> None:
        """Change width by `dx` and centre by `dy` screen pixels, scaled to the data's range."""
        raise NotImplementedError

    def set_codec(self, name: str) -> None:
        """Choose a codec; codes anew when there was a comparison."""
        raise NotImplementedError

    def set_target(self, target: Target, *, live: bool = False) -> None:
        """Choose what is asked for; codes when `live` or when there was a comparison."""
        raise NotImplementedError

    def set_device(self, name: str) -> None:
        """Choose where networks run."""
        raise NotImplementedError

    def compress(self) -> None:
        """Code the image shown with the current `coding`."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Give up the coding and saving under way, or else the scan."""
        raise NotImplementedError

    def set_box(self, box: Box | None) -> None:
        """Measure a rectangle of the stored pixels."""
        raise NotImplementedError

    def set_view(self, **changes: Any) -> None:
        """Change `centre`, `scale`, `cursor` or `tool` of the shared view."""
        raise NotImplementedError

    def save_archive(self, path: Path | str) -> None:
        """Code every image of the open study and write the archive."""
        raise NotImplementedError

    def export_png(self, path: Path | str, which: Which = "reconstruction") -> None:
        """Write a displayed picture."""
        raise NotImplementedError

    def export_dicom(self, path: Path | str) -> None:
        """Write the reconstruction (the original where there is none) as DICOM."""
        raise NotImplementedError

    def close(self) -> bool:
        """Cancel all jobs and join all threads; True when none is left."""
        raise NotImplementedError
