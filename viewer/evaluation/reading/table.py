"""A reading as CSV: a row an answer, without anyone's name, path or date of birth."""

from __future__ import annotations

import csv
import io

from viewer.evaluation.reading.plan import ORIGINAL
from viewer.evaluation.reading.record import Reading
from viewer.evaluation.reading.summary import found, summarise

COLUMNS = (
    "reader", "trial", "practice", "task", "view", "image", "image_sha256", "coding", "codec",
    "target", "ratio", "bpp", "psnr_db", "a", "b", "answer", "correct", "seconds", "at", "seed",
)  # fmt: skip
SUMMARY_COLUMNS = (
    "coding", "ratio", "answers", "measure", "value", "low_95", "high_95", "median_seconds",
)  # fmt: skip
_DIGITS = 16
"""Of an image's hash: enough to find it again, and no name."""


def answers_csv(reading: Reading) -> str:
    """Return the answers so far.

    ``a`` and ``b`` say what was shown as A and B: "original", or the coding's name. ``correct``
    is 1 where a forced choice named the original, 0 where not, empty on the scale.
    """
    plan = reading.plan
    rows: list[tuple[str, ...]] = [COLUMNS]
    for answer in reading.answers:
        trial = plan.trials[answer.trial]
        number = trial.coding
        candidate = None if number == ORIGINAL else plan.candidates[number - 1]
        coded = None
        if candidate is not None and reading.coded:
            coded = reading.coded[trial.image][number - 1]
        correct = str(int(found(reading, answer))) if plan.task == "choice" else ""
        name = "original" if candidate is None else candidate.name
        sides = ["original" if side == ORIGINAL else name for side in (trial.first, trial.second)]
        rows.append(
            (
                _plain(reading.reader), str(answer.trial + 1), str(int(trial.practice)), plan.task,
                plan.view, str(trial.image + 1), plan.images[trial.image][:_DIGITS], name,
                "" if candidate is None else candidate.codec,
                "" if candidate is None else f"{candidate.kind} {candidate.value:g}",
                "" if coded is None else f"{coded.ratio:.4g}",
                "" if coded is None else f"{coded.bpp:.4g}",
                "" if coded is None or coded.psnr_db is None else f"{coded.psnr_db:.2f}",
                *sides, str(answer.value), correct, f"{answer.seconds:.3f}", answer.at,
                str(plan.seed),
            )
        )  # fmt: skip
    return _text(rows)


def summary_csv(reading: Reading) -> str:
    """Return the summary, a row a coding."""
    measure = "found the original" if reading.plan.task == "choice" else "mean score"
    rows: list[tuple[str, ...]] = [SUMMARY_COLUMNS]
    rows += [
        (
            line.name,
            "" if line.ratio is None else f"{line.ratio:.4g}",
            str(line.count),
            measure,
            *(f"{value:.4f}" for value in (line.value, line.low, line.high)),
            f"{line.seconds:.3f}",
        )
        for line in summarise(reading)
    ]
    return _text(rows)


def _text(rows: list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _plain(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text
