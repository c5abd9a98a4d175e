"""What an evaluation of downsamplers found: rows, means with intervals over patients, as text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.files import write_text

RESAMPLINGS = 2000
_ORDER = ("uniform", "edge", "learned")


@dataclass(frozen=True)
class Measured:
    """One picture through one model: pixels in both and in either, for each class (classes, 2).

    ``overlap`` of whole classes, ``boundary`` of the band of 1 % of the diagonal, ``near`` of the
    band of 3 pixels.
    """

    sampler: str
    size: int
    seed: int
    picture: str
    overlap: NDArray[np.int64]
    boundary: NDArray[np.int64]
    near: NDArray[np.int64]


@dataclass
class DownsamplingResult:
    """Everything measured, over all pictures together: IoU of the pixels of all of them.

    Parameters
    ----------
    folder : str
    classes : tuple of str
    pictures : list of str
    """

    folder: str
    classes: tuple[str, ...]
    pictures: list[str]
    patients: list[str] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)

    def groups(self) -> list[tuple[str, int]]:
        """Return samplers and sizes there are, by size."""
        found = {(one.sampler, one.size) for one in self.measured}
        return sorted(found, key=lambda pair: (pair[1], _ORDER.index(pair[0])))

    def seeds(self, sampler: str, size: int) -> list[int]:
        """Return the seeds measured."""
        return sorted(
            {one.seed for one in self.measured if (one.sampler, one.size) == (sampler, size)}
        )

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each sampler, size, seed and class; None where a class never occurs."""
        rows = []
        for sampler, size in self.groups():
            for seed in self.seeds(sampler, size):
                chosen = self._of(sampler, size, seed)
                figures = {
                    name: _iou(np.sum([getattr(one, kind) for one in chosen], axis=0))
                    for name, kind in (
                        ("iou", "overlap"),
                        ("boundary_iou", "boundary"),
                        ("boundary_iou_3px", "near"),
                    )
                }
                for number, label in enumerate(self.classes):
                    row: dict[str, Any] = {
                        "sampler": sampler,
                        "size": size,
                        "seed": seed,
                        "class": label,
                    }
                    for name, values in figures.items():
                        value = float(values[number])
                        row[name] = round(value, 5) if np.isfinite(value) else None
                    rows.append(row)
        return rows

    def summary(self) -> list[dict[str, Any]]:
        """Return means over the seeds of each sampler and size, with 95 % over patients.

        Each entry has ``sampler, size, seeds`` and, for ``mean`` and every class, ``iou``,
        ``interval``, ``boundary_iou`` and ``boundary_iou_3px``.
        """
        entries = []
        for sampler, size in self.groups():
            draws = self._draws(sampler, size, "overlap")
            boundary = self._draws(sampler, size, "boundary")[0]
            near = self._draws(sampler, size, "near")[0]
            entry: dict[str, Any] = {
                "sampler": sampler,
                "size": size,
                "seeds": len(self.seeds(sampler, size)),
            }
            for number, label in enumerate(("mean", *self.classes)):
                entry[label] = {
                    "iou": _rounded(draws[0, number]),
                    "interval": _interval(draws[1:, number]),
                    "boundary_iou": _rounded(boundary[number]),
                    "boundary_iou_3px": _rounded(near[number]),
                }
            entries.append(entry)
        return entries

    def differences(self) -> list[dict[str, Any]]:
        """Return `learned` less each other sampler, in IoU, with paired intervals over patients."""
        entries = []
        for sampler, size in self.groups():
            if sampler == "learned" or ("learned", size) not in self.groups():
                continue
            draws = self._draws("learned", size, "overlap") - self._draws(sampler, size, "overlap")
            entry: dict[str, Any] = {"size": size, "learned_less": sampler}
            for number, label in enumerate(("mean", *self.classes)):
                entry[label] = {
                    "iou": _rounded(draws[0, number]),
                    "interval": _interval(draws[1:, number]),
                }
            entries.append(entry)
        return entries

    def write_json(self, path: Path) -> None:
        """Write rows, summary and differences."""
        content = {
            "folder": self.folder,
            "pictures": len(self.pictures),
            "patients": len(set(self.patients)),
            "classes": list(self.classes),
            "rows": self.rows(),
            "summary": self.summary(),
            "differences": self.differences(),
        }
        write_text(path, json.dumps(content, indent=1, allow_nan=False) + "\n")

    def table(self) -> str:
        """Return the summary as text."""
        labels = ("mean", *self.classes)
        lines = [
            f"{len(self.pictures)} pictures of {len(set(self.patients))} patients; percent, 95 % "
            "over patients; boundaries within 1 % of the diagonal, and 3 pixels",
            f"{'size':>4}  {'sampler':<8}{'seeds':>5}  {'class':<12}{'IoU':<20}"
            f"{'1 %':>6}{'3 px':>6}",
        ]
        for entry in self.summary():
            start = f"{entry['size']:>4}  {entry['sampler']:<8}{entry['seeds']:>5}"
            for label in labels:
                lines.append(f"{start}  {label:<12}{_cells(entry[label])}")
                start = " " * len(start)
        for entry in self.differences():
            parts = [f"{label} {_difference(entry[label])}" for label in labels]
            lines.append(
                f"{entry['size']}: learned less {entry['learned_less']}: {'; '.join(parts)}"
            )
        return "\n".join(lines)

    def _of(self, sampler: str, size: int, seed: int) -> list[Measured]:
        wanted = sampler, size, seed
        return [one for one in self.measured if (one.sampler, one.size, one.seed) == wanted]

    def _draws(self, sampler: str, size: int, kind: str) -> NDArray[np.float64]:
        """IoU (1 + resamplings, 1 + classes): of all patients, then of patients drawn anew.

        The mean of the classes comes first. Seeds are averaged. The same patients are drawn for
        every sampler and size, so that differences are paired.
        """
        seeds = self.seeds(sampler, size)
        counts = np.stack(
            [np.stack([getattr(m, kind) for m in self._of(sampler, size, s)]) for s in seeds]
        ).astype(np.float64)
        patients, member = np.unique(self.patients, return_inverse=True)
        whole = np.zeros((len(seeds), len(patients), *counts.shape[2:]))
        for picture, patient in enumerate(member):
            whole[:, patient] += counts[:, picture]
        rng = np.random.default_rng(0)
        chosen = rng.multinomial(
            len(patients), np.full(len(patients), 1 / len(patients)), size=RESAMPLINGS
        )
        weights = np.concatenate([np.ones((1, len(patients))), chosen])
        iou = _iou(np.einsum("rp,spcn->rscn", weights, whole)).mean(axis=1)
        with np.errstate(invalid="ignore"):
            mean = np.nanmean(np.where(np.isfinite(iou), iou, np.nan), axis=1, keepdims=True)
        return np.concatenate([mean, iou], axis=1)


