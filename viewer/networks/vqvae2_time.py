"""How long the networks of `vqvae2` take of a piece of work."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch

from viewer.networks.vqvae2_inference import FilterInference, PriorInference

WATCHED: tuple[tuple[type, str], ...] = (
    (PriorInference, "base"),
    (PriorInference, "group"),
    (FilterInference, "corrections"),
)


def seconds_in_networks(work: Callable[[], object], device: torch.device) -> dict[str, float]:
    """Do some work and return the seconds that each network took, transfers included, by method.

    Calls at the same time, from several threads, count once each. Nobody else should be coding.
    """
    spent = {method: 0.0 for _, method in WATCHED}

    def watched(plain: Callable[..., Any], method: str) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            _wait(device)
            begun = time.perf_counter()
            found = plain(*arguments, **named)
            _wait(device)
            spent[method] += time.perf_counter() - begun
            return found

        return timed

    before = [getattr(owner, method) for owner, method in WATCHED]
    try:
        for (owner, method), plain in zip(WATCHED, before, strict=True):
            setattr(owner, method, watched(plain, method))
        work()
    finally:
        for (owner, method), plain in zip(WATCHED, before, strict=True):
            setattr(owner, method, plain)
    return spent


def _wait(device: torch.device) -> None:
    """Until the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
