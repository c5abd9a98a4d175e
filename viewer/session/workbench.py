"""What the comparison workbench works with, beside the image and its latest coding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.images.radiograph import Radiograph
from viewer.jobs import JobQueue
from viewer.session.kept_codings import KeptCodings
from viewer.session.map_jobs import MapJobs
from viewer.session.matching import Matching
from viewer.session.worst_blocks import WorstBlocks

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison
    from viewer.evaluation.matching import Match


class Workbench(QObject):
    """The codings kept, the maps wanted, searches; each tells by its own signals.

    Attributes
    ----------
    codings : KeptCodings
    maps : MapJobs
    matching : Matching
    blocks : WorstBlocks
    """

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.codings = KeptCodings(self)
        self.maps = MapJobs(queue, self)
        self.matching = Matching(queue, self)
        self.blocks = WorstBlocks(queue, self)
        self.matching.found.connect(self._on_match)

    def set_image(self, radiograph: Radiograph | None) -> None:
        """Take another image, or none while one is read."""
        self.matching.cancel()
        self.codings.set_image(radiograph)

    def take(self, comparison: Comparison | None, *, roughly: bool) -> None:
        """Take the latest coding; one for a glance, while a slider moves, is not kept."""
        if comparison is not None and not roughly:
            self.codings.add(comparison)
        self.blocks.set_comparison(comparison)

    @property
    def busy(self) -> bool:
        """Whether something runs that the reader has asked for and waits for."""
        return self.matching.busy

    def cancel(self) -> None:
        """Give it up."""
        self.matching.cancel()

    def _on_match(self, match: Match) -> None:
        # Both are kept, so that panes can show them whatever is coded next.
        self.codings.add(match.reference)
        self.codings.add(match.found)
