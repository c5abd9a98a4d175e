"""What runs in a worker process: studies come in, outcomes go out, one thread for the numbers."""

from __future__ import annotations

import os
import queue
import signal
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from viewer.archive.many.one_study import FolderError, archive_study
from viewer.archive.many.records import Outcome, StudyTask
from viewer.archive.many.settings import Settings
from viewer.errors import Cancelled, RadviewError
from viewer.progress import CancelToken, PauseToken


@dataclass(frozen=True, slots=True)
class ImageDone:
    """An image of the study at hand was coded or found bad."""

    source_bytes: int


@dataclass(frozen=True, slots=True)
class Stop:
    """The run cannot go on, and why in one sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Wait where you are, or go on."""

    on: bool


_NICE = 5
"""Added where a window is to stay usable beside the workers."""

Report = ImageDone | Outcome | Stop


def serve(connection: Connection, folder: Path, settings: Settings, yielding: bool) -> None:
    """Archive the studies that come through a connection until it says None or closes.

    Parameters
    ----------
    yielding : bool
        Whether other programs go first.

    A connection that closes, because the process at its other end was killed or wants no more,
    cancels the study at hand: nothing of it is left.
    """
    # Ctrl-C reaches all processes of a terminal; the one that started this tells what to do.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if yielding and hasattr(os, "nice"):
        os.nice(_NICE)
    cancel = PauseToken()
    tasks: queue.Queue[StudyTask | None] = queue.Queue()
    threading.Thread(target=_listen, args=(connection, tasks, cancel), daemon=True).start()
    try:
        while (task := tasks.get()) is not None and not cancel.cancelled:
            connection.send(_report(task, folder, settings, connection, cancel))
    except (Cancelled, OSError):
        return


def _listen(
    connection: Connection, tasks: queue.Queue[StudyTask | None], cancel: PauseToken
) -> None:
    try:
        while (said := connection.recv()) is not None:
            match said:
                case Hold(on=True):
                    cancel.pause()
                case Hold():
                    cancel.resume()
                case _:
                    tasks.put(said)
    except (EOFError, OSError):
        cancel.cancel()
    tasks.put(None)


def _report(
    task: StudyTask,
    folder: Path,
    settings: Settings,
    connection: Connection,
    cancel: CancelToken,
) -> Report:
    try:
        return archive_study(
            task,
            folder,
            settings,
            on_image=lambda size: connection.send(ImageDone(size)),
            cancel=cancel,
        )
    except Cancelled:
        raise
    except FolderError as error:
        return Stop(str(error))
    except RadviewError as error:
        return Stop(f"{task.archive}: {error}")
