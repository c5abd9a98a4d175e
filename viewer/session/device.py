"""What the status bar says of the device; torch is asked in a thread, and only when needed."""

from __future__ import annotations

import sys
from importlib import import_module

from PySide6.QtCore import QObject, Signal

from viewer.jobs import JobQueue
from viewer.progress import CancelToken, Progress
from viewer.session.comparing import is_learned
from viewer.session.models import Coding

WHEN_NEEDED = "device: when needed"


def ask(choice: str, *, progress: Progress, cancel: CancelToken) -> str:
    """Return the name of the device that a choice stands for here."""
    # A coding that starts meanwhile imports these too. Were torch being linked then, it would
    # wait for the linker with Python's lock in hand, and the window with it.
    from viewer.linking import load_opencv
    from viewer.networks.torch_loading import load_torch

    import_module("viewer.evaluation.comparison")
    load_opencv()
    load_torch()
    from viewer.networks.device import choose_device

    device = choose_device(choice)
    if device.type == "cuda":
        return f"GPU {_cuda_name()}"
    return "GPU (Metal)" if device.type == "mps" else device.type.upper()


def _cuda_name() -> str:
    """Return the name of the card, without its maker's."""
    cuda = sys.modules["torch"].cuda
    return str(cuda.get_device_name()).replace("NVIDIA ", "")


class DeviceName(QObject):
    """Names the device of the chosen coding.

    Asking imports torch, which takes seconds: it is done in lane "device", when a learned codec
    is chosen or has run, never at start.
    """

    changed = Signal(str)

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = WHEN_NEEDED
        self._queue = queue
        self._known: dict[str, str] = {"cpu": "CPU"}
        self._choice = ""

    def set_coding(self, coding: Coding) -> None:
        """Name the device for another coding."""
        self._choice = coding.device if is_learned(coding.codec) else ""
        if not self._choice:
            self._set(WHEN_NEEDED)
        elif self._choice in self._known:
            self._set(self._known[self._choice])
        else:
            self._ask(self._choice)

    def seen(self, codec: str, device: str) -> None:
        """Name the device that a network has run on, which may be less than was asked for."""
        if is_learned(codec):
            self._choice = device
            if device in self._known:
                self._set(self._known[device])
            else:
                self._ask(device)

    def _ask(self, choice: str) -> None:
        job = self._queue.submit(ask, choice, lane="device", title="Finding the device")
        job.succeeded.connect(lambda name: self._learn(choice, name))
        job.failed.connect(lambda error: self._set(f"device: {error}"))

    def _learn(self, choice: str, name: str) -> None:
        self._known[choice] = name
        if choice == self._choice:
            self._set(name)

    def _set(self, name: str) -> None:
        if name != self.name:
            self.name = name
            self.changed.emit(name)
