"""What the dense autoencoder reaches, beside a linear one and beside what its paper says.

Errors are over images in 0 .. 1, as RMSE and as MSE. The last column of the table of Ercan (2018)
reads like the latter, since even the best linear code of 64 numbers (principal components) leaves
an RMSE of about 0.094 on MNIST; :mod:`viewer.training.dense_paper` has what the paper publishes.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import constriction
import numpy as np
import torch
from numpy.typing import NDArray

from viewer.codecs.dense.code_coding import BITS, TOTAL, Table, frequencies
from viewer.codecs.dense.model import (
    decoder_path,
    encoder_path,
    load_decoder,
    load_encoder,
    run_decoder,
    run_encoder,
)
from viewer.errors import TrainingError
from viewer.networks.dense import CODE_SIZES, PIXELS, parameters_of
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.training.dense_images import TEST_TILES, TRAINING_TILES, Images, read_dense_images
from viewer.training.dense_paper import (
    PAPER_BYTES,
    PAPER_DIGITS,
    PAPER_HEAD,
    PAPER_SAMPLES,
    TEXT_BYTES,
    PaperErrors,
    paper_columns,
    paper_lines,
    samples_as_text,
    whole_bytes,
)
from viewer.training.dense_trainer import Vectors

PRECISIONS = (4, BITS, 8, 12, 16)
"""Bits of a number of the code that are tried."""


@dataclass
class DenseStudy:
    """Figures of each length of code.

    Attributes
    ----------
    source
        "mnist" or "tiles".
    images
        For testing.
    rows
        One a length of code, longest first.
    curves
        Errors by iteration, by length of code.
    paper
        The paper's errors by length of code, where its table is at hand.
    """

    source: str
    images: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    curves: dict[int, list[dict[str, float]]] = field(default_factory=dict)
    paper: dict[int, PaperErrors] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what the JSON file holds."""
        return {
            "source": self.source,
            "test_images": self.images,
            "paper": {
                "bytes": PAPER_BYTES,
                "break_even_samples": PAPER_SAMPLES,
                "digits": PAPER_DIGITS,
                "errors": {str(code): asdict(row) for code, row in (self.paper or {}).items()},
            },
            "rows": self.rows,
            "curves": {str(size): curve for size, curve in self.curves.items()},
        }

    def table(self) -> str:
        """Return the figures as text."""
        what = "MNIST" if self.source == "mnist" else "shapes of tiles of radiographs"
        lines = [
            f"{self.images:,} test images of 28 x 28 in 0 .. 1 ({what}); "
            f"codes stored in {BITS} bits a number, entropy coded",
            f"{'N':>3} {'RMSE':>7} {'MSE':>8} {'PCA RMSE':>9} {'PCA MSE':>8} {'stored RMSE':>12} "
            f"{'largest error':>14} {'bytes':>6} {'as text':>8} {'encoder B':>10} "
            f"{'decoder B':>10} {'break-even':>11}{PAPER_HEAD if self.paper is not None else ''}",
        ]
        for row in self.rows:
            stored = row["stored"][str(BITS)]
            lines.append(
                f"{row['code']:>3} {row['rmse']:>7.4f} {row['mse']:>8.5f} {row['pca_rmse']:>9.4f} "
                f"{row['pca_mse']:>8.5f} {stored['rmse']:>12.4f} {stored['largest_error']:>14.5f} "
                f"{stored['coded_bytes']:>6.1f} {row['text_bytes']:>8} "
                f"{row['encoder_bytes']:>10,} {row['decoder_bytes']:>10,} "
                f"{row['break_even_samples'] or '-':>11}"
                f"{paper_columns(row) if self.paper is not None else ''}"
            )
        lines.append(
            f"Bytes are of one image's code; 784 bytes it was. A number as text of {PAPER_DIGITS} "
            f"digits takes {TEXT_BYTES} bytes and is off by 5e-20, less than the arithmetic itself."
        )
        lines.append("Break-even: images after which the decoder's file has paid for itself.")
        if self.paper is not None:
            lines.append("Is like: which of RMSE and MSE here the paper's figure is nearer to.")
        lines += paper_lines(self.paper, self.rows)
        return "\n".join(lines)


