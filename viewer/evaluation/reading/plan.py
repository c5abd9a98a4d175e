"""Which pictures are shown in which order, drawn from a seed: the same seed, the same reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from viewer.errors import MeasureError

Task = Literal["choice", "scale"]
"""Forced choice of the original, or five points of how alike two pictures are."""
View = Literal["side", "flicker"]
TASKS: tuple[str, ...] = get_args(Task)
VIEWS: tuple[str, ...] = get_args(View)

POINTS = (1, 2, 3, 4, 5)
"""Of the impairment scale of ITU-R BT.500: 5 imperceptible, 4 perceptible but not annoying,
3 slightly annoying, 2 annoying, 1 very annoying."""
ORIGINAL = 0
"""Number of the original among what is shown of an image; codings follow from 1."""
MOST_TRIALS = 2000


@dataclass(frozen=True, slots=True)
class Candidate:
    """One coding that is read, the same for every image.

    Parameters
    ----------
    codec : str
        Name in the registry.
    kind, value
        Of its target: ("ratio", 20.0).
    model : str
        SHA-256 of the weights chosen, "" for the codec's own.
    """

    codec: str
    kind: str
    value: float
    model: str = ""

    @property
    def name(self) -> str:
        """How results name it: "jpeg2000 ratio 20"."""
        return f"{self.codec} {self.kind} {self.value:g}"


@dataclass(frozen=True, slots=True)
class Trial:
    """Two pictures of one image, to be told apart or rated.

    Parameters
    ----------
    image : int
        From 0.
    first, second : int
        What A and B are: `ORIGINAL`, or the number of a candidate from 1.
    practice : bool
        Whether it is answered for practice alone.
    """

    image: int
    first: int
    second: int
    practice: bool = False

    @property
    def coding(self) -> int:
        """The candidate that is judged; `ORIGINAL` where the original is shown twice."""
        return max(self.first, self.second)

    @property
    def original_side(self) -> int:
        """1 where A is the original, 2 where B is."""
        return 1 if self.first == ORIGINAL else 2


@dataclass(frozen=True, slots=True)
class Plan:
    """A reading from its first trial to its last, practice first.

    Parameters
    ----------
    seed : int
    task : Task
    view : View
    images : tuple of str
        Hash of each image's stored values: all that is kept of whose it is.
    candidates : tuple of Candidate
    trials : tuple of Trial
    """

    seed: int
    task: Task
    view: View
    images: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    trials: tuple[Trial, ...]

    @property
    def values(self) -> tuple[int, ...]:
        """The answers that can be given."""
        return (1, 2) if self.task == "choice" else POINTS


def make_plan(
    images: Sequence[str],
    candidates: Sequence[Candidate],
    *,
    task: Task,
    view: View = "side",
    repeats: int = 2,
    practice: int = 3,
    seed: int = 0,
) -> Plan:
    """Draw a plan.

    Every candidate of every image is shown ``repeats`` times beside the original, the original
    as often on either side as can be, in an order in which, where it can be avoided, no image
    follows itself. On the scale the original is shown beside itself as often: who rates it low
    guesses.

    Parameters
    ----------
    images : sequence of str
        Hashes of the images' stored values.
    practice : int
        Trials before those that count.

    Raises
    ------
    MeasureError
        Without images or codings, or with more trials than `MOST_TRIALS`.
    """
    if not images or not candidates:
        raise MeasureError("A reading takes at least one image and one coding.")
    if task not in TASKS or view not in VIEWS or repeats < 1 or practice < 0:
        raise MeasureError("This reading cannot be planned: its settings are out of bounds.")
    rng = np.random.default_rng(seed)
    shown = range(1 if task == "choice" else 0, len(candidates) + 1)
    count = len(images) * len(shown) * repeats
    if count + practice > MOST_TRIALS:
        raise MeasureError(f"A reading has at most {MOST_TRIALS} trials; this would be {count}.")
    trials = []
    for image in range(len(images)):
        for number in shown:
            swapped = rng.permutation(np.arange(repeats) % 2 == rng.integers(2))
            trials += [_pair(image, number, bool(swap)) for swap in swapped]
    first = [
        _pair(int(rng.integers(len(images))), int(rng.integers(1, len(candidates) + 1)),
              bool(rng.integers(2)), practice=True)
        for _ in range(practice)
    ]  # fmt: skip
    ordered = _apart([trials[i] for i in rng.permutation(len(trials))])
    return Plan(seed, task, view, tuple(images), tuple(candidates), (*first, *ordered))


def _pair(image: int, number: int, swap: bool, practice: bool = False) -> Trial:
    pair = (number, ORIGINAL) if swap else (ORIGINAL, number)
    return Trial(image, *pair, practice)


def _apart(trials: list[Trial]) -> list[Trial]:
    """The same trials, each image followed by another as far as their numbers allow."""
    waiting = list(trials)
    ordered: list[Trial] = []
    while waiting:
        before = ordered[-1].image if ordered else -1
        counts = np.bincount([trial.image for trial in waiting])
        most = int(counts.argmax())
        # An image that has more than half of what is left must come now, or it will follow itself.
        urgent = counts[most] * 2 > len(waiting) and most != before
        found = next(
            (t for t in waiting if t.image != before and (not urgent or t.image == most)), None
        )
        ordered.append(found or waiting[0])
        waiting.remove(ordered[-1])
    return ordered
