"""The models a codec can code with: listed, added and shown, each in a thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.jobs import JobQueue
from viewer.progress import CancelToken, Progress
from viewer.session.comparing import is_learned

if TYPE_CHECKING:
    from viewer.codecs.model_file import ModelFile


def list_models(codec: str, *, progress: Progress, cancel: CancelToken) -> tuple[ModelFile, ...]:
    """Return the models of a codec; see `viewer.codecs.model_files.models_of`."""
    from viewer.codecs.model_files import models_of

    return models_of(codec)


def add_model(
    path: Path, codec: str, *, progress: Progress, cancel: CancelToken
) -> tuple[ModelFile, tuple[ModelFile, ...]]:
    """Check a file, copy it into the user's folder, and list the models of its codec.

    Raises
    ------
    ModelError
    """
    from viewer.codecs.model_files import add, models_of
    from viewer.networks.torch_loading import load_torch

    load_torch()
    model = add(path, codec)
    return model, models_of(codec)


def read_card(codec: str, model: str, *, progress: Progress, cancel: CancelToken) -> str:
    """Return the card of a model in Markdown; see `viewer.codecs.model_files.card`."""
    from viewer.codecs.model_files import card

    return card(codec, model)


def archived_model(codec: str, told: str) -> str:
    """Return the choice that stands for what an archive says of its model ("vqvae2 <hash>")."""
    from viewer.codecs.model_files import choice

    if not told or not is_learned(codec):
        return ""
    return choice(codec, told.rsplit(" ", 1)[-1].lower())


class TrainedModels(QObject):
    """Lists, adds and shows models in the lanes "models" and "cards"."""

    listed = Signal(str, object)
    """Name of a codec, tuple of its `ModelFile`."""
    added = Signal(object)
    """The `ModelFile` that was added; the list follows."""
    card_ready = Signal(str)
    """Markdown."""
    failed = Signal(str)

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue

    def request(self, codec: str) -> None:
        """List the models of a codec."""
        if not is_learned(codec):
            self._queue.cancel("models")
            self.listed.emit(codec, ())
            return
        job = self._queue.submit(list_models, codec, lane="models", title="Looking for models")
        job.succeeded.connect(lambda models: self.listed.emit(codec, models))
        job.failed.connect(lambda error: self.failed.emit(str(error)))

    def add(self, path: Path, codec: str) -> None:
        """Check a file and take it into the user's folder."""
        job = self._queue.submit(
            add_model, path, codec, lane="models", title=f"Checking {path.name}"
        )
        job.succeeded.connect(lambda result: self._on_added(codec, result))
        job.failed.connect(lambda error: self.failed.emit(str(error)))

    def show_card(self, codec: str, model: str) -> None:
        """Read the card of a model."""
        job = self._queue.submit(read_card, codec, model, lane="cards", title="Reading the card")
        job.succeeded.connect(lambda text: self.card_ready.emit(str(text)))
        job.failed.connect(lambda error: self.failed.emit(str(error)))

    def _on_added(self, codec: str, result: tuple[ModelFile, tuple[ModelFile, ...]]) -> None:
        model, models = result
        self.listed.emit(codec, models)
        self.added.emit(model)
