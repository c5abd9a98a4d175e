"""Trainings by the clock: they end on time, look at themselves, and keep what they reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from viewer.errors import Cancelled
from viewer.progress import CancelToken
from viewer.training.timed_run import run_for


@dataclass
class Pace:
    validate_every: int = 3
    checkpoint_seconds: float = 1e9


@dataclass
class Counted:
    """Takes six seconds a step, by its own account."""

    recipe: Pace = field(default_factory=Pace)
    step: int = 0
    seconds: float = 0.0
    shares: list[float] = field(default_factory=list)
    observed: list[int] = field(default_factory=list)
    saved: list[int] = field(default_factory=list)

    def advance(self, done: float) -> float:
        self.shares.append(done)
        self.step += 1
        self.seconds += 6.0
        return 30.0

    def observe(self, cancel: CancelToken) -> str:
        self.observed.append(self.step)
        return f"seen at {self.step}"

    def save(self, folder: Path) -> None:
        self.saved.append(self.step)


def test_it_ends_when_its_minutes_are_over(tmp_path: Path) -> None:
    training, lines = Counted(), []
    run_for(training, tmp_path, minutes=1, progress=lambda share, text: lines.append(text))
    assert training.step == 10
    assert training.shares == pytest.approx([n / 10 for n in range(10)])
    assert training.observed == [3, 6, 9, 10]
    assert training.saved == [10]
    assert lines == ["seen at 3", "seen at 6", "seen at 9", "seen at 10"]


def test_steps_end_it_sooner_and_a_finished_one_takes_none(tmp_path: Path) -> None:
    training = Counted()
    run_for(training, tmp_path, minutes=100, steps=4)
    assert training.step == 4
    run_for(training, tmp_path, minutes=100, steps=4)
    assert training.step == 4
    assert training.saved == [4, 4]


def test_checkpoints_are_written_on_the_way(tmp_path: Path) -> None:
    training = Counted(Pace(checkpoint_seconds=-1.0))
    run_for(training, tmp_path, minutes=1, steps=3)
    assert training.saved == [1, 2, 3, 3]


def test_what_was_reached_is_kept_when_it_is_stopped(tmp_path: Path) -> None:
    training, token = Counted(), CancelToken()
    stop = lambda share, text: token.cancel() if text == "seen at 6" else None  # noqa: E731
    with pytest.raises(Cancelled):
        run_for(training, tmp_path, minutes=1, progress=stop, cancel=token)
    assert training.step == 6
    assert training.saved == [6]
