"""What a reading says: proportions and means with their 95 % intervals, a row a coding."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from viewer.evaluation.reading.plan import ORIGINAL
from viewer.evaluation.reading.record import Answer, Reading
from viewer.metrics.bootstrap import mean_interval

_Z = 1.959963984540054
"""Of the two-sided 95 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Line:
    """The answers about one coding, practice left out.

    Parameters
    ----------
    name : str
        Of the candidate; "original" for the original beside itself.
    ratio : float or None
        Mean over the images, against stored bits.
    count : int
        Answers.
    value : float
        Part of the answers that found the original, or mean score.
    low, high : float
        95 % interval: Wilson's for a part, of images drawn anew (of answers, with one image
        alone) for a mean.
    seconds : float
        Median time of an answer.
    """

    name: str
    ratio: float | None
    count: int
    value: float
    low: float
    high: float
    seconds: float


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a proportion (Wilson, JASA 22, 1927).

    Raises
    ------
    ValueError
        Unless 0 <= hits <= count and count is positive.
    """
    if not 0 <= hits <= count or count == 0:
        raise ValueError(f"{hits} of {count} is no proportion")
    share, square = hits / count, _Z**2
    middle = share + square / (2 * count)
    spread = _Z * math.sqrt(share * (1 - share) / count + square / (4 * count**2))
    below, above = middle - spread, middle + spread
    low, high = (bound / (1 + square / count) for bound in (below, above))
    return max(0.0, low), min(1.0, high)


def summarise(reading: Reading) -> tuple[Line, ...]:
    """Return a line a coding that was answered about, in the order of the candidates."""
    plan = reading.plan
    counted = [answer for answer in reading.answers if not plan.trials[answer.trial].practice]
    lines = []
    for number in range(len(plan.candidates) + 1):
        answers = [a for a in counted if plan.trials[a.trial].coding == number]
        if answers:
            lines.append(_line(reading, number, answers))
    return tuple(lines)


def found(reading: Reading, answer: Answer) -> bool:
    """Whether an answer of a forced choice names the original."""
    return answer.value == reading.plan.trials[answer.trial].original_side


def _line(reading: Reading, number: int, answers: Sequence[Answer]) -> Line:
    plan = reading.plan
    if plan.task == "choice":
        hits = sum(found(reading, answer) for answer in answers)
        value = hits / len(answers)
        low, high = wilson(hits, len(answers))
    else:
        scores = [float(answer.value) for answer in answers]
        images = [str(plan.trials[answer.trial].image) for answer in answers]
        groups = images if len(set(images)) > 1 else [str(n) for n in range(len(scores))]
        value = sum(scores) / len(scores)
        low, high = mean_interval(scores, groups)
    return Line(
        "original" if number == ORIGINAL else plan.candidates[number - 1].name,
        _ratio(reading, number),
        len(answers),
        value,
        low,
        high,
        median(answer.seconds for answer in answers),
    )


def _ratio(reading: Reading, number: int) -> float | None:
    if number == ORIGINAL or not reading.coded:
        return None
    ratios = [image[number - 1].ratio for image in reading.coded]
    return sum(ratios) / len(ratios)
