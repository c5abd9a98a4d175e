"""What Ercan (2018) publishes, and its table of errors where the user holds the paper.

The paper gives a code of 64, 50, 36 or 22 numbers, written as text of 19 digits each, 2,623 KB of
files and a break-even of 131 samples. Its table of errors has a column that reads like mean squared
errors; whoever has it writes it down as CSV, and every number is set beside the RMSE and the MSE
found here.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viewer.codecs.dense.code_coding import BITS
from viewer.errors import TrainingError
from viewer.networks.dense import CODE_SIZES, PIXELS, parameters_of

PAPER_BYTES = 2_623_000
PAPER_SAMPLES = 131
PAPER_DIGITS = 19
TEXT_BYTES = len("0.") + PAPER_DIGITS + len("\n")
"""Bytes of a number as text of that many digits."""

COLUMNS = ("code", "rmse", "mse")

_MOST_BYTES = 64 << 10
_MOST_ROWS = 100


@dataclass(frozen=True)
class PaperErrors:
    """A row of the paper's table; what it does not give is None.

    Attributes
    ----------
    rmse, mse
        As its columns call them, over images in 0 .. 1.
    """

    rmse: float | None
    mse: float | None

    def beside(self, rmse: float, mse: float) -> dict[str, Any]:
        """Return the figures, and which of the two found here each is nearer to."""
        return {
            "rmse": self.rmse,
            "mse": self.mse,
            "rmse_nearer_to": nearer(self.rmse, rmse, mse),
            "mse_nearer_to": nearer(self.mse, rmse, mse),
        }


def nearer(figure: float | None, rmse: float, mse: float) -> str | None:
    """Return "rmse" or "mse", whichever a figure is nearer to in proportion; None without one."""
    if figure is None:
        return None

    def far(other: float) -> float:
        return abs(math.log(figure / other)) if other > 0 else math.inf

    return "mse" if far(mse) < far(rmse) else "rmse"


def read_paper(path: Path) -> dict[int, PaperErrors]:
    """Read a table of errors: CSV with the columns code, rmse and mse, of which one may be empty.

    Parameters
    ----------
    path
        At most 64 KiB of UTF-8, 100 rows, one a length of code.

    Returns
    -------
    dict
        Length of code to errors.

    Raises
    ------
    TrainingError
        When the file cannot be read or a row of it makes no sense.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise TrainingError(f"The table {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise TrainingError(f"The table {path} is not text in UTF-8.") from error
    if len(data) > _MOST_BYTES:
        raise TrainingError(f"The table {path} is larger than {_MOST_BYTES >> 10} KiB.")
    try:
        rows = [
            row for row in csv.reader(io.StringIO(text, newline="")) if any(map(str.strip, row))
        ]
    except csv.Error as error:
        raise TrainingError(f"The table {path} is not CSV: {error}.") from error
    head = tuple(name.strip().lower() for name in rows[0]) if rows else ()
    if head not in (COLUMNS, COLUMNS[:2], COLUMNS[::2]):
        raise TrainingError(
            f"The table {path} must begin with the columns code,rmse,mse, or code and one of them."
        )
    if not 2 <= len(rows) <= _MOST_ROWS + 1:
        raise TrainingError(f"The table {path} has {len(rows) - 1} rows, not 1 to {_MOST_ROWS}.")
    found: dict[int, PaperErrors] = {}
    for number, row in enumerate(rows[1:], start=1):
        where = f"Row {number} of the table {path}"
        if len(row) > len(head):
            raise TrainingError(f"{where} has {len(row)} columns, not {len(head)}.")
        cells = dict(zip(head, (cell.strip() for cell in row), strict=False))
        code = _code(cells["code"], where)
        if code in found:
            raise TrainingError(f"{where} gives the code of {code} numbers a second time.")
        rmse, mse = (_figure(cells.get(name, ""), name, where) for name in COLUMNS[1:])
        if rmse is None and mse is None:
            raise TrainingError(f"{where} gives neither an RMSE nor an MSE.")
        found[code] = PaperErrors(rmse, mse)
    return found


def _code(cell: str, where: str) -> int:
    if not (cell.isascii() and cell.isdigit() and len(cell) <= 3 and 1 <= int(cell) <= PIXELS):
        raise TrainingError(f"{where} has the code '{cell[:20]}', not 1 to {PIXELS} numbers.")
    return int(cell)


def _figure(cell: str, name: str, where: str) -> float | None:
    if not cell:
        return None
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not 0 < value <= 1:
        raise TrainingError(
            f"{where} has the {name.upper()} '{cell[:20]}'; errors of images in 0 .. 1 lie above 0 "
            "and are at most 1."
        )
    return value


def whole_bytes(code: int) -> int:
    """Bytes of encoder and decoder as plain float32, which is how a network is saved."""
    return 4 * sum(parameters_of(code))


def samples_as_text(size: int, code: int) -> int:
    """Images after which files of a size have paid for themselves, pixels and codes being text."""
    return -(-size // ((PIXELS - code) * TEXT_BYTES))


def paper_lines(
    paper: Mapping[int, PaperErrors] | None, rows: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Return what the paper publishes beside the rows of a study, as lines of text."""
    lines = [""]

    def line(what: str, theirs: str, ours: Sequence[str]) -> None:
        lines.append(f"{what:>38} {theirs:>10}" + "".join(f" {one:>8}" for one in ours))

    line("beside the paper", "paper", [f"N = {row['code']}" for row in rows])
    line("a number of a code", f"{PAPER_DIGITS} digits", [f"{BITS} bits"] * len(rows))
    shipped = [(row["encoder_bytes"] + row["decoder_bytes"]) / 1000 for row in rows]
    line("both networks as saved, KB", f"{PAPER_BYTES // 1000:,}", [f"{kb:.0f}" for kb in shipped])
    line("the same in float32, KB", "", [f"{row['float32_bytes'] / 1000:.0f}" for row in rows])
    line(
        "break-even, one byte a pixel", "", [str(row["break_even_samples"] or "-") for row in rows]
    )
    line(
        "break-even, float32, pixels as text",
        f"{PAPER_SAMPLES}",
        [str(row["break_even_text"]) for row in rows],
    )
    largest = CODE_SIZES[-1]
    saved = (PIXELS - largest) * TEXT_BYTES
    lines.append(
        f"The paper's {PAPER_BYTES // 1000:,} KB over {PAPER_SAMPLES} samples are "
        f"{PAPER_BYTES / PAPER_SAMPLES / 1000:.1f} KB saved by each image. {PIXELS} pixels less "
        f"{largest} numbers, as text of {TEXT_BYTES} bytes each, are {saved / 1000:.1f} KB and "
        f"give {samples_as_text(PAPER_BYTES, largest)} samples; "
        f"{PAPER_BYTES / PAPER_SAMPLES / (PIXELS - largest):.1f} bytes a number give "
        f"{PAPER_SAMPLES}."
    )
    lines.append(
        f"All {sum(parameters_of(largest)):,} parameters in float32 are "
        f"{whole_bytes(largest) / 1000:,.0f} KB; {PAPER_BYTES // 1000:,} KB are "
        f"{PAPER_BYTES / whole_bytes(largest):.2f} times that."
    )
    if paper is not None:
        missing = sorted(set(paper) - {row["code"] for row in rows}, reverse=True)
        if missing:
            told = ", ".join(str(code) for code in missing)
            lines.append(f"The paper's rows for N = {told} have no model here.")
    return lines


def paper_columns(row: Mapping[str, Any]) -> str:
    """Return the paper's part of a row of the table."""
    figures = row.get("paper") or {}

    def shown(name: str) -> str:
        value = figures.get(name)
        if value is None:
            return f"{'-':>11} {'-':>8}"
        return f"{value:>11.5g} {str(figures[f'{name}_nearer_to']).upper():>8}"

    return f" {shown('rmse')} {shown('mse')}"


PAPER_HEAD = f" {'paper RMSE':>11} {'is like':>8} {'paper MSE':>11} {'is like':>8}"
"""Head of what :func:`paper_columns` gives."""
