"""Where networks run: CUDA, else MPS, else the CPU, unless told otherwise."""

from __future__ import annotations

import os

import torch

from viewer.errors import ModelError
from viewer.memory import keep_freed

DEVICE_VARIABLE = "RADVIEW_DEVICE"
"""Environment variable that stands for the device where "auto" is asked for."""

_KNOWN = ("auto", "cpu", "cuda", "mps")


def choose_device(wanted: str = "auto") -> torch.device:
    """Return the device to run on; networks are about to, so freed memory is kept from here on.

    Parameters
    ----------
    wanted : str
        "auto", "cpu", "cuda" or "mps". "auto" follows $RADVIEW_DEVICE when it is set, and otherwise
        takes the first of CUDA, MPS and CPU that is there.

    Raises
    ------
    ModelError
        When the device is unknown or not there.
    """
    keep_freed()
    name = wanted or "auto"
    if name == "auto":
        name = os.environ.get(DEVICE_VARIABLE, "").strip().lower() or "auto"
    if name not in _KNOWN:
        raise ModelError(f"There is no device '{name}'; there are {', '.join(_KNOWN)}.")
    if name == "auto":
        name = "cuda" if _has("cuda") else "mps" if _has("mps") else "cpu"
    if not _has(name):
        raise ModelError(f"This computer offers no {name.upper()} device; use 'cpu' or 'auto'.")
    return torch.device(name)


def _has(name: str) -> bool:
    if name == "cuda":
        return torch.cuda.is_available()
    if name == "mps":
        return torch.backends.mps.is_available()
    return True
