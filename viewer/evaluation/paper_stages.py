"""The parts of the report on the papers' tables, each computed once and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from viewer import __version__
from viewer.codecs import registry
from viewer.codecs.base import Options
from viewer.errors import MeasureError
from viewer.evaluation.codec_table import LEARNED, PAPER_BPP, codec_table, sets_below
from viewer.evaluation.coders import coder
from viewer.evaluation.contact_sheet import write_sheet
from viewer.evaluation.json_files import write_json
from viewer.evaluation.nodule_study import nodule_study
from viewer.evaluation.nodule_text import plot_nodules
from viewer.evaluation.other_modalities import deep_radiographs, other_modalities
from viewer.evaluation.paper_sizes import DECIDE, Sizes
from viewer.evaluation.rd import evaluate_rd
from viewer.evaluation.robustness import robustness
from viewer.evaluation.shipped_origins import shipped_origins
from viewer.progress import CancelToken, Progress

Classify = Callable[..., dict[str, Any]]
"""Data, work folder, sizes, progress, cancel -> what `cross_validate` returns."""


class Stages:
    """Computes the parts, or finds them done.

    Parameters
    ----------
    data : Path
        Folder with ``chest`` and ``lungs`` (``val`` in each) and ``dicom``.
    cache : Path
        Where everything is kept; made when missing.
    sizes : Sizes
    classify : callable
        The classifier's cross-validation, which is a training.
    options : Options
    models : sequence of (str, str, str)
        Further weights for the codec table: codec, SHA-256, what they were trained on.

    Raises
    ------
    MeasureError
        When the folder has no ``chest/val``.
    """

    names = ("rd", "deep", "table", "robustness", "detectability", "classifier")

    def __init__(
        self,
        data: Path,
        cache: Path,
        sizes: Sizes,
        classify: Classify,
        options: Options,
        models: Sequence[tuple[str, str, str]] = (),
    ) -> None:
        if not (data / "chest" / "val").is_dir():
            raise MeasureError(f"The folder {data} has no chest/val to evaluate.")
        self._data, self._cache, self._sizes = data, cache, sizes
        self._classify, self._options, self._models = classify, options, tuple(models)
        (cache / "papers").mkdir(parents=True, exist_ok=True)

    def path(self, name: str, suffix: str = "json") -> Path:
        """Return where a part is kept: named by all that decides it."""
        sizes = {field: asdict(self._sizes)[field] for field in DECIDE[name]}
        used = [codec for field in sizes if field.endswith("_codecs") for codec in sizes[field]]
        codecs = used or (LEARNED,) if name == "classifier" else used or codecs_with_rates()
        models = [f"{codec} {coder(codec).identity()}" for codec in codecs]
        decided: list[Any] = [__version__, str(self._data.resolve()), sizes, models]
        if name == "table":
            decided.append(self._models)
        digest = hashlib.sha256(json.dumps(decided, sort_keys=True).encode()).hexdigest()[:16]
        return self._cache / "papers" / f"{name}-{digest}.{suffix}"

    def done(self, name: str) -> dict[str, Any] | None:
        """Return a part that is there already, or None."""
        try:
            found: dict[str, Any] = json.loads(self.path(name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found

    def compute(self, name: str, progress: Progress, cancel: CancelToken) -> dict[str, Any]:
        """Return a part, computed now where it was not there.

        Raises
        ------
        RadviewError
            What the part itself raises.
        Cancelled
            Parts that are done, and the caches of this one, stay.
        """
        known = self.done(name)
        if known is None:
            work: dict[str, Callable[[Progress, CancelToken], dict[str, Any]]] = {
                "rd": self._rd,
                "deep": self._deep,
                "table": self._table,
                "robustness": self._robustness,
                "detectability": self._detectability,
                "classifier": self._classifier,
            }
            write_json(self.path(name), work[name](progress, cancel))
            known = self.done(name)
            assert known is not None
        return known

    def _rd(self, progress: Progress, cancel: CancelToken) -> dict[str, Any]:
        sizes = self._sizes
        return evaluate_rd(
            self._data / "chest" / "val",
            sizes.rd_codecs,
            rates=sizes.rates,
            limit=sizes.rd_images,
            cache=self._cache,
            options=self._options,
            plot_path=self.path("rd", "png"),
            progress=progress,
            cancel=cancel,
        ).as_json()

    def _deep(self, progress: Progress, cancel: CancelToken) -> dict[str, Any]:
        files = deep_radiographs(self._data)
        if not files:
            raise MeasureError(f"The folder {self._data} has no radiograph of more than 8 bits.")
        return evaluate_rd(
            files,
            self._sizes.deep_codecs,
            rates=self._sizes.rates,
            crop=self._sizes.deep_crop,
            cache=self._cache,
            options=self._options,
            plot_path=self.path("deep", "png"),
            progress=progress,
            cancel=cancel,
        ).as_json()

    def _table(self, progress: Progress, cancel: CancelToken) -> dict[str, Any]:
        return codec_table(
            sets_below(self._data),
            self._sizes.table_codecs or codecs_with_rates(),
            patches=self._sizes.patches,
            trained_on=shipped_origins(),
            models=self._models,
            limit=self._sizes.table_images,
            cache=self._cache,
            options=self._options,
            progress=progress,
            cancel=cancel,
        )

    def _robustness(self, progress: Progress, cancel: CancelToken) -> dict[str, Any]:
        result, cells = robustness(
            [self._data / "chest" / "val"],
            other_modalities(self._data),
            self._sizes.disturbed_codecs,
            bpp=PAPER_BPP,
            limit=self._sizes.disturbed_images,
            crop=self._sizes.crop,
            cache=self._cache,
            options=self._options,
            progress=progress,
            cancel=cancel,
        )
        shown = self._sizes.disturbed_codecs[0]
        chosen = [cell for cell in cells if cell.note.startswith(f"{shown} ")]
        write_sheet(chosen, self.path("robustness", "png"))
        return {**result, "crop": self._sizes.crop}

    def _detectability(self, progress: Progress, cancel: CancelToken) -> dict[str, Any]:
        study = nodule_study(
            [self._data / "chest" / "val"],
            self._sizes.nodule_codecs,
            rates=self._sizes.nodule_rates,
            per_picture=self._sizes.regions,
            limit=self._sizes.nodule_images,
            crop=self._sizes.nodule_crop,
            cache=self._cache,
            options=self._options,
            progress=progress,
            cancel=cancel,
        )
        plot_nodules(study, self.path("detectability", "png"))
        return study

    def _classifier(self, progress: Progress, cancel: CancelToken) -> dict[str, Any]:
        return self._classify(
            self._data / "chest",
            self._cache / "classifier",
            self._sizes,
            progress=progress,
            cancel=cancel,
        )


def codecs_with_rates() -> tuple[str, ...]:
    """Return the names of the viewer's codecs that can be used here and asked for a rate."""
    return tuple(n for n in registry.available() if "bpp" in registry.get(n).info.targets)
