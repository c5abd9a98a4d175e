"""The attributes of a file for the header window, read in a thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from viewer.errors import RadviewError
from viewer.images.tags import Tag
from viewer.jobs import JobQueue
from viewer.progress import CancelToken, Progress


def read(path: Path, hidden: bool, *, progress: Progress, cancel: CancelToken) -> list[Tag]:
    """List the attributes of a file; see `viewer.images.tags.read_tags`.

    Parameters
    ----------
    hidden : bool
        Whether the values that could tell whose image it is are left out.
    """
    from viewer.images.tags import read_tags

    tags = read_tags(path)
    if hidden:
        from viewer.archive.hidden_tags import without_identity

        return without_identity(tags, path)
    return tags


class Tags(QObject):
    """Reads attributes in lane "tags"; the latest file asked for wins."""

    ready = Signal(object, object)
    """`Path`, list of `Tag`."""
    failed = Signal(object, str)
    """`Path`, why it has none that can be read."""

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue

    def request(self, path: Path, *, hidden: bool = False) -> None:
        """Read a file's attributes; `hidden` leaves out what tells whose they are."""
        job = self._queue.submit(read, path, hidden, lane="tags", title="Reading the header")
        job.succeeded.connect(lambda tags: self.ready.emit(path, tags))
        job.failed.connect(lambda error: self._on_failed(path, error))

    def _on_failed(self, path: Path, error: RadviewError) -> None:
        self.failed.emit(path, str(error))
