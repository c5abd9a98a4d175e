"""What the comparison workbench works with, beside the image and its latest coding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.images.radiograph import Radiograph
from viewer.jobs import JobQueue
from viewer.session.kept_codings import KeptCodings
from viewer.session.map_jobs import MapJobs

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison


class Workbench(QObject):
    """The codings kept and the maps wanted; each tells by its own signals.

    Attributes
    ----------
    codings : KeptCodings
    maps : MapJobs
    """

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.codings = KeptCodings(self)
        self.maps = MapJobs(queue, self)

    def set_image(self, radiograph: Radiograph | None) -> None:
        """Take another image, or none while one is read."""
        self.codings.set_image(radiograph)

    def take(self, comparison: Comparison | None, *, roughly: bool) -> None:
        """Take the latest coding; one for a glance, while a slider moves, is not kept."""
        if comparison is not None and not roughly:
            self.codings.add(comparison)
