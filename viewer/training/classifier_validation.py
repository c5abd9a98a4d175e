"""Cross-validation of the classifier over patients (Kwon et al. 2020, table 1).

What a fold predicted is kept, so that a stopped validation goes on with the next fold.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from viewer.metrics.auroc import auroc
from viewer.metrics.bootstrap import interval
from viewer.networks.densenet import DENSENET_121, Classifier, DenseShape, InputKind
from viewer.networks.device import choose_device
from viewer.networks.mac_count import RULE
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.training.checkpoint import write_json
from viewer.training.classifier import FULL_SIDE, INPUTS, counted, scale_of
from viewer.training.classifier_data import FEWEST_POSITIVES, Labelled, patient_folds, read_labels
from viewer.training.classifier_fit import Fit, FitRecipe, predict
from viewer.training.classifier_inputs import CODED_FACTOR, InputMaker, Planes

PAPER_GMACS = {"original": 60.22, "reconstructed": 60.22, "latent": 3.76}
"""Kwon et al. (2020), table 1: multiply-accumulates at 1024 x 1024, in 1e9."""


def cross_validate(
    data: Path,
    work: Path,
    *,
    inputs: Sequence[InputKind] = INPUTS,
    seeds: Sequence[int] = (0,),
    folds: int = 5,
    side: int | None = None,
    shape: DenseShape | None = None,
    recipe: FitRecipe | None = None,
    fewest: int = FEWEST_POSITIVES,
    limit: int | None = None,
    device: str = "auto",
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> dict[str, Any]:
    """Train on all folds but one, predict that one, for every fold, seed and kind of input.

    Parameters
    ----------
    data
        Folder with ``labels.csv``.
    work
        Where inputs and predictions are kept.
    fewest
        Positives a class needs.
    limit
        About so many of the files.

    Returns
    -------
    dict
        ``classes`` (with positives), ``pictures, patients, folds, seeds, side, shape, recipe,
        rule``, ``macs_1024`` and ``macs`` a picture, and ``inputs``: kind -> ``classes`` (AUROC and
        95 % interval over patients of the mean over seeds), ``mean``, ``mean_interval``,
        ``seeds`` (mean AUROC of each), ``epoch_seconds, epoch_processor_seconds, peak_memory``.

    Raises
    ------
    TrainingError
    Cancelled
        Folds that are done are kept.
    """
    place = choose_device(device)
    usual, side = scale_of(place, side)
    shape, recipe = shape or usual, recipe or FitRecipe()
    labelled = read_labels(data, fewest=fewest, limit=limit)
    work.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {}
    for number, kind in enumerate(inputs):

        def stage(done: float, text: str, number: int = number, kind: str = kind) -> None:
            progress((number + done) / len(inputs), f"{kind}: {text}")

        maker = InputMaker(kind, side, work / "inputs", place.type)
        planes = maker.all(labelled, progress=lambda f, t: stage(0.3 * f, t), cancel=cancel)
        scores, costs = [], []
        for turn, seed in enumerate(seeds):
            one = _one_seed(
                labelled,
                planes,
                kind,
                (shape, recipe, folds, seed, side),
                work,
                place,
                lambda f, t, turn=turn: stage(0.3 + 0.7 * (turn + f) / len(seeds), t),  # type: ignore[misc]
                cancel,
            )
            scores.append(one[0])
            costs.append(one[1])
        found[kind] = {**_areas(labelled, scores), **_mean_costs(costs)}
    classes = len(labelled.classes)
    return {
        "classes": {
            name: int(labelled.labels[:, n].sum()) for n, name in enumerate(labelled.classes)
        },
        "pictures": len(labelled.files),
        "patients": len(set(labelled.patients)),
        "folds": folds,
        "seeds": list(seeds),
        "side": side,
        "coded_side": CODED_FACTOR * side,
        "shape": asdict(shape),
        "recipe": asdict(recipe),
        "device": place.type,
        "rule": RULE,
        "macs": {kind: counted(kind, classes, shape, side) for kind in inputs},
        "macs_1024": {kind: counted(kind, classes, DENSENET_121, FULL_SIDE) for kind in inputs},
        "paper_gmacs": PAPER_GMACS,
        "inputs": found,
    }


def _one_seed(
    labelled: Labelled,
    planes: Planes,
    kind: InputKind,
    settings: tuple[DenseShape, FitRecipe, int, int, int],
    work: Path,
    device: torch.device,
    progress: Progress,
    cancel: CancelToken,
) -> tuple[NDArray[np.float64], dict[str, float]]:
    """Scores of all pictures, each from the fold that did not see its patient; costs."""
    shape, recipe, folds, seed, side = settings
    fold = patient_folds(labelled, folds, seed)
    scores = np.empty(labelled.labels.shape)
    costs: list[dict[str, float]] = []
    for number in range(folds):
        cancel.check()
        train, test = fold != number, fold == number
        named = json.dumps(
            [kind, astuple(shape), astuple(recipe), folds, seed, side, number, device.type]
            + [str(path.name) for path in labelled.files]
            + list(labelled.classes)
        )
        kept = work / f"fold-{hashlib.sha256(named.encode()).hexdigest()[:24]}.json"
        known = _read(kept, (int(test.sum()), len(labelled.classes)))
        if known is None:
            torch.manual_seed(seed * 1009 + number)
            network = Classifier(kind, len(labelled.classes), shape).to(device)
            fit = Fit(
                network, tuple(p[train] for p in planes), labelled.labels[train], recipe, seed
            )

            def report(done: float, text: str, number: int = number) -> None:
                progress((number + done) / folds, f"seed {seed}, fold {number + 1}, {text}")

            fit.run(progress=report, cancel=cancel)
            logits = predict(network, tuple(p[test] for p in planes))
            known = {"logits": logits.tolist(), "costs": asdict(fit.costs())}
            write_json(kept, known)
        logits = np.array(known["logits"])
        # Folds are pooled: each network's logits have a scale of their own.
        scores[test] = (logits - logits.mean(0)) / np.maximum(logits.std(0), 1e-9)
        costs.append(known["costs"])
    return scores, _mean_costs(costs)


def _read(path: Path, shape: tuple[int, int]) -> dict[str, Any] | None:
    """Return a fold's predictions, or None where they are missing or damaged."""
    try:
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if np.array(known["logits"], np.float64).shape == shape and known["costs"]:
            return known
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def _areas(labelled: Labelled, scores: list[NDArray[np.float64]]) -> dict[str, Any]:
    """AUROC of each class, the mean over seeds, and its interval over patients."""
    truth = labelled.labels > 0.5

    def area(drawn: NDArray[np.int64], number: int) -> float:
        return float(np.mean([auroc(s[drawn, number], truth[drawn, number]) for s in scores]))

    def mean(drawn: NDArray[np.int64]) -> float:
        return float(np.mean([area(drawn, number) for number in range(truth.shape[1])]))

    every = np.arange(len(truth))
    classes = {}
    for number, name in enumerate(labelled.classes):
        low, high = interval(lambda drawn, n=number: area(drawn, n), labelled.patients)  # type: ignore[misc]
        classes[name] = {"area": area(every, number), "interval": (low, high)}
    by_seed = [
        float(np.mean([auroc(s[:, n], truth[:, n]) for n in range(truth.shape[1])])) for s in scores
    ]
    return {
        "classes": classes,
        "mean": mean(every),
        "mean_interval": interval(mean, labelled.patients, draws=300),
        "seeds": by_seed,
    }


