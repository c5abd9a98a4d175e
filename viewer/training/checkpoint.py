"""Checkpoints of a training as safetensors and JSON: written beside, then moved into place."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from viewer.errors import TrainingError

_TENSORS = "checkpoint.safetensors"
_STATE = "checkpoint.json"


def has_checkpoint(folder: Path) -> bool:
    """Whether a training was begun in a folder."""
    return (folder / _TENSORS).is_file()


def spare_checkpoint(folder: Path, *, resume: bool) -> None:
    """See to it that a training which does not resume one writes over none.

    Raises
    ------
    TrainingError
        When the folder holds a checkpoint that is not to be resumed from.
    """
    if not resume and has_checkpoint(folder):
        raise TrainingError(
            f"{folder} holds a checkpoint already; resume from it, or choose another."
        )


def save_checkpoint(
    folder: Path, network: nn.Module, optimiser: torch.optim.Optimizer, state: dict[str, Any]
) -> None:
    """Write network, optimiser and state; an interruption leaves the former checkpoint whole.

    Parameters
    ----------
    folder
        Exists.
    network, optimiser
        Whose tensors to keep.
    state
        What JSON can hold; the step must be under ``"step"``.
    """
    tensors = {f"network.{name}": value for name, value in network.state_dict().items()}
    for number, slots in optimiser.state_dict()["state"].items():
        for slot, value in slots.items():
            tensors[f"optimiser.{number}.{slot}"] = torch.as_tensor(value)
    tensors = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    beside = folder / f"{_TENSORS}.part"
    save_file(tensors, beside, metadata={"state": json.dumps(state)})
    os.replace(beside, folder / _TENSORS)
    write_json(folder / _STATE, state)


def load_checkpoint(
    folder: Path, network: nn.Module, optimiser: torch.optim.Optimizer
) -> dict[str, Any]:
    """Read what :func:`save_checkpoint` wrote into ``network`` and ``optimiser``; return its state.

    Raises
    ------
    TrainingError
        When there is no checkpoint, or it is damaged or of another network.
    """
    path = folder / _TENSORS
    if not has_checkpoint(folder):
        raise TrainingError(f"There is no checkpoint to resume from in {folder}.")
    try:
        tensors = load_file(path)
        state = _state_of(path)
        network.load_state_dict(
            {
                name.removeprefix("network."): value
                for name, value in tensors.items()
                if name.startswith("network.")
            }
        )
        slots: dict[int, dict[str, Tensor]] = {}
        for name, value in tensors.items():
            if name.startswith("optimiser."):
                _, number, slot = name.split(".", 2)
                slots.setdefault(int(number), {})[slot] = value
        optimiser.load_state_dict(
            {"state": slots, "param_groups": optimiser.state_dict()["param_groups"]}
        )
    except (SafetensorError, RuntimeError, ValueError, KeyError, OSError) as error:
        raise TrainingError(
            f"The checkpoint {path} cannot be used: {error}".splitlines()[0]
        ) from error
    return state


def write_json(path: Path, value: Any) -> None:
    """Write JSON beside and move it into place."""
    beside = path.with_name(path.name + ".part")
    beside.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    os.replace(beside, path)


def _state_of(path: Path) -> dict[str, Any]:
    """State kept inside the tensors' file, so that both are always of one step."""
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        state = json.loads(file.metadata()["state"])
    if not isinstance(state, dict):
        raise ValueError("its state is not a JSON object")
    return state
