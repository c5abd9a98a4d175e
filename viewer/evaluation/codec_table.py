"""Kwon et al. (2020), figure 2: ratio, Frechet distance, PSNR and SSIM of every codec.

Every test set gets a row a codec at the paper's 24 : 1 against 16 bits, and two more of JPEG 2000:
at the bytes that the learned codec of the paper took for each picture, and at the rate at which
its Frechet distance is that codec's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from viewer.codecs.base import Options
from viewer.errors import CodecError, MeasureError
from viewer.evaluation.coders import Coder, RegistryCoder, coder
from viewer.evaluation.inception_distances import open_store
from viewer.evaluation.table_set import TableRow, TableSet
from viewer.progress import NEVER, CancelToken, Progress, silent

PAPER_BPP = 16 / 24
"""Bits per pixel of the paper's VQ-VAE-2: 24 : 1 against 16 bits."""

MATCHED = "jpeg2000"
LEARNED = "vqvae2-paper"
_MATCH_WITHIN = 0.05
_MATCH_TRIALS = 4


def sets_below(folder: Path) -> list[Path]:
    """Return the test sets meant by a folder: its ``*/val``, or the folder itself.

    Raises
    ------
    MeasureError
        When there is no such folder.
    """
    if not folder.is_dir():
        raise MeasureError(f"There is no folder {folder}.")
    return sorted(path for path in folder.glob("*/val") if path.is_dir()) or [folder]


def codec_table(
    folders: Sequence[Path],
    codecs: Sequence[str],
    *,
    bpp: float = PAPER_BPP,
    patches: int = 10_000,
    trained_on: dict[str, str] | None = None,
    models: Sequence[tuple[str, str, str]] = (),
    limit: int | None = None,
    seed: int = 0,
    cache: Path | None = None,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> dict[str, Any]:
    """Make the table of all test sets.

    Parameters
    ----------
    folders : sequence of Path
        The test sets.
    codecs : sequence of str
        JPEG 2000 and the learned codec of the paper among them for the matched rows.
    patches : int
        For the distances; 0 leaves them and the row matched by them out.
    trained_on : dict, optional
        Codec -> the data its weights come from.
    models : sequence of (str, str, str)
        Further rows: codec, SHA-256 of other weights that `viewer.codecs.model_files` knows, and
        the data these come from. The matched rows go by the codec's own weights.

    Returns
    -------
    dict
        ``rows`` (of `TableRow`), ``refused``, ``bpp``, ``patches``, ``seed``.

    Raises
    ------
    ModelError
        When distances are asked for and the network is not installed.
    MeasureError, CodecError
    Cancelled
        Features that are done stay in the cache.
    """
    store = open_store(cache, options.device) if patches else None
    origins = trained_on or {}
    coders = [(coder(name, options), origins.get(name, "")) for name in codecs]
    coders += [(RegistryCoder(n, replace(options, model=sha)), data) for n, sha, data in models]
    rows: list[TableRow] = []
    refused: list[str] = []
    for number, folder in enumerate(folders):
        one_set = TableSet(folder, limit, store, patches, seed)

        def report(done: float, text: str, number: int = number, name: str = one_set.name) -> None:
            progress((number + done) / len(folders), f"{name}: {text}")

        rows += _rows_of(one_set, coders, bpp, refused, report, cancel)
        refused += one_set.refused
    return {
        "bpp": bpp,
        "patches": patches,
        "seed": seed,
        "rows": [asdict(row) for row in rows],
        "refused": list(dict.fromkeys(refused)),
    }


def _rows_of(
    one_set: TableSet,
    coders: Sequence[tuple[Coder, str]],
    bpp: float,
    refused: list[str],
    progress: Progress,
    cancel: CancelToken,
) -> list[TableRow]:
    steps = len(coders) + 1 + _MATCH_TRIALS
    rows: list[TableRow] = []
    learned: tuple[TableRow, list[int]] | None = None

    def stage(number: int, what: str) -> Progress:
        return lambda done, text: progress((number + done) / steps, f"{what}: {text}")

    for number, (one, origin) in enumerate(coders):
        asked = f"{16 / bpp:.3g} : 1"
        try:
            found = one_set.row(one, asked, lambda _: bpp, origin, stage(number, one.name), cancel)
        except CodecError as error:
            refused.append(f"{one_set.name}, {one.name}: {error}")
            continue
        rows.append(found[0])
        if one.name == LEARNED and learned is None:
            learned = found
    reference = next((one for one, _ in coders if one.name == MATCHED), None)
    if learned is None or reference is None or all(r.codec != MATCHED for r in rows):
        return rows
    row, sizes = learned
    wanted = dict(zip((p.name for p in one_set.pictures()), sizes, strict=True))
    same_bytes, _ = one_set.row(
        reference,
        f"bytes of {LEARNED}",
        lambda p: 8 * wanted[p.name] / p.pixels.size,
        "",
        stage(len(coders), "same bytes"),
        cancel,
    )
    rows.append(same_bytes)
    if row.frechet:
        start = next(r for r in rows if r.codec == MATCHED)
        rows.append(_match_frechet(one_set, reference, row.frechet, [start, same_bytes], cancel))
    return rows


def _match_frechet(
    one_set: TableSet,
    reference: Coder,
    goal: float,
    known: list[TableRow],
    cancel: CancelToken,
) -> TableRow:
    """The row whose Frechet distance is nearest the goal, by secants over both logarithms."""
    setting = f"Frechet distance of {LEARNED}"
    points = [(math.log(r.bpp), math.log(max(r.frechet or 0.0, 1e-6))) for r in known]
    best: TableRow | None = None
    for _ in range(_MATCH_TRIALS):
        near = sorted(points, key=lambda p: abs(p[1] - math.log(goal)))
        (rate, distance), others = near[0], near[1:]
        other = next((p for p in others if abs(p[0] - rate) > 0.02), None)
        slope = -1.5 if other is None else (distance - other[1]) / (rate - other[0])
        slope = min(slope, -0.5)  # More bits never make the distance larger, but for noise.
        step = min(max((math.log(goal) - distance) / slope, -1.2), 1.2)
        bpp = min(math.exp(rate + step), 8.0)
        try:
            row, _ = one_set.row(reference, setting, lambda _, b=bpp: b, "", silent, cancel)  # type: ignore[misc]
        except CodecError:
            break
        points.append((math.log(row.bpp), math.log(max(row.frechet or 0.0, 1e-6))))
        if best is None or _apart(row, goal) < _apart(best, goal):
            best = row
        if _apart(best, goal) < _MATCH_WITHIN:
            break
    if best is None:
        raise MeasureError("No rate of JPEG 2000 gives the Frechet distance asked for.")
    return best


def _apart(row: TableRow, goal: float) -> float:
    return abs(math.log(max(row.frechet or 0.0, 1e-6) / goal))
