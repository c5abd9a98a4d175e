"""How well pictures are segmented after downsampling: each sampler, size and seed, full size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import MeasureError
from viewer.evaluation.downsampling_result import DownsamplingResult, Measured
from viewer.evaluation.row_cache import RowCache
from viewer.metrics.overlap import (
    BAND_PIXELS,
    Boundaries,
    band_width,
    boundary_counts,
    overlap_counts,
)
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.resources import models_dir
from viewer.sampling.deformation import restored_classes
from viewer.sampling.labelled import Pair, as_classes, find_pairs, read_labels, read_picture
from viewer.sampling.nodules import plant
from viewer.sampling.pyramid import Pyramid, build_pyramid, sample
from viewer.sampling.restoring import Located, locate
from viewer.sampling.trained import Trained

NODULE_SEED = 1
"""Of the nodules planted for measuring; trainings plant with 1000 and above."""


@dataclass(frozen=True)
class _Entry:
    """A weights file and what its name says."""

    path: Path
    sampler: str
    size: int
    seed: int


def find_models(folder: Path) -> list[_Entry]:
    """Return the weights files ``sampler-size-seed.safetensors`` of a folder.

    Raises
    ------
    MeasureError
        When there is none.
    """
    found = []
    for path in sorted(folder.glob("*.safetensors")):
        parts = path.stem.split("-")
        if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
            found.append(_Entry(path, parts[0], int(parts[1]), int(parts[2])))
    if not found:
        raise MeasureError(f"The folder {folder} holds no weights of downsamplers.")
    return sorted(found, key=lambda entry: (entry.size, entry.sampler, entry.seed))


def evaluate_downsampling(
    folder: Path,
    models: Path | None = None,
    *,
    sizes: Sequence[int] | None = None,
    limit: int | None = None,
    every: int = 1,
    json_path: Path | None = None,
    plot_path: Path | None = None,
    cache: Path | None = None,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> DownsamplingResult:
    """Segment every labelled picture with every model and compare at full size.

    Parameters
    ----------
    folder : Path
        Pictures with label maps, in ``val`` if there; nodules are planted where the models were
        trained with them.
    models : Path, optional
        Weights files as `radview train downsampler` names them; the shipped ones without.
    sizes : sequence of int, optional
        Only models of these sizes.
    limit : int, optional
        Only the first so many pictures.
    every : int
        Only every n-th picture, at least 1.
    json_path, plot_path : Path, optional
        Where rows and summary, and the picture of the table, are written.
    cache : Path, optional
        A file that keeps what was measured of each picture and model.

    Raises
    ------
    MeasureError, SamplingError, ModelError, ImageError
    Cancelled
    """
    inside = folder / "val"
    pairs = find_pairs(inside if inside.is_dir() else folder)[:: max(1, every)][:limit]
    entries = find_models(models or models_dir() / "downsampler")
    entries = [entry for entry in entries if sizes is None or entry.size in sizes]
    if not entries:
        raise MeasureError("There are no weights of these sizes.")
    trained = [Trained(entry.path) for entry in entries]
    classes = trained[0].shape.classes
    if any(one.shape.classes != classes for one in trained):
        raise MeasureError("The weights were trained for different classes.")
    result = DownsamplingResult(str(folder), classes, [pair.name for pair in pairs])
    result.patients = [pair.patient for pair in pairs]
    kept = RowCache(cache)
    for number, pair in enumerate(pairs):
        reading = _Scene(pair, trained[0].training)
        for place, (entry, network) in enumerate(zip(entries, trained, strict=True)):
            cancel.check()
            done = (number + place / len(entries)) / len(pairs)
            progress(done, f"picture {number + 1}/{len(pairs)}, {entry.path.stem}")
            key = "downsampling", NODULE_SEED, network.digest, str(pair.picture.resolve())
            row = kept.get(*key)
            if row is None:
                row = reading.counts(network, entry.size, cancel)
                kept.put(row, *key)
            counts = {name: np.asarray(values, np.int64) for name, values in row.items()}
            result.measured.append(
                Measured(entry.sampler, entry.size, entry.seed, pair.name, **counts)
            )
    if json_path is not None:
        result.write_json(json_path)
    if plot_path is not None:
        from viewer.evaluation.downsampling_plot import plot

        plot(result, plot_path)
    progress(1.0, "done")
    return result


def draw_picture(
    folder: Path, path: Path, models: Path | None = None, *, size: int = 64, name: str | None = None
) -> None:
    """Draw the samplers on one labelled picture, with the networks of the first seed.

    Parameters
    ----------
    folder, models
        As for `evaluate_downsampling`.
    path : Path
        The PNG.
    size : int
        Samples a side; there have to be weights of this size.
    name : str, optional
        The picture's stem; the first one without.

    Raises
    ------
    MeasureError, SamplingError, ModelError, ImageError
    """
    from viewer.evaluation.downsampling_picture import write_picture

    inside = folder / "val"
    pairs = find_pairs(inside if inside.is_dir() else folder)
    chosen = [pair for pair in pairs if name is None or pair.name == name]
    if not chosen:
        raise MeasureError(f"The folder {folder} holds no labelled picture {name}.")
    entries = [e for e in find_models(models or models_dir() / "downsampler") if e.size == size]
    if not entries:
        raise MeasureError(f"There are no weights of {size} samples a side.")
    networks = {entry.sampler: Trained(entry.path) for entry in reversed(entries)}
    picture, truth = _read(chosen[0], next(iter(networks.values())).training)
    write_picture(picture, truth, networks, size, path)


def _read(pair: Pair, training: dict[str, Any]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    picture = read_picture(pair)
    raw = read_labels(pair, picture.shape)
    labels = as_classes(raw, training["values"], pair.labels.name)
    if training["data"]["nodules"]:
        picture, labels = plant(picture, labels, pair.name, NODULE_SEED)
    return picture, labels


class _Scene:
    """One labelled picture, read when the first model needs it."""

    def __init__(self, pair: Pair, training: dict[str, Any]) -> None:
        self._pair, self._training = pair, training
        self._read: tuple[Pyramid, NDArray[np.uint8], Boundaries] | None = None
        self._located: Located | None = None

    def counts(self, network: Trained, size: int, cancel: CancelToken) -> dict[str, Any]:
        """Return the counts of `Measured`, as lists."""
        if self._read is None:
            picture, truth = _read(self._pair, self._training)
            edges = Boundaries(truth, len(network.shape.classes))
            self._read = build_pyramid(picture), truth, edges
        pyramid, truth, edges = self._read
        grid = network.grid(pyramid, (size, size))
        if self._located is None or not np.array_equal(self._located.grid, grid):
            self._located = locate(grid, pyramid.shape, cancel=cancel)
        shares = network.segment(pyramid, sample(pyramid, grid))
        found = restored_classes(shares, self._located, cancel=cancel)
        classes = len(network.shape.classes)
        found_edges = Boundaries(found, classes)
        band = band_width(truth.shape)
        return {
            "overlap": overlap_counts(found, truth, classes).tolist(),
            "boundary": boundary_counts(found_edges, edges, band).tolist(),
            "near": boundary_counts(found_edges, edges, BAND_PIXELS).tolist(),
        }