def _iou(counts: NDArray[Any]) -> NDArray[np.float64]:
    both, either = counts[..., 0].astype(np.float64), counts[..., 1].astype(np.float64)
    return np.where(either > 0, both / np.maximum(either, 1.0), np.nan)


def _rounded(value: float) -> float | None:
    return round(float(value), 5) if np.isfinite(value) else None


def _interval(values: Sequence[float] | NDArray[np.float64]) -> list[float] | None:
    known = np.asarray(values)[np.isfinite(values)]
    if len(known) == 0:
        return None
    return [round(float(edge), 5) for edge in np.quantile(known, [0.025, 0.975])]


def _cells(figures: dict[str, Any]) -> str:
    if figures["iou"] is None:
        return "-"
    low, high = figures["interval"]
    text = f"{100 * figures['iou']:.1f} ({100 * low:.1f} .. {100 * high:.1f})"
    bands = [figures["boundary_iou"], figures["boundary_iou_3px"]]
    return f"{text:<20}" + "".join(
        f"{'-':>6}" if band is None else f"{100 * band:6.1f}" for band in bands
    )


def _difference(figures: dict[str, Any]) -> str:
    if figures["iou"] is None:
        return "-"
    low, high = figures["interval"]
    return f"{100 * figures['iou']:+.1f} ({100 * low:+.1f} .. {100 * high:+.1f})"