def study_dense(
    models: Path,
    data: Path,
    *,
    tiles: int = TRAINING_TILES,
    seed: int = 0,
    paper: dict[int, PaperErrors] | None = None,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> DenseStudy:
    """Measure every trained length of code in a folder on the test images of another.

    The paper's errors, where they are given, are set beside those found.

    Raises
    ------
    TrainingError
        When no model is there, or the data cannot be used.
    ModelError
        When a model is damaged.
    """
    sizes = [size for size in CODE_SIZES[::-1] if decoder_path(models, size).is_file()]
    if not sizes:
        raise TrainingError(
            f"The folder {models} holds no dense model; radview train dense --out makes one."
        )
    images = read_dense_images(data, tiles=tiles, seed=seed, progress=progress, cancel=cancel)
    study = DenseStudy(images.source, len(images.test), paper=paper)
    mean, axes = _principal(images.train)
    for number, size in enumerate(sizes):
        cancel.check()
        progress(number / len(sizes), f"code of {size} numbers")
        row = _row(models, size, images, mean, axes[:, :size])
        if paper is not None and size in paper:
            row["paper"] = paper[size].beside(row["rmse"], row["mse"])
        study.rows.append(row)
        study.curves[size] = _curve(models, size)
    return study


def _row(models: Path, size: int, images: Images, mean: Vectors, axes: Vectors) -> dict[str, Any]:
    encoder, decoder = (
        load_encoder(encoder_path(models, size)),
        load_decoder(decoder_path(models, size)).network,
    )
    codes = run_encoder(encoder, images.test)
    mse = _mse(run_decoder(decoder, codes), images.test)
    around = images.test - mean
    pca = _mse(((around @ axes) @ axes.T).astype(np.float32), around)
    seen = run_encoder(encoder, images.train[: 6 * TEST_TILES])
    stored = {}
    for bits in PRECISIONS:
        levels, restored = _rounded(codes, bits)
        error = _mse(run_decoder(decoder, restored), images.test)
        stored[str(bits)] = {
            "rmse": round(math.sqrt(error), 6),
            "largest_error": float(np.abs(codes - restored).max()),
            "coded_bytes": round(_coded(levels, _rounded(seen, bits)[0], bits), 3),
            "raw_bytes": size * bits / 8,
        }
    files = encoder_path(models, size).stat().st_size, decoder_path(models, size).stat().st_size
    saved = PIXELS - stored[str(BITS)]["coded_bytes"]
    parameters = parameters_of(size)
    return {
        "code": size,
        "mse": round(mse, 6),
        "rmse": round(math.sqrt(mse), 6),
        "pca_mse": round(pca, 6),
        "pca_rmse": round(math.sqrt(pca), 6),
        "stored": stored,
        "text_bytes": size * TEXT_BYTES,
        "encoder_bytes": files[0],
        "decoder_bytes": files[1],
        "encoder_parameters": parameters[0],
        "decoder_parameters": parameters[1],
        "float32_bytes": whole_bytes(size),
        "break_even_text": samples_as_text(whole_bytes(size), size),
        "break_even_samples": math.ceil(files[1] / saved) if saved > 0 else None,
    }


def _rounded(codes: Vectors, bits: int) -> tuple[NDArray[np.int64], Vectors]:
    """Levels of `bits` bits, and the numbers in their middles."""
    count = 1 << bits
    levels = np.clip((codes.astype(np.float64) * count).astype(np.int64), 0, count - 1)
    return levels, ((levels + 0.5) / count).astype(np.float32)


def _coded(levels: NDArray[np.int64], seen: NDArray[np.int64], bits: int) -> float:
    """Bytes an image of really range-coded codes, tables counted on other images.

    Beyond 8 bits the lower ones are written as they are.
    """
    lower = max(0, bits - 8)
    coder = constriction.stream.queue.RangeEncoder()
    for column, counted in zip(levels.T, seen.T, strict=True):
        table: Table = frequencies(counted >> lower, 1 << (bits - lower))
        model = constriction.stream.model.Categorical(table / float(TOTAL), perfect=False)
        coder.encode(np.ascontiguousarray(column >> lower, np.int32), model)
    raw = levels.shape[1] * lower / 8
    return 4 * len(coder.get_compressed()) / len(levels) + raw


def _principal(train: Vectors) -> tuple[Vectors, Vectors]:
    """Mean and principal axes (784, 784), the largest first."""
    mean = train.mean(0, dtype=np.float64)
    product = torch.from_numpy(train).T @ torch.from_numpy(train)
    covariance = product.double().numpy() / len(train) - np.outer(mean, mean)
    _, vectors = np.linalg.eigh(covariance)
    return mean.astype(np.float32), vectors[:, ::-1].astype(np.float32)


def _mse(values: Vectors, wanted: Vectors) -> float:
    return float(np.mean((values.astype(np.float64) - wanted) ** 2))


def _curve(models: Path, size: int) -> list[dict[str, float]]:
    try:
        state = json.loads((models / f"curve-{size}.json").read_text(encoding="utf-8"))
        return [dict(point) for point in state["curve"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