def _mean_costs(costs: Sequence[dict[str, float]]) -> dict[str, float]:
    """Means of the times; the largest memory."""
    found = {
        key: float(np.mean([cost[key] for cost in costs]))
        for key in ("epoch_seconds", "epoch_processor_seconds")
    }
    return {**found, "peak_memory": max(cost["peak_memory"] for cost in costs)}


def classifier_text(result: dict[str, Any]) -> str:
    """Return what `cross_validate` found, a line a class and input, beside the paper's sizes."""
    counts = ", ".join(f"{name} {n}" for name, n in result["classes"].items())
    lines = [
        f"{result['pictures']} radiographs of {result['patients']} patients, "
        f"{result['folds']}-fold by patient, seeds {result['seeds']}; positives: {counts}",
        f"DenseNet of blocks {tuple(result['shape']['blocks'])}, growth "
        f"{result['shape']['growth']}, pictures of {result['side']} x {result['side']}, "
        f"{result['recipe']['epochs']} epochs, on {result['device']}",
        f"{'input':<15}{'class':<18}{'AUROC':>8}{'95 %':>16}",
    ]
    for kind, found in result["inputs"].items():
        for name, entry in [*found["classes"].items(), ("mean", None)]:
            area = entry["area"] if entry else found["mean"]
            low, high = entry["interval"] if entry else found["mean_interval"]
            ends = f"{low:.3f}..{high:.3f}"
            lines.append(f"{kind:<15}{name:<18}{area:>8.3f}{ends:>16}")
    for kind, found in result["inputs"].items():
        full, paper = result["macs_1024"][kind] / 1e9, PAPER_GMACS[kind]
        processor = found["epoch_processor_seconds"]
        lines.append(
            f"{kind}: {found['epoch_seconds']:.1f} s an epoch ({processor:.1f} s of processor), "
            f"peak memory {found['peak_memory'] / 2**20:.0f} MiB, "
            f"{result['macs'][kind] / 1e6:.1f} MMAC a picture here; DenseNet-121 at 1024 x 1024: "
            f"{full:.2f} GMAC (paper: {paper:.2f}, {100 * full / paper - 100:+.1f} %)"
        )
    lines.append(f"Counting rule: {result['rule']}.")
    return "\n".join(lines)
