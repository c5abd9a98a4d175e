"""The attributes of a file for the header window, read in a thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from viewer.errors import RadviewError
from viewer.images.tags import Tag
from viewer.jobs import JobQueue
from viewer.progress import CancelToken, Progress


def read(path: Path, *, progress: Progress, cancel: CancelToken) -> list[Tag]:
    """List the attributes of a file; see `viewer.images.tags.read_tags`."""
    from viewer.images.tags import read_tags

    return read_tags(path)


class Tags(QObject):
    """Reads attributes in lane "tags"; the latest file asked for wins."""

    ready = Signal(object, object)
    """`Path`, list of `Tag`."""
    failed = Signal(object, str)
    """`Path`, why it has none that can be read."""

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue

    def request(self, path: Path) -> None:
        """Read a file's attributes."""
        job = self._queue.submit(read, path, lane="tags", title="Reading the header")
        job.succeeded.connect(lambda tags: self.ready.emit(path, tags))
        job.failed.connect(lambda error: self._on_failed(path, error))

    def _on_failed(self, path: Path, error: RadviewError) -> None:
        self.failed.emit(path, str(error))
