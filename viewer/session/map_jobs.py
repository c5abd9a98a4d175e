"""Maps of two pictures, computed in the background as long as a pane shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from viewer.images.radiograph import Radiograph
from viewer.jobs import Job, JobQueue

MapKey = tuple[str, int, int, str]


@dataclass(frozen=True, eq=False, slots=True)
class Pair:
    """Two pictures of the same size, as they are shown: a map says how they differ.

    Parameters
    ----------
    reference : Radiograph
        What is compared with, most often the original.
    changed : Radiograph
    device : str
        Where a network may run: "auto", "cpu", "cuda", "mps".
    """

    reference: Radiograph
    changed: Radiograph
    device: str = "auto"


@dataclass(frozen=True, eq=False, slots=True)
class MapOrder:
    """One map that is wanted.

    Parameters
    ----------
    name : str
        Of what is computed: orders of one name and pair are one job.
    title : str
        Named while it is computed.
    compute : callable
        Called as ``compute(pair, progress=..., cancel=...)`` in a job's thread; knows no Qt.
    pair : Pair
    """

    name: str
    title: str
    compute: Callable[..., object]
    pair: Pair

    @property
    def key(self) -> MapKey:
        """By which the answer is found, as long as the order is kept."""
        pair = self.pair
        return self.name, id(pair.reference), id(pair.changed), pair.device


class MapJobs(QObject):
    """Answers orders in lane "maps"; what is wanted no longer is stopped and forgotten."""

    ready = Signal()
    """An answer is there."""
    failed = Signal(object, str)
    """The `MapKey` that cannot be had, and why."""
    progressed = Signal(str, float, str)

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        # The order is kept with its answer: it keeps the pictures alive whose ids are in the key.
        self._wanted: dict[MapKey, MapOrder] = {}
        self._answers: dict[MapKey, object] = {}
        self._errors: dict[MapKey, str] = {}
        self._jobs: dict[MapKey, Job] = {}

    @property
    def busy(self) -> bool:
        """Whether anything wanted is not there yet."""
        return bool(self._jobs)

    def want(self, orders: Sequence[MapOrder]) -> None:
        """Have exactly these: start what is new, stop and forget what is not among them."""
        wanted = {order.key: order for order in orders}
        for key in [key for key in self._wanted if key not in wanted]:
            self._forget(key)
        for key, order in wanted.items():
            if key not in self._wanted:
                self._wanted[key] = order
                self._start(key, order)

    def answer(self, order: MapOrder) -> object | None:
        """Return what an order gave, None while it is computed."""
        return self._answers.get(order.key)

    def error(self, order: MapOrder) -> str:
        """Return why an order cannot be met, "" while nothing speaks against it."""
        return self._errors.get(order.key, "")

    def _start(self, key: MapKey, order: MapOrder) -> None:
        job = self._queue.submit(
            order.compute, order.pair, lane="maps", title=order.title, replace=False
        )
        self._jobs[key] = job
        job.progressed.connect(lambda f, text: self.progressed.emit(order.title, f, text))
        job.succeeded.connect(lambda answer: self._on_answer(key, answer))
        job.failed.connect(lambda error: self._on_failed(key, error))

    def _forget(self, key: MapKey) -> None:
        job = self._jobs.pop(key, None)
        if job is not None:
            job.cancel()
        for kept in (self._wanted, self._answers, self._errors):
            kept.pop(key, None)

    def _on_answer(self, key: MapKey, answer: object) -> None:
        self._jobs.pop(key, None)
        if key in self._wanted:
            self._answers[key] = answer
            self.ready.emit()

    def _on_failed(self, key: MapKey, error: Exception) -> None:
        self._jobs.pop(key, None)
        if key in self._wanted:
            self._errors[key] = str(error)
            self.failed.emit(key, str(error))
