"""The weights and tables of a released model, found by their hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors

from viewer.codecs.vqvae2.released import newest_path, released
from viewer.codecs.vqvae2.tables import FREQUENCY_BITS, ROWS, SYMBOLS, Tables
from viewer.errors import ModelError
from viewer.networks.vqvae2_filter import RestorationFilter
from viewer.networks.vqvae2_inference import FilterInference, PriorInference
from viewer.networks.vqvae2_integer import (
    ACTIVATION_MAX,
    EXACT_BITS,
    SUM_STEPS,
    WEIGHT_STEPS,
    GridConv,
    largest_sum,
)
from viewer.networks.vqvae2_prior import LevelPrior

HASH_BYTES = 8
FORMATS = ("radview-vqvae2-1", "radview-vqvae2-2")
"""Of models for bitstream version 1, with one quantiser, and 2, with two."""
MAX_BYTES = 1 << 26
PRIORS = 4
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Model:
    """Everything the bitstream's meaning depends on.

    Parameters
    ----------
    name : str
    digest : bytes
        First 8 bytes of the SHA-256 of the file.
    priors : tuple of LevelPrior
        For levels 1, 2, 3 and for 4 and above.
    tables : Tables
    restoration : RestorationFilter or None
    device : torch.device
        Where the networks run.
    """

    name: str
    digest: bytes
    priors: tuple[LevelPrior, ...]
    tables: Tables
    restoration: RestorationFilter | None
    device: torch.device = CPU
    _running: dict[tuple[str, str], PriorInference | FilterInference] = field(
        default_factory=dict, compare=False, repr=False
    )
    _inexact: set[str] = field(default_factory=set, compare=False, repr=False)

    @property
    def versions(self) -> tuple[int, ...]:
        """Versions of the bitstreams it is for; the last is written."""
        return (2, 3) if self.tables.dependent else (1,)

    def on(self, device: torch.device) -> Model:
        """The same model with its networks on a device, or on the CPU where that is not exact."""
        there = replace(self, device=device)
        if str(device) in self._inexact:
            return replace(self, device=CPU)
        try:
            for level in range(1, len(self.priors) + 1):
                there.prior(level)
            there.restorer()
        except ModelError:
            self._inexact.add(str(device))
            return replace(self, device=CPU)
        return there

    def prior(self, level: int) -> PriorInference:
        """The prior of a level, 1 the finest, as it runs.

        Raises
        ------
        ModelError
            When the device does not compute exactly.
        """
        index = min(level, len(self.priors)) - 1
        key = str(self.device), f"prior.{index}"
        found = self._running.get(key)
        if found is None:
            found = self._running[key] = PriorInference(self.priors[index], self.device)
        assert isinstance(found, PriorInference)
        return found

    def restorer(self) -> FilterInference | None:
        """The restoration filter as it runs; None for a model without.

        Raises
        ------
        ModelError
            When the device does not compute exactly.
        """
        if self.restoration is None:
            return None
        key = str(self.device), "filter"
        found = self._running.get(key)
        if found is None:
            found = self._running[key] = FilterInference(self.restoration, self.device)
        assert isinstance(found, FilterInference)
        return found


def _fill(module: torch.nn.Module, tensors: dict[str, torch.Tensor], prefix: str) -> None:
    for name, child in module.named_modules():
        if not isinstance(child, GridConv):
            continue
        for part, steps in (("weight", WEIGHT_STEPS), ("bias", SUM_STEPS)):
            target = getattr(child, part)
            if target is None:
                continue
            key = f"{prefix}.{name}.{part}"
            stored = tensors.get(key)
            if stored is None or stored.shape != target.shape or stored.is_floating_point():
                raise ModelError(f"The model lacks a valid tensor '{key}'.")
            target.data = stored.to(torch.float32) / steps
        child.freeze()
    if largest_sum_of(module) >= 1 << EXACT_BITS:
        raise ModelError("The model's weights are too large for exact integer arithmetic.")


def largest_sum_of(module: torch.nn.Module) -> int:
    """Largest absolute sum any convolution of the network can reach, in sum steps."""
    sums = [2 * largest_sum([m]) for m in module.modules() if isinstance(m, GridConv)]
    return max(sums, default=0)


def parse(data: bytes) -> Model:
    """Make a model of the bytes of a weights file.

    Raises
    ------
    ModelError
    """
    if len(data) > MAX_BYTES:
        raise ModelError("The model file is too large to be a vqvae2 model.")
    try:
        tensors = load_tensors(data)
        size = int.from_bytes(data[:8], "little")
        metadata = json.loads(data[8 : 8 + size]).get("__metadata__", {})
    except (SafetensorError, ValueError, KeyError) as error:
        raise ModelError("The model file is damaged or no safetensors file.") from error
    if metadata.get("format") not in FORMATS:
        raise ModelError(f"The model file is of none of the formats {', '.join(FORMATS)}.")
    try:
        widths = [int(part) for part in metadata["prior_widths"].split(",")]
        filter_width = int(metadata["filter_width"])
    except (KeyError, ValueError) as error:
        raise ModelError("The model file does not state its networks' widths.") from error
    if (
        len(widths) != PRIORS
        or not all(1 <= width <= 256 for width in widths)
        or not 0 <= filter_width <= 256
    ):
        raise ModelError("The model file states impossible widths.")
    priors = tuple(LevelPrior(width).eval().requires_grad_(False) for width in widths)
    for index, prior in enumerate(priors):
        _fill(prior, tensors, f"prior.{index}")
    restoration = None
    if filter_width:
        restoration = RestorationFilter(filter_width).eval().requires_grad_(False)
        _fill(restoration, tensors, "filter")
    return Model(
        name=str(metadata.get("name", "vqvae2")),
        digest=hashlib.sha256(data).digest()[:HASH_BYTES],
        priors=priors,
        tables=_tables(tensors, ROWS * (1 + FORMATS.index(metadata["format"]))),
        restoration=restoration,
    )


def _tables(tensors: dict[str, torch.Tensor], rows: int) -> Tables:
    try:
        frequencies = tensors["frequencies"].numpy().astype(np.int32)
        centroids = tensors["centroids"].numpy().astype(np.int16)
    except KeyError as error:
        raise ModelError("The model file lacks its frequency tables.") from error
    good = frequencies.shape == (rows, SYMBOLS) and centroids.shape == (rows, 5)
    if (
        not good
        or frequencies.min() < 1
        or (frequencies.sum(1) != 1 << FREQUENCY_BITS).any()
        or np.abs(centroids).max() > ACTIVATION_MAX
    ):
        raise ModelError("The model file's frequency tables are damaged.")
    return Tables(frequencies, centroids)


@lru_cache(maxsize=4)
def load_file(path: Path, modified: int) -> Model:
    """Load a weights file; ``modified`` is its time stamp, so that a new file is read anew."""
    try:
        return parse(path.read_bytes())
    except OSError as error:
        raise ModelError(f"The model {path} cannot be read.") from error


def load_path(path: Path) -> Model:
    """Load a weights file of the user's.

    Raises
    ------
    ModelError
    """
    try:
        modified = path.stat().st_mtime_ns
    except OSError as error:
        raise ModelError(f"The model {path} cannot be read.") from error
    return load_file(path, modified)


def newest() -> Model:
    """The model encoders use: the last of the list."""
    return load_path(newest_path())


def by_digest(digest: bytes, extra: tuple[Path, ...] = ()) -> Model:
    """The model a bitstream asks for.

    Raises
    ------
    ModelError
        When it is not installed.
    """
    for candidate in extra:
        model = load_path(candidate)
        if model.digest == digest:
            return model
    path = released().get(digest.hex())
    if path is not None:
        model = load_path(path)
        if model.digest == digest:
            return model
    raise ModelError(
        f"This image was coded with the vqvae2 model {digest.hex()}, which is not installed here."
    )
