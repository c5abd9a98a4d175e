"""A reading under way: its plan and its answers, as one file without anyone's name."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from viewer.errors import MeasureError
from viewer.evaluation.reading.plan import MOST_TRIALS, TASKS, VIEWS, Candidate, Plan, Trial
from viewer.files import write_text

FORMAT = "radview-reading"
VERSION = 1
_MOST_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered in one trial.

    Parameters
    ----------
    trial : int
        Its place in the plan, from 0.
    value : int
        1 or 2 for A or B, or 1 to 5 on the scale.
    seconds : float
        From the pictures on the screen to the answer, pauses left out.
    at : str
        When, in UTC: "2026-01-31T10:15:30Z".
    """

    trial: int
    value: int
    seconds: float
    at: str


@dataclass(frozen=True, slots=True)
class Coded:
    """What a candidate gave of an image.

    Parameters
    ----------
    ratio : float
        Against stored bits.
    bpp : float
    psnr_db : float or None
        None where it is exact.
    """

    ratio: float
    bpp: float
    psnr_db: float | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A plan with the answers so far, in order.

    Parameters
    ----------
    reader : str
        A code that the reader chose; may be empty.
    coded : tuple of tuples of Coded
        A candidate each, of every image.
    """

    plan: Plan
    answers: tuple[Answer, ...] = ()
    reader: str = ""
    coded: tuple[tuple[Coded, ...], ...] = ()

    @property
    def next(self) -> int | None:
        """The trial that comes next; None when all are answered."""
        return len(self.answers) if len(self.answers) < len(self.plan.trials) else None

    def answered(self, value: int, seconds: float, at: str) -> Reading:
        """Return the reading with the next trial answered.

        Raises
        ------
        MeasureError
            When there is no trial left, or the answer is none of those asked for.
        """
        number = self.next
        if number is None:
            raise MeasureError("Every trial of this reading is answered already.")
        if value not in self.plan.values:
            raise MeasureError(f"The answer {value} is none of {self.plan.values}.")
        if not (math.isfinite(seconds) and seconds >= 0):
            raise MeasureError("The time of an answer must be a number of seconds.")
        answer = Answer(number, value, round(seconds, 3), at)
        return replace(self, answers=(*self.answers, answer))

    def undone(self) -> Reading:
        """Return the reading without its last answer."""
        return replace(self, answers=self.answers[:-1])


def write(path: Path, reading: Reading) -> None:
    """Keep a reading, in one step.

    Raises
    ------
    RadviewError
        When the file cannot be written; an older one stands as it was.
    """
    record = {"format": FORMAT, "version": VERSION, **asdict(reading)}
    write_text(path, json.dumps(record, indent=1))


def read(path: Path) -> Reading:
    """Read a reading and check it.

    Raises
    ------
    MeasureError
        When the file is no reading, damaged, or of a later version.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise MeasureError(f"{path} is no reading: it is too large.")
        record: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MeasureError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise MeasureError(f"{path} is no reading, or it is damaged.") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise MeasureError(f"{path} is no reading.")
    if record.get("version") != VERSION:
        raise MeasureError(f"{path} is of a later version of this program.")
    try:
        return _checked(record)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise MeasureError(f"{path} is damaged: it is no whole reading.") from error


def _checked(record: dict[str, Any]) -> Reading:
    plan = record["plan"]
    candidates = tuple(
        Candidate(str(c["codec"]), str(c["kind"]), float(c["value"]), str(c["model"]))
        for c in plan["candidates"]
    )
    images = tuple(str(image) for image in plan["images"])
    trials = tuple(
        Trial(int(t["image"]), int(t["first"]), int(t["second"]), bool(t["practice"]))
        for t in plan["trials"]
    )
    inside = all(
        0 <= t.image < len(images)
        and min(t.first, t.second) >= 0
        and t.coding <= len(candidates)
        and min(t.first, t.second) == 0
        for t in trials
    )
    if plan["task"] not in TASKS or plan["view"] not in VIEWS or not inside:
        raise ValueError("settings")
    if not 0 < len(trials) <= MOST_TRIALS:
        raise ValueError("trials")
    made = Plan(int(plan["seed"]), plan["task"], plan["view"], images, candidates, trials)
    coded = tuple(
        tuple(
            Coded(
                float(one["ratio"]),
                float(one["bpp"]),
                None if one["psnr_db"] is None else float(one["psnr_db"]),
            )
            for one in image
        )
        for image in record["coded"]
    )
    reading = Reading(made, (), str(record["reader"]), coded)
    for answer in record["answers"]:
        if int(answer["trial"]) != len(reading.answers):
            raise ValueError("order")
        reading = reading.answered(
            int(answer["value"]), float(answer["seconds"]), str(answer["at"])
        )
    return reading
