"""Labelled radiographs for the classifier: files, findings, patients, folds."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from viewer.errors import TrainingError

FEWEST_POSITIVES = 30


@dataclass(frozen=True)
class Labelled:
    """Files with what was found on them.

    Attributes
    ----------
    files
        Paths.
    patients
        Of each file.
    classes
        Names of the findings with enough positives, most frequent first.
    labels
        0 or 1, shape (files, classes).
    """

    files: tuple[Path, ...]
    patients: tuple[str, ...]
    classes: tuple[str, ...]
    labels: NDArray[np.float32]

    def part(self, chosen: Sequence[int]) -> Labelled:
        """Return some of the files."""
        return Labelled(
            tuple(self.files[i] for i in chosen),
            tuple(self.patients[i] for i in chosen),
            self.classes,
            self.labels[list(chosen)],
        )


def read_labels(
    data: Path, *, fewest: int = FEWEST_POSITIVES, limit: int | None = None
) -> Labelled:
    """Read ``labels.csv`` of a data set.

    Parameters
    ----------
    data
        Folder with ``labels.csv``: columns ``file`` (relative), ``patient``, ``findings``
        (separated by ``|``).
    fewest
        Positives a class needs to be kept.
    limit
        Every n-th file alone, so that about so many are left.

    Raises
    ------
    TrainingError
        When the file is missing or damaged, or no class has enough positives.
    """
    path = data / "labels.csv"
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        listed = [(data / r["file"], r["patient"], set(r["findings"].split("|"))) for r in rows]
    except OSError as error:
        raise TrainingError(f"The labels {path} cannot be read: {error.strerror}.") from error
    except (KeyError, AttributeError, UnicodeDecodeError, csv.Error) as error:
        raise TrainingError(
            f"The labels {path} lack a column file, patient or findings."
        ) from error
    listed = [row for row in listed if row[0].is_file()]
    if limit is not None and limit < len(listed):
        listed = listed[:: len(listed) // limit][:limit]
    counts: dict[str, int] = {}
    for _, _, findings in listed:
        for finding in findings - {""}:
            counts[finding] = counts.get(finding, 0) + 1
    classes = sorted((c for c, n in counts.items() if n >= fewest), key=lambda c: (-counts[c], c))
    if not classes:
        raise TrainingError(f"No finding in {path} has {fewest} positives among files that exist.")
    labels = np.array([[c in found for c in classes] for _, _, found in listed], np.float32)
    return Labelled(
        tuple(row[0] for row in listed), tuple(row[1] for row in listed), tuple(classes), labels
    )


def patient_folds(data: Labelled, folds: int, seed: int) -> NDArray[np.int64]:
    """Return the fold of each file: a patient's files together, classes spread evenly.

    Patients with most files come first, each to the fold that is farthest from its share of the
    rarest of their classes.

    Raises
    ------
    TrainingError
        When there are fewer patients than folds.
    """
    names = np.asarray(data.patients)
    patients = sorted(set(data.patients))
    if len(patients) < folds:
        raise TrainingError(f"{folds} folds need as many patients; there are {len(patients)}.")
    order = np.random.default_rng(seed).permutation(len(patients))
    totals = np.array([data.labels[names == p].sum(0) for p in patients])
    sizes = np.array([(names == p).sum() for p in patients])
    rarity = 1 / np.maximum(data.labels.sum(0), 1)
    held = np.zeros((folds, data.labels.shape[1] + 1))
    place: dict[str, int] = {}
    for i in sorted(order, key=lambda i: -float(totals[i] @ rarity)):
        # Files count as one more class, so that folds grow alike.
        weights = np.append(totals[i] * rarity, sizes[i] / len(names))
        needs = held * np.append(rarity, 1 / len(names)) @ (weights > 0)
        fold = int(np.argmin(needs))
        held[fold] += np.append(totals[i], sizes[i])
        place[patients[i]] = fold
    return np.array([place[p] for p in data.patients])
