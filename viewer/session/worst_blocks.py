"""The worst blocks of the latest coding, found in the background while a list shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.jobs import Job, JobQueue
from viewer.progress import CancelToken, Progress

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison
    from viewer.metrics.local_maps import Block

LISTED = 100


def find(comparison: Comparison, *, progress: Progress, cancel: CancelToken) -> list[Block]:
    """Return the blocks of a coding with the largest errors, the worst first."""
    from viewer.images.pixel_format import PixelFormat
    from viewer.metrics.local_maps import worst_blocks

    header = comparison.radiograph.header
    return worst_blocks(
        comparison.radiograph.pixels,
        comparison.reconstruction.pixels,
        PixelFormat(header.bits_stored, header.signed),
        count=LISTED,
        padding=header.grey.padding,
        progress=progress,
        cancel=cancel,
    )


class WorstBlocks(QObject):
    """Lists blocks while `wanted`; one that is marked is shown on all panes."""

    changed = Signal()
    """`blocks` are others, or being found."""
    marked_changed = Signal()
    failed = Signal(str)

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.blocks: list[Block] | None = None
        """None while they are being found, and where there is no coding."""
        self.marked: Block | None = None
        self._queue = queue
        self._wanted = False
        self._comparison: Comparison | None = None
        self._job: Job | None = None

    def want(self, wanted: bool) -> None:
        """Find blocks from now on, or no longer."""
        if wanted != self._wanted:
            self._wanted = wanted
            if not wanted:
                self.mark(None)
            self._again()

    def set_comparison(self, comparison: Comparison | None) -> None:
        """Find those of another coding."""
        if comparison is not self._comparison:
            self._comparison = comparison
            self.mark(None)
            self._again()

    def mark(self, block: Block | None) -> None:
        """Have a block marked on all panes, or none."""
        if block != self.marked:
            self.marked = block
            self.marked_changed.emit()

    def _again(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        if self.blocks is not None:
            self.blocks = None
            self.changed.emit()
        if not self._wanted or self._comparison is None:
            return
        job = self._queue.submit(find, self._comparison, lane="blocks", title="Worst blocks")
        self._job = job
        job.succeeded.connect(self._on_found)
        job.failed.connect(self._on_failed)

    def _on_found(self, blocks: list[Block]) -> None:
        self._job = None
        self.blocks = blocks
        self.changed.emit()

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        self.failed.emit(str(error))
