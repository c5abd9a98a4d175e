"""The search for a level, on encoders whose curves are known."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.codecs.level_search import LevelSearch, Trial, psnr_guess, size_guess

SAMPLES = 1 << 20
KNEE, CEILING = 60.0, 78.0


def usual(rate: float) -> float:
    """A model that is some decibels off for every picture."""
    return 5 * rate + 2.2 * math.log(rate) + 50


def curve(offset: float, most: float) -> Callable[[float], float]:
    """Bytes at a level: 5.5 dB a bit at high rates, 3 dB an e-fold at low, an end at `most`."""

    def size(level: float) -> float:
        low, high = 1e-4, 20.0
        for _ in range(80):
            middle = math.sqrt(low * high)
            reached = 5.5 * middle + 3 * math.log(middle) + offset
            low, high = (middle, high) if reached < level else (low, middle)
        smooth = -math.log(math.exp(-8 * low / most) + 1e-9) / 8 * most
        return 300 + min(low, smooth, most) * SAMPLES / 8

    return size


def search(size: Callable[[float], float], wanted: float, known: dict[float, float]) -> LevelSearch:
    return LevelSearch(
        encode=lambda level: Trial(level, round(size(level)), b""),
        low=wanted * 0.985,
        high=wanted * 1.015,
        floor=1.0,
        saturation=KNEE,
        ceiling=CEILING,
        known=known,
    )


@settings(deadline=None)
@given(
    st.floats(44, 58),
    st.floats(0.05, 1.9),
)
def test_sizes_are_found_in_few_trials(offset: float, bits: float) -> None:
    wanted = 300 + bits * SAMPLES / 8
    known: dict[float, float] = {}
    found = search(curve(offset, 4.0), wanted, known).run(
        size_guess(wanted, SAMPLES, 300, KNEE, CEILING, usual)
    )
    assert found.value == pytest.approx(wanted, rel=0.0151)
    assert len(known) <= 8


def test_what_is_known_is_used() -> None:
    size, known = curve(50.0, 4.0), {}
    wanted = 80_000.0
    first = search(size, wanted, known).run(size_guess(wanted, SAMPLES, 300, KNEE, CEILING, usual))
    before = len(known)
    again = search(size, wanted, known).run(size_guess(wanted, SAMPLES, 300, KNEE, CEILING, usual))
    assert again == first
    assert len(known) == before
    wanted *= 1.05
    search(size, wanted, known).run(size_guess(wanted, SAMPLES, 300, KNEE, CEILING, usual))
    assert len(known) <= before + 2


def test_more_than_there_is_ends_at_the_ceiling() -> None:
    size, known = curve(50.0, 1.5), {}
    wanted = 3.0 * SAMPLES / 8
    found = search(size, wanted, known).run(size_guess(wanted, SAMPLES, 300, KNEE, CEILING, usual))
    assert found.level == CEILING
    assert len(known) <= 3


def test_less_than_there_is_ends_at_the_floor() -> None:
    size, known = curve(50.0, 4.0), {}
    found = search(size, 200.0, known).run(size_guess(200.0, SAMPLES, 300, KNEE, CEILING, usual))
    assert found.level == 1.0
    assert len(known) == 1


def test_a_step_gives_the_side_preferred() -> None:
    def steps(level: float) -> float:
        return 1000.0 if level < 40 else 2000.0

    found = search(steps, 1500.0, {}).run(size_guess(1500.0, SAMPLES, 300, KNEE, CEILING, usual))
    assert found.value == 1000
    upward = LevelSearch(
        encode=lambda level: Trial(level, 30.0 if level < 40 else 41.0, b""),
        low=35.0,
        high=36.0,
        floor=1.0,
        saturation=KNEE,
        ceiling=CEILING,
        prefer_low=False,
    )
    assert upward.run(psnr_guess(35.5)).value == 41.0


def test_psnrs_that_deviate_from_the_level() -> None:
    trials = []

    def encode(level: float) -> Trial:
        trials.append(level)
        return Trial(level, 54 - 6 * math.log1p(math.exp((54 - level) / 6)), b"")

    found = LevelSearch(
        encode, low=47.92, high=48.3, floor=1.0, saturation=KNEE, ceiling=CEILING, prefer_low=False
    ).run(psnr_guess(48.0))
    assert 47.92 <= found.value <= 48.3
    assert len(trials) <= 4
