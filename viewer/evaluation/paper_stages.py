"""The parts of the report on the papers' tables, each computed once and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
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
from viewer.evaluation.rd import evaluate_rd
from viewer.evaluation.robustness import robustness
from viewer.progress import CancelToken, Progress


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured; every one of these numbers stands in the report.

    Parameters
    ----------
    rd_images, table_images, disturbed_images, nodule_images : int or None
        At most so many images of a set; None takes all.
    rd_codecs, deep_codecs, table_codecs, disturbed_codecs, nodule_codecs : tuple of str
        Empty for all of the viewer that can aim at a rate.
    rates, nodule_rates : tuple of float
        Bits per pixel.
    patches : int
        For inception distances; 0 leaves them out.
    crop : int
        Side of what is taken of other modalities and disturbed images.
    nodule_crop : int or None
        Side of what is taken of images for nodules; None takes all.
    regions : int
        For nodules, an image.
    deep_crop : int
        Side of what is taken of radiographs of 10 to 16 bits.
    epochs, seeds, side : int
        Of the classifier; a side of 0 leaves it to the device.
    """

    rd_images: int | None = None
    rd_codecs: tuple[str, ...] = (
        "vqvae2",
        "vqvae2-paper",
        "jpeg2000",
        "jpegxl",
        "jpeg",
        "jpegls",
        "htj2k",
    )
    rates: tuple[float, ...] = (0.1, 0.2, 0.333, 0.5, 0.667, 1.0)
    table_images: int | None = None
    table_codecs: tuple[str, ...] = ()
    patches: int = 10_000
    disturbed_images: int | None = None
    disturbed_codecs: tuple[str, ...] = ("vqvae2-paper", "vqvae2", "jpeg2000")
    crop: int = 2048
    nodule_images: int | None = None
    nodule_codecs: tuple[str, ...] = ("vqvae2", "vqvae2-paper", "jpeg2000", "jpegxl")
    nodule_rates: tuple[float, ...] = (0.05, 0.1, 0.2, 0.4, 0.8)
    nodule_crop: int | None = None
    regions: int = 12
    deep_crop: int = 1024
    deep_codecs: tuple[str, ...] = ("vqvae2", "jpeg2000", "jpegxl", "jpeg", "jpegls", "htj2k")
    epochs: int = 40
    seeds: int = 3
    side: int = 0


FULL = Sizes()
REDUCED = Sizes(
    rd_images=6,
    table_images=3,
    table_codecs=("vqvae2-paper", "vqvae2", "jpeg2000"),
    patches=120,
    disturbed_images=2,
    crop=768,
    nodule_images=24,
    nodule_codecs=("vqvae2", "jpeg2000", "jpegxl"),
    nodule_rates=(0.05, 0.1, 0.2, 0.5),
    nodule_crop=512,
    regions=10,
    deep_crop=512,
    epochs=5,
    seeds=2,
    side=128,
)
"""For a processor: some twenty minutes of one free core."""

_DECIDE = {
    "rd": ("rd_images", "rd_codecs", "rates"),
    "deep": ("deep_codecs", "rates", "deep_crop"),
    "table": ("table_images", "table_codecs", "patches"),
    "robustness": ("disturbed_images", "disturbed_codecs", "crop"),
    "detectability": ("nodule_images", "nodule_codecs", "nodule_rates", "nodule_crop", "regions"),
    "classifier": ("epochs", "seeds", "side"),
}
"""Part -> sizes that decide it."""

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

    Raises
    ------
    MeasureError
        When the folder has no ``chest/val``.
    """

    names = ("rd", "deep", "table", "robustness", "detectability", "classifier")

    def __init__(
        self, data: Path, cache: Path, sizes: Sizes, classify: Classify, options: Options
    ) -> None:
        if not (data / "chest" / "val").is_dir():
            raise MeasureError(f"The folder {data} has no chest/val to evaluate.")
        self._data, self._cache, self._sizes = data, cache, sizes
        self._classify, self._options = classify, options
        (cache / "papers").mkdir(parents=True, exist_ok=True)

    def path(self, name: str, suffix: str = "json") -> Path:
        """Return where a part is kept: named by all that decides it."""
        sizes = {field: asdict(self._sizes)[field] for field in _DECIDE[name]}
        used = [codec for field in sizes if field.endswith("_codecs") for codec in sizes[field]]
        codecs = used or (LEARNED,) if name == "classifier" else used or codecs_with_rates()
        models = [f"{codec} {coder(codec).identity()}" for codec in codecs]
        decided = [__version__, str(self._data.resolve()), sizes, models]
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
        learned = [n for n in registry.names() if registry.get(n).info.learned]
        return codec_table(
            sets_below(self._data),
            self._sizes.table_codecs or codecs_with_rates(),
            patches=self._sizes.patches,
            # The deformed codecs' sampler saw other pictures.
            trained_on={n: "lungs/train" if "deformed" in n else "chest/train" for n in learned},
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
